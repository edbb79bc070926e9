"""How well `make_classifier` tells kinds of compounds apart by their formulas.

    python benchmarks/formula_classes.py

Two questions of formulas alone: is a compound a metal (measured band gap of exactly 0, the folds of
matbench_expt_gap), and has a critical temperature been reported (SuperCon, no set of elements in training and
test rows). Given is the area under the ROC curve of each fold, beside the notebook's random forest on its
composition columns.
"""

from __future__ import annotations

import argparse
import sys
import warnings
from typing import Any

import numpy as np
from accuracy import formula_rows
from accuracy_sets import SEED, load_tasks, require_data_folder
from environment import describe_environment
from joblib import Parallel, delayed, parallel_config
from sklearn.base import clone
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import roc_auc_score

from skcrystal import CrystalFeaturizer
from skcrystal.models import make_classifier

# The question of each task, and which of its splits: that of SuperCon by set of elements.
SETS = {"expt_gap": ("metal or not", 0), "supercon": ("superconductor or not", 1)}


def area(model: Any, X: Any, y: Any, train: Any, test: Any) -> float:
    """Return the area under the ROC curve of the test rows."""
    warnings.simplefilter("ignore")
    fitted = clone(model).fit(X[train], y[train])
    return float(roc_auc_score(y[test], fitted.predict_proba(X[test])[:, 1]))


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--n-jobs", type=int, default=2)
    parser.add_argument("--folds", type=int, default=5, help="how many of the five")
    arguments = parser.parse_args()
    folder = require_data_folder()
    print(describe_environment(), "\n\n| question | model | ROC-AUC | folds |\n|---|---|---|---|", flush=True)
    for name, (question, split) in SETS.items():
        (task,) = load_tasks(folder, [name])
        y = (task.y > 0).astype(int)
        models = {
            "notebook's composition columns, a random forest": (
                RandomForestClassifier(400, random_state=SEED),
                formula_rows(task.crystals),
            ),
            "composition preset, make_classifier": (
                make_classifier("composition", random_state=SEED)[1:],
                CrystalFeaturizer("composition").fit_transform(task.crystals),
            ),
        }
        splits = list(task.splits.values())[split][: arguments.folds]
        for title, (model, rows) in models.items():
            with parallel_config("loky", inner_max_num_threads=1):
                jobs = [delayed(area)(model, rows, y, train, test) for train, test in splits]
                areas = Parallel(n_jobs=arguments.n_jobs)(jobs)
            each = ", ".join(f"{value:.3f}" for value in areas)
            print(f"| {question} | {title} | {np.mean(areas):.4f} | {each} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
