"""How well properties are predicted, beside the lecture notebook's recipe and matminer.

    python benchmarks/accuracy.py [abc3 phonons perovskites sample expt_gap supercon supercon_reported]

For each target: the mean predictor; the notebook's recipe with its XGBoost model; on mp_sample matminer's
Magpie, density and symmetry columns with the same XGBoost model; the default preset with the same; and
`make_regressor`, which adds families to the preset and finds its parameters inside the training folds. Of
formulas, the notebook's composition columns with its random forest, and the preset "composition" with both;
of measured gaps also with computed ones as a second fidelity (benchmarks/fidelities.py), and of those of ABC3
with what a model of mp_sample says (benchmarks/other_crystals.py).
Folds are random, by formula and without one element; on mp_sample the test rows of the second are those of
the first whose formula is in no training row. Prediction intervals are judged by the share of test crystals
inside.
The presets were chosen on development rows (benchmarks/ablation.py): errors are also given of the other test
rows alone, and a limit is kept where both keep it. Writes benchmarks/ACCURACY.md, where sets that
are not measured keep what an earlier run wrote of them.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import warnings
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from accuracy_sets import LOADERS, SEED, Task, joined_steps, load_tasks, require_data_folder
from engine.peer_environment import peer_python
from environment import describe_environment
from fidelities import second_fidelity
from joblib import Parallel, delayed, parallel_config
from notebook_recipe import PROPERTIES, describe_all
from other_crystals import columns_of_others
from sklearn.dummy import DummyRegressor
from sklearn.metrics import mean_absolute_error, r2_score

from skcrystal import CrystalFeaturizer, as_crystals
from skcrystal.descriptors import CompositionStats
from skcrystal.models import ConformalRegressor, forest_regressor, make_regressor, xgboost_regressor

if TYPE_CHECKING:
    from numpy.typing import NDArray

FOLDER = Path(__file__).resolve().parent
OUTPUT = FOLDER / "ACCURACY.md"
COVERAGE = 0.9
# Tasks of fewer crystals are judged by their intervals, too, which take four more fits.
INTERVAL_ROWS = 5000
# The trees of the recipe are the notebook's; "best" is what the package recommends.
MEAN, RECIPE, FOREST, MATMINER, SAME, SAME_FOREST, BEST, SECOND, OTHERS = (
    "mean of the training rows",
    "notebook recipe, its XGBoost",
    "notebook's composition columns, its random forest",
    "matminer's Magpie + density + symmetry, the same XGBoost",
    "{preset} preset, the same XGBoost",
    "{preset} preset, the same random forest",
    "{preset} preset and what joins it, make_regressor",
    "the same, with the computed gaps of mp_sample as a second fidelity",
    "the same, with what a model of mp_sample's gaps says of each crystal",
)


LEGEND = [
    "The default preset was chosen on other rows than those of mp_sample that are tested on, and on half the",
    "formulas of the other sets; errors on their other half, held out, stand beside those on all test rows.",
    "A limit is kept where both keep it.",
    "",
]


class Score(NamedTuple):
    """Errors of a model on some rows."""

    mae: float
    r2: float


Scores = dict[tuple[str, str], tuple[Score, Score]]


@dataclass(frozen=True)
class Goal:
    """A limit on the error of a model, the recommended one, under random folds, and where it comes from."""

    task: str
    limit: float
    of: str = ""
    measure: str = "MAE"
    source: str = ""
    model: str = BEST

    def value(self, own: Score, other: Score) -> float:
        """Return what is compared with the limit; `other` is the score of the model named by `of`."""
        if self.measure == "R2":
            return own.r2
        return own.mae / other.mae if self.of else own.mae

    def is_kept(self, value: float) -> bool:
        """Return whether the value is on the right side of the limit."""
        return value >= self.limit if self.measure == "R2" else value <= self.limit


GOALS = [
    Goal("ABC3 band gap", 0.75, of=RECIPE, source="a quarter below the recipe"),
    Goal("ABC3 band gap", 0.87, measure="R2", source="publication quality"),
    Goal("ABC3 band gap", 0.205, source="the package's own aim"),
    Goal("ABC3 band gap", 0.205, source="the package's own aim", model=OTHERS),
    Goal("matbench_phonons", 34.28, source="MODNet, the best feature-based entry"),
    Goal("matbench_phonons", 28.76, source="MegNet, the best entry"),
    Goal("perovskite formation energy", 0.0908, source="MODNet, which had 2.5 times the data"),
    Goal("mp_sample band gap", 0.70, of=RECIPE, source="share of the recipe's error"),
    Goal("mp_sample band gap", 1.0, of=MATMINER, source="below matminer"),
    Goal("mp_sample formation energy", 0.60, of=RECIPE, source="share of the recipe's error"),
    Goal("mp_sample formation energy", 1.0, of=MATMINER, source="below matminer"),
    Goal("measured band gap", 0.3327, source="MODNet, the best feature-based entry"),
    Goal("measured band gap", 0.255, source="the package's own aim"),
    Goal("measured band gap", 0.255, source="the package's own aim", model=SECOND),
    Goal("critical temperature", 0.93, measure="R2", source="the package's own aim"),
    Goal(
        "critical temperature, where one was reported",
        0.93,
        measure="R2",
        source="Hamidieh 2018, doi 10.1016/j.commatsci.2018.07.052: 0.92 on 21,263 formulas",
    ),
]


def recipe_rows(crystals: list[Any], n_jobs: int) -> NDArray[np.float64]:
    """Return the notebook's 327 columns, computed by pymatgen in chunks."""
    texts = crystals
    if not isinstance(crystals[0], str) or "data_" not in crystals[0][:200]:
        # The recipe reads CIF.
        texts = [crystal.to_structure().to(fmt="cif") for crystal in as_crystals(crystals)]
    chunks = [texts[start : start + 64] for start in range(0, len(texts), 64)]
    return np.concatenate(Parallel(n_jobs=n_jobs)(delayed(describe_all)(chunk) for chunk in chunks))


