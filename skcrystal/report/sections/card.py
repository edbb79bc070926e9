"""The model card: data, versions, seed, parameters, intended use and limits."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from skcrystal.drawing.html import Markup, tag
from skcrystal.report.sections.parts import section, table

if TYPE_CHECKING:
    from skcrystal.report.view import View

__all__ = ["card_section"]

# These come first and in this order, and whatever else the card holds follows.
TITLES = {
    "intended_use": "Intended use",
    "limits": "Limits",
    "data": "Data",
    "seed": "Seed",
    "command": "Made by",
    "versions": "Versions",
    "parameters": "Parameters of the model",
    "columns": "Columns",
}

# Longer tables and texts are folded.
MAX_OPEN = 12


def card_section(view: View) -> Markup:
    """Return the section."""
    card = view.run.card
    order = [*(name for name in TITLES if name in card), *(name for name in card if name not in TITLES)]
    parts = []
    for name in order:
        if card[name] in ("", None):
            continue
        title = TITLES.get(name, name.replace("_", " ").capitalize())
        content, lines = _content(title, card[name])
        if lines > MAX_OPEN:
            content = tag("details", tag("summary", f"{lines:,} entries"), content)
        parts.append(tag("div", tag("h3", title), content, class_="card-part"))
    lead = "What one has to know to use the model, to repeat the run, and to know where it ends."
    return section("card", "Model card", tag("div", parts, class_="card"), lead=lead)


def _content(title: str, value: Any) -> tuple[Markup, int]:
    """Return a value of the card, and the number of its lines."""
    if isinstance(value, Mapping):
        rows = [[key, tag("code", _text(one))] for key, one in value.items()]
        return table(["name", "value"], rows, label=title, class_="plain", numbers=9), len(rows)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return tag("ul", [tag("li", _text(one)) for one in value]), len(value)
    element = "code" if title == TITLES["command"] else "p"
    return tag(element, _text(value)), 1


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
