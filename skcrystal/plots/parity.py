"""`ParityDisplay`: predictions over true values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np

from skcrystal.plots.display import GREY, VERMILION, Display, labelled, same_length, vector

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike

    from skcrystal.models.runs import TrainingRun

__all__ = ["ParityDisplay"]


class ParityDisplay(Display):
    """Predictions over true values, with the diagonal of equality, the MAE and R2.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_samples,)
    quantity, unit : str
        For the labels of the axes.
    title : str, default=None
        What made the predictions.

    Examples
    --------
    >>> from skcrystal.plots import ParityDisplay
    >>> display = ParityDisplay.from_predictions([0.0, 1.0, 2.0], [0.0, 1.5, 2.0], unit="eV")
    >>> print(display.ax_.texts[0].get_text())
    MAE 0.167 eV
    R² 0.875
    3 crystals
    """

    size = (4.8, 4.8)

    def __init__(
        self,
        y_true: ArrayLike,
        y_pred: ArrayLike,
        *,
        quantity: str = "target",
        unit: str = "",
        title: str | None = None,
    ) -> None:
        self.y_true, self.y_pred = vector(y_true, "y_true"), vector(y_pred, "y_pred")
        same_length(y_true=self.y_true, y_pred=self.y_pred)
        self.quantity = quantity
        self.unit = unit
        self.title = title

    @classmethod
    def from_predictions(
        cls,
        y_true: ArrayLike,
        y_pred: ArrayLike,
        *,
        quantity: str = "target",
        unit: str = "",
        title: str | None = None,
        ax: Axes | None = None,
    ) -> Self:
        """Draw predictions.

        Parameters
        ----------
        y_true, y_pred : array-like of shape (n_samples,)
        quantity, unit, title
            As of the class.
        ax : matplotlib Axes, default=None
            Where to draw; None makes a new figure.

        Returns
        -------
        ParityDisplay
        """
        return cls(y_true, y_pred, quantity=quantity, unit=unit, title=title).plot(ax)

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        y: ArrayLike,
        *,
        quantity: str = "target",
        unit: str = "",
        title: str | None = None,
        ax: Axes | None = None,
    ) -> Self:
        """Draw what a fitted model predicts of crystals, which are best ones that it has not seen.

        Parameters
        ----------
        estimator : estimator
            With ``predict``.
        X : crystals or array-like of n_samples rows
            Passed on to the model.
        y : array-like of shape (n_samples,)
        quantity, unit, title, ax
            As of :meth:`from_predictions`.

        Returns
        -------
        ParityDisplay
        """
        predicted = estimator.predict(X)
        return cls.from_predictions(y, predicted, quantity=quantity, unit=unit, title=title, ax=ax)

    @classmethod
    def from_run(
        cls, run: TrainingRun, *, split: str = "random", model: str | None = None, ax: Axes | None = None
    ) -> Self:
        """Draw what a training run predicted of crystals that were held out.

        Parameters
        ----------
        run : TrainingRun
        split : str, default="random"
        model : str, default=None
            One of ``run.models``; None is the one that was saved.
        ax : matplotlib Axes, default=None

        Returns
        -------
        ParityDisplay
        """
        name = model if model is not None else next(iter(run.models))
        found = run.split(split).predictions[name]
        if found.ndim > 1:
            raise ValueError("the run predicts classes, which have no parity; its report shows the confusion")
        rows = np.isfinite(found)
        return cls.from_predictions(
            run.y[rows],
            found[rows],
            quantity=run.target.replace("_", " "),
            unit=run.unit,
            title=f"{name}, {split}",
            ax=ax,
        )

    def _draw(self, ax: Axes) -> None:
        # Imported when used: scikit-learn takes longer to import than this module's other needs.
        from sklearn.metrics import mean_absolute_error, r2_score

        true, predicted = self.y_true, self.y_pred
        low, high = min(true.min(), predicted.min()), max(true.max(), predicted.max())
        pad = 0.04 * ((high - low) or 1.0)
        ends = (low - pad, high + pad)
        ax.axline((low, low), slope=1, color=GREY, lw=1, zorder=1)
        ax.plot(true, predicted, "o", color=VERMILION, alpha=0.55, ms=5, mec="white", mew=0.4, zorder=2)
        ax.set(xlim=ends, ylim=ends, aspect="equal")
        quantity = labelled(self.quantity, self.unit)
        ax.set(xlabel=f"true {quantity}", ylabel=f"predicted {quantity}")
        # Equal axes read best with equal ticks.
        ax.set_yticks(ax.get_xticks())
        ax.set(xlim=ends, ylim=ends)
        if self.title is not None:
            ax.set_title(self.title)
        r2 = f"{r2_score(true, predicted):.3f}" if len(true) > 1 else "undefined"
        error = f"{mean_absolute_error(true, predicted):.3f} {self.unit}".rstrip()
        text = f"MAE {error}\nR² {r2}\n{len(true)} crystals"
        ax.text(0.04, 0.96, text, transform=ax.transAxes, va="top", linespacing=1.4)
