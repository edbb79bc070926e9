"""`TargetDisplay`: how targets are distributed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import numpy as np

from skcrystal.plots.display import BLUE, GREY, Display, labelled, vector

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike

    from skcrystal.models.runs import TrainingRun

__all__ = ["TargetDisplay"]

KINDS = ("histogram", "sorted")


class TargetDisplay(Display):
    """Targets as a histogram in bins of equal width, or sorted, one point a crystal.

    Exact zeros have a colour of their own: of band gaps they are the metals.

    Parameters
    ----------
    values : array-like of shape (n_samples,)
    kind : {"histogram", "sorted"}, default="histogram"
    quantity, unit : str
        For the label of the axis.
    zeros : str, default="exactly 0"
        What the values of exactly zero are called.
    bins : int, default=40
        Number of bins between 0 (or the least value, if negative) and the largest value.

    Examples
    --------
    >>> from skcrystal.plots import TargetDisplay
    >>> display = TargetDisplay.from_targets([0.0, 0.0, 1.1, 1.4], quantity="band gap", unit="eV")
    >>> display.ax_.get_xlabel()
    'band gap (eV)'
    """

    def __init__(
        self,
        values: ArrayLike,
        *,
        kind: str = "histogram",
        quantity: str = "target",
        unit: str = "",
        zeros: str = "exactly 0",
        bins: int = 40,
    ) -> None:
        if kind not in KINDS:
            raise ValueError(f"kind is 'histogram' or 'sorted', and {kind!r} was given")
        self.values = vector(values, "values")
        self.kind = kind
        self.quantity = quantity
        self.unit = unit
        self.zeros = zeros
        self.bins = bins

    @classmethod
    def from_targets(
        cls,
        y: ArrayLike,
        *,
        kind: str = "histogram",
        quantity: str = "target",
        unit: str = "",
        zeros: str = "exactly 0",
        bins: int = 40,
        ax: Axes | None = None,
    ) -> Self:
        """Draw targets.

        Parameters
        ----------
        y : array-like of shape (n_samples,)
        kind, quantity, unit, zeros, bins
            As of the class.
        ax : matplotlib Axes, default=None
            Where to draw; None makes a new figure.

        Returns
        -------
        TargetDisplay
        """
        return cls(y, kind=kind, quantity=quantity, unit=unit, zeros=zeros, bins=bins).plot(ax)

    @classmethod
    def from_run(cls, run: TrainingRun, *, kind: str = "histogram", ax: Axes | None = None) -> Self:
        """Draw the targets of a training run; the parameters are those of :meth:`from_targets`."""
        return cls.from_targets(run.y, kind=kind, quantity=run.target.replace("_", " "), unit=run.unit, ax=ax)

    def _draw(self, ax: Axes) -> None:
        zero = self.values == 0
        other, none = f"{np.sum(~zero)} not 0" if zero.any() else "", f"{np.sum(zero)} {self.zeros}"
        if self.kind == "histogram":
            low, high = min(0.0, float(self.values.min())), float(self.values.max())
            edges = np.histogram_bin_edges(self.values, bins=self.bins, range=(low, high))
            groups, colors, labels = [self.values[~zero]], [BLUE], [other]
            if zero.any():
                groups, colors = [self.values[zero], *groups], [GREY, *colors]
                labels = [none, other]
            ax.hist(groups, bins=edges.tolist(), stacked=True, color=colors, label=labels, ec="white", lw=0.4)
            ax.set(xlabel=labelled(self.quantity, self.unit), ylabel="number of crystals")
        else:
            values = np.sort(self.values)
            rank, zero = np.arange(1, len(values) + 1), values == 0
            ax.plot(rank[~zero], values[~zero], ".", color=BLUE, ms=4, label=other)
            if zero.any():
                ax.plot(rank[zero], values[zero], ".", color=GREY, ms=4, label=none)
            ax.set(xlabel="crystals, in order", ylabel=labelled(self.quantity, self.unit))
        if zero.any():
            ax.legend(frameon=False, loc="upper left" if self.kind == "sorted" else "best", markerscale=2)
        ax.margins(x=0.01)
