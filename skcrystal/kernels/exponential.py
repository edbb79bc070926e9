"""The exponential function as arithmetic, so that a loop over it works on several numbers at a time."""

from __future__ import annotations

import numpy as np

from skcrystal.kernels.compilation import njit

# Added and taken away again, it leaves the nearest whole number, which then also stands in the last bits.
ROUNDER = 1.5 * 2.0**52
# The logarithm of 2 in two parts: the first has so few bits that whole multiples of it are exact.
LOG_2, LOG_2_REST = 0.6931471803691238, 1.9082149292705877e-10


@njit(cache=True, inline="always")
def exponential(x):  # type: ignore[no-untyped-def]
    """Return exp(x) to the last digit or the one before; below -708, exp(-708), and above 708, exp(708).

    Callers must not allow sums to be reordered (``reassoc``): rounding would be undone.
    """
    x = min(max(x, -708.0), 708.0)
    shifted = x * 1.4426950408889634 + ROUNDER
    whole = shifted - ROUNDER
    rest = x - whole * LOG_2 - whole * LOG_2_REST
    # Taylor's series, at most half of the logarithm of 2 away from 0.
    series = 1.0 / 6227020800.0
    series = series * rest + 1.0 / 479001600.0
    series = series * rest + 1.0 / 39916800.0
    series = series * rest + 1.0 / 3628800.0
    series = series * rest + 1.0 / 362880.0
    series = series * rest + 1.0 / 40320.0
    series = series * rest + 1.0 / 5040.0
    series = series * rest + 1.0 / 720.0
    series = series * rest + 1.0 / 120.0
    series = series * rest + 1.0 / 24.0
    series = series * rest + 1.0 / 6.0
    series = series * rest + 0.5
    series = series * rest + 1.0
    series = series * rest + 1.0
    # 2 to the whole number, written down as the exponent of a float.
    power = np.int64((np.float64(shifted).view(np.int64) + 1023) << 52).view(np.float64)
    return series * power
