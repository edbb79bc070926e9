"""What each family of columns is worth, and what it costs.

    python benchmarks/ablation.py
    python benchmarks/ablation.py --repeats 3 --families bond_lengths bond_order

Each of the candidates for the default preset is left out of them, and each other family of the "full" preset
is added to them. Printed is by how many percent the mean absolute error is larger without the family, beside
the family's columns and processor time. The model is the mean of the members of `make_regressor`, made
quicker; no formula is in training and test rows. All rows are development rows: the training part of
mp_sample's 80/20 split, half the formulas of the other sets, and the built-in crystals. Writes
benchmarks/ABLATION.md.
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
from accuracy_sets import SEED, data_folder, formula_numbers, joined_steps, load_tasks
from environment import describe_environment
from joblib import Parallel, delayed, parallel_config
from sklearn.model_selection import GroupKFold, GroupShuffleSplit

from skcrystal import CrystalFeaturizer, as_crystals
from skcrystal.datasets import load_experimental
from skcrystal.featurizer.presets import PRESETS
from skcrystal.models import SoftStandardScaler, make_regressor

OUTPUT = Path(__file__).resolve().parent / "ABLATION.md"
# Formulas that models learn from, and are judged on, in each repeat; in a smaller set 80 % and 20 %.
TRAIN, TEST = 600, 1000
REPEATS = 4
# Crystals of a set that are described, drawn at random.
MOST = 4000
# All families are compared with one error of the candidates: its chance is made smaller than theirs.
SEEDS_OF_ALL = 2
# Standard errors by which a family has to pay.
SURE = 2.0
# From these the default preset is chosen.
CANDIDATES = (
    "composition",
    "ionic",
    "valence",
    "density",
    "lattice",
    "distance",
    "space_group",
    "radial",
    "coordination",
    "local_differences",
    "message_passing",
    "orbital_field",
    "bond_valence",
    "bond_angles",
    "madelung",
    # Not of the preset: make_regressor adds them.
    "pair_spectrum",
    "element_fractions",
)
# What depends on the composition alone.
COMPOSITION = ("composition", "ionic", "valence")


@dataclass(frozen=True)
class Judged:
    """Crystals and a target."""

    title: str
    crystals: list[Any] = field(repr=False)
    y: np.ndarray = field(repr=False)


@dataclass(frozen=True)
class Effects:
    """By how many percent the error is larger without a family.

    Attributes
    ----------
    errors : ndarray of shape (n_repeats,)
        Of all candidates, in the unit of the target (of its logarithm where it is positive).
    mean : dict of str to float
    standard_error : float
        Of a mean over the repeats; that of all families together, since few repeats tell little of one.
    """

    errors: np.ndarray
    mean: dict[str, float]
    standard_error: float


def judged_sets() -> list[Judged]:
    """Return the sets; the built-in crystals alone where the data folder is absent."""
    data: Any = load_experimental()
    sets = [Judged("measured gap", list(data.data), data.target)]
    folder = data_folder()
    if folder is None:
        return sets
    # Tasks on the same crystals keep one list of them, which is then described once.
    lists: dict[int, list[Any]] = {}
    tasks = load_tasks(folder, ["sample", "abc3", "phonons", "perovskites"])
    for task in tasks:
        rows = np.flatnonzero(task.development)
        rows = np.sort(np.random.default_rng(SEED).permutation(rows)[:MOST])
        y = np.log(task.y) if task.target == "positive" else task.y
        crystals = lists.setdefault(id(task.crystals), [task.crystals[i] for i in rows])
        sets.append(Judged(task.name, crystals, y[rows]))
        if task.name == "mp_sample formation energy":
            sets.append(Judged("the same, residual", crystals, y[rows]))
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
    """Return the members of `make_regressor`, made quicker."""
    named = dict(make_regressor(random_state=seed)[-1].estimators)
    return [
        named["gaussian_process"].set_params(max_likelihood_rows=500, max_iter=25),
        named["gaussian_process_of_all"].set_params(max_likelihood_rows=500, max_iter=25),
        named["xgboost"].set_params(n_estimators=150, learning_rate=0.09),
    ]


def error(X: np.ndarray, y: np.ndarray, train: np.ndarray, test: np.ndarray, seed: int) -> float:
    """Return the mean absolute error of the mean of the members on the test rows."""
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
        predicted[test] = members(SEED)[-1].fit(X[train], y[train]).predict(X[test])
    return y - predicted


def splits(formulas: np.ndarray, train: int, test: int, repeats: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return training and test rows, with no formula in both."""
    n = len(np.unique(formulas))
    if train + test > n:
        train, test = int(0.8 * n), n - int(0.8 * n)
    splitter = GroupShuffleSplit(repeats, train_size=train, test_size=test, random_state=SEED)
    return list(splitter.split(formulas, groups=formulas))


def errors_of(
    variants: list[tuple[list[str], int]], rows: dict[str, np.ndarray], y: np.ndarray, folds: Any, n_jobs: int
) -> np.ndarray:
    """Return the errors of (families, seed) in each fold; shape (n_variants, n_folds)."""
    with parallel_config("loky", inner_max_num_threads=1):
        found = Parallel(n_jobs=n_jobs, batch_size=1)(
            delayed(error)(np.concatenate([rows[name] for name in names], axis=1), y, *fold, seed)
            for names, seed in variants
            for fold in folds
        )
    return np.reshape(found, (len(variants), len(folds)))


