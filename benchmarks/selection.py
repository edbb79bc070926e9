"""What fewer columns cost in accuracy, and what selecting them costs in time.

    python benchmarks/selection.py [--columns 25 50 100 200] [--sets abc3 phonons]

`RelevanceRedundancySelector` chooses columns of the default preset inside each of five random folds. Behind
it stand a ridge regression, the lecture notebook's XGBoost, and `make_regressor`, which takes the longest and
meets all columns and the largest number of selected ones alone. Seconds are processor time of a fold.
"""

from __future__ import annotations

import argparse
import sys
import warnings
from time import process_time
from typing import Any

import numpy as np
from accuracy_sets import load_tasks, require_data_folder
from environment import describe_environment
from sklearn.linear_model import RidgeCV
from sklearn.pipeline import make_pipeline

from skcrystal import CrystalFeaturizer
from skcrystal.models import (
    RelevanceRedundancySelector,
    SoftStandardScaler,
    make_regressor,
    xgboost_regressor,
)

PENALTIES = np.logspace(-1, 4, 11)


def models_of(target: str) -> dict[str, Any]:
    """Return models that take columns as they are."""
    return {
        "ridge regression": make_pipeline(SoftStandardScaler(), RidgeCV(PENALTIES)),
        "the notebook's XGBoost": xgboost_regressor()[1:],
        "make_regressor": make_regressor("default", target=target)[1:],
    }


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--columns", type=int, nargs="+", default=[25, 50, 100, 200])
    parser.add_argument("--sets", nargs="+", default=["abc3", "phonons"])
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    print(describe_environment())
    for task in load_tasks(require_data_folder(), arguments.sets):
        X = CrystalFeaturizer(task.preset).fit_transform(task.crystals)
        title, folds = next(iter(task.splits.items()))
        counts = [*sorted(n for n in arguments.columns if n < X.shape[1]), X.shape[1]]
        errors: dict[tuple[str, int], list[Any]] = {}
        seconds: dict[tuple[str, int], float] = {}
        for train, test in folds:
            selector = RelevanceRedundancySelector(counts[-2])
            start = process_time()
            selector.fit(X[train], task.y[train])
            key = "selection", counts[-2]
            seconds[key] = seconds.get(key, 0) + process_time() - start
            for count in counts:
                # The first columns of a ranking are those that a smaller selection would choose.
                columns = np.arange(count) if count == X.shape[1] else selector.ranking_[:count]
                for name, model in models_of(task.target).items():
                    if name == "make_regressor" and count < counts[-2]:
                        continue
                    start = process_time()
                    guess = model.fit(X[np.ix_(train, columns)], task.y[train]).predict(
                        X[np.ix_(test, columns)]
                    )
                    key = name, count
                    seconds[key] = seconds.get(key, 0) + process_time() - start
                    errors.setdefault(key, []).append(np.abs(guess - task.y[test]))
        selecting = seconds["selection", counts[-2]] / len(folds)
        print(f"\n## {task.name}, {title}\n\nMAE in {task.unit}, and seconds of a fold.")
        print(f"Selecting {counts[-2]} of {counts[-1]} columns takes {selecting:.2f} s.\n")
        print(f"| model | {' | '.join(f'{count} columns' for count in counts)} |")
        print("|---" * (1 + len(counts)) + "|")
        for name in models_of(task.target):
            cells = []
            for key in ((name, count) for count in counts):
                error = f"{np.concatenate(errors[key]).mean():.4g}" if key in errors else ""
                cells.append(f"{error} ({seconds[key] / len(folds):.1f} s)" if error else "")
            print(f"| {name} | {' | '.join(cells)} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
