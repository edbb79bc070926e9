"""What further columns are worth to models of formulas, beside those of the preset "composition".

    python benchmarks/formula_columns.py [--rows 2000]

Each family of columns that needs no positions, and is not in the preset, is added to it. Printed is by how
many percent the mean absolute error is smaller with the family. The model is the mean of the two members of
`make_regressor`, made quicker. All rows are development rows: formulas of the training part of mp_sample,
each with its most stable crystal, and half of the sets of elements of SuperCon. Measured gaps have no say.
"""

from __future__ import annotations

import argparse
import sys
import warnings
from typing import Any

import numpy as np
from ablation import members
from accuracy_sets import SEED, load_tasks, require_data_folder, table
from environment import describe_environment
from joblib import Parallel, delayed, parallel_config
from sklearn.model_selection import GroupKFold, KFold, train_test_split

from skcrystal import CrystalFeaturizer
from skcrystal.descriptors import AlloyStats, ElementFractions, ElementVectors, StoichiometryNorms
from skcrystal.models import SoftStandardScaler
from skcrystal.splits import ChemicalSystemKFold

FAMILIES = {
    "element_fractions": ElementFractions(),
    "mat2vec": ElementVectors(),
    "skipatom": ElementVectors(vectors="skipatom"),
    "alloys": AlloyStats(),
    "stoichiometry": StoichiometryNorms(),
}


def error(X: np.ndarray, y: np.ndarray, train: np.ndarray, test: np.ndarray, seed: int) -> float:
    """Return the mean absolute error of the mean of both members; targets that are never negative stay so."""
    warnings.simplefilter("ignore")
    scaler = SoftStandardScaler().fit(X[train])
    rows, asked = scaler.transform(X[train]), scaler.transform(X[test])
    guess = np.mean([model.fit(rows, y[train]).predict(asked) for model in members(seed)], axis=0)
    return float(np.abs((guess if y.min() < 0 else np.maximum(guess, 0)) - y[test]).mean())


def questions(folder: Any, n_rows: int) -> dict[str, tuple[list[str], np.ndarray, Any]]:
    """Return formulas, targets and folds by title."""
    rows = table(folder, "mp_sample.csv.gz")
    rows = rows.iloc[train_test_split(np.arange(len(rows)), test_size=0.2, random_state=SEED)[0]]
    rows = rows.sort_values("formation_energy_per_atom").drop_duplicates("formula")
    rows = rows.sample(n_rows, random_state=SEED)
    formulas = rows["formula"].tolist()
    random = list(KFold(3, shuffle=True, random_state=SEED).split(formulas))
    found = {
        title: (formulas, rows[name].to_numpy(dtype=float), random)
        for title, name in (
            ("band gap", "band_gap"),
            ("formation energy", "formation_energy_per_atom"),
        )
    }
    (task,) = load_tasks(folder, ["supercon"])
    kept = np.random.default_rng(SEED).permutation(np.flatnonzero(task.development))[:n_rows]
    formulas, y = [task.crystals[k] for k in kept], task.y[kept]
    systems = ChemicalSystemKFold().labels(formulas)
    found["T_c"] = formulas, y, list(KFold(3, shuffle=True, random_state=SEED).split(y))
    found["T_c, new sets of elements"] = formulas, y, list(GroupKFold(3).split(y, groups=systems))
    return found


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--rows", type=int, default=2000)
    parser.add_argument("--n-jobs", type=int, default=2)
    arguments = parser.parse_args()
    folder = require_data_folder()
    print(f"{describe_environment()}\n\n{arguments.rows} rows, 3 folds\n")
    asked = questions(folder, arguments.rows)
    print(f"| family | columns | {' | '.join(asked)} |\n|---|---|{'---|' * len(asked)}", flush=True)
    before: dict[str, float] = {}
    for family, descriptor in {"composition preset, MAE": None, **FAMILIES}.items():
        cells, width = [], 0
        for title, (formulas, y, folds) in asked.items():
            X = CrystalFeaturizer("composition").fit_transform(formulas)
            if descriptor is not None:
                added = descriptor.transform(formulas)
                added = added[:, added.max(axis=0) > added.min(axis=0)]
                X, width = np.concatenate([X, added], axis=1), added.shape[1]
            with parallel_config("loky", inner_max_num_threads=1):
                jobs = [delayed(error)(X, y, *fold, seed) for seed, fold in enumerate(folds)]
                mae = float(np.mean(Parallel(n_jobs=arguments.n_jobs)(jobs)))
            cells.append(f"{100 * (1 - mae / before[title]):+.1f} %" if before.get(title) else f"{mae:.4g}")
            before.setdefault(title, mae)
        print(f"| {family} | {width or X.shape[1]} | {' | '.join(cells)} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
