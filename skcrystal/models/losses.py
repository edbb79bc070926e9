"""What a prediction is meant to keep small on average, and what follows for a distribution's best number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Array = NDArray[np.float64]

__all__ = ["LOSSES", "mean_loss", "mean_of_function"]

#: The median of a distribution makes the first least, the mean the second.
LOSSES = {"absolute_error", "squared_error"}

# Gauss-Hermite nodes: exact for polynomials to degree 31, and to 1e-9 for the exponential of a spread of 2.
NODES, NODE_WEIGHTS = np.polynomial.hermite_e.hermegauss(16)
NODE_WEIGHTS = NODE_WEIGHTS / NODE_WEIGHTS.sum()


def mean_loss(loss: str, predicted: Array, y: Array, sample_weight: Any = None) -> float:
    """Return the mean absolute or squared error."""
    errors = np.abs(predicted - y)
    return float(np.average(errors if loss == "absolute_error" else errors**2, weights=sample_weight))


def mean_of_function(function: Callable[[Array], Array], center: Array, spread: Array) -> Array:
    """Return the mean of a function of normally distributed numbers.

    Parameters
    ----------
    function : callable
    center, spread : ndarray of one shape
        Mean and standard deviation.

    Returns
    -------
    ndarray of the same shape
    """
    values = function(center[..., None] + spread[..., None] * NODES)
    mean: Array = values @ NODE_WEIGHTS
    return mean
