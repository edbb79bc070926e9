"""The exponential function of kernels beside numpy's."""

from __future__ import annotations

import numpy as np

from skcrystal.kernels.compilation import njit
from skcrystal.kernels.exponential import decay


@njit(fastmath={"contract"})
def decays(x):  # type: ignore[no-untyped-def]
    values = np.empty_like(x)
    for i in range(len(x)):
        values[i] = decay(x[i])
    return values


def test_decay_is_exp_to_the_last_digits():
    x = -np.concatenate([np.linspace(0.0, 40.0, 10_001), np.geomspace(1e-300, 707.0, 10_001)])
    np.testing.assert_allclose(decays(x), np.exp(x), rtol=4e-16)


def test_decay_far_down_is_nothing_and_stays_above_nothing():
    far = decays(-np.array([708.0, 1e3, 1e308, np.inf]))
    assert np.all(far > 0.0)
    assert np.all(far < 1e-307)
