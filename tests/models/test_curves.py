"""Curves: few factors, one model, never below zero, and an area that is kept where asked."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.base import BaseEstimator, RegressorMixin, clone
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.model_selection import GridSearchCV, KFold, cross_val_predict, cross_val_score
from sklearn.utils.estimator_checks import parametrize_with_checks

from skcrystal.datasets import load_experimental
from skcrystal.descriptors import CompositionStats
from skcrystal.models import ARDGaussianProcessRegressor, CurveRegressor, make_regressor

GRID = np.linspace(0, 1, 50)


EXPECTED_FAILURES = {
    "check_regressor_multioutput": "it draws targets below 0",
}


@parametrize_with_checks(
    [CurveRegressor(Ridge())], expected_failed_checks=lambda estimator: EXPECTED_FAILURES
)
def test_scikit_learns_checks(estimator, check):
    check(estimator)


def peaks(centers, heights):
    return heights[:, None] * np.exp(-0.5 * ((GRID - centers[:, None]) / 0.08) ** 2)


def problem(n=120, noise=0.02, seed=0):
    """Two peaks that move and grow, and noise that is no function of X."""
    rng = np.random.default_rng(seed)
    X = rng.uniform(0, 1, (n, 3))
    curves = peaks(0.2 + 0.2 * X[:, 0], 1 + X[:, 1]) + peaks(0.7 + 0.1 * X[:, 1], 2 - X[:, 2])
    return X, np.maximum(curves + rng.normal(0, noise, curves.shape), 0)


class Counting(RegressorMixin, BaseEstimator):
    """A linear model that counts its fits and the columns that it is given."""

    widths: list = []  # noqa: RUF012

    def fit(self, X, y):
        Counting.widths.append(y.shape[1])
        self.model_ = LinearRegression().fit(X, y)
        return self

    def predict(self, X):
        return self.model_.predict(X)


def test_one_model_learns_all_columns():
    Counting.widths = []
    X, y = problem()
    model = CurveRegressor(Counting(), max_factors=6, cv=4, random_state=0).fit(X, y)
    assert Counting.widths == [6] * 4 + [model.n_factors_]
    assert model.predict(X).shape == y.shape


def test_curves_are_near_and_never_negative():
    X, y = problem(300)
    model = CurveRegressor(ARDGaussianProcessRegressor(random_state=0), random_state=0)
    model.fit(X[:200], y[:200])
    predicted = model.predict(X[200:])
    mean = np.abs(y[200:] - y[:200].mean(axis=0)).mean()
    assert predicted.min() == 0
    assert np.abs(predicted - y[200:]).mean() < 0.2 * mean
    assert model.score(X[200:], y[200:]) > 0.97
    np.testing.assert_allclose(model.components_ @ model.components_.T, np.eye(model.n_factors_), atol=1e-9)


def test_what_nobody_can_predict_is_left_out():
    X, y = problem()
    noise = np.random.default_rng(1).uniform(0, 1, (len(X), 50))
    assert CurveRegressor(LinearRegression(), random_state=0).fit(X, noise).n_factors_ == 0
    assert 0 < CurveRegressor(LinearRegression(), random_state=0).fit(X, y).n_factors_ < 30


def test_the_errors_are_those_of_curves_that_were_not_learned_from():
    X, y = problem()
    model = CurveRegressor(LinearRegression(), cv=KFold(3), max_factors=4).fit(X, y)
    total = np.zeros(5)
    for train, test in KFold(3).split(X):
        mean = y[train].mean(axis=0)
        components = np.linalg.svd(y[train] - mean, full_matrices=False)[2][:4]
        scores = LinearRegression().fit(X[train], (y[train] - mean) @ components.T).predict(X[test])
        for k in range(5):
            total[k] += ((y[test] - mean - scores[:, :k] @ components[:k]) ** 2).sum()
    np.testing.assert_allclose(model.errors_, total / len(y))
    assert model.n_factors_ == np.argmin(total)


def test_one_area_of_all_is_that_of_each_prediction():
    X, y = problem()
    y = 3 * y / y.mean(axis=1, keepdims=True)
    free = CurveRegressor(LinearRegression(), random_state=0).fit(X, y)
    kept = CurveRegressor(LinearRegression(), keep_area=True, random_state=0).fit(X, y)
    far = np.random.default_rng(0).uniform(-3, 4, (50, 3))
    np.testing.assert_allclose(kept.predict(far).mean(axis=1), 3)
    assert kept.predict(far).min() == 0
    assert np.abs(free.predict(far).mean(axis=1) - 3).max() > 0.1


def test_an_area_that_differs_is_learned_beside_the_shape():
    X, _ = problem()
    y = peaks(0.3 + 0.4 * X[:, 0], 1 + 4 * X[:, 1])
    process = ARDGaussianProcessRegressor(outputs="by_variance", random_state=0)
    model = CurveRegressor(process, keep_area=True, random_state=0)
    model.fit(X[:100], y[:100])
    areas, predicted = y[100:].mean(axis=1), model.predict(X[100:]).mean(axis=1)
    learned = model.regressor_.predict(X[100:])
    np.testing.assert_allclose(predicted, learned[:, -1] / model.area_scale_)
    np.testing.assert_allclose(learned[:, -1].std(), learned[:, 0].std(), rtol=0.3)
    assert np.abs(predicted - areas).mean() < 0.15 * areas.std()


def test_curves_of_zeros_are_curves():
    X, y = problem()
    y[:10] = 0
    model = CurveRegressor(LinearRegression(), keep_area=True, random_state=0).fit(X, y)
    assert np.isfinite(model.predict(X)).all()
    nothing = CurveRegressor(LinearRegression(), keep_area=True).fit(X, np.zeros_like(y))
    assert (nothing.predict(X) == 0).all()


def test_weights_reach_the_model():
    X, y = problem()
    weight = np.where(np.arange(len(X)) < 100, 1.0, 0.0)
    model = CurveRegressor(LinearRegression(), cv=KFold(2), max_factors=3).fit(X, y, sample_weight=weight)
    alone = CurveRegressor(LinearRegression(), cv=KFold(2), max_factors=3).fit(X[:100], y[:100])
    np.testing.assert_allclose(model.predict(X), alone.predict(X), atol=1e-8)
    twice = CurveRegressor(LinearRegression(), cv=KFold(2), max_factors=3)
    twice.fit(X, y, sample_weight=1 + weight)
    components = np.linalg.svd(np.vstack([y, y[:100]]) - twice.mean_, full_matrices=False)[2]
    assert abs(components[0] @ twice.components_[0]) == pytest.approx(1)


def test_it_is_cloned_searched_and_cross_validated():
    X, y = problem()
    model = clone(CurveRegressor(Ridge(), random_state=0))
    assert cross_val_score(model, X, y, cv=3, error_score="raise").min() > 0.6
    search = GridSearchCV(model, {"regressor__alpha": [1e-3, 1e3], "keep_area": [False, True]}, cv=2).fit(
        X, y
    )
    assert search.best_params_["regressor__alpha"] == 1e-3


def test_what_is_no_curve_is_told():
    X, y = problem()
    y[3, 17] = -0.2
    with pytest.raises(ValueError, match=r"never negative for a CurveRegressor, and y\[3, 17\] is -0.2"):
        CurveRegressor(Ridge()).fit(X, y)
    with pytest.raises(ValueError, match=r"y has the shape \(120,\); curves have"):
        CurveRegressor(Ridge()).fit(X, y[:, 0])


def test_the_ready_pipeline_predicts_curves_of_crystals():
    crystals = load_experimental().data[:60]
    numbers = CompositionStats(properties=["atomic_number"]).transform(crystals)[:, 0]
    y = peaks(0.1 + numbers / 100, np.ones(len(crystals)))
    y /= y.mean(axis=1, keepdims=True)
    model = make_regressor("composition", target="curve", keep_area=True)
    assert list(model.named_steps) == ["crystalfeaturizer", "softstandardscaler", "curveregressor"]
    out_of_fold = cross_val_predict(model, crystals, y, cv=3)
    assert out_of_fold.shape == y.shape
    assert out_of_fold.min() >= 0
    np.testing.assert_allclose(out_of_fold.mean(axis=1), 1)
    assert np.abs(out_of_fold - y).mean() < 0.8 * np.abs(y - y.mean(axis=0)).mean()


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"target": "curve", "several": True}, "a model for each column of y"),
        ({"keep_area": True}, "keep_area=True is for target='curve'"),
    ],
)
def test_what_does_not_go_together_is_told(parameters, message):
    with pytest.raises(ValueError, match=message):
        make_regressor(**parameters)
