"""The exponential function of kernels beside numpy's."""

from __future__ import annotations

import numpy as np

from skcrystal.kernels.compilation import njit
from skcrystal.kernels.exponential import exponential


@njit(fastmath={"contract"})
def exponentials(x):  # type: ignore[no-untyped-def]
    values = np.empty_like(x)
    for i in range(len(x)):
        values[i] = exponential(x[i])
    return values


def test_exponential_is_exp_to_the_last_digits():
    x = np.concatenate([np.linspace(0.0, 40.0, 10_001), np.geomspace(1e-300, 707.0, 10_001)])
    x = np.concatenate([-x, x])
    np.testing.assert_allclose(exponentials(x), np.exp(x), rtol=4e-16)


def test_exponential_far_up_stays_finite():
    assert np.all(np.isfinite(exponentials(np.array([708.0, 1e3, np.inf]))))


def test_exponential_far_down_is_nothing_and_stays_above_nothing():
    far = exponentials(-np.array([708.0, 1e3, 1e308, np.inf]))
    assert np.all(far > 0.0)
    assert np.all(far < 1e-307)
