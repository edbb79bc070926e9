"""What fitting costs, beside a forest and beside the same stack with its fits without a fold in full.

    python benchmarks/fitting.py [--rows 500 2000] [--set sample]

Processor seconds and errors on 1,000 other rows: of the lecture's random forest on the same columns, of the
recommended model, of the same with each member fitted four times alike, and of the recommended model with
intervals. Columns are described beforehand. Each is fitted in a process of its own, which also says its
largest memory.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import sys
import warnings
from time import process_time
from typing import Any

import numpy as np
from accuracy_sets import SEED, load_tasks, require_data_folder
from environment import describe_environment

from skcrystal.models import ConformalRegressor, forest_regressor, make_regressor

TESTED = 1000
FOREST, FULL, BEST, INTERVALS = (
    "forest of 400 trees",
    "make_regressor, all fits alike",
    "make_regressor",
    "ConformalRegressor(make_regressor)",
)


def model_of(name: str, target: str) -> Any:
    """Return what stands behind the featurizer."""
    if name == FOREST:
        return forest_regressor(n_jobs=1, random_state=SEED)[1:]
    model = make_regressor(target=target, random_state=SEED)[1:]
    if name == FULL:
        model.set_params(
            **{key: None for key in model.get_params() if key.endswith(("fold_params", "large_params"))}
        )
    return ConformalRegressor(model) if name == INTERVALS else model


def measure(name: str, target: str, X: Any, y: Any, n_rows: int, found: Any) -> None:
    """Fit one model; send processor seconds, error and largest memory in GB."""
    warnings.simplefilter("ignore")
    start = process_time()
    model = model_of(name, target).fit(X[:n_rows], y[:n_rows])
    seconds = process_time() - start
    error = float(np.abs(model.predict(X[n_rows:]) - y[n_rows:]).mean())
    found.put((seconds, error, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20))


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[500, 2000])
    parser.add_argument("--set", default="sample")
    parser.add_argument("--models", nargs="+", default=[FOREST, FULL, BEST, INTERVALS])
    arguments = parser.parse_args()
    folder = require_data_folder()
    task = load_tasks(folder, [arguments.set])[-1]
    order = np.random.default_rng(SEED).permutation(np.flatnonzero(task.development))
    order = order[: max(arguments.rows) + TESTED]
    featurizer = make_regressor()[0]
    rows = featurizer.fit_transform([task.crystals[row] for row in order])
    y = task.y[order]
    print(describe_environment(), "\n")
    print(f"{task.name}, {rows.shape[1]} columns\n")
    print(
        "| rows | model | processor time (s) | over make_regressor's | MAE | memory (GB) |\n"
        "|---|---|---|---|---|---|"
    )
    context = multiprocessing.get_context("spawn")
    for n_rows in arguments.rows:
        test = np.arange(n_rows, n_rows + TESTED)
        part = np.concatenate([np.arange(n_rows), test])
        results = {}
        for name in arguments.models:
            found = context.Queue()
            process = context.Process(
                target=measure, args=(name, task.target, rows[part], y[part], n_rows, found)
            )
            process.start()
            results[name] = found.get()
            process.join()
        base = results.get(BEST, next(iter(results.values())))[0]
        for name, (seconds, error, memory) in results.items():
            cells = f"{seconds:.1f} | {seconds / base:.2f} | {error:.4g} | {memory:.1f}"
            print(f"| {n_rows} | {name} | {cells} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
