"""Arithmetic of many cells at once: volumes, inverses, heights, triangular forms.

Written out where numpy's general functions refuse a batch for one flat cell, or are slower.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["heights", "inverses", "triangular", "volumes"]


# Places of y, z, x and of z, x, y: to take along an array costs a fraction of an index by lists.
NEXT, AFTER_NEXT = np.array([1, 2, 0]), np.array([2, 0, 1])


def faces(lattices: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the vectors b x c, c x a and a x b in rows, and the signed volumes."""
    one, other = lattices.take(NEXT, axis=1), lattices.take(AFTER_NEXT, axis=1)
    crossed = one.take(NEXT, axis=2) * other.take(AFTER_NEXT, axis=2)
    crossed -= one.take(AFTER_NEXT, axis=2) * other.take(NEXT, axis=2)
    return crossed, (lattices[:, 0] * crossed[:, 0]).sum(axis=1)


def volumes(lattices: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the volumes that the rows of each lattice span; shape (n,)."""
    return np.abs(faces(lattices)[1])


def inverses(lattices: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the inverses, whose columns are reciprocal vectors without 2 pi; not finite of flat cells."""
    crossed, signed = faces(lattices)
    with np.errstate(divide="ignore", invalid="ignore"):
        found: NDArray[np.float64] = crossed.transpose(0, 2, 1) / signed[:, None, None]
    return found


def heights(lattices: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the distances between opposite faces, along a, b and c; shape (n, 3)."""
    crossed, signed = faces(lattices)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.abs(signed)[:, None] / np.sqrt((crossed**2).sum(axis=2))
    # A kernel is compiled anew for another order in memory.
    return np.ascontiguousarray(found)


def triangular(lattices: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the lattices turned so that a lies along x and b in the plane of x and y, diagonals positive."""
    lower = np.zeros_like(lattices)
    axes: list[Any] = []
    for i in range(3):
        rest = lattices[:, i].copy()
        # What is taken away is measured on what is left, which keeps skewed cells exact.
        for j, axis in enumerate(axes):
            lower[:, i, j] = (rest * axis).sum(axis=1)
            rest -= lower[:, i, j, None] * axis
        lower[:, i, i] = np.sqrt((rest**2).sum(axis=1))
        axes.append(rest / lower[:, i, i, None])
    return lower
