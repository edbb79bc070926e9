"""Scores of predictions, on all rows and fold by fold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Score", "scores_of"]


class Score(NamedTuple):
    """One score of one model.

    Attributes
    ----------
    model : str
    name : str
        ``"MAE"``, ``"MSE"``, ``"RMSE"`` or ``"R2"``; of classes ``"accuracy"``, ``"balanced accuracy"`` or
        ``"log loss"``.
    value : float
        On all tested rows together.
    folds : tuple of float
        On the rows of each fold.
    """

    model: str
    name: str
    value: float
    folds: tuple[float, ...]

    @property
    def spread(self) -> float:
        """Standard deviation over the folds; NaN with fewer than two that have a score."""
        known = [value for value in self.folds if np.isfinite(value)]
        return float(np.std(known, ddof=1)) if len(known) > 1 else float("nan")


def scores_of(
    model: str,
    y: NDArray[np.float64],
    predicted: NDArray[np.float64],
    folds: NDArray[np.int64],
    *,
    labels: int = 0,
) -> list[Score]:
    """Return the scores of one model.

    Parameters
    ----------
    model : str
        Its name.
    y : ndarray of shape (n_rows,)
        Targets; of classes their numbers.
    predicted : ndarray of shape (n_rows,) or (n_rows, n_classes)
        Predictions, or probabilities of the classes.
    folds : ndarray of shape (n_rows,)
        Number of each row's fold; -1 where it is not tested.
    labels : int, default=0
        Number of classes; 0 for numbers.
    """
    measure = _of_classes if labels else _of_numbers
    tested = folds >= 0
    whole = measure(y[tested], predicted[tested])
    parts = [measure(y[folds == k], predicted[folds == k]) for k in np.unique(folds[tested])]
    return [Score(model, name, value, tuple(part[name] for part in parts)) for name, value in whole.items()]


def _of_numbers(y: NDArray[np.float64], predicted: NDArray[np.float64]) -> dict[str, float]:
    errors = predicted - y
    mse = float(np.mean(errors**2))
    variance = float(np.var(y))
    # Of one target value alone, no share of the variance is explained.
    r2 = 1.0 - mse / variance if variance > 0 else float("nan")
    return {"MAE": float(np.mean(np.abs(errors))), "MSE": mse, "RMSE": float(np.sqrt(mse)), "R2": r2}


def _of_classes(y: NDArray[np.float64], predicted: NDArray[np.float64]) -> dict[str, float]:
    from sklearn.metrics import log_loss

    true = y.astype(np.int64)
    right = predicted.argmax(axis=1) == true
    found: list[Any] = [right[true == label].mean() for label in np.unique(true)]
    loss = log_loss(true, predicted, labels=np.arange(predicted.shape[1]))
    return {
        "accuracy": float(right.mean()),
        "balanced accuracy": float(np.mean(found)),
        "log loss": float(loss),
    }
