"""Space groups, lattice translations and reduced primitive cells, over plain arrays."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["PrimitiveSites", "SymmetryTable", "find_symmetry", "niggli_reduce", "primitive_sites"]

# Two squared lengths that differ by less than this times the cube root of the volume count as equal:
# Grosse-Kunstleve, Sauter & Adams, Acta Cryst. A60 (2004) 1, doi 10.1107/S010876730302186X. Rounded
# files (60.000 degrees) must not jump between equivalent reduced cells.
NIGGLI_TOLERANCE = 1e-5

# Where the search fails, it starts again at a tenth of the tolerance, this many times.
RETRIES = 3

# The largest tolerance that descriptors take, in angstrom, and the largest share of the shortest lattice
# vector and of the cube root of the volume per site that is passed on. Random cells show why: from 0.17 of
# the shortest vector on, some searches do not end. Adding the shortest vector a to the longest one c makes
# it longer by a^2 / 2 c: where the tolerance is several times that, shears count as symmetry, which do not
# form a finite group, and the search takes all memory. It is kept to a^2 / c.
MAX_SYMPREC = 0.2
MAX_SYMPREC_SHARE = 0.1

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
    after that the crystal counts as P1 in the cell that it came in. The tolerance is never more than a tenth
    of the shortest lattice vector a, nor than a^2 over the longest one, which matters for cells that are
    absurdly small or thin.

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
    from moyopy import Cell, MoyoDataset

    multiplicities, numbers, symprecs = [], [], []
    orbits: list[int] = []
    mapping: list[int] = []
    linears = np.tile(np.eye(3), (len(lattices), 1, 1))
    bounds = site_offsets.tolist()
    tolerances = np.minimum(symprec, _largest_symprecs(lattices, site_offsets)).tolist()
    for i, basis in enumerate(lattices.tolist()):
        start, stop = bounds[i], bounds[i + 1]
        cell = Cell(basis, frac_coords[start:stop].tolist(), site_kinds[start:stop].tolist())
        for attempt in range(RETRIES + 1):
            try:
                dataset = MoyoDataset(cell, symprec=tolerances[i] / 10**attempt, rotate_basis=False)
            except ValueError:
                continue
            # Each attribute makes a new list: it is read once.
            images = dataset.mapping_std_prim
            numbers.append(dataset.number)
            symprecs.append(dataset.symprec)
            orbits += dataset.orbits
            multiplicities.append((stop - start) // (max(images) + 1))
            if multiplicities[i] > 1:
                linears[i] = dataset.prim_std_linear
                mapping += images
            else:
                mapping += range(stop - start)
            break
        else:
            numbers.append(1)
            symprecs.append(np.nan)
            orbits += range(stop - start)
            multiplicities.append(1)
            mapping += range(stop - start)
    return SymmetryTable(
        np.array(numbers, dtype=np.int64),
        np.array(multiplicities, dtype=np.int64),
        linears,
        np.array(mapping, dtype=np.int64),
        np.array(symprecs, dtype=np.float64),
        np.array(orbits, dtype=np.int64),
    )


def _largest_symprecs(lattices: NDArray[np.float64], site_offsets: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the tolerance, in angstrom, above which the search may not end."""
    lengths = np.linalg.norm(niggli_reduce(lattices)[0], axis=2)
    shortest, longest = lengths.min(axis=1), lengths.max(axis=1)
    spacing = np.cbrt(np.abs(np.linalg.det(lattices)) / np.diff(site_offsets))
    return np.minimum(MAX_SYMPREC_SHARE * np.minimum(shortest, spacing), shortest**2 / longest)


def niggli_reduce(
    lattices: NDArray[np.float64], tolerance: float = NIGGLI_TOLERANCE
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return Niggli-reduced lattices and the integer matrices that lead to them.

    Parameters
    ----------
    lattices : ndarray of shape (n, 3, 3)
        Rows a, b, c in angstrom.
    tolerance : float, default=1e-5
        Squared lengths are compared within this times the cube root of the volume.

    Returns
    -------
    reduced : ndarray of shape (n, 3, 3)
    transforms : ndarray of shape (n, 3, 3)
        ``reduced = transforms @ lattices``; whole numbers of determinant 1 or -1.

    References
    ----------
    Krivy & Gruber, Acta Cryst. A32 (1976) 297, doi 10.1107/S0567739476000636; Grosse-Kunstleve, Sauter &
    Adams, Acta Cryst. A60 (2004) 1, doi 10.1107/S010876730302186X.
    """
    from skcrystal.kernels.niggli import reduce_batch

    reduced = np.array(lattices, dtype=np.float64, order="C")
    transforms = np.tile(np.eye(3), (len(reduced), 1, 1))
    reduce_batch(reduced, transforms, tolerance)
    return reduced, transforms


def primitive_sites(
    lattices: NDArray[np.float64],
    site_offsets: NDArray[np.int64],
    frac_coords: NDArray[np.float64],
    table: SymmetryTable,
) -> PrimitiveSites:
    """Return the Niggli-reduced primitive cells.

    Sites that a translation maps onto each other are averaged: the mean does not depend on their order.
    """
    primitive_lattices = np.swapaxes(table.primitive_linears, 1, 2) @ lattices
    reduced, transforms = niggli_reduce(primitive_lattices)
    # Cartesian positions stay: x @ lattice = x' @ reduced.
    to_reduced = np.swapaxes(np.linalg.inv(table.primitive_linears), 1, 2) @ np.linalg.inv(transforms)

    counts = np.diff(site_offsets)
    crystal = np.repeat(np.arange(len(lattices)), counts)
    coords = (frac_coords[:, None, :] @ to_reduced[crystal])[:, 0, :]
    if (table.multiplicities == 1).all():
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
