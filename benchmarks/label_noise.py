"""How well critical temperatures can be known from a formula: how much those of nearly equal formulas differ.

    python benchmarks/label_noise.py

For each formula its nearest other one, by the sum of the absolute differences of the shares of the elements,
and half of the mean squared difference of their temperatures over the variance of all, which is the share of
the variance that no function of the formula with a finite slope explains at that distance (the nugget of a
semivariogram, Cressie 1993). R2 of a model that sees the nearest formula is bounded by about one minus it.
"""

from __future__ import annotations

import sys
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from accuracy_sets import load_tasks, require_data_folder
from sklearn.neighbors import NearestNeighbors

from skcrystal import as_compositions

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Sums of absolute differences of shares: 0.01 is one atom in 200 exchanged for one of another element.
EDGES = (0.0, 1e-6, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, np.inf)


def nearest_differences(
    shares: NDArray[np.float64], y: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """Return distance to the nearest formula, difference of the targets, whether just one of them is 0."""
    distances, neighbors = NearestNeighbors(n_neighbors=2, metric="manhattan").fit(shares).kneighbors(shares)
    rows = np.arange(len(y))
    # Of formulas at no distance either may come first.
    other = np.where(neighbors[:, 1] == rows, neighbors[:, 0], neighbors[:, 1])
    return distances[:, 1], y - y[other], (y == 0) != (y[other] == 0)


def main() -> int:
    """Measure and print."""
    folder = require_data_folder()
    for task in load_tasks(folder, ["supercon", "supercon_reported"]):
        amounts = as_compositions(task.crystals).element_amounts
        shares = amounts / amounts.sum(axis=1, keepdims=True)
        distance, difference, one_zero = nearest_differences(shares, task.y)
        print(f"{task.name}: {len(task.y):,} formulas, {np.mean(task.y == 0):.0%} of them at 0")
        print("distance            formulas   half squared difference / variance   one of both at 0")
        for low, high in pairwise(EDGES):
            inside = (distance >= low) & (distance < high)
            if inside.any():
                share = 0.5 * np.mean(difference[inside] ** 2) / task.y.var()
                print(
                    f"{low:7g} to {high:<7g} {inside.sum():9,}   {share:34.3f}   "
                    f"{one_zero[inside].mean():16.1%}"
                )
        close = distance < 0.01
        share = 0.5 * np.mean(difference[close] ** 2) / task.y.var()
        print(f"below 0.01 together {close.sum():9,}   {share:34.3f}   {one_zero[close].mean():16.1%}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
