"""The data: targets, elements, crystal systems, sizes, and what is suspicious."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from skcrystal.drawing.html import Markup, tag
from skcrystal.plots.summaries import CRYSTAL_SYSTEMS
from skcrystal.report.numbers import compact, counted, shown
from skcrystal.report.periodic_table import periodic_table
from skcrystal.report.sections.parts import figure, section

if TYPE_CHECKING:
    from skcrystal.report.view import View

__all__ = ["data_section"]

# More rows, or left out inputs, than these are counted and not listed.
MAX_LISTED = 40

KINDS = {
    "contradiction": "one crystal, different targets",
    "duplicate": "one crystal, several rows",
    "twins": "the same crystal in training and test rows",
    "close_atoms": "atoms that are too close",
    "rare_element": "rare elements",
    "constant_target": "a target that does not vary",
}


def data_section(view: View) -> tuple[Markup, dict[str, Any]]:
    """Return the section and the data of its figures."""
    run = view.run
    present = run.amounts > 0
    rows_with = {z: int(count) for z, count in enumerate(present.sum(axis=0).tolist()) if count}
    figures: dict[str, Any] = {}
    drawn = [_targets(view, figures)]
    if not view.labels:
        label = f"All targets from the least to the largest, one point a crystal, of {view.axis}."
        figures["sorted"] = {}
        drawn.append(
            figure(
                "sorted",
                "Sorted targets",
                "Each point is a crystal, from the least target to the largest.",
                label,
            )
        )
    known = view.systems >= 0
    if known.any():
        counts = np.bincount(view.systems[known], minlength=len(CRYSTAL_SYSTEMS)).tolist()
        figures["systems"] = {"names": list(CRYSTAL_SYSTEMS), "counts": counts}
        label = "Crystals by system: " + ", ".join(
            f"{name} {count}" for name, count in zip(CRYSTAL_SYSTEMS, counts, strict=True) if count
        )
        caption = f"{len(np.unique(run.space_groups[known]))} of the 230 space groups occur."
        drawn.append(figure("systems", "Crystal systems", caption, label))
    if (run.sites > 0).any():
        sizes, counts = np.unique(run.sites[run.sites > 0], return_counts=True)
        figures["sizes"] = {"sizes": sizes.tolist(), "counts": counts.tolist()}
        middle = f"{np.median(run.sites[run.sites > 0]):g}"
        caption = f"Sites in the cells as they were given; {sizes[0]} to {sizes[-1]}, median {middle}."
        drawn.append(figure("sizes", "Sizes", caption, f"Crystals by number of sites: {caption}"))

    table = periodic_table(
        {z: (float(count), counted(count, *view.noun)) for z, count in rows_with.items()},
        label=f"Number of {view.noun[1]} with each element",
        unit=view.noun[1],
        logarithmic=True,
    )
    elements = tag("div", tag("h3", "Elements"), table, class_="figure wide")
    body = [tag("div", drawn, class_="grid"), elements, _remarks(view), _failures(view)]
    lead = f"{counted(len(run), *view.noun)} of {counted(len(rows_with), 'element')}."
    return section("data", "The data", body, lead=lead), figures


def _targets(view: View, figures: dict[str, Any]) -> Markup:
    y = view.run.y
    if view.labels:
        counts = np.bincount(y.astype(np.int64), minlength=len(view.run.classes)).tolist()
        figures["classes"] = {"names": list(view.run.classes), "counts": counts}
        parts = [f"{name}: {count:,}" for name, count in zip(view.run.classes, counts, strict=True)]
        caption = "; ".join(parts)
        return figure("classes", f"Classes of {view.quantity}", caption, f"Crystals by class. {caption}.")
    zeros = int((y == 0).sum()) if view.run.kind == "nonnegative" else 0
    edges = np.histogram_bin_edges(y, bins=min(40, max(8, int(np.sqrt(len(y)) * 1.5))))
    groups = [np.histogram(y[y != 0] if zeros else y, bins=edges)[0]]
    if zeros:
        groups.append(np.histogram(y[y == 0], bins=edges)[0])
    figures["histogram"] = {"edges": compact(edges), "counts": [group.tolist() for group in groups]}
    least, middle, largest = (shown(float(q)) for q in np.quantile(y, [0, 0.5, 1]))
    caption = f"From {least} to {largest}, median {middle}, mean {view.valued(float(y.mean()))}."
    if zeros:
        caption += f" {counted(zeros, *view.noun)} with exactly 0."
    return figure(
        "histogram", f"Distribution of {view.quantity}", caption, f"Histogram of {view.axis}. {caption}"
    )


def _remarks(view: View) -> Markup | None:
    if not view.run.remarks:
        return tag("p", "No duplicate or suspicious row was found.", class_="note good")
    kinds: dict[str, list[Markup]] = {}
    for remark in view.run.remarks:
        rows = [view.run.ids[row] for row in remark.rows[:6]]
        more = len(remark.rows) - len(rows)
        named = ", ".join(rows) + (f" and {more:,} more" if more else "")
        kinds.setdefault(remark.kind, []).append(
            tag("li", remark.text, " ", tag("span", named, class_="ids") if named else None)
        )
    parts = [
        tag(
            "details",
            tag("summary", _named(kind), " ", tag("b", f"({len(items):,})")),
            tag("ul", items[:MAX_LISTED]),
            tag("p", f"… and {len(items) - MAX_LISTED:,} more.") if len(items) > MAX_LISTED else None,
            open=len(items) <= 5,
        )
        for kind, items in kinds.items()
    ]
    return tag("div", tag("h3", "Look at these rows"), parts, class_="note warn")


def _named(kind: str) -> str:
    name = KINDS.get(kind, kind.replace("_", " "))
    return name[:1].upper() + name[1:]


def _failures(view: View) -> Markup | None:
    failures = view.run.failures
    if not failures:
        return None
    items = [tag("li", tag("b", name), ": ", reason) for name, reason in list(failures.items())[:MAX_LISTED]]
    if len(failures) > MAX_LISTED:
        items.append(tag("li", f"… and {len(failures) - MAX_LISTED:,} more."))
    title = tag("h3", f"{counted(len(failures), 'input')} left out")
    return tag("div", title, tag("ul", items), class_="note warn")
