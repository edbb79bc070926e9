"""Estimates of missing values of element properties from the neighbours in the periodic table."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["follow_trends", "neighbors_in_table"]

# The noble gas at the end of each period.
PERIOD_ENDS = (0, 2, 10, 18, 36, 54, 86, 118)

# Significant digits of an estimate.
DIGITS = 6


@cache
def neighbors_in_table() -> tuple[tuple[int, ...], ...]:
    """Return the neighbours of each element, by atomic number: in its period and in its group.

    Periods follow the atomic number, f block included. Above and below stands the next element of the same
    group, or of the other row of the f block. Helium stands above neon.
    """
    columns: dict[tuple[str, int], list[int]] = {}
    for start, end in pairwise(PERIOD_ENDS):
        for z in range(start + 1, end + 1):
            from_end = end - z
            if from_end >= 18 and z - start > 3:
                column = ("f", z - start)
            elif from_end < end - start - 2 or z == 2:
                # The p and d blocks, and helium, by what they lack to the end of the period.
                column = ("end", from_end)
            else:
                column = ("start", z - start)
            columns.setdefault(column, []).append(z)
    found: list[set[int]] = [set() for _ in range(119)]
    for start, end in pairwise(PERIOD_ENDS):
        for z in range(start + 1, end):
            found[z].add(z + 1)
            found[z + 1].add(z)
    for column_elements in columns.values():
        for above, below in pairwise(column_elements):
            found[above].add(below)
            found[below].add(above)
    return tuple(tuple(sorted(neighbors)) for neighbors in found)


def follow_trends(table: NDArray[np.float64]) -> NDArray[np.float64]:
    """Fill missing values so that each is the mean of its neighbours' in the periodic table.

    Neighbours are the elements before and after in the period, above and below in the group; where they are
    missing too, all are solved for together. Such an estimate lies between the least and the largest known
    value, and a gap between known ones is bridged in even steps.

    Parameters
    ----------
    table : ndarray of shape (119, n_values)
        Row Z belongs to atomic number Z; NaN is missing. A column without any value stays as it is.

    Returns
    -------
    ndarray of shape (119, n_values)
    """
    laplace = np.zeros((119, 119))
    for z, neighbors in enumerate(neighbors_in_table()):
        laplace[z, z] = len(neighbors)
        laplace[z, list(neighbors)] = -1.0
    filled = table.copy()
    for column in filled.T:
        missing = np.flatnonzero(np.isnan(column[1:])) + 1
        known = np.flatnonzero(~np.isnan(column[1:])) + 1
        if len(missing) and len(known):
            given = -laplace[np.ix_(missing, known)] @ column[known]
            found = np.linalg.solve(laplace[np.ix_(missing, missing)], given)
            # An estimate has no more digits than this; the last ones of a solution differ between processes.
            column[missing] = [float(f"{value:.{DIGITS}g}") for value in found]
    return filled