def measure(
    rows: dict[str, np.ndarray], y: np.ndarray, folds: Any, families: list[str], n_jobs: int
) -> Effects:
    """Leave families out of the candidates and add the others to them."""
    # A candidate is left out, another family is added.
    changed = [[other for other in rows if (other in CANDIDATES) != (other == name)] for name in families]
    variants = [([*CANDIDATES], SEED + k) for k in range(SEEDS_OF_ALL)] + [(names, SEED) for names in changed]
    errors = errors_of(variants, rows, y, folds, n_jobs)
    whole, others = errors[:SEEDS_OF_ALL].mean(axis=0), errors[SEEDS_OF_ALL:]
    inside = np.array([name in CANDIDATES for name in families])[:, None]
    percent = 100 * (np.where(inside, others / whole, whole / others) - 1)
    variances = percent.var(axis=1, ddof=1) / len(folds)
    return Effects(
        whole,
        dict(zip(families, percent.mean(axis=1).tolist(), strict=True)),
        float(np.sqrt(variances.mean())),
    )


def paying(name: str, effects: list[Effects]) -> bool:
    """Return whether a family pays on one of the sets."""
    return any(effect.mean[name] > SURE * effect.standard_error for effect in effects)


def measure_choices(
    effects: list[Effects], measured: list[tuple[dict[str, np.ndarray], np.ndarray, Any]], n_jobs: int
) -> dict[str, list[float]]:
    """Return by how many percent the error is larger with other families than all candidates, set by set."""
    choices = {
        "without all candidates that do not pay": [
            name for name in CANDIDATES if name not in effects[0].mean or paying(name, effects)
        ],
        "with what make_regressor takes": [name for name, _ in make_regressor()[0].descriptors],
    }
    changes: dict[str, list[float]] = {title: [] for title, names in choices.items() if names}
    for effect, known in zip(effects, measured, strict=True):
        errors = errors_of([(choices[title], SEED) for title in changes], *known, n_jobs)
        for title, changed in zip(changes, errors, strict=True):
            changes[title].append(float(np.mean(100 * (changed / effect.errors - 1))))
    return changes


def report(
    costs: dict[str, float], sets: list[Judged], effects: list[Effects], instead: dict[str, list[float]]
) -> list[str]:
    """Return the table; `instead` has the effect of other families than the candidates, set by set."""
    default = dict.fromkeys([name for name, _ in PRESETS["default"]()], "yes")
    default |= {name: "models" for name, _ in joined_steps("default") if name not in default}
    bar = "|---" * (len(sets) + 5) + "|"
    lines = [
        f"| family | columns | ms | {' | '.join(judged.title for judged in sets)} | pays | default |",
        bar,
    ]
    for name, step in PRESETS["full"]():
        if name not in effects[0].mean:
            continue
        cells = [f"{effect.mean[name]:+.1f}" for effect in effects]
        added = "" if name in CANDIDATES else ", added"
        width = len(step.get_feature_names_out())
        verdicts = f"{'yes' if paying(name, effects) else 'no'} | {default.get(name, 'no')}"
        lines.append(f"| {name}{added} | {width} | {costs[name]:.3f} | {' | '.join(cells)} | {verdicts} |")
    ends = {
        "standard error": [f"{effect.standard_error:.1f}" for effect in effects],
        **{title: [f"{value:+.1f}" for value in values] for title, values in instead.items()},
        "MAE of all candidates": [f"{effect.errors.mean():.4g}" for effect in effects],
    }
    return lines + [f"| {title} | | | {' | '.join(cells)} | | |" for title, cells in ends.items()]


def explain(train: int, test: int, repeats: int, n_numbers: int) -> list[str]:
    """Return what the table means."""
    return [
        f"By how many percent the mean absolute error is larger without a family: the mean over {repeats} "
        f"repeats, in which models learn from the crystals of {train:,} formulas and are judged on those of "
        f"{test:,} others; in a set of fewer formulas, of 80 % and 20 % of them. The candidates for the "
        "default preset are left out one by one, the others are added. Negative: the error is larger with "
        "the family.",
        "",
        "All rows are development rows. The residual is what trees that see the composition alone leave of "
        f"the formation energy, where the structure shows. A family pays where the number exceeds {SURE:g} "
        f"standard errors in one set at least; of {n_numbers} numbers without any effect, "
        f"{0.023 * n_numbers:.0f} would. Families overlap: where two tell the same, neither pays beside the "
        "other; hence the lines of those that do not pay, all left out together, and of the default preset "
        "with the families that make_regressor adds to it (models).",
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
    parser.add_argument("--families", nargs="*", help="of the full preset; all without it")
    parser.add_argument("--rows", type=int, help="use these many crystals of each set, for a trial")
    parser.add_argument("--n-jobs", type=int, default=2)
    arguments = parser.parse_args()
    steps = PRESETS["full"]()
    families = arguments.families or [name for name, _ in steps]
    command = " ".join(["python benchmarks/ablation.py", *sys.argv[1:]])
    lines = ["# Ablation", "", f"Written by `{command}` on {date.today()}.", ""]
    lines += ["```text", describe_environment(), f"seed      {SEED}", "```", ""]
    print("\n".join(lines), flush=True)
    # Compiles the kernels, so that no family is charged for it.
    CrystalFeaturizer("full").fit_transform(load_experimental(return_X_y=True)[0][:8])

    sets, effects = judged_sets(), []
    measured: list[tuple[dict[str, np.ndarray], np.ndarray, Any]] = []
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
        measured.append((rows, y, folds))
        effects.append(measure(*measured[-1], families, arguments.n_jobs))
        print(f"{judged.title}: MAE {effects[-1].errors.mean():.4g}", flush=True)

    instead = measure_choices(effects, measured, arguments.n_jobs)
    n_numbers = len(sets) * len(families)
    lines += explain(arguments.train, arguments.test, arguments.repeats, n_numbers)
    table = report(costs, sets, effects, instead)
    lines += table
    print("\n".join(table))
    if len(sets) > 1 and arguments.rows is None:
        OUTPUT.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
