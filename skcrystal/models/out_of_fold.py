"""Models that predict their training rows as if they had not seen them, in the same ``fit``.

Such a model has three methods beside ``fit`` and ``predict``. Of what a prediction is made, as the
predictions of the members of a stack, is called its parts.

``fit_out_of_fold(X, y, folds, sample_weight=None)``
    Fits the model, and returns the parts of each row, predicted by fits without the row's fold: an array of
    shape (n_samples, n_parts), for several targets (n_samples, n_outputs, n_parts), NaN for rows in no test
    fold. A row of weight 0 is predicted and not learned from.
``predict_parts(X)``
    Parts of the prediction of other rows.
``combine(parts)``
    The prediction that parts make, and the standard deviation that their disagreement stands for.
``mixture(parts)``
    Of a target that may be 0: the prediction where it is not, and the probability that it is not.

The functions here do the same for any regressor, whose only part is its prediction.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn import get_config
from sklearn.base import clone
from sklearn.pipeline import Pipeline

from skcrystal._sklearn import take_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Folds = Sequence[tuple[NDArray[np.intp], NDArray[np.intp]]]

__all__ = ["combine", "fit_out_of_fold", "fit_rows", "has_parts", "mixture", "predict_parts", "weight_params"]


def has_parts(model: Any) -> bool:
    """Tell whether a model predicts its training rows out of fold by itself."""
    return hasattr(model, "fit_out_of_fold")


def weight_params(model: Any, sample_weight: Any) -> dict[str, Any]:
    """Return the parameters of ``fit`` by which a model takes weights of rows; none where there are none.

    scikit-learn's own pipeline takes them by the name of its last step, and by their own only with metadata
    routing on.
    """
    if sample_weight is None:
        return {}
    plain = isinstance(model, Pipeline) and not has_parts(model)
    if plain and not get_config()["enable_metadata_routing"]:
        return {f"{model.steps[-1][0]}__sample_weight": sample_weight}
    return {"sample_weight": sample_weight}


def fit_rows(model: Any, X: Any, y: Any, rows: Any, sample_weight: Any = None) -> Any:
    """Fit a clone to some rows; those of weight 0 are left out."""
    if sample_weight is None:
        return clone(model).fit(take_rows(X, rows), take_rows(y, rows))
    weight = np.asarray(sample_weight)[rows]
    counted = weight != 0
    # What is no weight, negative or NaN, is left to the model to refuse; so is no weight at all.
    if counted.any() and not counted.all():
        rows, weight = rows[counted], weight[counted]
    return clone(model).fit(take_rows(X, rows), take_rows(y, rows), **weight_params(model, weight))


def fit_out_of_fold(
    model: Any,
    X: Any,
    y: Any,
    folds: Folds,
    sample_weight: Any = None,
    settings: dict[str, Any] | None = None,
    progress: Callable[[str], None] | None = None,
) -> tuple[Any, Array]:
    """Return a model like the given one fitted to all rows, and the parts of each row out of fold.

    Parameters
    ----------
    model : estimator
        Cloned, not fitted itself.
    X : array-like of n_samples rows
    y : ndarray of shape (n_samples,) or (n_samples, n_outputs)
    folds : sequence of (train, test)
    sample_weight : array-like of shape (n_samples,), default=None
    settings : dict, default=None
        Parameters of the fits without a fold, where they differ.
    progress : callable, default=None
        Told what is done.

    Returns
    -------
    fitted : estimator
    parts : ndarray of shape (n_samples, n_parts) or (n_samples, n_outputs, n_parts)
    """
    if has_parts(model) and not settings:
        fitted = clone(model)
        return fitted, fitted.fit_out_of_fold(X, y, folds, sample_weight)
    parts = np.full((*np.shape(y), 1), np.nan)
    partly = clone(model).set_params(**(settings or {}))
    for number, (train, test) in enumerate(folds, 1):
        fold = fit_rows(partly, X, y, train, sample_weight)
        parts[test] = np.reshape(fold.predict(take_rows(X, test)), (len(test), *parts.shape[1:]))
        if progress is not None:
            progress(f"fold {number} of {len(folds)}")
    fitted = fit_rows(model, X, y, np.arange(len(y)), sample_weight)
    if progress is not None:
        progress("all")
    return fitted, parts


def predict_parts(model: Any, X: Any) -> Array:
    """Return the parts of predictions; of a model without parts, the predictions."""
    if hasattr(model, "predict_parts"):
        parts: Array = model.predict_parts(X)
        return parts
    return np.asarray(model.predict(X), dtype=np.float64)[..., None]


def combine(model: Any, parts: Array) -> tuple[Array, Array]:
    """Return the predictions that parts make, and the standard deviations that they stand for."""
    if hasattr(model, "combine"):
        prediction, spread = model.combine(parts)
        return prediction, spread
    return parts[..., 0], np.zeros(parts.shape[:-1])


def mixture(model: Any, parts: Array) -> tuple[Array, Array | None]:
    """Return what parts predict where the target is not 0, and the probability that it is not.

    The probability is None for a model that has none: then the first is the prediction.
    """
    if hasattr(model, "mixture"):
        center, probability = model.mixture(parts)
        return center, probability
    return combine(model, parts)[0], None
