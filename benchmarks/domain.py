"""Whether the score of `DomainOfApplicability` orders the errors of rows that the model has not seen.

    python benchmarks/domain.py [abc3 phonons perovskites sample] [--rows 800] [--elements 4] [--test 1000]

For each set the recommended model is fitted to rows of the first random split's training part, and, for some
elements between the frequent and the rare, to rows without the element. It predicts the test rows of the
split, and the crystals of the element. Rank correlations (Spearman's) are between the score and the absolute
error: on rows of a random split, on crystals of an element that was left out (the mean over the elements),
and on both together, where the score has to tell one kind from the other. With several hundred rows a
correlation of 0.1 is more than chance. Beside them stands the mean error of the fifth of all rows with the
highest scores over that of the fifth with the lowest, and of rows outside the domain over those inside.
"""

from __future__ import annotations

import argparse
import sys
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
from accuracy_sets import SEED, load_tasks, require_data_folder, without_elements
from environment import describe_environment
from scipy.stats import spearmanr

from skcrystal import as_crystals
from skcrystal.models import DomainOfApplicability, make_regressor

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]


# How `accuracy_sets` names the split whose folds leave an element out each.
WITHOUT = "without one element ("


def held_out(task: Any, crystals: Any, cache: Any, split: Any, n_rows: int, n_test: int) -> tuple[Array, ...]:
    """Return scores, absolute errors and whether rows are inside, of test rows of one split."""
    random = np.random.default_rng(SEED)
    train, test = (
        random.permutation(part)[:most] for part, most in zip(split, (n_rows, n_test), strict=True)
    )
    model = make_regressor(target=task.target, random_state=SEED)
    model.set_params(crystalfeaturizer__cache=cache)
    domain = DomainOfApplicability(model, warn=False).fit(crystals[train], task.y[train])
    report = domain.assess(crystals[test])
    errors = np.abs(domain.predict(crystals[test]) - task.y[test])
    return report["score"].to_numpy(), errors, report["inside"].to_numpy(dtype=float)


def measure(task: Any, arguments: argparse.Namespace, cache: Any) -> str:
    """Return a row of the table for one task."""
    crystals = as_crystals(task.crystals)
    known = {name: folds for name, folds in task.splits.items() if name.startswith(WITHOUT)}
    title, folds = next(iter((known or without_elements(task.crystals)).items()))
    elements = title.removeprefix(WITHOUT).rstrip(")").split(", ")
    chosen = np.linspace(0, len(folds) - 1, min(arguments.elements, len(folds))).astype(int).tolist()
    first = next(iter(task.splits.values()))[0]
    at_random = held_out(task, crystals, cache, first, arguments.rows, arguments.test)
    alone = [held_out(task, crystals, cache, folds[k], arguments.rows, arguments.test) for k in chosen]
    scores, errors, inside = (np.concatenate(parts) for parts in zip(at_random, *alone, strict=True))
    fifth = len(scores) // 5
    order = np.argsort(scores, kind="stable")
    ratio = errors[order[-fifth:]].mean() / errors[order[:fifth]].mean()
    outside = errors[inside == 0].mean() / errors[inside == 1].mean() if (inside == 0).any() else np.nan
    by_element = [spearmanr(score, error).statistic for score, error, _ in alone]
    cells = [
        f"{spearmanr(*at_random[:2]).statistic:.2f} of {len(at_random[0])}",
        f"{np.mean(by_element):.2f} ({min(by_element):.2f} to {max(by_element):.2f})",
        f"{spearmanr(scores, errors).statistic:.2f} of {len(scores)}",
        f"{ratio:.1f}",
        f"{outside:.1f} ({np.mean(inside == 0):.0%} outside)",
        ", ".join(elements[k] for k in chosen),
    ]
    return f"| {task.name} | {' | '.join(cells)} |"


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("sets", nargs="*", default=["abc3", "phonons", "perovskites", "sample"])
    parser.add_argument("--rows", type=int, default=800, help="training rows, drawn at random")
    parser.add_argument("--test", type=int, default=1000, help="most test rows of a split")
    parser.add_argument("--elements", type=int, default=4, help="elements that are left out, one at a time")
    parser.add_argument("--cache", help="file that keeps the columns of crystals")
    arguments = parser.parse_args()
    folder = require_data_folder()
    warnings.simplefilter("ignore")
    print(describe_environment(), "\n")
    print(f"{arguments.rows} training rows\n")
    print(
        "| set | rank correlation, random split | element left out, mean (range) | all rows together "
        "| error of the highest fifth over the lowest | outside over inside | elements |\n"
        "|---|---|---|---|---|---|---|"
    )
    for task in load_tasks(folder, arguments.sets):
        print(measure(task, arguments, arguments.cache), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