def formula_rows(formulas: list[str]) -> NDArray[np.float64]:
    """Return those of the notebook's columns that a formula can tell."""
    return CompositionStats(
        properties=("atomic_number", *PROPERTIES), missing="zero", values="pymatgen"
    ).transform(formulas)


def matminer_rows(cifs: list[str], n_jobs: int) -> tuple[NDArray[np.float64], int]:
    """Return matminer's columns, its missing values as column means, and how many rows failed."""
    command = [str(peer_python()), str(FOLDER / "matminer_rows.py"), str(n_jobs)]
    done = subprocess.run(command, input=json.dumps(cifs), capture_output=True, text=True, check=True)
    rows = np.array(json.loads(done.stdout), dtype=np.float64)
    failed = int(np.isnan(rows).any(axis=1).sum())
    return np.where(np.isnan(rows), np.nanmean(rows, axis=0), rows), failed


def fit_and_predict(model: Any, X: Any, y: Any, train: Any, *tests: Any) -> list[NDArray[np.float64]]:
    """Return predictions of each set of test rows."""
    warnings.simplefilter("ignore")
    model.fit(X[train], y[train])
    return [np.asarray(model.predict(X[test]), dtype=np.float64) for test in tests]


def interval_coverage(model: Any, X: Any, y: Any, train: Any, test: Any) -> tuple[float, float]:
    """Return the share of test rows inside their intervals, and the intervals' mean width."""
    warnings.simplefilter("ignore")
    conformal = ConformalRegressor(model, cv=3, random_state=SEED).fit(X[train], y[train])
    low, high = conformal.predict_interval(X[test], coverage=COVERAGE).T
    return float(np.mean((low <= y[test]) & (y[test] <= high))), float(np.mean(high - low))


