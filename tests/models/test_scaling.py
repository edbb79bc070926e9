"""Columns standardised, outliers bounded."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from skcrystal.models import SoftStandardScaler


@parametrize_with_checks([SoftStandardScaler()])
def test_scikit_learns_checks(estimator, check):
    check(estimator)


def test_an_infinite_limit_is_standard_scaling():
    X = np.random.default_rng(0).normal(3, 5, (40, 4))
    scaled = SoftStandardScaler(limit=np.inf).fit_transform(X)
    np.testing.assert_allclose(scaled, StandardScaler().fit_transform(X), rtol=1e-12)


def test_hand_calculated_value():
    # Mean 2, standard deviation 2: the row 4 has u = 1, and 1 / sqrt(1 + 1/3^2) = 3 / sqrt(10).
    scaled = SoftStandardScaler().fit_transform([[0.0], [4.0]])
    np.testing.assert_allclose(scaled, [[-3 / np.sqrt(10)], [3 / np.sqrt(10)]])


def test_far_outliers_keep_their_order_within_the_limit():
    scaler = SoftStandardScaler(limit=2.0).fit([[-1.0], [1.0]])
    scaled = scaler.transform([[0.0], [1.0], [10.0], [100.0], [1e200]]).ravel()
    assert (np.diff(scaled) > 0).all()
    assert scaled[-1] == pytest.approx(2.0)


def test_nan_is_the_mean_and_left_out_of_it():
    scaler = SoftStandardScaler().fit([[0.0, np.nan], [np.nan, np.nan], [4.0, np.nan]])
    np.testing.assert_allclose(scaler.mean_, [2.0, 0.0])
    np.testing.assert_array_equal(scaler.transform([[np.nan, 5.0]]), [[0.0, 0.0]])


def test_columns_constant_up_to_rounding_become_zero():
    X = np.column_stack([np.full(30, 0.1), 1e5 + 1e-6 * np.arange(30), np.arange(30)])
    scaler = SoftStandardScaler().fit(X)
    np.testing.assert_array_equal(scaler.transform(X + np.array([9.0, 9.0, 0.0]))[:, :2], 0.0)
    assert scaler.scale_[2] == pytest.approx(np.arange(30).std())


def test_column_names_are_kept():
    pd = pytest.importorskip("pandas")
    X = pd.DataFrame({"density": [1.0, 2.0], "volume": [3.0, 5.0]})
    scaled = SoftStandardScaler().set_output(transform="pandas").fit_transform(X)
    assert list(scaled.columns) == ["density", "volume"]
