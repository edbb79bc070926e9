"""What a model of many other crystals is worth to a model of few: the gaps of mp_sample for those of ABC3.

    python benchmarks/other_crystals.py

mp_sample holds thirteen times as many crystals as the ABC3 set, of other formula types. A zero-inflated model
of boosted trees learns their gaps, and what it says of an ABC3 crystal are columns beside the crystal's own:
the gap, what it is where it is not 0, and the chance that it is not. No crystal of mp_sample has a formula of
the ABC3 set: nothing that is said of a test crystal was learned from it. If one had, it would be left out.
Folds that leave an element out of training leave it out of mp_sample, too.

Printed are the mean absolute errors of ABC3's development rows: of the model of mp_sample alone, and of
`make_regressor` without and with its columns, which takes minutes.
"""

from __future__ import annotations

import argparse
import sys
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
from accuracy_sets import SEED, Task, load_tasks, require_data_folder
from environment import describe_environment
from fidelities import TREES
from sklearn.base import clone

from skcrystal import as_compositions
from skcrystal.models import ZeroInflatedRegressor, make_regressor
from skcrystal.models.out_of_fold_regressor import formula_keys

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    Array = NDArray[np.float64]


def model_of_others() -> ZeroInflatedRegressor:
    """Return a model of gaps that is fitted to 17,000 crystals in a quarter of a minute."""
    from xgboost import XGBClassifier, XGBRegressor

    return ZeroInflatedRegressor(
        XGBRegressor(n_estimators=600, **TREES), XGBClassifier(n_estimators=400, **TREES), spread=0.0
    )


def say(model: ZeroInflatedRegressor, X: Array) -> Array:
    """Return gaps, what they are where they are not 0, and the chance of that."""
    return np.column_stack([model.predict(X), *model.mixture(model.predict_parts(X))])


def left_out(amounts: Array, train: Any, test: Any) -> NDArray[np.bool_]:
    """Return which elements are in all test crystals and in no training crystal."""
    found: NDArray[np.bool_] = (amounts[test] > 0).all(axis=0) & ~(amounts[train] > 0).any(axis=0)
    return found


def columns_of_others(folder: Path, task: Task, n_jobs: int = 1) -> dict[tuple[str, int], Array]:
    """Return what the model of mp_sample says of the task's crystals, by split and number of the fold.

    Parameters
    ----------
    folder : Path
    task : Task
    n_jobs : int, default=1
        Processes that describe the crystals.

    Returns
    -------
    dict of (str, int) to ndarray of shape (n_crystals, 3)
    """
    others = load_tasks(folder, ["sample"])[0]
    asked = set(formula_keys(task.crystals))
    new = np.array([key not in asked for key in formula_keys(others.crystals)])
    reader = make_regressor(target=task.target)[0].set_params(n_jobs=n_jobs)
    rows, X = reader.fit_transform(others.crystals), reader.transform(task.crystals)
    amounts, own = (as_compositions(one.crystals).element_amounts for one in (others, task))
    said: dict[bytes, Array] = {}
    found = {}
    for title, folds in task.splits.items():
        for k, (train, test) in enumerate(folds):
            missing = left_out(own, train, test)
            if (key := missing.tobytes()) not in said:
                known = new & ~(amounts[:, missing] > 0).any(axis=1)
                said[key] = say(model_of_others().fit(rows[known], others.y[known]), X)
            found[title, k] = said[key]
    return found


def main() -> int:
    """Measure and print."""
    argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0]).parse_args()
    folder = require_data_folder()
    warnings.simplefilter("ignore")
    (task,) = load_tasks(folder, ["abc3"])
    plain = make_regressor(target=task.target)[0].fit_transform(task.crystals)
    columns = columns_of_others(folder, task)
    model = make_regressor(target=task.target, random_state=SEED)[1:]
    print(describe_environment(), "\n")
    print(
        "| folds | the model of mp_sample alone: MAE (eV) | make_regressor | with the former's columns |\n"
        "|---|---|---|---|"
    )
    for title, folds in task.splits.items():
        errors: list[Array] = []
        for k, (train, test) in enumerate(folds):
            asked = test[task.development[test]]
            said, truth = columns[title, k], task.y
            both = np.column_stack([plain, said])
            guesses = [
                said[asked, 0],
                *(clone(model).fit(X[train], truth[train]).predict(X[asked]) for X in (plain, both)),
            ]
            errors.append(np.abs(np.column_stack(guesses) - truth[asked, None]))
        cells = [f"{error:.4f}" for error in np.concatenate(errors).mean(axis=0)]
        print(f"| {title} | {' | '.join(cells)} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
