"""Parts that sections are made of: headings, figures, tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from skcrystal.drawing.html import Markup, tag

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["choice", "figure", "section", "table"]


def section(name: str, title: str, *children: Any, lead: str = "") -> Markup:
    """Return a section of the page, which the navigation leads to by its name."""
    heading = tag("h2", title, id=f"{name}-title")
    intro = tag("p", lead, class_="lead") if lead else None
    return tag("section", heading, intro, children, id=name, aria_labelledby=f"{name}-title")


def figure(
    name: str, title: str, caption: Any, label: str, *, wide: bool = False, tall: bool = False
) -> Markup:
    """Return a figure that the script draws from the data of its name.

    Parameters
    ----------
    name : str
    title : str
    caption : str or Markup
        What is seen, below the figure.
    label : str
        The same for readers who do not see it.
    wide : bool, default=False
        Whether it takes the whole width of the page.
    tall : bool, default=False
        Whether it is as high as it is wide.
    """
    classes = " ".join(["figure", *(["wide"] if wide else []), *(["tall"] if tall else [])])
    plot = tag("div", class_="chart", data_figure=name, role="group", aria_label=label)
    return tag("figure", tag("h3", title), plot, tag("figcaption", caption), class_=classes)


def table(
    head: Sequence[Any], rows: Iterable[Sequence[Any]], *, label: str, class_: str = "", numbers: int = 1
) -> Markup:
    """Return a table whose cells from the column `numbers` on hold numbers.

    A row begins with its heading. A cell that is `Markup` of a ``td`` stands as it is.
    """

    def cells(row: Sequence[Any]) -> list[Markup]:
        first = tag("th", row[0], scope="row")
        rest = [
            tag("td", cell, class_="number" if k >= numbers else None) for k, cell in enumerate(row[1:], 1)
        ]
        return [first, *rest]

    top = [
        tag("th", cell, scope="col", class_="number" if k >= numbers else None) for k, cell in enumerate(head)
    ]
    body = [tag("tr", cells(row)) for row in rows]
    inner = tag("table", tag("thead", tag("tr", top)), tag("tbody", body), class_=class_ or None)
    return tag("div", inner, class_="scroll", tabindex="0", role="region", aria_label=label)


def choice(name: str, legend: str, options: Sequence[tuple[str, str]]) -> Markup:
    """Return radio buttons, the first of which is chosen; (value, text) each."""
    buttons = [
        tag("label", tag("input", type="radio", name=name, value=value, checked=not k), tag("span", text))
        for k, (value, text) in enumerate(options)
    ]
    return tag("fieldset", tag("legend", legend), buttons, class_="choice")
