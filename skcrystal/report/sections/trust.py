"""How far to trust a prediction: importance, intervals, domain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from skcrystal.drawing.html import Markup, tag
from skcrystal.plots.summaries import coverage_by_prediction
from skcrystal.report.numbers import compact, counted, shown
from skcrystal.report.sections.parts import figure, section

if TYPE_CHECKING:
    from skcrystal.report.view import View

__all__ = ["trust_section"]


def trust_section(view: View) -> tuple[Markup, dict[str, Any]] | None:
    """Return the section and the data of its figures; None where the run measured none of it."""
    figures: dict[str, Any] = {}
    drawn = [part(view, figures) for part in (_importance, _coverage, _domain)]
    if not any(drawn):
        return None
    body = tag("div", [one for one in drawn if one is not None], class_="grid")
    lead = "What the predictions rest on, how honest their intervals are, and where the data ends."
    return section("trust", "What to trust", body, lead=lead), figures


def _importance(view: View, figures: dict[str, Any]) -> Markup | None:
    run = view.run
    if not run.importance:
        return None
    families = sorted(run.importance.items(), key=lambda item: float(item[1].mean()))
    figures["importance"] = {
        "names": [name.replace("_", " ") for name, _ in families],
        "means": compact([values.mean() for _, values in families]),
        "repeats": [compact(values) for _, values in families],
        "score": run.importance_score,
    }
    best = ", ".join(
        f"{name.replace('_', ' ')} {shown(float(values.mean()))}" for name, values in families[-3:][::-1]
    )
    caption = (
        f"By how much {run.importance_score} gets worse without each family of columns, on rows not seen."
    )
    return figure("importance", "Importance by family", caption, f"{caption} The largest: {best}.")


def _coverage(view: View, figures: dict[str, Any]) -> Markup | None:
    run = view.run
    measured = [split for split in run.splits if np.isfinite(run.inside(split.name))]
    if view.labels or not measured:
        return None
    figures["coverage"] = {
        "wanted": run.coverage,
        "splits": [
            {
                "name": view.title(split),
                "groups": [
                    {
                        "low": compact([group.low])[0],
                        "high": compact([group.high])[0],
                        "count": group.size,
                        "inside": compact([group.inside])[0],
                        "below": compact([group.uncertain_low])[0],
                        "above": compact([group.uncertain_high])[0],
                        "width": compact([group.width])[0],
                    }
                    for group in coverage_by_prediction(
                        run.y, split.predictions[view.model], split.low, split.high
                    )
                ],
            }
            for split in measured
        ],
    }
    inside = "; ".join(f"{view.title(split)} {run.inside(split.name):.1%}" for split in measured)
    caption = (
        f"Intervals made to hold {run.coverage:.0%} of the true values hold: {inside}. Each point is a group "
        f"of {view.noun[1]} with alike predictions; bars: 95 % confidence."
    )
    return figure("coverage", "Do the intervals hold?", caption, caption)


def _domain(view: View, figures: dict[str, Any]) -> Markup | None:
    run = view.run
    split = run.splits[0]
    errors = view.errors(split)
    known = np.isfinite(run.domain) & np.isfinite(errors)
    if not known.any():
        return None
    outside = known & (run.domain > 1)
    inside = known & ~outside
    figures["domain"] = {"error": compact(np.where(known, errors, np.nan))}
    means = [
        f"{counted(int(rows.sum()), *view.noun)} {words} with a mean error of "
        f"{view.amount(float(errors[rows].mean()))}"
        for rows, words in ((inside, "inside"), (outside, "outside"))
        if rows.any()
    ]
    caption = f"{'; '.join(means)}. Distance: {run.domain_description}."
    return figure("domain", "Domain of the training data", caption, caption, wide=True)
