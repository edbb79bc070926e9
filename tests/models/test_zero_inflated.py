"""Whether a target is zero, and how large it is otherwise."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.utils.estimator_checks import parametrize_with_checks

from skcrystal.models import ZeroInflatedRegressor


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
    assert np.abs(predicted - y[150:]).mean() < 0.9 * np.abs(alone - y[150:]).mean()


def test_threshold_zero_only_clips():
    X, y = problem()
    model = ZeroInflatedRegressor(LinearRegression(), LogisticRegression(), threshold=0).fit(X, y)
    np.testing.assert_allclose(model.predict(X), LinearRegression().fit(X, y).predict(X).clip(0))


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


def test_threshold_is_searched_inside_the_training_folds():
    X, y = problem()
    search = GridSearchCV(
        ZeroInflatedRegressor(LinearRegression(), LogisticRegression()),
        {"threshold": [0.0, 0.5], "regressor__fit_intercept": [True]},
        scoring="neg_mean_absolute_error",
    ).fit(X, y)
    assert search.best_params_["threshold"] == 0.5


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
