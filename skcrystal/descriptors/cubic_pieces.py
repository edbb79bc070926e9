"""Smooth functions as cubic pieces between knots, for kernels that evaluate many of them at one place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["cubic_pieces"]


def cubic_pieces(
    values: NDArray[np.float64], slopes: NDArray[np.float64], step: float
) -> NDArray[np.float64]:
    """Return the cubics that take values and slopes at the knots (Hermite's interpolation).

    Parameters
    ----------
    values, slopes : ndarray of shape (n_knots, n_functions)
    step : float
        Distance of the knots.

    Returns
    -------
    ndarray of shape (n_knots - 1, 4, n_functions), read-only
        Coefficients of 1, t, t^2 and t^3 with t from 0 to 1 along the piece. Between knots the error is at
        most step^4 / 384 times the largest fourth derivative.
    """
    rise, start, stop = np.diff(values, axis=0), step * slopes[:-1], step * slopes[1:]
    pieces = np.ascontiguousarray(
        np.stack([values[:-1], start, 3.0 * rise - 2.0 * start - stop, start + stop - 2.0 * rise], axis=1)
    )
    pieces.flags.writeable = False
    return pieces
