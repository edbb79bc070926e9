"""The Gaussian process that tells two classes apart."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.calibration import calibration_curve
from sklearn.metrics import log_loss
from sklearn.utils.estimator_checks import parametrize_with_checks

from skcrystal.models import ARDGaussianProcessClassifier, ARDGaussianProcessRegressor

EXPECTED_FAILURES = {
    "check_sample_weight_equivalence_on_dense_data": "weights scale the noise; noise is learnt anew for rows "
    "that stand there several times",
}


@parametrize_with_checks(
    [ARDGaussianProcessClassifier()], expected_failed_checks=lambda estimator: EXPECTED_FAILURES
)
def test_scikit_learns_checks(estimator, check):
    check(estimator)


def noisy(n_samples=200, seed=0):
    """Return columns of which the first makes the second class likely, and the probability that it does."""
    random = np.random.default_rng(seed)
    X = random.normal(0, 1, (n_samples, 3))
    probability = 1 / (1 + np.exp(-2 * X[:, 0]))
    return X, random.random(n_samples) < probability, probability


@pytest.mark.parametrize("n_outputs", [1, 2])
def test_predictions_without_a_row_are_those_of_a_process_without_it(n_outputs):
    random = np.random.default_rng(2)
    X, y = random.normal(0, 1, (12, 2)), random.normal(0, 1, (12, n_outputs))
    y = y[:, 0] if n_outputs == 1 else y
    model = ARDGaussianProcessRegressor(max_iter=3, random_state=0).fit(X, y)
    unseen = model.leave_one_out(y)
    assert unseen.shape == y.shape
    for row in range(12):
        kept = np.arange(12) != row
        other = ARDGaussianProcessRegressor(random_state=0).fit(X, y)
        # The same scale of targets and columns, weights and noise, with one row less to learn from.
        vars(other).update(vars(model))
        targets = ((y - model._y_mean) / model._y_scale).reshape(12, -1)
        other._solve(X[kept] - model._x_mean, targets[kept], np.ones(11))
        np.testing.assert_allclose(unseen[row], other.predict(X[row : row + 1])[0], rtol=1e-9, atol=1e-10)


def test_predictions_without_a_row_need_the_factor():
    X, y = np.arange(8.0).reshape(-1, 1), np.arange(8.0)
    model = ARDGaussianProcessRegressor(keep_factor=False).fit(X, y)
    with pytest.raises(ValueError, match="keep_factor=True"):
        model.leave_one_out(y)


def test_probabilities_are_those_of_the_labels():
    X, y, _ = noisy(600)
    model = ARDGaussianProcessClassifier(random_state=0).fit(X, y)
    new, labels, truth = noisy(4000, seed=1)
    guess = model.predict_proba(new)[:, 1]
    assert np.abs(guess - truth).mean() < 0.06
    shown, predicted = calibration_curve(labels, guess, n_bins=5, strategy="quantile")
    np.testing.assert_allclose(shown, predicted, atol=0.08)
    assert log_loss(labels, guess) < 1.03 * log_loss(labels, truth)


def test_labels_of_any_kind_keep_their_order():
    X, y, _ = noisy()
    words = np.where(y, "metal", "insulator")
    model = ARDGaussianProcessClassifier(random_state=0).fit(X, words)
    assert model.classes_.tolist() == ["insulator", "metal"]
    same = ARDGaussianProcessClassifier(random_state=0).fit(X, y)
    np.testing.assert_allclose(model.predict_proba(X), same.predict_proba(X))
    assert set(model.predict(X)) == {"insulator", "metal"}
    np.testing.assert_array_equal(model.predict(X) == "metal", model.decision_function(X) > 0)


def test_rows_of_no_weight_are_left_out():
    X, y, _ = noisy()
    weight = np.ones(len(y))
    weight[:50] = 0
    y = y.copy()
    y[:50] = ~y[:50]
    weighted = ARDGaussianProcessClassifier(random_state=0).fit(X, y, sample_weight=weight)
    plain = ARDGaussianProcessClassifier(random_state=0).fit(X[50:], y[50:])
    np.testing.assert_allclose(weighted.predict_proba(X), plain.predict_proba(X))


def test_no_more_rows_are_solved_for_than_asked():
    X, y, truth = noisy(300)
    model = ARDGaussianProcessClassifier(max_rows=100, random_state=0).fit(X, y)
    assert len(model.process_._rows) == 100
    assert model.process_._factor is None
    assert np.abs(model.predict_proba(X)[:, 1] - truth).mean() < 0.15


def test_other_numbers_of_classes_are_refused():
    X = np.arange(6.0).reshape(-1, 1)
    with pytest.raises(ValueError, match="has 3 classes: take another model"):
        ARDGaussianProcessClassifier().fit(X, [0, 0, 1, 1, 2, 2])
    with pytest.raises(ValueError, match="has 1 class: take another model"):
        ARDGaussianProcessClassifier().fit(X, [1] * 6)
