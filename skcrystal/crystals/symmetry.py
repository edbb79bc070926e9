"""Space groups, lattice translations and reduced primitive cells, over plain arrays."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from skcrystal.crystals.arrays import counts_of
from skcrystal.crystals.displaced import fold_displaced, has_operation
from skcrystal.crystals.reduction import niggli_reduce
from skcrystal.crystals.translations import fold_translations, split_kinds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["PrimitiveSites", "SymmetryTable", "find_symmetry", "primitive_sites", "search"]

# Where the search fails, it starts again at a tenth of the tolerance, this many times.
RETRIES = 3

# The largest tolerance that descriptors take, in angstrom, and the largest share of the shortest lattice
# vector and of the cube root of the volume per site that is passed on. Random cells show why: from 0.17 of
# the shortest vector on, some searches do not end. Adding the shortest vector a to the longest one c makes
# it longer by a^2 / 2 c: where the tolerance is several times that, shears count as symmetry, which do not
# form a finite group, and the search takes all memory. It is kept to a^2 / c.
MAX_SYMPREC = 0.2
MAX_SYMPREC_SHARE = 0.1

# moyo tries the translations of a supercell all against each other: 1,728 sites of one kind take 0.3 s,
# 15,625 a minute. Cells with more sites than the first number are folded by their translations before the
# search; where a translation lies so near the tolerance that moyo might see it otherwise, those with no more
# than the second one are searched whole, and larger ones folded by the translations that moyo would keep.
# Where more sites than that are left, they are searched at a tolerance with nothing near it, and by moyo only
# if an operation may be found: it tries all sites against all.
LARGE_CELL = 400
LARGEST_WHOLE = 1000

IDENTITY = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))

# moyo reports on supercells through the logging module; what it says is not for our users, who have
# the operations of the primitive cell. With a handler in place Python no longer prints it to stderr.
logging.getLogger("moyo").addHandler(logging.NullHandler())


@dataclass(frozen=True, slots=True, eq=False)
class SymmetryTable:
    """The symmetry of each crystal of a batch.

    Attributes
    ----------
    numbers : ndarray of shape (n_crystals,)
        Space group numbers, 1 to 230.
    multiplicities : ndarray of shape (n_crystals,)
        How many primitive cells the given cell holds.
    primitive_linears : ndarray of shape (n_crystals, 3, 3)
        The primitive lattice (rows) is ``primitive_linear.T @ lattice``; the identity where the given cell
        is primitive.
    primitive_sites : ndarray of shape (n_sites,)
        Number of each site's image among the sites of the primitive cell.
    symprecs : ndarray of shape (n_crystals,)
        Tolerance that the answer was found with, in angstrom; NaN where every search failed and the
        crystal counts as P1 in its own cell.
    orbits : ndarray of shape (n_sites,)
        For each site the first site of its crystal that some symmetry operation maps it onto, counted
        within the crystal: equal for equivalent sites.
    """

    numbers: NDArray[np.int64]
    multiplicities: NDArray[np.int64]
    primitive_linears: NDArray[np.float64]
    primitive_sites: NDArray[np.int64]
    symprecs: NDArray[np.float64]
    orbits: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class PrimitiveSites:
    """Reduced primitive cells: lattices, sites, and for each site one site of the given cell."""

    lattices: NDArray[np.float64]
    site_offsets: NDArray[np.int64]
    frac_coords: NDArray[np.float64]
    sites: NDArray[np.int64]


def find_symmetry(
    lattices: NDArray[np.float64],
    site_offsets: NDArray[np.int64],
    frac_coords: NDArray[np.float64],
    site_kinds: NDArray[np.int64],
    symprec: float,
) -> SymmetryTable:
    """Find the space group and the lattice translations of each crystal.

    moyo searches once per crystal. It lowers the tolerance by itself where operations found within it form
    no group; where it gives up, the search starts again at a tenth of the tolerance, three times, and
    after that the crystal counts as P1 in the cell that it came in. A cell of more than 400 sites is folded
    by its translations first (:func:`skcrystal.crystals.translations.fold_translations`), which finds what
    moyo finds in the whole, where moyo keeps to the tolerance there. Where sites are displaced by about the
    tolerance, the translations that moyo keeps are found from the undisplaced cell, and moyo's doubling of
    the tolerance where they form no group is followed; where more than 1,000 sites are left, the tolerance is
    lowered likewise. It is never more than a tenth of the shortest lattice vector a, nor than a^2 over the
    longest one, which matters for cells that are absurdly small or thin.

    Parameters
    ----------
    lattices : ndarray of shape (n_crystals, 3, 3)
        Rows a, b, c in angstrom.
    site_offsets : ndarray of shape (n_crystals + 1,)
    frac_coords : ndarray of shape (n_sites, 3)
    site_kinds : ndarray of shape (n_sites,)
        Equal for sites that hold the same species at the same occupancies.
    symprec : float
        Tolerance on positions, in angstrom.

    Returns
    -------
    SymmetryTable
    """
    found = []
    bounds = site_offsets.tolist()
    tolerances = np.minimum(symprec, _largest_symprecs(lattices, site_offsets)).tolist()
    # moyo takes and gives lists: all are converted at once.
    rows, coords, kinds = lattices.tolist(), frac_coords.tolist(), site_kinds.tolist()
    for i, (start, stop) in enumerate(pairwise(bounds)):
        if stop - start <= LARGE_CELL:
            one = _search_whole(rows[i], coords[start:stop], kinds[start:stop], tolerances[i])
        else:
            one = _search_folded(lattices[i], frac_coords[start:stop], site_kinds[start:stop], tolerances[i])
        found.append(one)
    n_sites = len(kinds)
    return SymmetryTable(
        np.array([one.number for one in found], dtype=np.int64),
        np.array([one.multiplicity for one in found], dtype=np.int64),
        np.array([one.linear for one in found], dtype=np.float64).reshape(-1, 3, 3),
        np.fromiter(chain.from_iterable([one.images for one in found]), np.int64, n_sites),
        np.array([one.symprec for one in found], dtype=np.float64),
        np.fromiter(chain.from_iterable([one.orbits for one in found]), np.int64, n_sites),
    )


class _Symmetry(NamedTuple):
    """The symmetry of one crystal, named as in :class:`SymmetryTable`."""

    number: int
    multiplicity: int
    linear: Sequence[Sequence[float]]
    images: Sequence[int]
    symprec: float
    orbits: Sequence[int]


def _search_whole(
    lattice: list[list[float]], coords: list[list[float]], kinds: list[int], tolerance: float
) -> _Symmetry:
    """Search the cell as it is, at lower tolerances where need be."""
    sites = range(len(kinds))
    for attempt in range(RETRIES + 1):
        try:
            dataset = _dataset(lattice, coords, kinds, tolerance / 10**attempt, rotate_basis=False)
        except ValueError:
            continue
        # Each attribute makes a new list: it is read once.
        images = dataset.mapping_std_prim
        multiplicity = len(kinds) // (max(images) + 1)
        if multiplicity == 1:
            return _Symmetry(dataset.number, 1, IDENTITY, sites, dataset.symprec, dataset.orbits)
        linear = dataset.prim_std_linear
        return _Symmetry(dataset.number, multiplicity, linear, images, dataset.symprec, dataset.orbits)
    return _Symmetry(1, 1, IDENTITY, sites, np.nan, sites)


def _search_folded(
    lattice: NDArray[np.float64], coords: NDArray[np.float64], kinds: NDArray[np.int64], tolerance: float
) -> _Symmetry:
    """Fold a large cell by its translations, search what is left, and carry the answer back."""
    reduced, transforms = niggli_reduce(lattice[None])
    own = coords @ np.rint(np.linalg.inv(transforms[0]))
    largest = float(_largest_symprecs(lattice[None], np.array([0, len(kinds)]))[0])
    for _ in range(RETRIES + 1):
        cell = fold_translations(reduced[0], own, split_kinds(reduced[0], own, kinds, tolerance), tolerance)
        if cell.is_clear:
            break
        if len(kinds) <= LARGEST_WHOLE:
            return _search_whole(lattice.tolist(), coords.tolist(), kinds.tolist(), tolerance)
        near = fold_displaced(reduced[0], own, kinds, tolerance, largest)
        if near is not None and len(near[0].kinds) <= LARGEST_WHOLE:
            cell, tolerance = near
            break
        tolerance /= 10
    else:
        sites = range(len(kinds))
        return _Symmetry(1, 1, IDENTITY, sites, np.nan, sites)
    basis = cell.basis @ transforms[0]
    small = (basis @ lattice, cell.frac_coords, cell.kinds, tolerance)
    if len(cell.kinds) > LARGEST_WHOLE and not has_operation(*small):
        sites = range(len(cell.kinds))
        found = _Symmetry(1, 1, IDENTITY, sites, tolerance, sites)
    else:
        found = _search_whole(small[0].tolist(), small[1].tolist(), small[2].tolist(), tolerance)
    # Each orbit is named after the first site of the whole cell that belongs to it.
    _, first, orbits = np.unique(np.array(found.orbits)[cell.sites], return_index=True, return_inverse=True)
    return _Symmetry(
        found.number,
        found.multiplicity * (len(kinds) // len(cell.kinds)),
        (basis.T @ np.array(found.linear)).tolist(),
        np.array(found.images)[cell.sites].tolist(),
        found.symprec,
        first[orbits].tolist(),
    )


def _dataset(
    lattice: list[list[float]],
    coords: list[list[float]],
    kinds: list[int],
    symprec: float,
    **settings: Any,
) -> Any:
    from moyopy import Cell, MoyoDataset

    return MoyoDataset(Cell(lattice, coords, kinds), symprec=symprec, **settings)


def search(
    lattice: NDArray[np.float64],
    frac_coords: NDArray[np.float64],
    kinds: NDArray[np.int64],
    symprec: float,
    **settings: Any,
) -> Any:
    """Search the symmetry of one crystal with moyo, at a tolerance at which the search ends.

    Every search of this package that needs all of moyo's answer comes through here.

    Parameters
    ----------
    lattice : ndarray of shape (3, 3)
        Rows a, b, c in angstrom.
    frac_coords : ndarray of shape (n_sites, 3)
    kinds : ndarray of shape (n_sites,)
        Equal for sites that hold the same species at the same occupancies.
    symprec : float
        In angstrom; lowered where the cell is so small or thin that a search at it may not end.
    **settings
        Of ``moyopy.MoyoDataset``.

    Returns
    -------
    moyopy.MoyoDataset

    Raises
    ------
    ValueError
        moyo finds no symmetry at this tolerance.
    """
    lattice = np.asarray(lattice, dtype=np.float64)
    largest = float(_largest_symprecs(lattice[None], np.array([0, len(kinds)]))[0])
    lists = lattice.tolist(), np.asarray(frac_coords).tolist(), np.asarray(kinds).tolist()
    return _dataset(*lists, min(symprec, largest), **settings)


def _largest_symprecs(lattices: NDArray[np.float64], site_offsets: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the tolerance, in angstrom, above which the search may not end."""
    lengths = np.linalg.norm(niggli_reduce(lattices)[0], axis=2)
    shortest, longest = lengths.min(axis=1), lengths.max(axis=1)
    spacing = np.cbrt(np.abs(np.linalg.det(lattices)) / counts_of(site_offsets))
    return np.minimum(MAX_SYMPREC_SHARE * np.minimum(shortest, spacing), shortest**2 / longest)


