"""The Matern-3/2 kernel with one weight per column, and how likely it makes the targets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.linalg import cholesky, lapack

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

__all__ = ["matern", "negative_log_likelihood", "squared_distances"]


def matern(squared_distances: Array) -> tuple[Array, Array]:
    """Return the Matern-3/2 correlation and its derivative by the squared distance.

    Written in the square, the derivative is finite at distance 0.
    """
    root = np.sqrt(3.0 * squared_distances)
    decay = np.exp(-root)
    return (1.0 + root) * decay, -1.5 * decay


def squared_distances(A: Array, B: Array) -> Array:
    """Return the squared distance of each row of A to each row of B."""
    squares = (A @ B.T) * -2.0
    squares += np.einsum("ij,ij->i", A, A)[:, None]
    squares += np.einsum("ij,ij->i", B, B)
    # Rounding makes the distance of a row to itself slightly negative.
    return np.maximum(squares, 0.0, out=squares)


def negative_log_likelihood(
    theta: Array, S: Array, T: Array, penalty: float, sample_weight: Array | None = None
) -> tuple[float, Array]:
    """Return the negative log marginal likelihood of the targets, and its gradient.

    Up to a constant, and summed over the columns t of T with the same kernel matrix K,

        t^T K^-1 t / 2 + log|K| / 2 + penalty * sum_k d_k^2

    Parameters
    ----------
    theta : ndarray of shape (n_features + 2,)
        d_k, the logarithm of weight k beside its initial value, then the logarithms of noise and amplitude.
    S : ndarray of shape (n_samples, n_features)
        Columns multiplied by the square roots of their initial weights.
    T : ndarray of shape (n_samples, n_outputs)
    penalty : float
    sample_weight : ndarray of shape (n_samples,), default=None
        The variance of the noise of row i is the noise divided by its weight.

    Returns
    -------
    value : float
    gradient : ndarray of shape (n_features + 2,)
    """
    shift = theta[:-2]
    noise, amplitude = np.exp(theta[-2:])
    n_outputs = T.shape[1]
    noises = noise / (np.ones(len(S)) if sample_weight is None else sample_weight)
    S = S * np.exp(0.5 * shift)

    signal, slope = matern(squared_distances(S, S))
    signal *= amplitude
    K = signal.copy()
    K.flat[:: len(K) + 1] += noises
    factor = cholesky(K, lower=True, overwrite_a=True)
    inverse = np.tril(lapack.dpotri(factor, lower=1)[0])
    inverse += np.tril(inverse, -1).T
    solved = inverse @ T

    value = 0.5 * np.sum(T * solved) + n_outputs * np.log(np.diag(factor)).sum()
    by_kernel = 0.5 * (n_outputs * inverse - solved @ solved.T)
    by_distance = amplitude * by_kernel * slope
    # sum_ij M_ij (s_ik - s_jk)^2 for all columns k by one product, without a matrix per column.
    by_shift = 2.0 * (by_distance.sum(axis=1) @ S**2 - np.sum(S * (by_distance @ S), axis=0))
    gradient = np.concatenate(
        [by_shift + 2.0 * penalty * shift, [noises @ np.diag(by_kernel), np.sum(by_kernel * signal)]]
    )
    return float(value + penalty * np.sum(shift**2)), gradient
