"""Translations that map a large cell onto itself: the smaller cell that it repeats, and its sites."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from skcrystal.crystals.cells import heights, volumes
from skcrystal.crystals.reduction import niggli_reduce

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["FoldedCell", "fold_translations", "hermite_form", "split_kinds"]

# Nearest distances that tell sites apart.
N_DISTANCES = 12

# Where a symmetry operation maps sites within the tolerance, searched at twice that, both ends of a distance
# may be twice the tolerance off; as much again for the strain of a lattice that fits within it.
DISTANCE_TOLERANCE = 8.0


class FoldedCell(NamedTuple):
    """A cell that a larger one repeats.

    Attributes
    ----------
    basis : ndarray of shape (3, 3)
        ``basis @ lattice`` is the lattice of the small cell, rows being vectors.
    frac_coords : ndarray of shape (n_small_sites, 3)
        In the small cell: means of the sites that translations map onto each other.
    kinds : ndarray of shape (n_small_sites,)
    sites : ndarray of shape (n_sites,)
        Index of the small cell's site that each site repeats.
    is_clear : bool
        No translation of the large cell is near the tolerance, on either side.
    """

    basis: NDArray[np.float64]
    frac_coords: NDArray[np.float64]
    kinds: NDArray[np.int64]
    sites: NDArray[np.int64]
    is_clear: bool


def split_kinds(
    lattice: NDArray[np.float64],
    frac_coords: NDArray[np.float64],
    kinds: NDArray[np.int64],
    tolerance: float,
) -> NDArray[np.int64]:
    """Tell sites of one kind apart by their distances to the nearest sites.

    Sites that an operation maps onto each other within the tolerance stay alike: along each of the twelve
    nearest distances sites are parted only at gaps that no such operation bridges.

    Parameters
    ----------
    lattice : ndarray of shape (3, 3)
        Reduced.
    frac_coords : ndarray of shape (n_sites, 3)
    kinds : ndarray of shape (n_sites,)
    tolerance : float
        In angstrom.

    Returns
    -------
    ndarray of shape (n_sites,)
        From 1.
    """
    from skcrystal.kernels.nearest import nearest_distances

    n_sites = len(kinds)
    lattices = lattice[None].copy()
    distances = nearest_distances(
        lattices,
        heights(lattices),
        volumes(lattices),
        np.array([0, n_sites]),
        np.array(frac_coords),
        np.ones(n_sites),
        np.zeros(n_sites),
        N_DISTANCES,
    )
    kinds = np.unique(kinds, return_inverse=True)[1]
    for column in distances.T:
        order = np.lexsort((column, kinds))
        new = np.diff(kinds[order]) != 0
        new |= np.diff(column[order]) > DISTANCE_TOLERANCE * tolerance
        kinds[order] = np.concatenate([[0], np.cumsum(new)])
    return kinds + 1


def fold_translations(
    lattice: NDArray[np.float64],
    frac_coords: NDArray[np.float64],
    kinds: NDArray[np.int64],
    tolerance: float,
) -> FoldedCell:
    """Fold a cell by the translations that map it onto itself, until none is left.

    Candidates lead from one site of the rarest kind to the others, the shortest first; one that maps all
    sites, as moyo has it within the tolerance, divides the cell, and the search goes on in what is left.

    Parameters
    ----------
    lattice : ndarray of shape (3, 3)
        Rows a, b, c in angstrom.
    frac_coords : ndarray of shape (n_sites, 3)
    kinds : ndarray of shape (n_sites,)
        As :func:`split_kinds` returns them: the rarer, the fewer candidates.
    tolerance : float
        In angstrom.

    Returns
    -------
    FoldedCell
    """
    from skcrystal.kernels.translations import first_translation

    reduced, transforms = niggli_reduce(lattice[None])
    basis, small = np.rint(transforms[0]), reduced[0]
    coords = frac_coords @ np.rint(np.linalg.inv(basis))
    given = coords.copy()
    given_lattice = small
    sites = np.arange(len(kinds))
    unclear = 0
    while len(kinds) > 1:
        coords -= np.floor(coords)
        coords[coords >= 1.0] = 0.0
        candidates = _candidates(small, coords, kinds)
        found, images, passed = first_translation(
            candidates, small, np.ascontiguousarray(coords), kinds, tolerance
        )
        unclear += passed
        if found < 0:
            break
        cycles, order = _cycles(images)
        if cycles.size != len(kinds):
            # Sites come back after different numbers of steps: no translation, whatever the tolerance.
            unclear += 1
            break
        translation = np.rint(order * candidates[found]) / order
        step = _basis_with(translation, order)
        coords, kinds, sites = _averaged(coords, kinds, sites, cycles, translation)
        reduced, transforms = niggli_reduce((step @ small)[None])
        step = np.rint(transforms[0]) @ step
        coords = coords @ np.linalg.inv(step)
        basis, small = step @ basis, reduced[0]
    # How far sites are from the means that stand for them: a step between two sites, beside the step between
    # two others, is at most four times as far off.
    to_small = np.linalg.inv(small)
    difference = given @ given_lattice @ to_small - coords[sites]
    difference -= np.rint(difference)
    farthest = np.linalg.norm(difference @ small, axis=1).max()
    return FoldedCell(basis, coords, kinds, sites, bool(unclear == 0 and 4 * farthest < tolerance))


def _candidates(
    lattice: NDArray[np.float64], coords: NDArray[np.float64], kinds: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return the steps from one site of the rarest kind to the others, the shortest first."""
    counts = np.bincount(kinds)
    rarest = np.flatnonzero(kinds == np.where(counts > 0, counts, len(kinds) + 1).argmin())
    steps = coords[rarest[1:]] - coords[rarest[0]]
    steps -= np.rint(steps)
    order = np.argsort(np.linalg.norm(steps @ lattice, axis=1), kind="stable")
    found: NDArray[np.float64] = np.ascontiguousarray(steps[order])
    return found


