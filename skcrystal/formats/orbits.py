"""From the atoms of an asymmetric unit to the sites of a cell: images, special positions, shared sites."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from skcrystal.crystals.crystal import CrystalError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skcrystal.formats.symops import Operations

__all__ = ["close_pairs", "expand"]

# No two atoms come this close, and no wider rounding is mended, in angstrom.
_WIDEST = 0.3


def expand(
    frac_coords: NDArray[np.float64],
    operations: Operations,
    lattice: NDArray[np.float64],
    tolerance: float,
    *,
    max_sites: int,
    places: NDArray[np.int64] | None = None,
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Apply symmetry operations to the atoms of an asymmetric unit.

    An atom whose images come closer to it than `tolerance` lies on a special position up to the rounding of
    its coordinates: it is moved to the mean of those images, which is the exact position, and each of its
    images is kept once. Of an atom with few decimals images farther away count too, where the special
    position is one that its coordinates, all of them, are a rounding of.

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
    places : ndarray of shape (n_atoms, 3), int64, or None
        Decimals that each coordinate is written with; None takes them all for exact.

    Returns
    -------
    frac_coords : ndarray of shape (n_sites, 3)
        In [0, 1), the images of one atom after the other.
    parents : ndarray of shape (n_sites,), int64
        The atom of which each site is an image.
    """
    from skcrystal.kernels.orbits import orbits

    if places is not None:
        frac_coords = _unrounded(frac_coords, operations, lattice, tolerance, places)
    most = min(len(frac_coords) * len(operations.rotations), max_sites)
    images, parents = np.empty((most, 3)), np.empty(most, dtype=np.int64)
    count = orbits(np.ascontiguousarray(frac_coords), *operations[:2], lattice, tolerance, images, parents)
    if count < 0:
        raise CrystalError(
            f"the cell holds more than max_sites={max_sites:,} sites; raise max_sites to read it."
        )
    return images[:count].copy(), parents[:count].copy()


def _unrounded(
    frac_coords: NDArray[np.float64],
    operations: Operations,
    lattice: NDArray[np.float64],
    tolerance: float,
    places: NDArray[np.int64],
) -> NDArray[np.float64]:
    """Move atoms with few decimals onto the special position that they are a rounding of, if there is one.

    A rounding moves a coordinate by half a unit of its last digit, a cut by one; the image that a special
    position has within it then misses by up to three units.
    """
    # 0.5 beside 0.17 is 0.50; without a decimal in any coordinate the atom is exact.
    digits = places.max(axis=1)
    units = np.where(digits > 0, 10.0**-digits, 0.0)
    reach = np.minimum(3 * units * np.sqrt((lattice**2).sum(axis=1).max()), _WIDEST)
    flagged = np.flatnonzero(reach > tolerance).tolist()
    if flagged:
        frac_coords = frac_coords.copy()
    for atom in flagged:
        position, limit, unit = frac_coords[atom], reach[atom], units[atom]
        shifts = operations.rotations @ position + operations.translations - position
        shifts -= np.rint(shifts)
        lengths = np.linalg.norm(shifts @ lattice, axis=1)
        known = (lengths < tolerance).sum()
        while limit > tolerance:
            near = lengths < limit
            if near.sum() <= known:
                break
            move = shifts[near].mean(axis=0)
            rounding = np.where(position < 0, -move, move)
            if rounding.min() > -0.51 * unit and rounding.max() < 0.999 * unit:
                frac_coords[atom] += move
                break
            limit /= 1.5
    return frac_coords


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