def models_of(task: Task, rows: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Return (model, rows) by name; the models are what stands behind the featurizer.

    Rows that are not the same in all folds are given by (split, number of the fold).
    """
    of_formulas = task.preset == "composition"
    lecture = (forest_regressor if of_formulas else xgboost_regressor)(random_state=SEED)[1:]
    models = {
        MEAN: (DummyRegressor(), rows["preset"]),
        FOREST if of_formulas else RECIPE: (lecture, rows["recipe"]),
        SAME_FOREST if of_formulas else SAME: (lecture, rows["preset"]),
        BEST: (
            make_regressor(target=task.target, loss=task.loss, random_state=SEED)[1:],
            rows["best"],
        ),
    }
    if "matminer" in rows:
        models[MATMINER] = (lecture, rows["matminer"])
    if "second" in rows:
        models[SECOND] = (models[BEST][0], rows["second"])
    if "others" in rows:
        models[OTHERS] = (models[BEST][0], rows["others"])
    return models


def score(truth: NDArray[np.float64], guess: NDArray[np.float64]) -> Score:
    """Return the errors of predictions."""
    return Score(mean_absolute_error(truth, guess), r2_score(truth, guess))


def measure(task: Task, rows: dict[str, Any], n_jobs: int) -> tuple[Scores, tuple[float, float] | None]:
    """Return scores on all test rows and on the held-out ones by (split, model); coverage of intervals."""
    models = models_of(task, rows)
    # What learns from the same rows is fitted once, and tested on all that the splits test it on.
    fits: dict[tuple[str, bytes], list[tuple[str, int]]] = {}
    for name in models:
        for title, folds in task.splits.items():
            for k, (train, _) in enumerate(folds):
                fits.setdefault((name, np.asarray(train).tobytes()), []).append((title, k))
    # The longest first, so that no process waits at the end.
    order = sorted(fits, key=lambda fit: fit[0] not in (BEST, SECOND, OTHERS))
    jobs: list[Any] = []
    for name, rows_of in order:
        places = fits[name, rows_of]
        tests = [task.splits[title][k][1] for title, k in places]
        title, k = places[0]
        model, X = models[name]
        X = X[title, k] if isinstance(X, dict) else X
        jobs.append(delayed(fit_and_predict)(model, X, task.y, task.splits[title][k][0], *tests))
    judged = len(task.y) < INTERVAL_ROWS
    if judged:
        jobs.insert(
            0, delayed(interval_coverage)(*models[BEST], task.y, *next(iter(task.splits.values()))[0])
        )
    with parallel_config("loky", inner_max_num_threads=1):
        found = Parallel(n_jobs=n_jobs, batch_size=1)(jobs)
    coverage = found.pop(0) if judged else None
    predicted = {
        (title, fit[0], k): guess
        for fit, guesses in zip(order, found, strict=True)
        for (title, k), guess in zip(fits[fit], guesses, strict=True)
    }
    scores: Scores = {}
    for title, folds in task.splits.items():
        tested = np.concatenate([test for _, test in folds])
        held_out = ~task.development[tested]
        for name in models:
            guess = np.concatenate([predicted[title, name, k] for k in range(len(folds))])
            scores[title, name] = (
                score(task.y[tested], guess),
                score(task.y[tested][held_out], guess[held_out]),
            )
    return scores, coverage


def judge(task: Task, scores: Scores) -> list[str]:
    """Return a line for each limit on a task."""
    first = next(iter(task.splits))
    lines = []
    for goal in (goal for goal in GOALS if goal.task == task.name):
        other = first, goal.of or BEST
        if other not in scores or (first, goal.model) not in scores:
            continue
        whole, held_out = map(goal.value, scores[first, goal.model], scores[other])
        what = f"{goal.measure} over that of: {goal.of}" if goal.of else goal.measure
        what += f", {goal.model}" if goal.model != BEST else ""
        beside = f" (held out: {held_out:.4g})" if held_out != whole else ""
        sign = "at least" if goal.measure == "R2" else "at most"
        verdict = "kept" if goal.is_kept(whole) and goal.is_kept(held_out) else "**missed**"
        lines.append(f"- {what}: {whole:.4g}{beside}, {sign} {goal.limit:g} ({goal.source}): {verdict}")
    return lines


def report(task: Task, scores: Scores, failed: int, coverage: Any) -> list[str]:
    """Return the lines of a task."""
    n_zero = int(np.sum(task.y == 0))
    zeros = f", {n_zero} of them exactly 0" if task.target == "nonnegative" else ""
    things = "formulas" if task.preset == "composition" else "crystals"
    lines = [f"## {task.name}", "", f"{len(task.y):,} {things}{zeros}. {task.note}".strip(), ""]
    halved = any(task.development[test].any() for folds in task.splits.values() for _, test in folds)
    # Name of a column, and what it shows of the scores on all rows and on those held out.
    columns = {f"MAE ({task.unit})": lambda whole, _: f"{whole.mae:.4g}"}
    if halved:
        columns["held out"] = lambda _, held_out: f"{held_out.mae:.4g}"
    columns["R2"] = lambda whole, _: f"{whole.r2:.3f}"
    head = [f"{title}: {' | '.join(columns)}" for title in task.splits]
    lines += [f"| model | {' | '.join(head)} |", "|---" * (1 + len(columns) * len(head)) + "|"]
    for name in (MEAN, RECIPE, FOREST, MATMINER, SAME, SAME_FOREST, BEST, SECOND, OTHERS):
        pairs = [scores[title, name] for title in task.splits if (title, name) in scores]
        cells = [show(*pair) for pair in pairs for show in columns.values()]
        if cells:
            lines.append(f"| {name.format(preset=task.preset)} | {' | '.join(cells)} |")
    lines.append("")
    if failed:
        lines += [f"matminer failed on {failed} crystals; its missing values count as the column's mean.", ""]
    if coverage:
        lines += [
            f"Intervals of {COVERAGE:.0%}: {coverage[0]:.1%} of the first random fold's test crystals lie "
            f"inside; mean width {coverage[1]:.3g} {task.unit}.",
            "",
        ]
    lines += judge(task, scores)
    return [*lines, "", f"Measured on {date.today()}.", ""]


def sections_of(text: str) -> dict[str, str]:
    """Return what stands under each second heading."""
    return {part.split("\n", 1)[0]: "## " + part.strip() + "\n" for part in text.split("\n## ")[1:]}


def main() -> int:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("sets", nargs="*", help=f"of {', '.join(LOADERS)}; default: all")
    parser.add_argument("--n-jobs", type=int, default=2)
    parser.add_argument("--no-matminer", action="store_true", help="leave matminer out, which takes minutes")
    arguments = parser.parse_args()
    sets = arguments.sets or list(LOADERS)
    if unknown := set(sets) - set(LOADERS):
        parser.error(f"no such set: {', '.join(sorted(unknown))}; there are {', '.join(LOADERS)}")
    folder = require_data_folder()
    sections = sections_of(OUTPUT.read_text(encoding="utf-8")) if OUTPUT.exists() else {}
    lines = ["# Accuracy", "", "Written by `python benchmarks/accuracy.py`.", ""]
    lines += ["```text", describe_environment(), f"seed      {SEED} (folds and models)", "```", "", *LEGEND]
    rows: dict[str, Any] = {}
    joined, names = np.empty((0, 0)), np.empty(0, dtype=object)
    described: Any = None
    failed = 0
    print("\n".join(lines), flush=True)
    for task in load_tasks(folder, sets):
        start = perf_counter()
        if task.crystals is not described:
            # The preset's columns, and behind them those of all families that join it for some target.
            featurizer = CrystalFeaturizer(joined_steps(task.preset), n_jobs=arguments.n_jobs)
            joined, names = featurizer.fit_transform(task.crystals), featurizer.get_feature_names_out()
            width = len(CrystalFeaturizer(task.preset).get_feature_names_out())
            rows = {"preset": joined[:, :width]}
            if task.preset == "composition":
                rows["recipe"] = formula_rows(task.crystals)
            else:
                rows["recipe"] = recipe_rows(task.crystals, arguments.n_jobs)
            if task.name.startswith("mp_sample") and not arguments.no_matminer:
                rows["matminer"], failed = matminer_rows(task.crystals, arguments.n_jobs)
            described = task.crystals
        taken = make_regressor(task.preset, target=task.target)[0].get_feature_names_out()
        rows["best"] = joined[:, np.isin(names, taken)]
        if task.name == "measured band gap":
            rows["second"] = np.column_stack([rows["best"], second_fidelity(folder).transform(task.crystals)])
        if task.name == "ABC3 band gap":
            said = columns_of_others(folder, task, arguments.n_jobs)
            rows["others"] = {
                fold: np.column_stack([rows["best"], columns]) for fold, columns in said.items()
            }
        scores, coverage = measure(task, rows, arguments.n_jobs)
        found = report(task, scores, failed if "matminer" in rows else 0, coverage)
        print("\n".join(found), f"({perf_counter() - start:.0f} s)\n", flush=True)
        # Each time, so that what was measured stands there when a later set is broken off.
        sections[task.name] = "\n".join(found).strip() + "\n"
        OUTPUT.write_text("\n".join(["\n".join(lines).rstrip() + "\n", *sections.values()]), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
