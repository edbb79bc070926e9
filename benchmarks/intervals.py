"""How wide intervals are that hold 90 %, beside those of one width for all rows of like predictions.

    python benchmarks/intervals.py [abc3 phonons] [--folds 5]

For each test fold the recommended model is fitted once, with its predictions out of fold; both kinds of
intervals are made of the same errors. The simple ones are prediction - q to prediction + q, with the quantile
q of the errors of the fifth of the training rows whose predictions are nearest. Widths are compared at equal
coverage: of each kind, the coverage that is asked is varied until the share of test rows inside is the goal.
Coverage is also given for each fifth of the rows by width, and for each crystal system.
"""

from __future__ import annotations

import argparse
import sys
import warnings
from time import process_time
from typing import TYPE_CHECKING, Any

import numpy as np
from accuracy_sets import SEED, load_tasks, require_data_folder
from environment import describe_environment

from skcrystal import as_crystals
from skcrystal.models import ConformalRegressor, make_regressor
from skcrystal.splits import CrystalSystemKFold

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

GOAL = 0.9
# What is asked for, to find what gives the goal.
ASKED = np.round(np.arange(0.80, 0.961, 0.005), 3)
NEIGHBOR_SHARE, LEAST_NEIGHBORS = 0.2, 30


def simple_interval(model: Any, center: Array, coverage: float, not_negative: bool) -> Array:
    """Return intervals of one width for all predictions that are near each other."""
    order = np.argsort(model.predicted_, kind="stable")
    predicted, errors = model.predicted_[order], model.errors_[order]
    count = min(len(errors), max(LEAST_NEIGHBORS, int(NEIGHBOR_SHARE * len(errors))))
    rank = int(np.ceil((count + 1) * coverage))
    windows = np.lib.stride_tricks.sliding_window_view(errors, count)
    quantiles = np.partition(windows, rank - 1, axis=1)[:, rank - 1]
    first = np.searchsorted(predicted, center) - count // 2
    width = quantiles[np.clip(first, 0, len(quantiles) - 1)]
    low = np.maximum(center - width, 0.0) if not_negative else center - width
    return np.stack([low, center + width], axis=1)


def inside(ends: Array, y: Array) -> NDArray[np.bool_]:
    """Return which values lie in their intervals."""
    return (ends[:, 0] <= y) & (y <= ends[:, 1])


def at_equal_coverage(ends: dict[float, Array], y: Array) -> tuple[float, float, float]:
    """Return what was asked, the share inside and the mean width, where the share is nearest to the goal."""
    shares = {asked: inside(one, y).mean() for asked, one in ends.items()}
    asked = min(shares, key=lambda asked: abs(shares[asked] - GOAL))
    return asked, float(shares[asked]), float(np.mean(ends[asked][:, 1] - ends[asked][:, 0]))


def report(name: str, ends: dict[float, Array], y: Array, systems: Any, unit: str) -> float:
    """Print the coverage of one kind; return its mean width at the goal."""
    asked, share, width = at_equal_coverage(ends, y)
    at_goal = ends[GOAL]
    held = inside(at_goal, y)
    widths = at_goal[:, 1] - at_goal[:, 0]
    fifths = np.argsort(np.argsort(widths, kind="stable"), kind="stable") * 5 // len(y)
    print(f"{name}: asked {GOAL:.0%}, inside {held.mean():.1%}, mean width {widths.mean():.4g} {unit}")
    print(f"  at equal coverage: asked {asked:.1%}, inside {share:.1%}, mean width {width:.4g} {unit}")
    print("  by fifths of width:", "  ".join(f"{held[fifths == k].mean():.1%}" for k in range(5)))
    print(
        "  by crystal system: ",
        "  ".join(f"{one} {held[systems == one].mean():.1%} of {np.sum(systems == one)}" for one in SYSTEMS),
    )
    return width


SYSTEMS = ("triclinic", "monoclinic", "orthorhombic", "tetragonal", "trigonal", "hexagonal", "cubic")


def measure(task: Any, n_folds: int) -> None:
    """Print both kinds of intervals on one task."""
    crystals = as_crystals(task.crystals)
    systems = CrystalSystemKFold().labels(crystals)
    pipeline = make_regressor(target=task.target, random_state=SEED)
    rows = pipeline[0].fit_transform(crystals)
    first_split = next(iter(task.splits.values()))[:n_folds]
    kinds: dict[str, list[dict[float, Array]]] = {
        "one width for like predictions": [],
        "ConformalRegressor": [],
    }
    start = process_time()
    for train, test in first_split:
        model = ConformalRegressor(pipeline[1:]).fit(rows[train], task.y[train])
        center = model.predict(rows[test])
        not_negative = task.target != "real"
        simple = {one: simple_interval(model, center, one, not_negative) for one in ASKED.tolist()}
        ours = {one: model.predict_interval(rows[test], coverage=one) for one in ASKED.tolist()}
        for kind, found in zip(kinds, (simple, ours), strict=True):
            kinds[kind].append(found)
    tested = np.concatenate([test for _, test in first_split])
    print(
        f"## {task.name}: {len(tested)} test rows of {len(first_split)} folds, {process_time() - start:.0f} s"
    )
    print()
    widths = []
    for kind, folds in kinds.items():
        ends = {one: np.concatenate([fold[one] for fold in folds]) for one in ASKED.tolist()}
        widths.append(report(kind, ends, task.y[tested], systems[tested], task.unit))
    print(f"mean width at equal coverage: {widths[1] / widths[0]:.2f} of the simple ones\n", flush=True)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("sets", nargs="*", default=["abc3", "phonons"])
    parser.add_argument("--folds", type=int, default=5, help="test folds of the first split")
    arguments = parser.parse_args()
    folder = require_data_folder()
    warnings.simplefilter("ignore")
    print(describe_environment(), "\n")
    for task in load_tasks(folder, arguments.sets):
        measure(task, arguments.folds)
    return 0


if __name__ == "__main__":
    sys.exit(main())
