"""What computed gaps of other crystals are worth to a model of measured ones, by formulas alone.

    python benchmarks/fidelities.py

Band gaps of PBE are known of many more compounds than measured ones, and are too small by alike amounts. A
zero-inflated model of boosted trees learns those of mp_sample, of each formula that of its most stable
crystal. `OutOfFoldRegressor` makes columns of it for the formulas of matbench_expt_gap: what the model says
of a formula by a fit without it (``predict``), or, where the formula is in mp_sample, the computed gap itself
(``recall``), with the chance that it is not 0 and what it is then. Measured gaps have no say in either: what
is known of a test formula is another quantity than the one that is asked for. The difference is that to
``predict``, as `DeltaRegressor` learns it; a negative gap counts as 0.

Printed are the mean absolute errors of development rows, all and those whose formula is not in mp_sample, by
a quick model: boosted trees say whether a gap is 0, and how large it is elsewhere.
"""

from __future__ import annotations

import argparse
import sys
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
from accuracy_sets import SEED, computed_gaps, load_tasks, require_data_folder
from environment import describe_environment
from sklearn.base import clone

from skcrystal.descriptors import Embedding
from skcrystal.models import (
    CrystalPipeline,
    DeltaRegressor,
    OutOfFoldRegressor,
    ZeroInflatedRegressor,
    make_regressor,
)

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    Array = NDArray[np.float64]

# Those of `make_regressor`, with fewer and larger steps.
TREES: dict[str, Any] = {
    "learning_rate": 0.05,
    "max_depth": 6,
    "colsample_bynode": 0.2,
    "subsample": 0.7,
    "min_child_weight": 3,
    "max_bin": 64,
    "n_jobs": 1,
    "random_state": SEED,
}


def computed_model() -> OutOfFoldRegressor:
    """Return a model of computed gaps that is quickly fitted to ten thousand formulas."""
    from xgboost import XGBClassifier, XGBRegressor

    trees = ZeroInflatedRegressor(
        XGBRegressor(n_estimators=600, **TREES), XGBClassifier(n_estimators=400, **TREES), spread=0.0
    )
    # Trees need no scaling.
    reader = make_regressor("composition", target="nonnegative")[0]
    return OutOfFoldRegressor(CrystalPipeline([("reader", reader), ("trees", trees)]), random_state=SEED)


def second_fidelity(folder: Path) -> Embedding:
    """Return columns of formulas: the computed gap, its parts, and whether it is known."""
    model = computed_model().fit(*computed_gaps(folder))
    return Embedding(model.recall, "pbe_gap", "1", structures="compositions")


def quick_model() -> ZeroInflatedRegressor:
    """Return a model of measured gaps that tells columns apart in seconds."""
    from xgboost import XGBClassifier, XGBRegressor

    return ZeroInflatedRegressor(
        XGBRegressor(n_estimators=300, **TREES), XGBClassifier(n_estimators=200, **TREES), random_state=SEED
    )


def main() -> int:
    """Measure and print."""
    from xgboost import XGBRegressor

    argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0]).parse_args()
    folder = require_data_folder()
    warnings.simplefilter("ignore")
    (task,) = load_tasks(folder, ["expt_gap"])
    folds, of_new = task.splits.values()
    new = np.zeros(len(task.y), dtype=bool)
    new[np.concatenate([test for _, test in of_new])] = True
    plain = make_regressor(task.preset, target=task.target)[0].fit_transform(task.crystals)
    computed = computed_model().fit(*computed_gaps(folder))
    predicted, recalled = computed.predict(task.crystals), computed.recall(task.crystals)
    difference = DeltaRegressor(lambda X: X[:, -1], XGBRegressor(n_estimators=300, **TREES))
    models: dict[str, tuple[Any, Array]] = {
        "none": (quick_model(), plain),
        "`predict`": (quick_model(), np.column_stack([plain, predicted])),
        "`recall`": (quick_model(), np.column_stack([plain, recalled])),
        "`predict`, and the difference to it": (difference, np.column_stack([plain, predicted])),
    }
    print(describe_environment(), "\n")
    print("| columns beside the composition preset | MAE (eV) | formulas not in mp_sample |\n|---|---|---|")
    for name, (model, X) in models.items():
        guess = np.full(len(task.y), np.nan)
        for train, test in folds:
            asked = test[task.development[test]]
            guess[asked] = np.maximum(clone(model).fit(X[train], task.y[train]).predict(X[asked]), 0.0)
        errors = np.abs(guess - task.y)
        cells = [f"{np.mean(errors[rows]):.4f}" for rows in (task.development, task.development & new)]
        print(f"| {name} | {' | '.join(cells)} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
