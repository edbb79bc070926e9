"""`Display`: what all figures share, in the shape of scikit-learn's."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import ArrayLike, NDArray

__all__ = ["BLUE", "COLORS", "GREY", "VERMILION", "Display", "labelled", "same_length", "vector"]

# Okabe and Ito's colours stay apart for colour-blind readers.
COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00")
BLUE, VERMILION = COLORS[:2]
GREY = "#6E6E6E"


class Display:
    """A figure that can be drawn again, on other axes.

    As in scikit-learn, the class methods compute and draw, and the object holds what was computed. Without
    axes it draws on a new figure that pyplot does not know, so that nothing stays open and no screen is
    needed; a notebook shows it where it is the last line of a cell.

    Attributes
    ----------
    ax_ : matplotlib Axes
    figure_ : matplotlib Figure
        ``figure_.savefig("figure.svg")`` writes it, as PNG by that suffix.
    """

    #: Inches.
    size: ClassVar[tuple[float, float]] = (6.4, 4.0)

    ax_: Axes
    figure_: Figure

    def plot(self, ax: Axes | None = None) -> Self:
        """Draw it.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw; None makes a new figure.

        Returns
        -------
        Display
            The object itself, with `ax_` and `figure_`.
        """
        if ax is None:
            from matplotlib.figure import Figure

            ax = Figure(figsize=self._size(), dpi=150, layout="constrained").add_subplot()
        self.ax_ = ax
        figure: Any = ax.figure
        self.figure_ = figure
        ax.spines[["top", "right"]].set_visible(False)
        ax.grid(color="#E4E4E4", lw=0.6)
        ax.set_axisbelow(True)
        self._draw(ax)
        return self

    def _draw(self, ax: Axes) -> None:
        raise NotImplementedError

    def _size(self) -> tuple[float, float]:
        return self.size

    def _repr_png_(self) -> bytes | None:
        """Return the figure for a notebook, unless pyplot shows it already."""
        if not hasattr(self, "figure_") or hasattr(self.figure_, "number"):
            return None
        buffer = io.BytesIO()
        self.figure_.savefig(buffer, format="png")
        return buffer.getvalue()


def labelled(quantity: str, unit: str) -> str:
    """Return a quantity with its unit, for an axis.

    Examples
    --------
    >>> labelled("band gap", "eV"), labelled("target", "")
    ('band gap (eV)', 'target')
    """
    return f"{quantity} ({unit})" if unit else quantity


def vector(values: ArrayLike, name: str) -> NDArray[np.float64]:
    """Return the values as a vector; refuse what cannot be drawn."""
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 1 or len(array) == 0 or not np.isfinite(array).all():
        raise ValueError(
            f"{name} is one finite number per crystal, and at least one, not shape {array.shape}"
        )
    return array


def same_length(**arrays: NDArray[Any]) -> None:
    """Refuse arrays of different lengths; a name is that of the argument."""
    if len({len(array) for array in arrays.values()}) > 1:
        told = ", ".join(f"{name} has {len(array)}" for name, array in arrays.items())
        raise ValueError(f"{told} values; give one of each per crystal")
