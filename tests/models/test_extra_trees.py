"""Extremely randomised trees, kept as arrays."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from sklearn import ensemble
from sklearn.datasets import make_classification, make_regression
from sklearn.utils.estimator_checks import parametrize_with_checks

from skcrystal.models import ExtraTreesClassifier, ExtraTreesRegressor


@parametrize_with_checks(
    [
        ExtraTreesClassifier(n_estimators=20, max_features=0.5, random_state=0),
        ExtraTreesRegressor(n_estimators=20, max_features=0.5, random_state=0),
    ]
)
def test_scikit_learns_checks(estimator, check):
    check(estimator)


def problem(n_classes=2, n_samples=300):
    return make_classification(
        n_samples, 12, n_informative=6, n_classes=n_classes, flip_y=0.1, random_state=0
    )


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("weighted", [False, True])
def test_probabilities_are_those_of_scikit_learns_forest(n_classes, weighted):
    X, y = problem(n_classes, 700)
    weight = np.random.default_rng(0).integers(1, 4, 100) if weighted else None
    params = {"n_estimators": 30, "max_features": 0.4, "random_state": 3}
    ours = ExtraTreesClassifier(**params).fit(X[:100], y[:100], weight)
    theirs = ensemble.ExtraTreesClassifier(**params).fit(X[:100], y[:100], weight)
    # More rows than go down the trees at once.
    np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), rtol=1e-12)
    np.testing.assert_array_equal(ours.predict(X), theirs.predict(X))


def test_rows_that_are_learned_from_end_in_leaves_of_their_class():
    X, y = problem()
    model = ExtraTreesClassifier(n_estimators=10, random_state=0).fit(X, y)
    np.testing.assert_array_equal(model.predict_proba(X).max(axis=1), 1.0)


def test_one_row_is_predicted_as_among_others():
    X, y = problem()
    model = ExtraTreesClassifier(random_state=0).fit(X[:200], y[:200])
    together = model.predict_proba(X[200:])
    alone = np.concatenate([model.predict_proba(row[None]) for row in X[200:]])
    np.testing.assert_allclose(alone, together, rtol=1e-12)


def test_a_row_of_weight_zero_does_not_count():
    X, y = problem()
    weight = np.where(np.arange(300) < 150, 1.0, 0.0)
    model = ExtraTreesClassifier(n_estimators=10, random_state=0)
    np.testing.assert_array_equal(
        model.fit(X, y, weight).predict_proba(X), model.fit(X[:150], y[:150]).predict_proba(X)
    )


def test_one_class_is_certain():
    model = ExtraTreesClassifier(n_estimators=5).fit([[0.0], [1.0]], ["metal", "metal"])
    np.testing.assert_array_equal(model.predict_proba([[5.0]]), [[1.0]])


def test_what_is_kept_is_small_beside_scikit_learns_forest():
    X, y = problem()
    params = {"n_estimators": 50, "random_state": 0}
    ours = pickle.dumps(ExtraTreesClassifier(**params).fit(X, y))
    theirs = pickle.dumps(ensemble.ExtraTreesClassifier(**params).fit(X, y))
    assert len(ours) < 0.7 * len(theirs)


def test_trees_that_lead_in_circles_end():
    X, y = problem()
    model = ExtraTreesClassifier(n_estimators=1, random_state=0).fit(X, y)
    # What a file that was tampered with may hold: the first two nodes are each other's children.
    model._children[:2] = [[1, 1], [0, 0]]
    assert np.isfinite(model.predict_proba(X)).all()


@pytest.mark.parametrize("weighted", [False, True])
def test_numbers_are_those_of_scikit_learns_forest(weighted):
    X, y = make_regression(700, 12, noise=10, random_state=0)
    weight = np.random.default_rng(0).integers(0, 4, 100) if weighted else None
    learned = slice(100) if weight is None else np.flatnonzero(weight)
    params = {"n_estimators": 30, "max_features": 0.4, "random_state": 3}
    ours = ExtraTreesRegressor(**params).fit(X[:100], y[:100], weight)
    theirs = ensemble.ExtraTreesRegressor(**params)
    theirs.fit(X[learned], y[learned], None if weight is None else weight[learned])
    # More rows than go down the trees at once.
    np.testing.assert_allclose(ours.predict(X), theirs.predict(X), rtol=1e-12)


def test_a_number_that_was_learned_is_remembered():
    X, y = make_regression(100, 5, random_state=0)
    model = ExtraTreesRegressor(n_estimators=10, random_state=0).fit(X, y)
    np.testing.assert_allclose(model.predict(X), y, rtol=1e-12)


@pytest.mark.parametrize("unit", [1e-160, 1e-9, 1e9, 1e160])
def test_numbers_are_learned_in_any_unit(unit):
    X, y = make_regression(100, 5, random_state=0)
    model = ExtraTreesRegressor(n_estimators=10, random_state=0)
    expected = model.fit(X, y).predict(X + 0.3)
    np.testing.assert_allclose(model.fit(X, y * unit).predict(X + 0.3) / unit, expected, rtol=1e-9)
    np.testing.assert_allclose(model.fit(X, np.full(100, unit)).predict(X), unit, rtol=1e-12)


def mostly_zero_columns(n_samples=200):
    """Return columns of which the second and the last are 0 in four rows of five, and a target."""
    X, y = make_regression(n_samples, 6, random_state=0)
    X[np.arange(n_samples) % 5 > 0, 1] = 0.0
    X[np.arange(n_samples) % 5 < 4, 5] = 0.0
    return X, y


@pytest.mark.parametrize(("share", "columns"), [(0.5, [1, 5]), (0.0, [0, 1, 2, 3, 4, 5])])
def test_columns_of_few_equal_values_may_be_left_out(share, columns):
    X, y = mostly_zero_columns()
    model = ExtraTreesRegressor(n_estimators=20, min_one_value=share, random_state=0).fit(X, y)
    theirs = ensemble.ExtraTreesRegressor(20, max_features=0.2, random_state=0).fit(X[:, columns], y)
    np.testing.assert_allclose(model.predict(X), theirs.predict(X[:, columns]), rtol=1e-12)


def test_all_columns_are_learned_from_where_none_is_mostly_one_value():
    X, y = make_regression(50, 4, random_state=0)
    params = {"n_estimators": 5, "random_state": 0}
    left = ExtraTreesRegressor(min_one_value=0.5, **params).fit(X, y)
    np.testing.assert_array_equal(
        left.predict(X + 0.1), ExtraTreesRegressor(**params).fit(X, y).predict(X + 0.1)
    )


def test_rows_of_weight_zero_do_not_choose_columns():
    X, y = mostly_zero_columns()
    X[:150, 0] = 0.0
    weight = np.where(np.arange(200) < 150, 0.0, 1.0)
    model = ExtraTreesRegressor(n_estimators=10, min_one_value=0.5, random_state=0)
    expected = model.fit(X[150:], y[150:]).predict(X)
    np.testing.assert_array_equal(model.fit(X, y, weight).predict(X), expected)


def test_what_is_kept_of_numbers_is_small_beside_scikit_learns_forest():
    X, y = make_regression(300, 12, random_state=0)
    params = {"n_estimators": 50, "max_features": 0.2, "random_state": 0}
    ours = pickle.dumps(ExtraTreesRegressor(**params).fit(X, y))
    theirs = pickle.dumps(ensemble.ExtraTreesRegressor(**params).fit(X, y))
    assert len(ours) < 0.7 * len(theirs)
