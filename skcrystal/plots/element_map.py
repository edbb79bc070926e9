"""The periodic table as a map in a figure, and `ElementCountDisplay`, the crystals of each element."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np

from skcrystal.chemistry import elements
from skcrystal.plots.display import Display

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from skcrystal.models.runs import TrainingRun

__all__ = ["ElementCountDisplay", "draw_map", "place_of"]


def place_of(z: int) -> tuple[int, int]:
    """Return row and column of an element, from 1; lanthanides and actinides stand below, in rows 9 and 10.

    Examples
    --------
    >>> place_of(1), place_of(26), place_of(57)
    ((1, 1), (4, 8), (9, 3))
    """
    for first, row in ((57, 9), (89, 10)):
        if first <= z < first + 15:
            return row, z - first + 3
    row, group = elements.property_table(["row", "group"])[z].tolist()
    return int(row), int(group)


def draw_map(ax: Axes, values: Mapping[int, float], label: str, *, logarithmic: bool = False) -> None:
    """Draw the table with a colour for each element of a value, by atomic number."""
    from matplotlib import colormaps
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import LogNorm, Normalize
    from matplotlib.patches import Rectangle

    low, high = (min(values.values()), max(values.values())) if values else (0.0, 1.0)
    norm = LogNorm(low, high) if logarithmic and high > low else Normalize(low, high)
    colors = colormaps["cividis"]
    for z in range(1, elements.MAX_ATOMIC_NUMBER + 1):
        row, column = place_of(z)
        color: Any = "none"
        ink = "#6E6E6E"
        if z in values:
            color = colors(norm(values[z]))
            ink = "white" if float(norm(values[z])) < 0.55 else "black"
        corner = (column - 0.46, row - 0.46)
        ax.add_patch(Rectangle(corner, 0.92, 0.92, facecolor=color, edgecolor="#CCCCCC", lw=0.5))
        ax.text(column, row, elements.symbols()[z], ha="center", va="center", color=ink, fontsize=7.5)
    ax.set(xlim=(0.4, 18.6), ylim=(10.6, 0.4), aspect="equal")
    ax.set_axis_off()
    bar = ax.inset_axes((0.2, 0.9, 0.42, 0.035))
    ax.figure.colorbar(ScalarMappable(norm, colors), cax=bar, orientation="horizontal", label=label)


class ElementCountDisplay(Display):
    """How many crystals hold each element, on the periodic table.

    Parameters
    ----------
    amounts : ndarray of shape (n_samples, 119)
        Atoms of each element, by atomic number.

    Examples
    --------
    >>> from skcrystal.plots import ElementCountDisplay
    >>> display = ElementCountDisplay.from_crystals(["MgO", "CaO", "O2"])
    >>> display.counts[8], display.counts[12]
    (3, 1)
    """

    size = (7.6, 4.4)

    def __init__(self, amounts: NDArray[np.float64]) -> None:
        counts = (np.asarray(amounts) > 0).sum(axis=0)
        #: Atomic number -> number of crystals, of the elements that occur.
        self.counts = {z: int(n) for z, n in enumerate(counts.tolist()) if z and n}

    @classmethod
    def from_crystals(cls, X: Any, *, ax: Axes | None = None) -> Self:
        """Draw crystals or formulas: anything that :func:`skcrystal.as_compositions` takes."""
        from skcrystal.inputs import as_compositions

        return cls(as_compositions(X).element_amounts).plot(ax)

    @classmethod
    def from_run(cls, run: TrainingRun, *, ax: Axes | None = None) -> Self:
        """Draw the crystals of a training run."""
        return cls(run.amounts).plot(ax)

    def _draw(self, ax: Axes) -> None:
        draw_map(ax, {z: float(n) for z, n in self.counts.items()}, "crystals", logarithmic=True)
