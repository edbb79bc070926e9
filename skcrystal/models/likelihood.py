"""Matern kernels with one weight per column, and how likely they make the targets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.linalg import lapack

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    # Kernel and slopes may have half the digits; what is factorised has all.
    Real = NDArray[np.floating[Any]]

__all__ = [
    "factorise_below",
    "matern",
    "negative_log_likelihood",
    "row_blocks",
    "squared_distances",
    "student_noises",
]

# Columns of the kernel matrix that are worked on at a time: they stay in the processor's cache.
BLOCK = 128
# Fewer rows are quick in double precision, too.
SINGLE_PRECISION_ROWS = 500
# The derivative of a Matern correlation by the squared distance r^2, at distance 0 and without its sign: of
# smoothness nu it is nu / (2 (nu - 1)).
SLOPES = {1.5: 1.5, 2.5: 5.0 / 6.0}


def row_blocks(n_rows: int, size: int) -> Iterator[slice]:
    """Yield slices of no more than `size` rows; scikit-learn's ``gen_batches`` without its checks."""
    for start in range(0, n_rows, size):
        yield slice(start, min(start + size, n_rows))


def matern(squared_distances: Array, nu: float = 1.5) -> tuple[Array, Array]:
    """Return the Matern correlation of smoothness 3/2 or 5/2, and its derivative by the squared distance.

    Written in the square, the derivative is finite at distance 0.
    """
    root = np.sqrt(2.0 * nu * squared_distances)
    decay = np.exp(-root)
    linear = (1.0 + root) * decay
    if nu == 1.5:
        return linear, -SLOPES[nu] * decay
    return linear + root**2 / 3.0 * decay, -SLOPES[nu] * linear


def squared_norms(A: Array) -> Array:
    """Return the square of the length of each row."""
    return np.einsum("ij,ij->i", A, A)


def squared_distances(A: Array, B: Array, B_norms: Array | None = None) -> Array:
    """Return the squared distance of each row of A to each row of B, of which the norms may be known."""
    squares = (A @ B.T) * -2.0
    squares += squared_norms(A)[:, None]
    squares += squared_norms(B) if B_norms is None else B_norms
    # Rounding makes the distance of a row to itself slightly negative.
    return np.maximum(squares, 0.0, out=squares)


def factorise_below(K: Array, diagonal: Array) -> None:
    """Put the Cholesky factor of a symmetric matrix on and below its diagonal, and leave what is above it.

    Parameters
    ----------
    K : ndarray of shape (n, n), in Fortran order
        What is below its diagonal may be another factor, which is replaced.
    diagonal : ndarray of shape (n,)
        What stands on the diagonal of the matrix.
    """
    for part in row_blocks(len(K), BLOCK):
        block = np.triu(K[part, part], 1)
        K[part, part] = block + block.T
        K[part.stop :, part] = K[part, part.stop :].T
    K.flat[:: len(K) + 1] = diagonal
    failed = lapack.dpotrf(K, lower=1, clean=0, overwrite_a=1)[1]
    if failed:
        raise np.linalg.LinAlgError("the kernel matrix is not positive definite")


def student_noises(K: Array, T: Array, noises: Array, freedom: float, rounds: int) -> Array:
    """Return the noise of each row for which normal noise has the mode of Student's t distribution.

    A row that is off by r has its noise multiplied by (freedom + r^2 / noise) / (freedom + 1): what is far
    off weighs less. What a row is off by is its noise times its component of K^-1 t, so that a round is one
    factorisation.

    Parameters
    ----------
    K : ndarray of shape (n_samples, n_samples), in Fortran order
        The kernel without noise. Below its diagonal it is overwritten.
    T : ndarray of shape (n_samples, n_outputs)
    noises : ndarray of shape (n_samples,)
        The square of the scale of each row's t distribution, and of its noise in the first round.
    freedom : float
        Degrees of freedom.
    rounds : int

    Returns
    -------
    ndarray of shape (n_samples,)
    """
    signal, found = K.diagonal().copy(), noises
    for _ in range(rounds):
        factorise_below(K, signal + found)
        off = found[:, None] * lapack.dpotrs(K, T, lower=1)[0]
        found = noises * (freedom + np.sum(off**2, axis=1) / noises) / (freedom + T.shape[1])
    K.flat[:: len(K) + 1] = signal
    return found


def negative_log_likelihood(
    theta: Array,
    S: Array,
    T: Array,
    penalty: float,
    sample_weight: Array | None = None,
    nu: float = 1.5,
) -> tuple[float, Array]:
    """Return the negative log marginal likelihood of the targets, and its gradient.

    Up to a constant, and summed over the columns t of T with the same kernel matrix K,

        t^T K^-1 t / 2 + log|K| / 2 + penalty * sum_k d_k^2

    Of 500 rows and more, distances and products with the columns are computed in single precision; where the
    matrix loses its positive eigenvalues by that, all is computed again in double.

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
    nu : {1.5, 2.5}, default=1.5
        Smoothness of the Matern kernel.

    Returns
    -------
    value : float
    gradient : ndarray of shape (n_features + 2,)
    """
    weight = np.ones(len(S)) if sample_weight is None else sample_weight
    if len(S) >= SINGLE_PRECISION_ROWS:
        try:
            return _likelihood(theta, S, T, penalty, weight, nu, np.float32)
        except np.linalg.LinAlgError:
            pass
    return _likelihood(theta, S, T, penalty, weight, nu, np.float64)


