"""The periodic table as a map: a colour for each element."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from skcrystal.chemistry import elements
from skcrystal.drawing.html import Markup, joined, tag
from skcrystal.plots.element_map import place_of
from skcrystal.report.numbers import shown

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["periodic_table"]

# Light to dark in one hue, which colour-blind readers can order; black or white can be read on each.
BLUES = ("#E3EEF6", "#C2DAEC", "#93C0DF", "#5B9FCB", "#2C7BB0", "#0B5A92", "#083F6B")
ORANGES = ("#FCEBDD", "#F8D0B0", "#F2AC7A", "#E4854A", "#C8602A", "#A04514", "#73300C")


def periodic_table(
    values: Mapping[int, tuple[float, str]],
    *,
    label: str,
    unit: str,
    logarithmic: bool = False,
    warm: bool = False,
) -> Markup:
    """Return the table as a grid of cells; elements without a value are empty.

    Parameters
    ----------
    values : mapping of int to (float, str)
        Atomic number -> value, and what it is in words.
    label : str
        What is shown, for readers who do not see it.
    unit : str
        Of the values, for the legend.
    logarithmic : bool, default=False
        Whether steps of colour are factors.
    warm : bool, default=False
        Orange in place of blue.
    """
    scale = ORANGES if warm else BLUES
    numbers = [value for value, _ in values.values()]
    low, high = (min(numbers), max(numbers)) if numbers else (0.0, 1.0)
    cells = []
    for z in range(1, elements.MAX_ATOMIC_NUMBER + 1):
        row, column = place_of(z)
        symbol = elements.symbols()[z]
        place = f"grid-row:{row};grid-column:{column}"
        if z not in values:
            cells.append(tag("div", tag("b", symbol), class_="absent", style=place, aria_hidden="true"))
            continue
        value, words = values[z]
        step = _step(value, low, high, logarithmic, len(scale))
        style = f"{place};background:{scale[step]};color:{_ink(scale[step])}"
        small = tag("small", shown(value, 2) if not value.is_integer() else f"{int(value)}")
        cells.append(
            tag("div", tag("b", symbol), small, style=style, role="listitem", title=f"{symbol}: {words}")
        )
    bar = [tag("i", style=f"background:{color}") for color in scale]
    ends = (f"{int(low):,}", f"{int(high):,}") if logarithmic else (shown(low, 2), shown(high, 2))
    legend = tag("div", ends[0], tag("span", bar, aria_hidden="true"), f"{ends[1]} {unit}", class_="legend")
    listed = "; ".join(f"{elements.symbols()[z]} {words}" for z, (_, words) in values.items())
    words = tag("details", tag("summary", "As a list"), tag("p", listed), class_="fine screen")
    return joined(tag("div", cells, class_="elements", role="list", aria_label=label), legend, words)


def _ink(color: str) -> str:
    """Return black or white, whichever stands out more by WCAG's measure of contrast."""
    parts = np.array([int(color[k : k + 2], 16) for k in (1, 3, 5)]) / 255
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    light = float(linear @ [0.2126, 0.7152, 0.0722])
    return "#fff" if 1.05 / (light + 0.05) > (light + 0.05) / 0.05 else "#000"


def _step(value: float, low: float, high: float, logarithmic: bool, steps: int) -> int:
    """Return which colour of a scale stands for a value."""
    if high <= low:
        return steps // 2
    if logarithmic:
        value, low, high = math.log(value), math.log(low), math.log(high)
    return min(steps - 1, int(steps * (value - low) / (high - low)))
