"""How much each column counts in a fitted model, and how far rows are apart then."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.pipeline import Pipeline
from sklearn.utils import gen_batches

from skcrystal.models.likelihood import squared_distances

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

__all__ = ["column_weights", "nearest_distances", "pipeline_within"]

# Fitted attributes by which estimators that hold others name them.
INNER = ("model_", "regressor_", "best_estimator_", "estimator_", "estimator", "estimators_")
# Rows whose distances to all others are held at once.
BLOCK = 256


def pipeline_within(model: Any) -> Pipeline | None:
    """Return the fitted pipeline that a model is, or that it wraps; None where there is none."""
    while not isinstance(model, Pipeline):
        inner = [getattr(model, name) for name in INNER[:-1] if hasattr(model, name)]
        if not inner:
            return None
        model = inner[0]
    return model


def column_weights(model: Any, scale: Array) -> Array:
    """Return the weight of each column, standardised, in squared distances, as a fitted model sees it.

    Weights of a Gaussian process are its own, squared coefficients those of a linear model; else importances
    count, as of trees. Of a model that holds several, the first that has weights speaks, and of several targets
    all in the mean. A model that says nothing has equal weights.

    Parameters
    ----------
    model : estimator
    scale : ndarray of shape (n_features,)
        Standard deviations of the columns that it is fitted to, infinite where a column is constant.

    Returns
    -------
    ndarray of shape (n_features,)
        Not negative, of sum 1.
    """
    found = [weights / weights.sum() for weights in _weights(model, scale) if weights.sum() > 0]
    if not found:
        found = [np.full(len(scale), 1.0 / len(scale))]
    mean: Array = np.mean(found, axis=0)
    return mean


def _weights(model: Any, scale: Array) -> list[Array]:
    """Return the weights of the first estimator within that has them, or of each target's."""
    own = _own_weights(model, scale)
    if own is not None:
        return [own]
    for name in INNER:
        inner = getattr(model, name, None)
        if inner is None or isinstance(inner, str):
            continue
        members = inner if isinstance(inner, list | tuple) else [inner]
        found = [weights for member in members for weights in _weights(member, scale)]
        if found:
            # Members of a stack speak of one target, and the first is the one to ask.
            return found if type(model).__name__.startswith("MultiOutput") else found[:1]
    return []


def _own_weights(model: Any, scale: Array) -> Array | None:
    varying = np.isfinite(scale)
    units = np.where(varying, scale, 0.0) ** 2
    weights, coef = getattr(model, "weights_", None), getattr(model, "coef_", None)
    found: Any = None
    if isinstance(weights, np.ndarray):
        found = weights * units if weights.shape == scale.shape else None
    elif isinstance(coef, np.ndarray) and coef.shape[-1:] == scale.shape:
        found = np.sum(np.atleast_2d(coef) ** 2, axis=0) * units
    elif not isinstance(model, Pipeline):
        try:
            found = np.asarray(model.feature_importances_, dtype=np.float64) * varying
        except (AttributeError, NotImplementedError):
            # XGBoost has importances in trees, and none in its linear models.
            return None
    if found is None or found.shape != scale.shape or not np.isfinite(found).all():
        return None
    return np.asarray(found, dtype=np.float64)


def nearest_distances(A: Array, B: Array, count: int, apart: Any = None) -> Array:
    """Return the mean distance of each row of A to its nearest rows of B.

    Parameters
    ----------
    A : ndarray of shape (n_samples, n_features)
    B : ndarray of shape (n_others, n_features)
    count : int
        Number of the nearest rows; fewer where B has fewer.
    apart : callable, default=None
        Given a slice of A's rows, it returns which rows of B do not count for each of them, as an ndarray of
        bool of shape (n_rows, n_others).

    Returns
    -------
    ndarray of shape (n_samples,)
        NaN where no row of B counts.
    """
    distances = np.empty(len(A))
    count = min(count, len(B))
    for part in gen_batches(len(A), BLOCK):
        squares = squared_distances(A[part], B)
        if apart is not None:
            squares[apart(part)] = np.inf
        nearest = np.sqrt(np.partition(squares, count - 1, axis=1)[:, :count])
        known = np.isfinite(nearest)
        total = np.sum(nearest, axis=1, where=known)
        distances[part] = np.where(known.any(axis=1), total / np.maximum(known.sum(axis=1), 1), np.nan)
    return distances
