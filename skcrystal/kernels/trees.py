"""Rows down boosted trees, in single precision as XGBoost goes."""

from __future__ import annotations

import math

import numpy as np

from skcrystal.kernels.compilation import njit

# As XGBoost has it: the exponential of more would be infinite.
LARGEST = np.float32(88.7)
ONE = np.float32(1.0)


@njit(cache=True)
def sum_leaves(roots, children, columns, values, base, rows, sums):  # type: ignore[no-untyped-def]
    """Write for each row the sum of a base and of the leaf that it reaches in each tree, tree by tree.

    A node has its threshold as value, a leaf what it adds, and no children: -1.
    """
    for row in range(len(rows)):
        total = base
        for tree in range(len(roots)):
            node = roots[tree]
            while children[node, 0] >= 0:
                right = 0 if rows[row, columns[node]] < values[node] else 1
                node = children[node, right]
            total += values[node]
        sums[row] = total


@njit(cache=True)
def logistic(values):  # type: ignore[no-untyped-def]
    """Replace values by their logistic function."""
    for k in range(len(values)):
        values[k] = ONE / (np.float32(math.exp(min(-values[k], LARGEST))) + ONE)
