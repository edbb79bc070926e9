"""Whether a target is zero, and how large it is otherwise."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.utils.estimator_checks import parametrize_with_checks

from skcrystal.models import ConvexCombinationRegressor, ZeroInflatedRegressor
from skcrystal.models.mixtures import median_of_mixture
from skcrystal.models.weighted import StackingRegressor


@parametrize_with_checks([ZeroInflatedRegressor(Ridge(), LogisticRegression())])
def test_scikit_learns_checks(estimator, check):
    check(estimator)


def problem(n_samples=200):
    rng = np.random.default_rng(0)
    X = rng.normal(0, 1, (n_samples, 3))
    return X, np.where(X[:, 0] > 0, 2 + X[:, 1], 0).clip(0)


def test_the_gate_beats_the_regressor_alone_and_nothing_is_negative():
    X, y = problem()
    model = ZeroInflatedRegressor(LinearRegression(), LogisticRegression()).fit(X[:150], y[:150])
    predicted = model.predict(X[150:])
    alone = LinearRegression().fit(X[:150], y[:150]).predict(X[150:])
    assert alone.min() < 0 == predicted.min()
    assert np.abs(predicted - y[150:]).mean() < 0.5 * np.abs(alone - y[150:]).mean()


def test_the_regressor_learns_from_positive_rows_alone():
    X, y = problem()
    model = ZeroInflatedRegressor(LinearRegression(), LogisticRegression()).fit(X, y)
    alone = LinearRegression().fit(X[y > 0], y[y > 0])
    np.testing.assert_allclose(model.regressor_.coef_, alone.coef_)


def test_the_median_splits_a_mixture_in_halves():
    random = np.random.default_rng(0)
    p, center, spread = 0.7, 2.0, 0.5
    drawn = np.where(random.random(400_000) < p, random.normal(center, spread, 400_000), 0.0)
    expected = np.median(np.maximum(drawn, 0))
    found = median_of_mixture(np.array([p, 0.5, 1.0]), np.full(3, center), spread)
    assert found[0] == pytest.approx(expected, abs=0.005)
    assert found[1:].tolist() == [0.0, center]


def test_the_median_is_never_negative():
    assert median_of_mixture(np.array([0.51]), np.array([0.1]), 1.0).tolist() == [0.0]


@pytest.mark.parametrize(("spread", "apart"), [(0.3, 0.4), (0.5, 0.0), (0.0, 0.4)])
def test_the_spread_of_a_row_is_that_of_errors_and_of_the_members_together(spread, apart):
    members = [
        (str(sign), DummyRegressor(strategy="constant", constant=2.0 + sign * apart)) for sign in (-1, 1)
    ]
    stack = StackingRegressor(members, final_estimator=ConvexCombinationRegressor(), cv=3)
    model = ZeroInflatedRegressor(stack, DummyClassifier(strategy="prior"), spread=spread)
    # Seven rows of ten are not 0.
    found = model.fit(np.zeros((10, 1)), np.repeat([0.0, 2.0], [3, 7])).predict([[0.0]])
    random = np.random.default_rng(0)
    # 3, 4 and 5 are the sides of a right triangle; without errors that were measured there is no spread.
    drawn = np.where(random.random(400_000) < 0.7, random.normal(2.0, 0.5, 400_000), 0.0)
    assert found[0] == pytest.approx(np.median(drawn) if spread else 2.0, abs=0.005)


def test_the_spread_is_the_error_on_rows_not_seen():
    random = np.random.default_rng(0)
    X = random.normal(0, 1, (2000, 2))
    y = np.where(X[:, 0] > 0, 10 + X[:, 1] + random.normal(0, 0.3, 2000), 0.0)
    model = ZeroInflatedRegressor(LinearRegression(), LogisticRegression(), random_state=0).fit(X, y)
    assert model.spread_ == pytest.approx(0.3, rel=0.15)
    assert (
        ZeroInflatedRegressor(LinearRegression(), LogisticRegression(), spread=0.7).fit(X, y).spread_ == 0.7
    )


def test_sample_weights_reach_both_models():
    X, y = problem()
    weight = np.where(np.arange(len(y)) < 100, 1.0, 0.0)
    model = ZeroInflatedRegressor(LinearRegression(), LogisticRegression(), spread=0)
    np.testing.assert_allclose(
        model.fit(X, y, sample_weight=weight).predict(X),
        model.fit(X[:100], y[:100]).predict(X),
        atol=1e-5,
    )


@pytest.mark.parametrize("zeros_count", [True, False])
def test_rows_of_weight_zero_are_on_no_side(zeros_count):
    """What is left is 0 alone, or above 0 alone: there is nothing to classify."""
    X, y = problem()
    counted = (y > 0) != zeros_count
    weight, folds = counted.astype(float), list(KFold(3, shuffle=True, random_state=0).split(X))
    model = ZeroInflatedRegressor(LinearRegression(), LogisticRegression(), spread=0)
    expected = model.fit(X[counted], y[counted]).predict(X)
    np.testing.assert_allclose(model.fit(X, y, sample_weight=weight).predict(X), expected, atol=1e-12)
    assert model.classifier_ is None
    model.fit_out_of_fold(X, y, folds, weight)
    np.testing.assert_allclose(model.predict(X), expected, atol=1e-12)


@pytest.mark.parametrize("zeros", [0, 20])
def test_weights_that_are_none_are_refused(zeros):
    """By the first of the models that is given one."""
    X, y = problem()
    weight = np.where(np.arange(200) < zeros, 0.0, 1.0)
    weight[np.flatnonzero(y > 0)[-1]] = np.nan
    model = ZeroInflatedRegressor(LinearRegression(), LogisticRegression(), spread=0)
    with pytest.raises(ValueError, match="NaN"):
        model.fit(X, y, sample_weight=weight)
    with pytest.raises(ValueError, match="NaN"):
        model.fit_out_of_fold(X, y, list(KFold(3).split(X)), weight)


def test_a_fold_in_which_zeros_have_no_weight_needs_no_classifier():
    X, y = problem()
    train, test = np.arange(100), np.arange(100, 200)
    weight = np.where((y == 0) & (np.arange(200) < 100), 0.0, 1.0)
    model = ZeroInflatedRegressor(LinearRegression(), LogisticRegression(), spread=0)
    parts = model.fit_out_of_fold(X, y, [(train, test), (test, train)], weight)
    assert model.classifier_ is not None
    np.testing.assert_array_equal(parts[test, -1], 1.0)
    assert parts[train, -1].max() < 1


@pytest.mark.parametrize("target", [0.0, 2.0])
def test_targets_on_one_side_need_no_classifier(target):
    X, _ = problem()
    model = ZeroInflatedRegressor(LinearRegression(), LogisticRegression()).fit(X, np.full(len(X), target))
    assert model.classifier_ is None
    np.testing.assert_allclose(model.predict(X), target, atol=1e-12)


def test_models_given_are_not_fitted_and_the_fitted_one_pickles():
    X, y = problem()
    model = ZeroInflatedRegressor(LinearRegression(), LogisticRegression()).fit(X, y)
    assert not hasattr(model.regressor, "coef_")
    assert not hasattr(model.classifier, "coef_")
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(model)).predict(X), model.predict(X))


def test_parameters_are_searched_inside_the_training_folds():
    X, y = problem()
    search = GridSearchCV(
        ZeroInflatedRegressor(LinearRegression(), LogisticRegression()),
        {"classifier__C": [1e-6, 10.0], "regressor__fit_intercept": [True]},
        scoring="neg_mean_absolute_error",
    ).fit(X, y)
    assert search.best_params_["classifier__C"] == 10.0


def test_negative_targets_are_refused():
    X, y = problem()
    y[4] = -0.5
    with pytest.raises(ValueError, match=r"never negative .* y\[4\] is -0.5"):
        ZeroInflatedRegressor(LinearRegression(), LogisticRegression()).fit(X, y)


def test_column_names_are_the_regressors():
    pd = pytest.importorskip("pandas")
    X, y = problem()
    model = ZeroInflatedRegressor(LinearRegression(), LogisticRegression())
    model.fit(pd.DataFrame(X, columns=["a", "b", "c"]), y)
    assert list(model.feature_names_in_) == ["a", "b", "c"]
