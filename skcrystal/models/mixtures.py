"""A target that is 0 with some probability, and else normally distributed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr, ndtri

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["SPREAD_PER_ERROR", "mean_of_mixture", "median_of_mixture"]

#: Standard deviation over mean absolute error of a normal distribution.
SPREAD_PER_ERROR = float(np.sqrt(np.pi / 2))


def median_of_mixture(
    probability: NDArray[np.float64], center: NDArray[np.float64], spread: NDArray[np.float64] | float
) -> NDArray[np.float64]:
    """Return the median of a target that is 0, or with some probability normally distributed.

    Parameters
    ----------
    probability : ndarray of shape (n_samples,)
        Of not being 0.
    center : ndarray of shape (n_samples,)
    spread : ndarray of shape (n_samples,) or float
        Mean and standard deviation of the target where it is not 0; what lies below 0 counts as 0.

    Returns
    -------
    ndarray of shape (n_samples,)
        0 where the probability is at most 1/2. Not negative.
    """
    likely = probability > 0.5
    # The share of the normal part that has to lie below the median to make one half with the zeros.
    share = np.where(likely, (probability - 0.5) / np.where(likely, probability, 1.0), 0.5)
    return np.where(likely, np.maximum(center + spread * ndtri(share), 0.0), 0.0)


def mean_of_mixture(
    probability: NDArray[np.float64], center: NDArray[np.float64], spread: NDArray[np.float64] | float
) -> NDArray[np.float64]:
    """Return the mean of a target that is 0, or with some probability normally distributed.

    Parameters
    ----------
    probability : ndarray of shape (n_samples,)
        Of not being 0.
    center : ndarray of shape (n_samples,)
    spread : ndarray of shape (n_samples,) or float
        Mean and standard deviation of the target where it is not 0; what lies below 0 counts as 0.

    Returns
    -------
    ndarray of shape (n_samples,)
        Not negative.
    """
    spread = np.broadcast_to(np.asarray(spread, dtype=np.float64), center.shape)
    ratio = np.divide(center, spread, out=np.where(center > 0, np.inf, -np.inf), where=spread > 0)
    density = np.exp(-0.5 * ratio**2) / np.sqrt(2 * np.pi)
    mean: NDArray[np.float64] = probability * np.maximum(center * ndtr(ratio) + spread * density, 0.0)
    return mean
