"""The error function as arithmetic, beside scipy's."""

from __future__ import annotations

import numpy as np
from scipy.special import erfc as scipys

from skcrystal.kernels.compilation import njit
from skcrystal.kernels.error_function import LARGEST, erfc


@njit(cache=False)
def each(values):
    found = np.empty(len(values))
    for n in range(len(values)):
        found[n] = erfc(values[n])
    return found


def test_error_function_is_scipys():
    x = np.linspace(0.0, LARGEST, 20_001)
    np.testing.assert_allclose(each(x), scipys(x), rtol=2e-14)
