"""What the kind of a target and the loss are worth: errors of `make_regressor` on development rows.

    python benchmarks/targets.py [abc3 phonons supercon_reported] [--folds 3]

Of each set the models learn from the training rows of the first random folds, and are tested on those test
rows that may have a say in choices. Logarithms, the loss, and the choice of the kind in ``fit`` (``auto``)
can be told apart by that; the accuracy of the ready models is `benchmarks/accuracy.py`'s.
"""

from __future__ import annotations

import argparse
import sys
import warnings
from time import process_time
from typing import Any

import numpy as np
from accuracy_sets import SEED, load_tasks, require_data_folder
from environment import describe_environment
from sklearn.metrics import r2_score

from skcrystal.models import make_regressor

SETS = ("abc3", "phonons", "supercon_reported")
LOSSES = ("absolute_error", "squared_error")


def kinds_of(y: Any) -> tuple[str, ...]:
    """Return the kinds that a target of such values may be taken as."""
    return ("auto", "nonnegative", "positive") if y.min() > 0 else ("auto", "nonnegative")


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("sets", nargs="*", default=[], metavar="SET")
    parser.add_argument("--folds", type=int, default=3)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    print(describe_environment(), "\n")
    for task in load_tasks(require_data_folder(), arguments.sets or list(SETS)):
        print(f"## {task.name}\n\n| target | loss | MAE ({task.unit}) | R2 | seconds | chosen |")
        print("|---|---|---|---|---|---|")
        folds = [
            (train, test[task.development[test]])
            for train, test in next(iter(task.splits.values()))[: arguments.folds]
        ]
        asked = np.concatenate([test for _, test in folds])
        for kind in kinds_of(task.y):
            columns = make_regressor(task.preset, target=kind)[0].fit_transform(task.crystals)
            for loss in LOSSES:
                start, predicted, chosen = process_time(), np.full(len(task.y), np.nan), []
                for train, test in folds:
                    model = make_regressor(task.preset, target=kind, loss=loss, random_state=SEED)[1:]
                    predicted[test] = model.fit(columns[train], task.y[train]).predict(columns[test])
                    chosen.append(getattr(model[-1], "chosen_", kind))
                seconds = (process_time() - start) / len(folds)
                mae = float(np.abs(predicted[asked] - task.y[asked]).mean())
                r2 = r2_score(task.y[asked], predicted[asked])
                print(
                    f"| {kind} | {loss} | {mae:.4g} | {r2:.4f} | {seconds:.0f} | {', '.join(chosen)} |",
                    flush=True,
                )
        print()
    return 0


if __name__ == "__main__":
    sys.exit(main())
