"""From the atoms of an asymmetric unit to the sites of a cell: images, special positions, shared sites."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from skcrystal.crystals.crystal import CrystalError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skcrystal.formats.symops import Operations

__all__ = ["close_pairs", "expand"]

# Positions equal to rounding errors of the arithmetic (1e-15) fall on one point of a grid of 1e-6; the grid
# is shifted by an odd amount, so that no decimal or simple fraction lies at the edge between two points.
_GRID = 1e6
_SHIFT = 0.31830988618


def expand(
    frac_coords: NDArray[np.float64],
    operations: Operations,
    lattice: NDArray[np.float64],
    tolerance: float,
    *,
    max_sites: int,
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Apply symmetry operations to the atoms of an asymmetric unit.

    An atom whose images come closer to it than `tolerance` lies on a special position up to the rounding of
    its coordinates: it is moved to the mean of those images, which is the exact position, and each of its
    images is kept once.

    Parameters
    ----------
    frac_coords : ndarray of shape (n_atoms, 3)
    operations : Operations
    lattice : ndarray of shape (3, 3)
        Rows a, b, c in angstrom.
    tolerance : float
        In angstrom.
    max_sites : int
        More sites than this are an error.

    Returns
    -------
    frac_coords : ndarray of shape (n_sites, 3)
        In [0, 1), the images of one atom after the other.
    parents : ndarray of shape (n_sites,), int64
        The atom of which each site is an image.
    """
    rotations, translations = operations.rotations, operations.translations
    coords, parents, n_sites = [], [], 0
    for index, position in enumerate(frac_coords):
        images = rotations @ position + translations
        shifts = images - position
        shifts -= np.round(shifts)
        near = np.einsum("ij,ij->i", shifts @ lattice, shifts @ lattice) < tolerance * tolerance
        if near.sum() > 1:
            images = rotations @ (position + shifts[near].mean(axis=0)) + translations
        images -= np.floor(images)
        images[images > 1 - 1e-9] = 0.0
        keys = np.floor(images * _GRID + _SHIFT).astype(np.int64) % int(_GRID)
        _, first = np.unique(keys @ np.array([10**12, 10**6, 1]), return_index=True)
        kept = images[np.sort(first)]
        coords.append(kept)
        parents.append(np.full(len(kept), index))
        n_sites += len(kept)
        if n_sites > max_sites:
            raise CrystalError(
                f"the cell holds more than max_sites={max_sites:,} sites; raise max_sites to read it."
            )
    if not coords:
        return np.empty((0, 3)), np.empty(0, dtype=np.int64)
    return np.concatenate(coords), np.concatenate(parents)


def _most_equal(frac_coords: NDArray[np.float64]) -> int:
    """Number of copies of the position that occurs most often."""
    order = np.lexsort(frac_coords.T)
    new = np.any(np.diff(frac_coords[order], axis=0) != 0, axis=1)
    starts = np.flatnonzero(np.concatenate([[True], new, [True]]))
    return int(np.diff(starts).max())


def close_pairs(
    frac_coords: NDArray[np.float64], lattice: NDArray[np.float64], tolerance: float
) -> NDArray[np.int64]:
    """Pairs of sites closer than a small distance, through cell faces too.

    Parameters
    ----------
    frac_coords : ndarray of shape (n_sites, 3)
    lattice : ndarray of shape (3, 3)
    tolerance : float
        In angstrom; must be far below the cell's smallest height.

    Returns
    -------
    ndarray of shape (n_pairs, 2), int64
        Each pair once, the smaller index first, in ascending order.

    Raises
    ------
    CrystalError
        If sites have more than 100 such neighbours on average, or 1000 are equal: no crystal has that.
    """
    if len(frac_coords) < 2:
        return np.empty((0, 2), dtype=np.int64)
    from scipy.spatial import cKDTree

    # A shift of at most `tolerance` changes the fractional coordinate along an axis by at most
    # tolerance / height, and 1 / height is the length of the reciprocal vector.
    inverse = np.linalg.inv(lattice)
    reach = min(float(tolerance * np.linalg.norm(inverse, axis=0).max()) * (1 + 1e-9), 0.49)
    wrapped = frac_coords - np.floor(frac_coords)
    wrapped[wrapped >= 1.0] = 0.0
    tree = cKDTree(wrapped, boxsize=1.0)
    # Counting is cheap where listing would fill the memory; equal points the tree cannot part.
    if _most_equal(wrapped) > 1000 or tree.count_neighbors(tree, reach, p=np.inf) > 100 * len(wrapped):
        raise CrystalError(
            f"too many of the {len(wrapped):,} atoms lie on the same positions; "
            "correct the coordinates or the cell."
        )
    pairs = tree.query_pairs(reach, p=np.inf, output_type="ndarray")
    if not len(pairs):
        return np.empty((0, 2), dtype=np.int64)
    shifts = wrapped[pairs[:, 0]] - wrapped[pairs[:, 1]]
    shifts -= np.round(shifts)
    distances = np.linalg.norm(shifts @ lattice, axis=1)
    pairs = np.sort(pairs[distances < tolerance].astype(np.int64), axis=1)
    return pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]
