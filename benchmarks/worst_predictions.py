"""Which crystals are predicted worst, and what they have in common.

    python benchmarks/worst_predictions.py [abc3 phonons perovskites sample]

Out-of-fold predictions of `make_regressor`, random folds, of development rows alone, since who looks for a
missing descriptor chooses. Printed are the worst crystals, and the mean absolute error
by what may explain it: magnetic or f-block ions, lone pairs, light elements, disordered charges, few like
crystals to learn from.
"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
from accuracy import fit_and_predict
from accuracy_sets import LOADERS, OF_FORMULAS, SEED, Task, load_tasks, require_data_folder
from joblib import Parallel, delayed, parallel_config
from sklearn.model_selection import KFold

from skcrystal import Crystals, as_crystals
from skcrystal.models import make_regressor

if TYPE_CHECKING:
    from numpy.typing import NDArray

WORST = 12


def explanations(
    crystals: Crystals, X: NDArray[np.float64], names: list[str]
) -> dict[str, NDArray[np.bool_]]:
    """Return which crystals have what may make them hard."""
    column = {name: X[:, k] for k, name in enumerate(names)}
    present = crystals.element_amounts > 0
    # How many other crystals hold the crystal's rarest element.
    common = np.where(present, present.sum(axis=0), np.inf).min(axis=1)
    return {
        "open d shell": column["open_shell_d_electrons"] > 0.05,
        "open f shell": column["open_shell_f_electrons"] > 0.05,
        "lone pair": column["lone_pair_fraction"] > 0,
        "mixed valence": column["mixed_valence"] > 0.02,
        "charge not balanced": np.abs(column["residual_charge"]) > 0.02,
        "hydrogen": present[:, 1],
        "an element of fewer than 20 crystals": common < 20,
        "triclinic or monoclinic": (column["is_triclinic"] + column["is_monoclinic"]) > 0,
    }


def predict_out_of_fold(task: Task, X: NDArray[np.float64], n_jobs: int) -> tuple[Any, NDArray[np.float64]]:
    """Return the development rows and their predictions, over five random folds of them."""
    rows = np.flatnonzero(task.development)
    splitter = KFold(5, shuffle=True, random_state=SEED)
    folds = [(rows[train], rows[test]) for train, test in splitter.split(rows)]
    model = make_regressor(target=task.target, random_state=SEED)[1:]
    with parallel_config("loky", inner_max_num_threads=1):
        found = Parallel(n_jobs=n_jobs)(delayed(fit_and_predict)(model, X, task.y, *fold) for fold in folds)
    return np.concatenate([test for _, test in folds]), np.concatenate([guess for (guess,) in found])


def report(task: Task, n_jobs: int) -> None:
    """Print the worst crystals of a task and the errors of groups."""
    featurizer = make_regressor(target=task.target)[0].set_params(n_jobs=n_jobs)
    X = featurizer.fit_transform(task.crystals)
    rows, predicted = predict_out_of_fold(task, X, n_jobs)
    crystals = as_crystals([task.crystals[i] for i in rows])
    truth, X = task.y[rows], X[rows]
    errors = np.abs(predicted - truth)
    tenth = np.sort(errors)[-max(len(errors) // 10, 1) :].sum() / errors.sum()
    print(f"\n## {task.name}: MAE {errors.mean():.4g} {task.unit}, median {np.median(errors):.4g}")
    print(f"\nThe worst tenth of the crystals makes {tenth:.0%} of the sum of errors.\n")
    print(f"| crystal | space group | target ({task.unit}) | predicted |\n|---|---|---|---|")
    groups = crystals.symmetry(0.01).numbers
    for k in np.argsort(-errors)[:WORST]:
        print(f"| {crystals[int(k)].formula} | {groups[k]} | {truth[k]:.3g} | {predicted[k]:.3g} |")
    worst = errors >= np.quantile(errors, 0.95)
    print("\n| crystals with | share | share of the worst 5 % | MAE | MAE of the others |")
    print("|---|---|---|---|---|")
    for name, has in explanations(crystals, X, featurizer.get_feature_names_out().tolist()).items():
        if 0 < has.sum() < len(has):
            share, of_worst = has.mean(), has[worst].mean()
            inside, outside = errors[has].mean(), errors[~has].mean()
            print(f"| {name} | {share:.0%} | {of_worst:.0%} | {inside:.4g} | {outside:.4g} |")


def main() -> int:
    """Print one report per target."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    known = [name for name in LOADERS if name not in OF_FORMULAS]
    parser.add_argument("sets", nargs="*", default=["abc3"], help=f"of {', '.join(known)}; default: abc3")
    parser.add_argument("--n-jobs", type=int, default=2)
    arguments = parser.parse_args()
    if unknown := set(arguments.sets) - set(known):
        parser.error(f"no set of crystals: {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    folder = require_data_folder()
    for task in load_tasks(folder, arguments.sets):
        report(task, arguments.n_jobs)
    return 0


if __name__ == "__main__":
    sys.exit(main())
