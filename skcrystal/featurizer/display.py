"""How a featurizer shows itself in scikit-learn's diagrams: its steps in a table, one below the other."""

from __future__ import annotations

from typing import Any, NamedTuple

from skcrystal.drawing.html import Markup, tag
from skcrystal.featurizer.transformer_columns import as_descriptor

__all__ = ["ShownParameters", "visual_block"]

# Featurizers come as Any: their class uses this file, and not the other way round.


class Step(NamedTuple):
    """A step as it is shown: name, class, number of columns, and address of its page, if known."""

    name: str
    kind: str
    columns: int | None
    page: str


class ShownParameters:
    """What is seen where a featurizer's box is opened: steps, and behind them the parameters.

    Parameters
    ----------
    featurizer : CrystalFeaturizer
    parameters : object
        What scikit-learn shows of them.
    """

    def __init__(self, featurizer: Any, parameters: Any) -> None:
        self._featurizer = featurizer
        self._parameters = parameters

    def _repr_html_inner(self) -> str:
        steps, mistake = steps_of(self._featurizer)
        rest: str = self._parameters._repr_html_inner()
        return f"{_table(steps, mistake)}{rest}"


def steps_of(featurizer: Any) -> tuple[list[Step], str]:
    """Return the steps, and what is wrong with the parameters; with a mistake no columns are counted."""
    pairs = [entry for entry in featurizer._steps if isinstance(entry, tuple) and len(entry) == 2]
    counts: list[int | None] = [None] * len(pairs)
    mistake = ""
    try:
        featurizer.fit()
        counts = [0 if step == "drop" else _width(step) for _, step in pairs]
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        # Of parameters, or of a transformer of the user's: what cannot compute can still be looked at.
        mistake = str(error)
    steps = []
    for (name, step), count in zip(pairs, counts, strict=True):
        page = step._get_doc_link() if hasattr(step, "_get_doc_link") else ""
        steps.append(Step(str(name), step if isinstance(step, str) else type(step).__name__, count, page))
    return steps, mistake


def _width(step: Any) -> int:
    return len(as_descriptor(step).get_feature_names_out())


def visual_block(featurizer: Any) -> Any:
    """Return the box of a diagram: one alone, since a box for each step would not fit on a page."""
    from sklearn.pipeline import FeatureUnion

    # scikit-learn makes the object; its class has another place in each version.
    block = FeatureUnion([("none", "drop")])._sk_visual_block_()
    steps, mistake = steps_of(featurizer)
    block.kind, block.estimators = "single", featurizer
    block.names = type(featurizer).__name__
    block.name_caption = _caption(steps, mistake)
    # What versions show that have no table of parameters.
    block.name_details = "\n".join([_caption(steps, mistake), *(_line(step) for step in steps)])
    return block


def _caption(steps: list[Step], mistake: str) -> str:
    if mistake:
        return "parameters that cannot be used"
    shown = [step for step in steps if step.kind != "drop"]
    total = sum(step.columns or 0 for step in shown)
    return f"{len(shown)} step{'' if len(shown) == 1 else 's'}, {total:,} columns"


def _line(step: Step) -> str:
    return f"{step.name}: {step.kind}" + ("" if step.columns is None else f", {step.columns:,} columns")


def _table(steps: list[Step], mistake: str) -> Markup:
    rows = [
        tag(
            "tr",
            tag("td", step.name),
            tag("td", tag("a", step.kind, href=step.page, target="_blank", rel="noreferrer"))
            if step.page
            else tag("td", step.kind),
            tag("td", "–" if step.columns is None else f"{step.columns:,}", style="text-align: right"),
        )
        for step in steps
    ]
    head = tag("tr", [tag("th", name) for name in ("step", "descriptor", "columns")])
    says = tag("p", mistake, style="max-width: 40em; white-space: normal") if mistake else None
    table = tag("table", tag("thead", head), tag("tbody", rows), style="margin: 0.5em")
    return tag("div", says, table, class_="estimator-table")
