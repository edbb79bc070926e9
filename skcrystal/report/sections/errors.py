"""Where the saved model errs: elements, crystal systems, and the worst crystals with their structures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import gemmi
import numpy as np

from skcrystal.chemistry import elements
from skcrystal.drawing.element_colors import COLORS
from skcrystal.drawing.html import Markup, tag
from skcrystal.drawing.scenes import Scene, scenes_of
from skcrystal.drawing.svg import definitions, radii, reference, view_of
from skcrystal.plots.summaries import CRYSTAL_SYSTEMS, Group, error_by_element, error_by_label
from skcrystal.report.numbers import compact, counted, lowered, shown
from skcrystal.report.periodic_table import periodic_table
from skcrystal.report.sections.parts import choice, figure, section

if TYPE_CHECKING:
    from skcrystal.models.runs import SplitResult
    from skcrystal.report.view import View

__all__ = ["errors_section"]

# The mean over fewer crystals says little about an element.
MIN_ROWS = 3


def errors_section(view: View) -> tuple[Markup, dict[str, Any]]:
    """Return the section and the data of its figures."""
    run = view.run
    split = run.splits[0]
    errors = view.errors(split)
    figures: dict[str, Any] = {}
    many = view.noun[1]
    groups = [group for group in error_by_element(errors, run.amounts) if group.size >= MIN_ROWS]
    groups.sort(key=lambda group: -group.mean)
    drawn: list[Any] = []
    if groups:
        figures["error-elements"] = _bars(groups[:30]) | {"overall": compact([np.nanmean(errors)])[0]}
        worst = ", ".join(f"{group.name} {view.amount(group.mean)}" for group in groups[:3])
        few = ", the 30 largest errors" if len(groups) > 30 else ""
        caption = (
            f"Elements of at least {MIN_ROWS} {many}{few}. Line: mean over all {many}. Bars: standard error."
        )
        label = f"Error by element; the largest: {worst}."
        drawn.append(figure("error-elements", "Error by element", caption, label, wide=True))
    systems = error_by_label(errors, view.systems, CRYSTAL_SYSTEMS)
    body: list[Any] = [tag("div", drawn, class_="grid")]
    if groups:
        z = {symbol: k for k, symbol in enumerate(elements.symbols())}
        values = {
            z[one.name]: (one.mean, f"{view.amount(one.mean)}, {counted(one.size, *view.noun)}")
            for one in groups
        }
        label = "Error of the crystals with each element"
        chart = periodic_table(values, label=label, unit=view.error_axis, warm=True)
        body.append(tag("div", tag("h3", "The same on the periodic table"), chart, class_="figure wide"))
    second: list[Any] = []
    if systems:
        figures["error-systems"] = _bars(systems) | {"overall": compact([np.nanmean(errors)])[0]}
        words = ", ".join(f"{group.name} {view.amount(group.mean)}" for group in systems)
        caption = f"Line: mean over all {many}. Bars: standard error. The number of {many} is in brackets."
        second.append(
            figure("error-systems", "Error by crystal system", caption, f"Error by crystal system: {words}.")
        )
    if not view.labels:
        signed = (split.predictions[view.model] - run.y)[np.isfinite(errors)]
        counts, edges = np.histogram(signed, bins=min(40, max(8, int(np.sqrt(len(signed)) * 1.5))))
        figures["residuals"] = {"edges": compact(edges), "counts": counts.tolist()}
        low, middle, high = (shown(float(q)) for q in np.quantile(signed, [0.05, 0.5, 0.95]))
        caption = (
            f"Half of the errors are below {middle}; nine in ten lie between {low} and {high} {run.unit}."
        )
        second.append(
            figure("residuals", "Errors with their sign", caption, f"Histogram of errors. {caption}")
        )
    body.append(tag("div", second, class_="grid"))
    worst_part, scenes = _worst(view)
    body.append(worst_part)
    lead = f"Errors of {view.model} on held-out {many}, {view.title(split)}: {view.error_axis}."
    if scenes:
        figures["scenes"] = scenes
    return section("errors", "Where it errs", body, lead=lead), figures


def _bars(groups: list[Group]) -> dict[str, Any]:
    return {
        "names": [group.name for group in groups],
        "counts": [group.size for group in groups],
        "means": compact([group.mean for group in groups]),
        "spreads": compact([group.uncertainty for group in groups]),
    }


def _worst(view: View) -> tuple[Markup, dict[str, Any]]:
    """Return the tables of the worst crystals and, by row, what the viewer draws of them."""
    run = view.run
    scenes: dict[int, Scene] = {}
    lists = [view.worst(split) for split in run.splits]
    if run.structures is not None:
        drawn = np.isin(run.shown, np.concatenate(lists))
        structures = run.structures[np.flatnonzero(drawn)]
        found = scenes_of(structures, structures.bonds())
        scenes = dict(zip(run.shown[drawn].tolist(), found, strict=True))
    tables = [
        tag(
            "table",
            tag("caption", f"Largest errors, {view.title(split)}", class_="paper"),
            tag("thead", tag("tr", [tag("th", one, scope="col") for one in _head(view, bool(scenes))])),
            tag("tbody", [_row(view, split, int(row), scenes.get(int(row))) for row in rows]),
            class_="worst",
            data_split=k,
            hidden=bool(k),
        )
        for k, (split, rows) in enumerate(zip(run.splits, lists, strict=True))
    ]
    options = [(str(k), view.title(split)) for k, split in enumerate(run.splits)]
    pick = choice("worst", "Held out by", options) if len(options) > 1 else None
    title = tag("h3", f"The {len(lists[0])} worst", id="worst")
    if not scenes:
        return tag("div", title, pick, tables), {}
    viewer = tag(
        "aside",
        tag("p", "Choose a crystal", id="viewer-title", aria_live="polite"),
        tag(
            "div",
            id="viewer",
            tabindex="0",
            role="application",
            aria_label="Crystal in three dimensions: arrow keys turn it, plus and minus change its size",
        ),
        tag("div", id="viewer-legend"),
        tag(
            "div",
            tag("button", "Previous", type="button", data_step="-1"),
            tag("button", "Next", type="button", data_step="1"),
            tag("button", "Turn", type="button", id="spin", aria_pressed="false"),
            class_="tools",
        ),
        class_="viewer screen",
        aria_label="Viewer of crystals",
    )
    numbers = {int(n) for scene in scenes.values() for n in scene.numbers}
    body = tag("div", tag("div", tables), viewer, class_="worst-grid")
    data = {
        "colors": {elements.symbols()[n]: COLORS[n] for n in sorted(numbers)},
        "radii": {elements.symbols()[n]: compact(radii(np.array([n])), 3)[0] for n in sorted(numbers)},
        "crystals": {str(row): _scene_data(scene) for row, scene in scenes.items()},
    }
    return tag(
        "div", title, pick, definitions({str(row): scene for row, scene in scenes.items()}), body
    ), data


def _head(view: View, pictures: bool) -> list[str]:
    head = ["crystal", "target", "predicted", "error"]
    return ["structure", *head] if pictures else head


def _row(view: View, split: SplitResult, row: int, scene: Scene | None) -> Markup:
    run = view.run
    found = split.predictions[view.model][row]
    predicted = float(found.argmax()) if view.labels else float(found)
    group = int(run.space_groups[row])
    symbol = gemmi.SpaceGroup(group).short_name() if group else ""
    about = [
        tag("b", lowered(run.formulas[row])),
        tag("span", run.ids[row], class_="ids"),
        tag("small", f"{symbol} ({group})") if group else None,
    ]
    between = None
    if np.isfinite(split.low[row] + split.high[row]):
        between = tag(
            "small", f"{view.number(float(split.low[row]))} to {view.number(float(split.high[row]))}"
        )
    error = float(view.errors(split)[row])
    wrong = shown(error) if view.labels else view.valued(error)
    cells = [
        tag("td", tag("div", about, class_="about")),
        tag("td", view.valued(float(run.y[row])), data_label="target"),
        tag("td", view.valued(predicted), between, data_label="predicted"),
        tag("td", tag("b", wrong), data_label="error"),
    ]
    if scene is not None:
        drawing = reference(str(row), f"Cell of {run.formulas[row]}")
        name = f"Show {run.formulas[row]}, {run.ids[row]}, in three dimensions"
        button = tag("button", drawing, type="button", class_="picture", data_row=row, aria_label=name)
        cells.insert(0, tag("td", button))
    elif run.structures is not None:
        cells.insert(0, tag("td"))
    return tag("tr", cells)


def _scene_data(scene: Scene) -> dict[str, Any]:
    turn = view_of(scene.lattice) * np.array([1.0, -1.0, 1.0])
    return {
        # As the drawing shows them: x to the right, y upwards, z towards the reader.
        "cell": compact(scene.lattice @ turn),
        "elements": [elements.symbols()[n] for n in scene.numbers.tolist()],
        "names": scene.names,
        "places": compact(scene.places @ turn),
        "bonds": scene.bonds.ravel().tolist(),
    }
