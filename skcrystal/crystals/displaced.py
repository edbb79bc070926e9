"""Supercells displaced by about the tolerance: which translations moyo keeps of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from skcrystal.crystals.reduction import niggli_reduce
from skcrystal.crystals.translations import FoldedCell, fold_translations, hermite_form, split_kinds

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["fold_displaced", "has_operation"]

# moyo doubles its tolerance while the translations within it form no group. These are the doublings looked
# at, and how far beyond the last one the translations of the undisplaced cell are sought.
DOUBLINGS = (1.0, 2.0, 4.0)
REFERENCE = 8.0


def fold_displaced(
    lattice: NDArray[np.float64],
    frac_coords: NDArray[np.float64],
    kinds: NDArray[np.int64],
    tolerance: float,
    largest: float,
) -> tuple[FoldedCell, float] | None:
    """Fold a cell by the translations that moyo finds in it, at the tolerance that it settles on.

    The undisplaced cell is the mean over all translations within several times the tolerance. A translation
    counts where the displacements of each site and of its image differ by less than the tolerance: the best
    translation from sites to images is the exact one, since the differences along a cycle sum to nothing.

    Parameters
    ----------
    lattice : ndarray of shape (3, 3)
        Rows a, b, c in angstrom.
    frac_coords : ndarray of shape (n_sites, 3)
    kinds : ndarray of shape (n_sites,)
        Equal for sites that hold the same.
    tolerance, largest : float
        In angstrom: the one asked for, and the one above which a search may not end.

    Returns
    -------
    FoldedCell and float, or None
        None where no translations are near the tolerance, or none that form a group.
    """
    wide = min(REFERENCE * tolerance, largest)
    reference = fold_translations(lattice, frac_coords, split_kinds(lattice, frac_coords, kinds, wide), wide)
    if len(reference.kinds) == len(kinds):
        return None
    small = reference.basis @ lattice
    shifts = frac_coords @ np.linalg.inv(reference.basis) - reference.frac_coords[reference.sites]
    cells = np.rint(shifts)
    displacements = (shifts - cells) @ small
    for factor in DOUBLINGS:
        kept = _kept_translations(
            reference, cells.astype(np.int64), displacements, min(factor * tolerance, largest)
        )
        if kept is not None:
            folded = _folded_by(kept, reference, cells.astype(np.int64), displacements @ np.linalg.inv(small))
            return folded, min(factor * tolerance, largest)
    return None


def _kept_translations(
    reference: FoldedCell, cells: NDArray[np.int64], displacements: NDArray[np.float64], tolerance: float
) -> NDArray[np.int64] | None:
    """Return the lattice of the translations within the tolerance, in small cells; None if they form none."""
    from skcrystal.kernels.translations import kept_translations

    own = np.rint(np.linalg.inv(reference.basis)).astype(np.int64)
    form = hermite_form(own.tolist())
    order = np.lexsort((-np.linalg.norm(displacements, axis=1), reference.sites))
    bounds = np.searchsorted(reference.sites[order], np.arange(len(reference.kinds) + 1))
    kept = kept_translations(
        _reduced(cells, form)[order], np.ascontiguousarray(displacements[order]), bounds, form, tolerance
    )
    vectors = np.stack(np.unravel_index(np.flatnonzero(kept), tuple(np.diag(form))), axis=1)
    lattice = form
    while True:
        left = _reduced(vectors, lattice)
        missing = np.flatnonzero(left.any(axis=1))
        if missing.size == 0:
            break
        lattice = hermite_form([*lattice.tolist(), left[missing[0]].tolist()])
    index = int(np.prod(np.diag(form)) // np.prod(np.diag(lattice)))
    return lattice if index == len(vectors) else None


def _reduced(vectors: NDArray[np.int64], form: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the representatives of whole vectors modulo a lattice in Hermite's normal form."""
    vectors = vectors.copy()
    for axis in range(3):
        vectors -= (vectors[:, axis] // form[axis, axis])[:, None] * form[axis]
    return vectors


def _folded_by(
    kept: NDArray[np.int64], reference: FoldedCell, cells: NDArray[np.int64], steps: NDArray[np.float64]
) -> FoldedCell:
    """Fold a cell by a lattice of some of the reference's translations, to means of sites."""
    cells = _reduced(cells, kept)
    keys = np.column_stack([reference.sites, cells])
    _, first, sites = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    sites = sites.ravel()
    counts = np.bincount(sites)
    means = np.stack([np.bincount(sites, weights=steps[:, axis]) for axis in range(3)], axis=1)
    coords = reference.frac_coords[reference.sites[first]] + cells[first] + means / counts[:, None]
    coords = coords @ np.linalg.inv(kept)
    return FoldedCell(kept @ reference.basis, coords, reference.kinds[reference.sites[first]], sites, True)


def has_operation(
    lattice: NDArray[np.float64],
    frac_coords: NDArray[np.float64],
    kinds: NDArray[np.int64],
    tolerance: float,
) -> bool:
    """Tell whether any operation but the identity may map a cell onto itself.

    Parameters
    ----------
    lattice : ndarray of shape (3, 3)
        Rows a, b, c in angstrom.
    frac_coords : ndarray of shape (n_sites, 3)
    kinds : ndarray of shape (n_sites,)
        The rarer the rarest, the fewer operations are tried.
    tolerance : float
        In angstrom.

    Returns
    -------
    bool
        False only where moyo finds none within the tolerance either: it wants all images within twice that
        of sites.
    """
    from skcrystal.kernels.translations import any_operation

    reduced, transforms = niggli_reduce(lattice[None])
    coords = frac_coords @ np.rint(np.linalg.inv(transforms[0]))
    coords = coords - np.floor(coords)
    coords[coords >= 1.0] = 0.0
    rarest = np.flatnonzero(kinds == np.unique(kinds)[np.unique(kinds, return_counts=True)[1].argmin()])
    found: bool = any_operation(
        _lattice_rotations(reduced[0], tolerance),
        rarest,
        reduced[0],
        np.ascontiguousarray(coords),
        kinds,
        tolerance,
    )
    return found


def _lattice_rotations(lattice: NDArray[np.float64], tolerance: float) -> NDArray[np.float64]:
    """Return the matrices, of rows, that keep a reduced lattice within several times the tolerance."""
    metric = lattice @ lattice.T
    lengths = np.sqrt(np.diag(metric))
    # A vector that is off by d changes its product with another by d times the length of that.
    room = 4.0 * tolerance * (lengths[:, None] + lengths)
    # In a reduced cell each operation is of such numbers.
    rows = np.stack(np.meshgrid(*[[-1.0, 0.0, 1.0]] * 3, indexing="ij"), axis=-1).reshape(-1, 3)
    squares = np.einsum("ni,ij,nj->n", rows, metric, rows)
    near = [rows[np.abs(squares - metric[axis, axis]) <= room[axis, axis]] for axis in range(3)]
    found = np.stack(
        [
            near[axis][places.ravel()]
            for axis, places in enumerate(np.meshgrid(*[np.arange(len(one)) for one in near], indexing="ij"))
        ],
        axis=1,
    )
    found = found[np.abs(np.abs(np.linalg.det(found)) - 1) < 0.5]
    kept: NDArray[np.float64] = found[
        (np.abs(found @ metric @ np.swapaxes(found, 1, 2) - metric) <= room).all(axis=(1, 2))
    ]
    return np.ascontiguousarray(kept)
