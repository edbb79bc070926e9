"""What each family of columns is worth, and what it costs.

    python benchmarks/ablation.py

Each family of the default preset is left out of it, and each other family of the "full" preset is added to
it. Printed is by how many percent the mean absolute error is larger without the family, beside the family's
columns and processor time. The model is the mean of the two members of `make_regressor`, made quicker; no
formula is in training and test rows. The development rows alone decide what stands in the default preset:
the training part of mp_sample's 80/20 split, and the built-in crystals. The other sets, whose accuracy is
reported elsewhere, are shown and decide nothing. Writes benchmarks/ABLATION.md.
"""

from __future__ import annotations

import argparse
import sys
import warnings
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np
from accuracy_sets import SEED, data_folder, formula_numbers, load_tasks, sample_training_part
from environment import describe_environment
from joblib import Parallel, delayed, parallel_config
from sklearn.model_selection import GroupKFold, GroupShuffleSplit

from skcrystal import CrystalFeaturizer, as_crystals
from skcrystal.datasets import load_experimental
from skcrystal.models import SoftStandardScaler, make_regressor
from skcrystal.presets import PRESETS

OUTPUT = Path(__file__).resolve().parent / "ABLATION.md"
# Formulas that models learn from, and are judged on, in each repeat; in a smaller set 80 % and 20 %.
TRAIN, TEST = 2500, 2500
REPEATS = 3
# All families are compared with one error of the default preset: its chance is made smaller than theirs.
SEEDS_OF_DEFAULT = 3
# Standard errors by which a family has to pay.
SURE = 2.0
# What depends on the composition alone.
COMPOSITION = ("composition", "ionic", "valence")


@dataclass(frozen=True)
class Judged:
    """Crystals and a target; `decides` where they are development rows."""

    title: str
    crystals: list[Any] = field(repr=False)
    y: np.ndarray = field(repr=False)
    decides: bool = False


@dataclass(frozen=True)
class Effects:
    """By how many percent the error is larger without a family.

    Attributes
    ----------
    mae : float
        Of the default preset, in the unit of the target (of its logarithm where it is positive).
    mean : dict of str to float
    standard_error : float
        Of a mean over the repeats; that of all families together, since few repeats tell little of one.
    """

    mae: float
    mean: dict[str, float]
    standard_error: float


def judged_sets() -> list[Judged]:
    """Return the sets; the built-in crystals alone where the data folder is absent."""
    data: Any = load_experimental()
    sets = [Judged("measured gap", list(data.data), data.target, True)]
    folder = data_folder()
    if folder is None:
        return sets
    # Tasks on the same crystals keep one list of them, which is then described once.
    lists: dict[int, list[Any]] = {}
    tasks = load_tasks(folder, ["sample", "abc3", "phonons", "perovskites"])
    for task in tasks:
        decides = task.name.startswith("mp_sample")
        rows = sample_training_part(len(task.y)) if decides else np.arange(len(task.y))
        y = np.log(task.y) if task.target == "positive" else task.y
        crystals = lists.setdefault(id(task.crystals), [task.crystals[i] for i in rows])
        sets.append(Judged(task.name, crystals, y[rows], decides))
        if task.name == "mp_sample formation energy":
            sets.append(Judged("the same, residual", crystals, y[rows], True))
    return sets


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


def members(seed: int) -> list[Any]:
    """Return the two members of `make_regressor`, made quicker."""
    named = dict(make_regressor(random_state=seed)[-1].estimators)
    return [
        named["gaussian_process"].set_params(max_likelihood_rows=800, max_iter=25),
        named["xgboost"].set_params(n_estimators=200, learning_rate=0.07),
    ]


def error(X: np.ndarray, y: np.ndarray, train: np.ndarray, test: np.ndarray, seed: int) -> float:
    """Return the mean absolute error of the mean of both members on the test rows."""
    warnings.simplefilter("ignore")
    scaler = SoftStandardScaler().fit(X[train])
    A, B = scaler.transform(X[train]), scaler.transform(X[test])
    predicted = np.mean([model.fit(A, y[train]).predict(B) for model in members(seed)], axis=0)
    return float(np.abs(predicted - y[test]).mean())


def composition_residual(rows: dict[str, np.ndarray], y: np.ndarray, formulas: np.ndarray) -> np.ndarray:
    """Return what trees that see the composition alone, and learn from other formulas, leave of the target.

    Most of a formation energy is told by the composition; the rest is where a structure can show.
    """
    X = np.concatenate([rows[name] for name in COMPOSITION], axis=1)
    predicted = np.empty_like(y)
    for train, test in GroupKFold(5, shuffle=True, random_state=SEED).split(X, groups=formulas):
        predicted[test] = members(SEED)[1].fit(X[train], y[train]).predict(X[test])
    return y - predicted


