"""What each family of columns is worth, and what it costs.

    python benchmarks/ablation.py

Each family of the "full" preset is left out in turn, and the change of the mean absolute error is printed,
in percent, beside the family's columns and processor time. The model is the mean of the two members of
`make_regressor`. Whether a family stands in the default preset is decided by the development rows alone:
the training part of mp_sample's 80/20 split, and the built-in crystals. The other sets, whose accuracy is
reported elsewhere, are shown and decide nothing.
"""

from __future__ import annotations

import argparse
import sys
import warnings
from time import process_time
from typing import Any

import numpy as np
from accuracy_sets import SEED, data_folder, load_tasks, sample_training_part
from environment import describe_environment
from joblib import Parallel, delayed, parallel_config
from sklearn.model_selection import ShuffleSplit

from skcrystal import CrystalFeaturizer, as_crystals
from skcrystal.datasets import load_experimental
from skcrystal.models import SoftStandardScaler, make_regressor
from skcrystal.presets import PRESETS

# Rows that models learn from and are judged on, in each repeat; drawn once for all repeats.
TRAIN, TEST = 1000, 1500
REPEATS = 3
# A family pays where leaving it out costs more than this share of the error, in percent.
PAYS = 0.2


def family_rows(crystals: list[Any], steps: Any) -> tuple[dict[str, np.ndarray], dict[str, float]]:
    """Return the block of columns of each family, and its processor time in ms per crystal.

    What families share (symmetry, neighbours, bonds) is on the bill of the first that asks for it.
    """
    blocks: dict[str, list[np.ndarray]] = {name: [] for name, _ in steps}
    seconds = dict.fromkeys(blocks, 0.0)
    for start in range(0, len(crystals), 128):
        batch = as_crystals(crystals[start : start + 128])
        for name, step in steps:
            begun = process_time()
            blocks[name].append(np.asarray(step.describe(batch)))
            seconds[name] += process_time() - begun
    rows = {name: np.concatenate(parts) for name, parts in blocks.items()}
    return rows, {name: 1e3 * value / len(crystals) for name, value in seconds.items()}


def members() -> list[Any]:
    """Return the two members of `make_regressor`, made quicker."""
    named = dict(make_regressor(random_state=SEED)[-1].estimators)
    return [named["gaussian_process"], named["xgboost"].set_params(n_estimators=300, learning_rate=0.05)]


def error(X: np.ndarray, y: np.ndarray, train: np.ndarray, test: np.ndarray) -> float:
    """Return the mean absolute error of the mean of both members on the test rows."""
    warnings.simplefilter("ignore")
    scaler = SoftStandardScaler().fit(X[train])
    A, B = scaler.transform(X[train]), scaler.transform(X[test])
    predicted = np.mean([model.fit(A, y[train]).predict(B) for model in members()], axis=0)
    return float(np.abs(predicted - y[test]).mean())


def development_and_other_sets() -> list[tuple[str, bool, list[Any], np.ndarray]]:
    """Return (name, whether it decides, crystals, target) of each set."""
    data: Any = load_experimental()
    sets = [("measured gap", True, list(data.data), data.target)]
    folder = data_folder()
    if folder is None:
        return sets
    for task in load_tasks(folder, ["sample", "abc3", "phonons", "perovskites"]):
        rows = np.arange(len(task.y))
        decides = task.name.startswith("mp_sample")
        if decides:
            rows = sample_training_part(len(rows))
        rows = np.random.default_rng(SEED).permutation(rows)[: REPEATS * (TRAIN + TEST)]
        y = np.log(task.y) if task.target == "positive" else task.y
        sets.append((task.name, decides, [task.crystals[i] for i in rows], y[rows]))
    return sets


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--preset", default="full", choices=sorted(PRESETS), help="families to judge")
    parser.add_argument("--sets", choices=("deciding", "others", "all"), default="all")
    parser.add_argument("--train", type=int, default=TRAIN, help="training rows (default: %(default)s)")
    parser.add_argument("--repeats", type=int, default=REPEATS, help="default: %(default)s")
    parser.add_argument("--n-jobs", type=int, default=2)
    arguments = parser.parse_args()
    steps = PRESETS[arguments.preset]()
    names = [name for name, _ in steps]
    print(describe_environment())
    print(f"seed      {SEED}; {arguments.repeats} repeats of {arguments.train} training rows")
    CrystalFeaturizer(arguments.preset).fit_transform(load_experimental(return_X_y=True)[0][:8])

    effects: dict[str, dict[str, tuple[float, float]]] = {}
    costs: dict[str, float] = {}
    decides: dict[str, bool] = {}
    for title, decisive, crystals, y in development_and_other_sets():
        if arguments.sets != "all" and decisive != (arguments.sets == "deciding"):
            continue
        rows, seconds = family_rows(crystals, steps)
        if not costs or title == "mp_sample band gap":
            costs = seconds
        size = min(arguments.train, int(0.8 * len(y)))
        splits = list(
            ShuffleSplit(
                arguments.repeats, train_size=size, test_size=min(TEST, len(y) - size), random_state=SEED
            ).split(y)
        )
        left_out: list[str | None] = [None, *names]
        with parallel_config("loky", inner_max_num_threads=1):
            found = Parallel(n_jobs=arguments.n_jobs)(
                delayed(error)(
                    np.concatenate([rows[name] for name in names if name != without], axis=1), y, *split
                )
                for without in left_out
                for split in splits
            )
        errors = np.reshape(found, (len(left_out), arguments.repeats))
        change = 100 * (errors[1:] / errors[0] - 1)
        spread = change.std(axis=1, ddof=1) / np.sqrt(arguments.repeats)
        effects[title] = {
            name: (mean, deviation)
            for name, mean, deviation in zip(names, change.mean(axis=1), spread, strict=True)
        }
        decides[title] = decisive
        print(f"{title}: MAE {errors[0].mean():.4g} with all families", flush=True)

    _print_table(steps, costs, effects, decides)
    return 0


def _print_table(steps: Any, costs: Any, effects: Any, decides: Any) -> None:
    print("\nChange of the MAE, percent, when a family is left out (standard error); * decides\n")
    titles = [title + (" *" if decides[title] else "") for title in effects]
    print("| family | columns | ms | " + " | ".join(titles) + " | pays |")
    print("|---|---|---|" + "---|" * (len(titles) + 1))
    for name, step in steps:
        cells = [f"{effects[title][name][0]:+.1f} ({effects[title][name][1]:.1f})" for title in effects]
        pays = [effects[title][name][0] > PAYS for title in effects if decides[title]]
        width = len(step.get_feature_names_out())
        verdict = "yes" if any(pays) else "no"
        print(f"| {name} | {width} | {costs[name]:.3f} | {' | '.join(cells)} | {verdict} |")


if __name__ == "__main__":
    sys.exit(main())
