"""Heights of a cell, and the order of its sites along an axis.

Written out, because numba takes seconds to compile numpy's general ones, and the user waits for it.
"""

from __future__ import annotations

import numpy as np

from skcrystal.kernels.compilation import njit


@njit(cache=True, inline="always")
def fill_heights(lattice, heights):  # type: ignore[no-untyped-def]
    """Fill in the distances between opposite faces of the cell."""
    for i in range(3):
        one, other = (i + 1) % 3, (i + 2) % 3
        square, signed = 0.0, 0.0
        for k in range(3):
            p, q = (k + 1) % 3, (k + 2) % 3
            crossed = lattice[one, p] * lattice[other, q] - lattice[one, q] * lattice[other, p]
            square += crossed * crossed
            signed += lattice[i, k] * crossed
        heights[i] = abs(signed) / np.sqrt(square)


@njit(cache=True, inline="always")
def fill_order(values, axis, order):  # type: ignore[no-untyped-def]
    """Fill in the indices that sort the values of a column, by Shell's method."""
    gap = len(order)
    for place in range(gap):
        order[place] = place
    while gap > 1:
        gap = 1 if gap < 5 else int(gap / 2.2)
        for start in range(gap, len(order)):
            place, index = start, order[start]
            while place >= gap and values[order[place - gap], axis] > values[index, axis]:
                order[place] = order[place - gap]
                place -= gap
            order[place] = index