def splits(formulas: np.ndarray, train: int, test: int, repeats: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return training and test rows, with no formula in both."""
    n = len(np.unique(formulas))
    if train + test > n:
        train, test = int(0.8 * n), n - int(0.8 * n)
    splitter = GroupShuffleSplit(repeats, train_size=train, test_size=test, random_state=SEED)
    return list(splitter.split(formulas, groups=formulas))


def measure(rows: dict[str, np.ndarray], y: np.ndarray, folds: Any, n_jobs: int) -> Effects:
    """Leave families out of the default preset and add the others to it."""
    default = [name for name, _ in PRESETS["default"]()]

    def columns(changed: str | None) -> np.ndarray:
        # A member is left out, another family is added.
        return np.concatenate([rows[name] for name in rows if (name in default) != (name == changed)], axis=1)

    variants: list[tuple[str | None, int]] = [(None, SEED + k) for k in range(SEEDS_OF_DEFAULT)]
    variants += [(name, SEED) for name in rows]
    with parallel_config("loky", inner_max_num_threads=1):
        found = Parallel(n_jobs=n_jobs, batch_size=1)(
            delayed(error)(columns(name), y, *fold, seed) for name, seed in variants for fold in folds
        )
    errors = np.reshape(found, (len(variants), len(folds)))
    whole, changed = errors[:SEEDS_OF_DEFAULT].mean(axis=0), errors[SEEDS_OF_DEFAULT:]
    inside = np.array([name in default for name in rows])[:, None]
    percent = 100 * (np.where(inside, changed / whole, whole / changed) - 1)
    variances = percent.var(axis=1, ddof=1) / len(folds)
    return Effects(
        float(whole.mean()),
        dict(zip(rows, percent.mean(axis=1).tolist(), strict=True)),
        float(np.sqrt(variances.mean())),
    )


def report(costs: dict[str, float], sets: list[Judged], effects: list[Effects]) -> list[str]:
    """Return the table."""
    default = [name for name, _ in PRESETS["default"]()]
    titles = [judged.title + (" *" if judged.decides else "") for judged in sets]
    bar = "|---" * (len(sets) + 4) + "|"
    lines = [f"| family | columns | ms | {' | '.join(titles)} | pays |", bar]
    for name, step in PRESETS["full"]():
        cells = [f"{effect.mean[name]:+.1f}" for effect in effects]
        pays = any(
            effect.mean[name] > SURE * effect.standard_error
            for judged, effect in zip(sets, effects, strict=True)
            if judged.decides
        )
        outside = "" if name in default else " (not in the default)"
        width = len(step.get_feature_names_out())
        verdict = "yes" if pays else "no"
        lines.append(f"| {name}{outside} | {width} | {costs[name]:.3f} | {' | '.join(cells)} | {verdict} |")
    for title, values in (
        ("standard error", [f"{effect.standard_error:.1f}" for effect in effects]),
        ("MAE of the default preset", [f"{effect.mae:.4g}" for effect in effects]),
    ):
        lines.append(f"| {title} | | | {' | '.join(values)} | |")
    return lines


def explain(train: int, test: int, repeats: int, n_deciding: int) -> list[str]:
    """Return what the table means."""
    n_numbers = n_deciding * len(PRESETS["full"]())
    return [
        f"By how many percent the mean absolute error is larger without a family: the mean over {repeats} "
        f"repeats, in which models learn from the crystals of {train:,} formulas and are judged on those of "
        f"{test:,} others; in a set of fewer formulas, of 80 % and 20 % of them. Members of the default "
        "preset are left out of it, the others are added. Negative: the error is larger with the family.",
        "",
        "* marks the sets of development rows, which alone decide. The residual is what trees that see the "
        "composition alone leave of the formation energy, where the structure shows. A family pays where the "
        f"number exceeds {SURE:g} standard errors in one of these sets at least; of {n_numbers} numbers "
        f"without any effect, {0.023 * n_numbers:.0f} would. Families overlap: where two tell the same, "
        "neither pays beside the other.",
        "",
        "ms: processor time per crystal, what families share on the bill of the first that asks for it. "
        "Positive targets count in logarithms.",
        "",
    ]


def main() -> int:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--train", type=int, default=TRAIN, help="formulas (default: %(default)s)")
    parser.add_argument("--test", type=int, default=TEST, help="formulas (default: %(default)s)")
    parser.add_argument("--repeats", type=int, default=REPEATS, help="default: %(default)s")
    parser.add_argument("--rows", type=int, help="use these many crystals of each set, for a trial")
    parser.add_argument("--n-jobs", type=int, default=2)
    arguments = parser.parse_args()
    steps = PRESETS["full"]()
    lines = ["# Ablation", "", f"Written by `python benchmarks/ablation.py` on {date.today()}.", ""]
    lines += ["```text", describe_environment(), f"seed      {SEED}", "```", ""]
    print("\n".join(lines), flush=True)
    # Compiles the kernels, so that no family is charged for it.
    CrystalFeaturizer("full").fit_transform(load_experimental(return_X_y=True)[0][:8])

    sets, effects = judged_sets(), []
    costs: dict[str, float] = {}
    described: Any = None
    for judged in sets:
        crystals, y = judged.crystals[: arguments.rows], judged.y[: arguments.rows]
        if judged.crystals is not described:
            rows, seconds = family_rows(crystals, steps)
            formulas = formula_numbers(crystals)
            described = judged.crystals
            # The largest set tells the costs best.
            costs = seconds if not costs or judged.title.startswith("mp_sample") else costs
        if judged.title == "the same, residual":
            y = composition_residual(rows, y, formulas)
        folds = splits(formulas, arguments.train, arguments.test, arguments.repeats)
        effects.append(measure(rows, y, folds, arguments.n_jobs))
        print(f"{judged.title}: MAE {effects[-1].mae:.4g}", flush=True)

    n_deciding = sum(judged.decides for judged in sets)
    lines += explain(arguments.train, arguments.test, arguments.repeats, n_deciding)
    lines += report(costs, sets, effects)
    print("\n".join(lines[-len(steps) - 4 :]))
    chosen = (arguments.train, arguments.test, arguments.repeats, arguments.rows)
    if len(sets) > 1 and chosen == (TRAIN, TEST, REPEATS, None):
        OUTPUT.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
