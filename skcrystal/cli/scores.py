"""Scores of a training run as lines of text."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from skcrystal.models import TrainingRun
    from skcrystal.models.scores import Score

__all__ = ["aligned", "score_lines"]


def score_lines(run: TrainingRun) -> list[str]:
    """Return a table for each split: a line for each model, with the spread over the folds."""
    units = {"MAE": run.unit, "RMSE": run.unit, "MSE": f"{run.unit}^2" if run.unit else ""}
    lines = []
    for split in run.splits:
        scores = run.scores(split.name)
        names = list(dict.fromkeys(score.name for score in scores))
        head = ["", *(f"{name} ({units[name]})" if units.get(name) else name for name in names)]
        rows = [
            [model, *(_with_spread(one) for one in scores if one.model == model)]
            for model in split.predictions
        ]
        lines += ["", split.description, *aligned([head, *rows])]
        if run.kind != "classes":
            share = run.inside(split.name)
            held = f"{100 * share:.0f} %" if share == share else "an unknown share"
            lines.append(f"{held} of the targets lie in their {100 * run.coverage:.0f} % intervals")
    return lines


def _with_spread(score: Score) -> str:
    # A fold of one target value alone has no R2.
    return f"{score.value:.3f}" + (f" ± {score.spread:.3f}" if isfinite(score.spread) else "")


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return rows as lines, the first column to the left and the others to the right."""
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
    return [
        "  ".join(
            cell.rjust(width) if k else cell.ljust(width)
            for k, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