def _likelihood(
    theta: Array, S: Array, T: Array, penalty: float, sample_weight: Array, nu: float, precision: Any
) -> tuple[float, Array]:
    shift = theta[:-2]
    noise, amplitude = np.exp(theta[-2:])
    n_samples, n_outputs = T.shape
    noises = noise / sample_weight
    scaled = (S * np.exp(0.5 * shift)).astype(precision)
    K, slopes = _kernel(scaled, precision(amplitude), nu)
    K.flat[:: n_samples + 1] = amplitude + noises
    factor, failed = lapack.dpotrf(K, lower=1, clean=0, overwrite_a=1)
    if failed:
        raise np.linalg.LinAlgError("the kernel matrix is not positive definite")
    log_determinant = 2.0 * np.log(np.diag(factor)).sum()
    solved = lapack.dpotrs(factor, T, lower=1)[0]
    inverse = lapack.dpotri(factor, lower=1, overwrite_c=1)[0]

    fit = np.sum(T * solved)
    value = 0.5 * (fit + n_outputs * log_determinant) + penalty * np.sum(shift**2)
    # By entry K_ij the likelihood changes by half of n_outputs (K^-1)_ij - (K^-1 t)_i (K^-1 t)_j.
    by_noise = 0.5 * (noises @ (n_outputs * np.diag(inverse) - np.sum(solved**2, axis=1)))
    # K without its noise is proportional to the amplitude.
    by_amplitude = 0.5 * (n_outputs * n_samples - fit) - by_noise
    by_shift = -SLOPES[nu] * amplitude * _pairs_by_columns(scaled, inverse, solved, slopes)
    return float(value), np.concatenate([by_shift + 2.0 * penalty * shift, [by_noise, by_amplitude]])


def _kernel(scaled: Real, amplitude: Any, nu: float) -> tuple[Array, list[Real]]:
    """Return the lower triangle of the kernel matrix, and its slopes beside that at distance 0, in blocks.

    The slopes are exp(-s) for smoothness 3/2 and (1 + s) exp(-s) for 5/2, with s = sqrt(2 nu) r.
    """
    n_samples = len(scaled)
    squares = np.einsum("ij,ij->i", scaled, scaled)
    K = np.empty((n_samples, n_samples), order="F")
    slopes = []
    for part in row_blocks(n_samples, BLOCK):
        below = slice(part.start, None)
        root = scaled[below] @ scaled[part].T
        root *= -2
        root += squares[below, None]
        root += squares[part]
        np.maximum(root, 0, out=root)
        root *= 2 * nu
        np.sqrt(root, out=root)
        decay = np.exp(-root)
        slope = decay
        if nu == 2.5:
            slope = (1 + root) * decay
            # With 1 + s that follows, 1 + s + s^2 / 3.
            root += root**2 / 3
        root += 1
        root *= decay
        root *= amplitude
        K[below, part] = root
        slopes.append(slope)
    return K, slopes


def _pairs_by_columns(scaled: Real, inverse: Array, solved: Array, slopes: list[Real]) -> Array:
    """Return half the sum over pairs of M_ij (s_ik - s_jk)^2 for all columns k, without a matrix per column.

    M is what the likelihood changes by with K_ij, times the slope at that pair, and symmetric: with its sums
    m_i over each row, the result is sum_i m_i s_ik^2 - sum_ij s_ik M_ij s_jk, and only blocks on and below
    the diagonal are looked at.
    """
    n_samples, n_features = scaled.shape
    sums, cross = np.zeros(n_samples), np.zeros(n_features)
    n_outputs, duals = solved.shape[1], solved.astype(scaled.dtype)
    for part, slope in zip(row_blocks(n_samples, BLOCK), slopes, strict=True):
        below = slice(part.start, None)
        M = inverse[below, part].astype(scaled.dtype)
        M *= n_outputs
        M -= duals[below] @ duals[part].T
        M *= slope
        # Above the diagonal stands no inverse, and a row is at distance 0 of itself.
        width = M.shape[1]
        M[:width] = np.tril(M[:width], -1)
        sums[below] += M.sum(axis=1)
        sums[part] += M.sum(axis=0)
        cross += 2.0 * np.einsum("ij,ij->j", scaled[part], M.T @ scaled[below])
    found: Array = sums @ np.square(scaled, dtype=np.float64) - cross
    return found
