"""Errors on rows and on whole groups of rows left out, from one matrix inverse."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from skcrystal.models.likelihood import matern, squared_distances

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    Array = NDArray[np.float64]

__all__ = ["KernelHeldOut"]

# Of what the kernel's length scale and noise are chosen, by the errors with one row left out.
SCALES = (0.1, 0.3, 1.0, 3.0)
NOISES = (1e-3, 1e-2, 1e-1)
# Rows that they are chosen on.
CHOICE_ROWS = 800


class KernelHeldOut:
    """A kernel regression that predicts any of its rows as if it had not seen them.

    With the kernel matrix K, its inverse P and the targets t, the error on rows B of a regression on all
    other rows is (P_BB)^-1 (P t)_B: nothing is fitted again. The kernel is that of
    :class:`~skcrystal.models.ARDGaussianProcessRegressor`, its scale and noise those of least error with one
    row left out. Predictions are held within the range of the targets.

    Parameters
    ----------
    rows : ndarray of shape (n_samples, n_features)
        Columns multiplied by the square roots of their weights.
    T : ndarray of shape (n_samples, n_outputs)
        Standardised targets.

    References
    ----------
    C. E. Rasmussen, C. K. I. Williams, Gaussian Processes for Machine Learning, MIT Press (2006), section
    5.4.2, for one row; S. Sundararajan, S. S. Keerthi, Neural Computation 13, 1103 (2001).
    """

    def __init__(self, rows: Array, T: Array) -> None:
        squares = squared_distances(rows, rows)
        mean_square = squares.mean() or 1.0
        squares /= mean_square
        part = slice(0, CHOICE_ROWS)
        choices = [(scale, noise) for scale in SCALES for noise in NOISES]
        losses = [np.mean(_alone(_inverse(squares[part, part], *one), T[part]) ** 2) for one in choices]
        self.scale, self.noise = choices[int(np.argmin(losses))]
        self._inverse = _inverse(squares, self.scale, self.noise)
        self._dual = self._inverse @ T
        self._T = T

    def alone(self) -> Array:
        """Return the absolute error on each row with it alone left out, of shape (n_samples,)."""
        return self._absolute(_alone(self._inverse, self._T), slice(None))

    def together(self, groups: Iterable[NDArray[np.intp]]) -> list[Array]:
        """Return the absolute errors on the rows of each group with all of it left out."""
        return [
            self._absolute(np.linalg.solve(self._inverse[np.ix_(rows, rows)], self._dual[rows]), rows)
            for rows in groups
        ]

    def _absolute(self, errors: NDArray[np.floating[Any]], rows: Any) -> Array:
        """Return the mean absolute errors over the targets, of predictions within the targets' range."""
        T = self._T[rows]
        predicted = np.clip(T - errors, self._T.min(axis=0), self._T.max(axis=0))
        return np.asarray(np.abs(T - predicted).mean(axis=1), dtype=np.float64)


def _inverse(squares: Array, scale: float, noise: float) -> Array:
    K = matern(scale * squares)[0]
    K.flat[:: len(K) + 1] += noise
    return np.asarray(np.linalg.inv(K), dtype=np.float64)


def _alone(inverse: Array, T: Array) -> Array:
    alone: Array = (inverse @ T) / np.diag(inverse)[:, None]
    return alone
