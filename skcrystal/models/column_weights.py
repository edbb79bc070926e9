"""How much each column counts in a fitted model, and how far rows are apart then."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.pipeline import Pipeline

from skcrystal.models.likelihood import row_blocks, squared_distances

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

__all__ = ["ERROR_ROWS", "column_weights", "nearby", "pipeline_within"]

# Fitted attributes by which estimators that hold others name them.
INNER = (
    "process_",
    "model_",
    "regressor_",
    "correction_",
    "best_estimator_",
    "estimator_",
    "estimator",
    "estimators_",
)
# Rows whose distances to all others are held at once.
BLOCK = 256
# Neighbours whose errors are looked at.
ERROR_ROWS = 10


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
    count, as of trees. Of a stack the first member that has weights speaks; of several targets, and of a
    classifier beside a regressor, all in the mean. A model that says nothing has equal weights.

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
    if getattr(model, "classifier_", None) is not None and hasattr(model, "regressor_"):
        return [*_weights(model.regressor_, scale), *_weights(model.classifier_, scale)]
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


def nearby(A: Array, B: Array, errors: Array, count: int) -> tuple[Array, Array]:
    """Return how far each row of A is from its nearest rows of B, and how large the errors on those are.

    Parameters
    ----------
    A : ndarray of shape (n_samples, n_features)
    B : ndarray of shape (n_others, n_features)
    errors : ndarray of shape (n_others,)
        On the rows of B.
    count : int
        Number of the nearest rows of which the mean distance is taken; fewer where B has fewer.

    Returns
    -------
    distance : ndarray of shape (n_samples,)
    error : ndarray of shape (n_samples,)
        Mean over the ten nearest rows, near ones counting more.
    """
    distance, error = np.empty((2, len(A)))
    most = min(ERROR_ROWS, len(B))
    for part in row_blocks(len(A), BLOCK):
        squares = squared_distances(A[part], B)
        rows = np.argpartition(squares, most - 1, axis=1)[:, :most]
        near = np.sqrt(np.take_along_axis(squares, rows, axis=1))
        weights = 1.0 / np.maximum(near + np.median(near, axis=1, keepdims=True), 1e-100)
        error[part] = np.sum(weights * errors[rows], axis=1) / weights.sum(axis=1)
        distance[part] = np.sort(near, axis=1)[:, :count].mean(axis=1)
    return distance, error
