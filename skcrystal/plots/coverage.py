"""`IntervalCoverageDisplay`: how often intervals hold the true values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np

from skcrystal.plots.display import BLUE, GREY, Display, labelled, same_length, vector
from skcrystal.plots.summaries import coverage_by_prediction

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike

    from skcrystal.models.runs import TrainingRun

__all__ = ["IntervalCoverageDisplay"]


class IntervalCoverageDisplay(Display):
    """The share of true values inside their intervals, in groups of crystals with alike predictions.

    Honest intervals lie on the line; bars are where the share of all such crystals lies with 95 %
    probability.

    Parameters
    ----------
    y_true, y_pred, low, high : array-like of shape (n_samples,)
        Targets, predictions, and the ends of the intervals.
    coverage : float, default=0.9
        The share that the intervals are made for.
    quantity, unit : str
        For the label of the axis.
    n_groups : int, default=8

    Examples
    --------
    >>> import numpy as np
    >>> from skcrystal.plots import IntervalCoverageDisplay
    >>> y = np.linspace(0, 4, 80)
    >>> display = IntervalCoverageDisplay.from_predictions(y, y, y - 1, y + 1, coverage=0.9)
    >>> display.inside, len(display.groups)
    (1.0, 8)
    """

    def __init__(
        self,
        y_true: ArrayLike,
        y_pred: ArrayLike,
        low: ArrayLike,
        high: ArrayLike,
        *,
        coverage: float = 0.9,
        quantity: str = "target",
        unit: str = "",
        n_groups: int = 8,
    ) -> None:
        true, predicted = vector(y_true, "y_true"), vector(y_pred, "y_pred")
        below, above = vector(low, "low"), vector(high, "high")
        same_length(y_true=true, y_pred=predicted, low=below, high=above)
        self.groups = coverage_by_prediction(true, predicted, below, above, n_groups)
        #: Share of all true values that are inside.
        self.inside = float(((below <= true) & (true <= above)).mean())
        self.coverage = coverage
        self.quantity = quantity
        self.unit = unit

    @classmethod
    def from_predictions(
        cls,
        y_true: ArrayLike,
        y_pred: ArrayLike,
        low: ArrayLike,
        high: ArrayLike,
        *,
        coverage: float = 0.9,
        quantity: str = "target",
        unit: str = "",
        n_groups: int = 8,
        ax: Axes | None = None,
    ) -> Self:
        """Draw intervals; the parameters are those of the class, and `ax` where to draw."""
        found = cls(
            *(y_true, y_pred, low, high), coverage=coverage, quantity=quantity, unit=unit, n_groups=n_groups
        )
        return found.plot(ax)

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        y: ArrayLike,
        *,
        coverage: float = 0.9,
        quantity: str = "target",
        unit: str = "",
        n_groups: int = 8,
        ax: Axes | None = None,
    ) -> Self:
        """Draw the intervals of a fitted model, of crystals that it has not seen.

        Parameters
        ----------
        estimator : estimator
            With ``predict`` and ``predict_interval``, as :class:`~skcrystal.models.ConformalRegressor`.
        X : crystals or array-like of n_samples rows
        y : array-like of shape (n_samples,)
        coverage, quantity, unit, n_groups, ax
            As of :meth:`from_predictions`.

        Returns
        -------
        IntervalCoverageDisplay
        """
        low, high = np.asarray(estimator.predict_interval(X, coverage=coverage)).T
        return cls.from_predictions(
            *(y, estimator.predict(X), low, high),
            coverage=coverage,
            quantity=quantity,
            unit=unit,
            n_groups=n_groups,
            ax=ax,
        )

    @classmethod
    def from_run(cls, run: TrainingRun, *, split: str = "random", ax: Axes | None = None) -> Self:
        """Draw the intervals of the saved model of a training run, of crystals that were held out."""
        found = run.split(split)
        rows = np.isfinite(found.low + found.high)
        if not rows.any():
            raise ValueError("the run has no intervals")
        predicted = found.predictions[next(iter(run.models))]
        return cls.from_predictions(
            *(values[rows] for values in (run.y, predicted, found.low, found.high)),
            coverage=run.coverage,
            quantity=run.target.replace("_", " "),
            unit=run.unit,
            ax=ax,
        )

    def _draw(self, ax: Axes) -> None:
        place = [(group.low + group.high) / 2 for group in self.groups]
        share = np.array([group.inside for group in self.groups])
        below = share - [group.uncertain_low for group in self.groups]
        above = [group.uncertain_high for group in self.groups] - share
        bars = [np.maximum(below, 0), np.maximum(above, 0)]
        ax.errorbar(place, share, bars, fmt="o", color=BLUE, ms=6, capsize=3, elinewidth=1)
        ax.axhline(self.coverage, color=GREY, lw=1, ls="--", label=f"wanted, {self.coverage:.0%}")
        ax.set(xlabel=f"predicted {labelled(self.quantity, self.unit)}", ylabel="share inside the interval")
        ax.set(ylim=(0, 1.05), title=f"{self.inside:.1%} of the true values are inside")
        ax.legend(frameon=False, loc="lower right")
