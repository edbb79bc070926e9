"""The models beside the mean predictor: scores, learning curve, parity."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from skcrystal.drawing.html import Markup, joined, tag
from skcrystal.report.numbers import compact, shown, with_spread
from skcrystal.report.sections.parts import choice, figure, section, table

if TYPE_CHECKING:
    from skcrystal.models.runs import SplitResult
    from skcrystal.report.view import View

__all__ = ["models_section"]

# Scores of which a larger one is better.
HIGHER = frozenset({"R2", "accuracy", "balanced accuracy"})
NAMES = {"R2": "R²"}


def models_section(view: View) -> tuple[Markup, dict[str, Any]]:
    """Return the section and the data of its figures."""
    run = view.run
    figures: dict[str, Any] = {}
    body: list[Any] = []
    for split in run.splits:
        body += [
            tag("h3", view.title(split)[:1].upper() + view.title(split)[1:]),
            tag("p", f"{split.description}.", class_="fine"),
            _scores(view, split),
        ]
    described = [joined(tag("dt", name), tag("dd", text)) for name, text in run.models.items()]
    body.append(tag("dl", described, class_="models"))
    drawn = []
    if view.labels:
        body += [tag("h3", "Which class is taken for which"), *(_confusion(view, one) for one in run.splits)]
    else:
        names = [name for name in run.models if name in run.splits[0].predictions]
        body.append(tag("h3", "Parity"))
        body.append(choice("model", "Predictions of", [(name, name) for name in names]))
        for k, split in enumerate(run.splits):
            figures[f"parity-{k}"] = {"split": k}
            more = (
                " A click on one of the worst shows its crystal below." if run.structures is not None else ""
            )
            hint = f" The pointer tells id, formula, target and prediction.{more}"
            caption = joined("Points on the line have no error.", tag("span", hint, class_="screen"))
            title = view.title(split)[:1].upper() + view.title(split)[1:]
            label = f"Predicted over true {view.axis} of all that was held out, {view.title(split)}."
            drawn.append(figure(f"parity-{k}", title, caption, label, tall=True))
    if run.learning_curve is not None:
        figures["learning"] = _curve(view)
        drawn.append(_curve_figure(view))
    body.append(tag("div", drawn, class_="grid"))
    if not view.labels:
        body.append(_search(view))
    lead = (
        f"Every {view.noun[0]} is predicted by models that have not seen it. ± is the standard deviation "
        "over the folds; a model that learned nothing scores as the mean."
    )
    return section("models", "The models", body, lead=lead), figures


def _scores(view: View, split: SplitResult) -> Markup:
    scores = view.run.scores(split.name)
    names = list(dict.fromkeys(score.name for score in scores))
    units = {"MAE": view.run.unit, "RMSE": view.run.unit, "MSE": view.run.unit and f"{view.run.unit}²"}
    head = ["model"]
    head += [NAMES.get(name, name) + (f" ({units[name]})" if units.get(name) else "") for name in names]
    best = {
        name: (max if name in HIGHER else min)(score.value for score in scores if score.name == name)
        for name in names
    }
    rows = []
    for model in dict.fromkeys(score.model for score in scores):
        row: list[Any] = [joined(model, tag("small", " saved") if model == view.model else None)]
        for score in (one for one in scores if one.model == model):
            # Shares have the same decimals, however small they are.
            value, spread = with_spread(score.value, score.spread, 3 if score.name in HIGHER else None)
            spread = spread and tag("small", f" ± {spread}")
            row.append(joined(tag("b", value) if score.value == best[score.name] else value, spread))
        rows.append(row)
    return table(head, rows, label=f"Scores, {view.title(split)}", class_="scores")


def _curve(view: View) -> dict[str, Any]:
    curve = view.run.learning_curve
    assert curve is not None
    return {
        "score": curve.score,
        "sizes": curve.sizes.tolist(),
        "models": {
            name: {
                "mean": compact(values.mean(axis=1)),
                "spread": compact(values.std(axis=1, ddof=1 if values.shape[1] > 1 else 0)),
            }
            for name, values in curve.values.items()
        },
    }


def _curve_figure(view: View) -> Markup:
    curve = view.run.learning_curve
    assert curve is not None
    first = next(iter(curve.values.values())).mean(axis=1)
    caption = (
        f"{curve.score} on held-out {view.noun[1]} ({curve.split} folds) by how many were learned from; "
        f"of {view.model}, {shown(float(first[0]))} with {curve.sizes[0]:,} and "
        f"{shown(float(first[-1]))} with {curve.sizes[-1]:,}. Bars: standard deviation over the folds."
    )
    return figure("learning", "Learning curve", caption, f"Learning curve. {caption}", wide=True)


def _confusion(view: View, split: SplitResult) -> Markup:
    classes = view.run.classes
    tested = split.folds >= 0
    true = view.run.y[tested].astype(np.int64)
    guess = split.predictions[view.model][tested].argmax(axis=1)
    counts = np.zeros((len(classes), len(classes)), dtype=np.int64)
    np.add.at(counts, (true, guess), 1)
    head = ["true class", *(f"predicted {name}" for name in classes), "found"]
    rows = [
        [
            name,
            *(tag("b", f"{n:,}") if k == j else f"{n:,}" for j, n in enumerate(counts[k].tolist())),
            f"{counts[k, k] / counts[k].sum():.0%}" if counts[k].sum() else "–",
        ]
        for k, name in enumerate(classes)
    ]
    label = f"Confusion of classes by {view.model}, {view.title(split)}"
    return joined(tag("p", f"{label}.", class_="fine"), table(head, rows, label=label, class_="scores"))


def _search(view: View) -> Markup:
    field = tag(
        "label",
        f"Find {view.noun[1]} by id or formula ",
        tag("input", type="search", id="find", autocomplete="off", placeholder="for example SrTiO3"),
    )
    save = tag("button", "Save all predictions as CSV", type="button", id="save-predictions")
    found = tag("div", id="found", aria_live="polite")
    return tag("div", tag("div", field, save, class_="tools"), found, class_="search screen")
