"""The weighted mean of several models."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.utils.estimator_checks import parametrize_with_checks

from skcrystal.models import ConvexCombinationRegressor
from skcrystal.models.weighted import StackingRegressor


@parametrize_with_checks([ConvexCombinationRegressor()])
def test_scikit_learns_checks(estimator, check):
    check(estimator)


def test_the_weights_make_the_absolute_error_least():
    random = np.random.default_rng(0)
    y = random.normal(0, 1, 300)
    X = y[:, None] + random.normal(0, [0.3, 0.6, 2.0], (300, 3))
    model = ConvexCombinationRegressor().fit(X, y)
    others = random.dirichlet([1, 1, 1], 500)
    errors = [np.abs(X @ coef - y).mean() for coef in others]
    assert np.abs(model.predict(X) - y).mean() < min(errors)
    assert model.coef_[0] > model.coef_[1] > model.coef_[2] >= 0
    assert model.coef_.sum() == pytest.approx(1)


@pytest.mark.parametrize("unit", [1e-6, 1.0, 1e6])
def test_the_unit_of_the_target_does_not_matter(unit):
    random = np.random.default_rng(1)
    y = random.normal(5, 1, 100)
    X = y[:, None] + random.normal(0, [0.5, 0.7], (100, 2))
    expected = ConvexCombinationRegressor().fit(X, y).coef_
    np.testing.assert_allclose(
        ConvexCombinationRegressor().fit(unit * X, unit * y).coef_, expected, rtol=1e-6
    )


def test_a_row_of_weight_zero_does_not_count():
    X, y = np.array([[0.0, 1.0], [0.0, 1.0]]), np.array([0.0, 1.0])
    assert ConvexCombinationRegressor().fit(X, y, sample_weight=[0, 1]).coef_ == pytest.approx([0, 1])


@pytest.mark.parametrize("unit", [2.0**-60, 2.0**-20])
def test_boosted_trees_in_a_stack_see_targets_in_any_unit(unit):
    xgboost = pytest.importorskip("xgboost", reason="the trees are XGBoost's")
    random = np.random.default_rng(0)
    X = random.normal(size=(100, 3))
    y = np.where(X[:, 0] > 0, 1.0, 0.0) + 0.25 * X[:, 1]
    # Few and shallow: no split is worth so little that a unit twice as large hides it.
    trees = xgboost.XGBRegressor(n_estimators=5, max_depth=2)
    members = [("trees", trees), ("linear", LinearRegression())]
    stack = StackingRegressor(members, ConvexCombinationRegressor(), cv=3).fit(X, y)
    expected, columns = stack.predict(X, return_std=True), stack.transform(X)
    np.testing.assert_array_equal(columns[:, 0], stack.estimators_[0].predict(X))
    assert columns[:, 0].std() > 0.3
    small = stack.fit(X, y * unit).predict(X, return_std=True)
    np.testing.assert_allclose(np.divide(small, unit), expected, rtol=1e-6)
    np.testing.assert_allclose(stack.transform(X) / unit, columns, rtol=1e-6)
    passed = StackingRegressor(members, LinearRegression(), cv=3, passthrough=True).fit(X, y * unit)
    np.testing.assert_array_equal(passed.transform(X)[:, :2], stack.transform(X))