def primitive_sites(
    lattices: NDArray[np.float64],
    site_offsets: NDArray[np.int64],
    frac_coords: NDArray[np.float64],
    table: SymmetryTable,
) -> PrimitiveSites:
    """Return the Niggli-reduced primitive cells.

    Sites that a translation maps onto each other are averaged: the mean does not depend on their order.
    """
    given = bool((table.multiplicities == 1).all())
    primitive_lattices = lattices if given else np.swapaxes(table.primitive_linears, 1, 2) @ lattices
    reduced, transforms = niggli_reduce(primitive_lattices)
    # Cartesian positions stay: x @ lattice = x' @ reduced.
    to_reduced = np.linalg.inv(transforms)
    if not given:
        to_reduced = np.swapaxes(np.linalg.inv(table.primitive_linears), 1, 2) @ to_reduced

    counts = counts_of(site_offsets)
    crystal = np.repeat(np.arange(len(lattices)), counts)
    coords = (frac_coords[:, None, :] @ to_reduced[crystal])[:, 0, :]
    if given:
        return PrimitiveSites(reduced, site_offsets, coords, np.arange(len(coords)))

    new_counts = counts // table.multiplicities
    new_offsets = np.zeros(len(lattices) + 1, dtype=np.int64)
    np.cumsum(new_counts, out=new_offsets[1:])
    image = new_offsets[crystal] + table.primitive_sites
    # The first given site of each image carries its species and is the point to average around.
    _, first = np.unique(image, return_index=True)
    shift = coords - coords[first][image]
    shift -= np.rint(shift)
    sums = np.stack([np.bincount(image, weights=shift[:, k]) for k in range(3)], axis=1)
    means = sums / np.bincount(image)[:, None]
    return PrimitiveSites(reduced, new_offsets, coords[first] + means, first)