def _cycles(images: NDArray[np.int64]) -> tuple[NDArray[np.int64], int]:
    """Return the sites that a translation runs through, one cycle a row, and how many there are in each."""
    order, site = 1, images[0]
    while site != 0:
        site = images[site]
        order += 1
    cycles = np.empty((len(images), order), dtype=np.int64)
    cycles[:, 0] = np.arange(len(images))
    for n in range(1, order):
        cycles[:, n] = images[cycles[:, n - 1]]
    return cycles[cycles.min(axis=1) == cycles[:, 0]], order


def _basis_with(translation: NDArray[np.float64], order: int) -> NDArray[np.float64]:
    """Return a basis of the lattice that whole numbers and a translation of a given order span.

    Rows of whole numbers over the order are brought to Hermite's normal form.
    """
    rows = [[order * (i == j) for j in range(3)] for i in range(3)]
    rows.append([round(float(value) * order) for value in translation])
    return hermite_form(rows) / order


def hermite_form(rows: list[list[int]]) -> NDArray[np.int64]:
    """Return Hermite's normal form of the lattice that whole vectors span.

    Parameters
    ----------
    rows : list of list of int
        Three or more vectors that span three dimensions; changed in place.

    Returns
    -------
    ndarray of shape (3, 3)
        Rows, upper triangular, the diagonal positive.
    """
    for column in range(3):
        while True:
            rest = sorted((row for row in rows[column:] if row[column]), key=lambda row: abs(row[column]))
            if len(rest) == 1:
                break
            for row in rest[1:]:
                factor = row[column] // rest[0][column]
                row[:] = [value - factor * other for value, other in zip(row, rest[0], strict=True)]
        place = next(n for n in range(column, len(rows)) if rows[n] is rest[0])
        rows[column], rows[place] = rows[place], rows[column]
        if rows[column][column] < 0:
            rows[column][:] = [-value for value in rows[column]]
    return np.array(rows[:3], dtype=np.int64)


def _averaged(
    coords: NDArray[np.float64],
    kinds: NDArray[np.int64],
    sites: NDArray[np.int64],
    cycles: NDArray[np.int64],
    translation: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]:
    """Return one site for each cycle, at the mean of its sites moved back, and which one stands for which."""
    first = cycles[:, 0]
    steps = np.arange(cycles.shape[1])[None, :, None] * translation
    shift = coords[cycles] - steps - coords[first][:, None]
    shift -= np.rint(shift)
    owners = np.empty(len(coords), dtype=np.int64)
    owners[cycles] = np.arange(len(cycles))[:, None]
    return coords[first] + shift.mean(axis=1), kinds[first], owners[sites]
