"""The Gaussian process with one weight per column, against scikit-learn's and finite differences."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from scipy.optimize import check_grad, minimize
from scipy.stats import t as student
from sklearn.base import clone
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel
from sklearn.utils.estimator_checks import parametrize_with_checks

from skcrystal.models import ARDGaussianProcessRegressor, gaussian_process, likelihood
from skcrystal.models.likelihood import (
    SINGLE_PRECISION_ROWS,
    _likelihood,
    negative_log_likelihood,
    squared_norms,
)

EXPECTED_FAILURES = {
    "check_sample_weight_equivalence_on_dense_data": "weights scale the noise; noise is learnt anew for rows "
    "that stand there several times",
}


@parametrize_with_checks(
    [ARDGaussianProcessRegressor()], expected_failed_checks=lambda estimator: EXPECTED_FAILURES
)
def test_scikit_learns_checks(estimator, check):
    check(estimator)


def problem(n_samples=50, n_features=4, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(5, 2, (n_samples, n_features))
    y = 7 + np.sin(X[:, 0]) + 0.3 * X[:, 1] + rng.normal(0, 0.1, n_samples)
    return X, y


def reference(weights, amplitude, noise, nu=1.5):
    """Make the same process with scikit-learn, all parameters fixed."""
    kernel = ConstantKernel(amplitude) * Matern(1 / np.sqrt(weights), nu=nu) + WhiteKernel(noise)
    return GaussianProcessRegressor(kernel, alpha=0.0, optimizer=None, normalize_y=True)


@pytest.mark.parametrize("nu", [1.5, 2.5])
@pytest.mark.parametrize("n_outputs", [1, 3])
def test_gradient_agrees_with_finite_differences(n_outputs, nu):
    rng = np.random.default_rng(1)
    S, T = rng.normal(0, 0.5, (25, 6)), rng.normal(0, 1, (25, n_outputs))

    def value(theta):
        return negative_log_likelihood(theta, S, T, 0.02, nu=nu)[0]

    def gradient(theta):
        return negative_log_likelihood(theta, S, T, 0.02, nu=nu)[1]

    for _ in range(5):
        theta = np.append(rng.normal(0, 1, 6), [np.log(0.1), 0.3])
        assert check_grad(value, gradient, theta) < 1e-5 * np.linalg.norm(gradient(theta))


@pytest.mark.parametrize("nu", [1.5, 2.5])
def test_single_precision_of_many_rows_changes_little(nu):
    rng = np.random.default_rng(1)
    n = 2 * SINGLE_PRECISION_ROWS
    S, T = rng.normal(0, 0.5, (n, 6)), rng.normal(0, 1, (n, 1))
    theta = np.append(rng.normal(0, 1, 6), [np.log(0.1), 0.3])
    value, gradient = negative_log_likelihood(theta, S, T, 0.02, nu=nu)
    doubled = _likelihood(theta, S, T, 0.02, np.ones(len(S)), nu, np.float64)
    assert value == pytest.approx(doubled[0], rel=2e-6)
    np.testing.assert_allclose(gradient, doubled[1], atol=1e-5 * np.abs(gradient).max())


def test_a_matrix_that_single_precision_spoils_is_computed_in_double(monkeypatch):
    S = np.random.default_rng(1).normal(0, 1, (SINGLE_PRECISION_ROWS, 2))
    arguments = np.array([0.0, 0.0, np.log(0.1), 0.0]), S, S[:, :1], 0.0
    tried = []

    def spoilt(*arguments):
        tried.append(arguments[-1])
        if arguments[-1] is np.float32:
            raise np.linalg.LinAlgError
        return _likelihood(*arguments)

    monkeypatch.setattr(likelihood, "_likelihood", spoilt)
    assert np.isfinite(negative_log_likelihood(*arguments)[0])
    assert tried == [np.float32, np.float64]


@pytest.mark.parametrize("nu", [1.5, 2.5])
def test_likelihood_is_scikit_learns(nu):
    X, y = problem()
    T = ((y - y.mean()) / y.std())[:, None]
    weights = np.array([0.3, 0.1, 0.02, 0.5])
    theta = np.append(np.zeros(4), np.log([0.05, 1.6]))
    found = negative_log_likelihood(theta, X * np.sqrt(weights), T, 0.0, nu=nu)[0]
    ours = -found - len(y) / 2 * np.log(2 * np.pi)
    theirs = reference(weights, 1.6, 0.05, nu).fit(X, y).log_marginal_likelihood_value_
    assert ours == pytest.approx(theirs, rel=1e-10)


@pytest.mark.parametrize("nu", [1.5, 2.5])
@pytest.mark.parametrize("max_iter", [0, 15])
def test_prediction_and_its_deviation_are_scikit_learns_with_the_same_weights(max_iter, nu):
    X, y = problem()
    model = ARDGaussianProcessRegressor(nu=nu, max_iter=max_iter).fit(X[:40], y[:40])
    sklearns = reference(model.weights_, model.amplitude_, model.noise_, nu).fit(X[:40], y[:40])
    for ours, theirs in zip(
        model.predict(X, return_std=True), sklearns.predict(X, return_std=True), strict=True
    ):
        np.testing.assert_allclose(ours, theirs, rtol=1e-8)


def test_no_iteration_keeps_the_initial_weights():
    X, y = problem()
    model = ARDGaussianProcessRegressor(max_iter=0).fit(X, y)
    np.testing.assert_allclose(model.weights_, 1 / (4 * X.var(axis=0)))


def test_learning_raises_the_likelihood_and_finds_the_columns_that_matter():
    X, y = problem(n_samples=120)
    model = ARDGaussianProcessRegressor().fit(X, y)
    assert model.weights_[:2].min() > 20 * model.weights_[2:].max()
    fixed = ARDGaussianProcessRegressor(max_iter=0).fit(X, y)
    X_new, y_new = problem(n_samples=60, seed=7)
    errors = [np.abs(m.predict(X_new) - y_new).mean() for m in (model, fixed)]
    assert errors[0] < 0.8 * errors[1]


def test_a_constant_column_changes_nothing():
    X, y = problem()
    padded = np.insert(X, 2, 3.7, axis=1)
    model = ARDGaussianProcessRegressor(max_iter=0).fit(padded, y)
    assert model.weights_[2] == 0
    moved = padded + np.eye(5)[2]
    np.testing.assert_array_equal(model.predict(padded), model.predict(moved))


def test_only_constant_columns_predict_the_mean():
    model = ARDGaussianProcessRegressor().fit(np.ones((4, 2)), [1.0, 2.0, 3.0, 6.0])
    np.testing.assert_allclose(model.predict([[1.0, 1.0], [5.0, 5.0]]), 3.0)


def test_units_of_columns_and_target_do_not_matter():
    X, y = problem()
    plain = ARDGaussianProcessRegressor(max_iter=5).fit(X, y).predict(X)
    scaled = (
        ARDGaussianProcessRegressor(max_iter=5).fit(X * 2.0**10 + 64, 4 * y - 8).predict(X * 2.0**10 + 64)
    )
    np.testing.assert_allclose(scaled, 4 * plain - 8, rtol=1e-6)


def test_several_targets_share_a_kernel():
    X, y = problem()
    both = ARDGaussianProcessRegressor(max_iter=0).fit(X, np.column_stack([y, X[:, 2] ** 2]))
    alone = ARDGaussianProcessRegressor(max_iter=0).fit(X, y)
    predicted, deviation = both.predict(X, return_std=True)
    assert predicted.shape == deviation.shape == (50, 2)
    np.testing.assert_allclose(predicted[:, 0], alone.predict(X))
    np.testing.assert_allclose(deviation[:, 0], alone.predict(X, return_std=True)[1])


def test_weights_from_a_subset_depend_on_the_seed_only():
    X, y = problem(n_samples=80)
    settings = {"max_likelihood_rows": 30, "max_iter": 5}
    first, again, other = (
        ARDGaussianProcessRegressor(**settings, random_state=seed).fit(X, y) for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(first.weights_, again.weights_)
    assert not np.allclose(first.weights_, other.weights_)
    # All rows are in the prediction: each residual is small, those outside of the subset too.
    assert np.abs(first.predict(X) - y).max() < 0.6


def test_blocks_of_rows_join(monkeypatch):
    X, y = problem()
    whole = ARDGaussianProcessRegressor(max_iter=0).fit(X, y).predict(X, return_std=True)
    monkeypatch.setattr("skcrystal.models.gaussian_process.BLOCK", 7)
    parts = ARDGaussianProcessRegressor(max_iter=0).fit(X, y).predict(X, return_std=True)
    np.testing.assert_allclose(whole, parts)


def test_too_many_rows_are_refused_before_memory_is_asked_for():
    X, y = problem()
    with pytest.raises(ValueError, match=r"50 rows need .* GB .* max_rows is 20"):
        ARDGaussianProcessRegressor(max_rows=20).fit(X, y)


def test_without_the_factor_pickles_are_small_and_deviations_refused():
    X, y = problem(n_samples=200)
    model = ARDGaussianProcessRegressor(max_iter=0)
    full, small = (clone(model).set_params(keep_factor=keep).fit(X, y) for keep in (True, False))
    assert len(pickle.dumps(small)) < len(pickle.dumps(full)) / 10
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(small)).predict(X), full.predict(X))
    with pytest.raises(ValueError, match="keep_factor=True"):
        small.predict(X, return_std=True)


def test_nan_is_refused():
    X, y = problem()
    X[3, 1] = np.nan
    with pytest.raises(ValueError, match="NaN"):
        ARDGaussianProcessRegressor().fit(X, y)


def test_a_row_of_weight_zero_is_not_there():
    X, y = problem()
    weight = np.ones(len(y))
    weight[:10] = 0
    there = ARDGaussianProcessRegressor().fit(X, y, sample_weight=weight)
    gone = ARDGaussianProcessRegressor().fit(X[10:], y[10:])
    np.testing.assert_allclose(there.predict(X), gone.predict(X), rtol=1e-10)


def test_weights_matter_by_their_ratios_and_pull_the_prediction():
    X = np.zeros((20, 1))
    X[:10] = 1.0
    y = np.tile([0.0, 1.0], 10)
    weight = np.tile([1.0, 9.0], 10)
    model = ARDGaussianProcessRegressor(max_iter=0)
    plain = model.fit(X, y).predict([[0.0]])[0]
    pulled = model.fit(X, y, sample_weight=weight).predict([[0.0]])[0]
    scaled = model.fit(X, y, sample_weight=50 * weight).predict([[0.0]])[0]
    assert plain == pytest.approx(0.5, abs=1e-6)
    assert pulled == pytest.approx(0.9, abs=1e-6)
    assert scaled == pytest.approx(pulled, rel=1e-10)


def test_beyond_max_rows_a_sample_serves_where_it_is_allowed():
    X, y = problem(200)
    with pytest.raises(ValueError, match="excess='sample'"):
        ARDGaussianProcessRegressor(max_rows=100).fit(X, y)
    model = ARDGaussianProcessRegressor(max_rows=100, excess="sample", random_state=0).fit(X, y)
    assert len(model._dual) == 100
    assert np.abs(model.predict(X) - y).mean() < 0.5 * np.abs(y - y.mean()).mean()


def test_columns_of_mostly_one_value_are_left_out():
    X, y = problem()
    # A flag in every fifth row, one in two of three, and one in exactly half.
    flags = np.arange(len(y))[:, None] % [5, 3, 2] == 0
    model = ARDGaussianProcessRegressor(max_one_value=0.5, max_iter=0).fit(np.hstack([X, flags]), y)
    np.testing.assert_array_equal(model.weights_ > 0, [True] * 4 + [False, False, True])
    # As if they had never been there.
    without = ARDGaussianProcessRegressor(max_iter=0).fit(np.hstack([X, flags[:, 2:]]), y)
    np.testing.assert_allclose(model.weights_[[0, 1, 2, 3, 6]], without.weights_)


def test_outputs_count_alike_or_by_their_variance():
    X, y = problem(n_samples=80)
    noise = np.random.default_rng(2).normal(0, 1e-3, (80, 6))
    Y = np.column_stack([y, noise])
    alone = ARDGaussianProcessRegressor(random_state=0).fit(X, y)
    models = {
        outputs: ARDGaussianProcessRegressor(outputs=outputs, random_state=0).fit(X, Y)
        for outputs in ("alike", "by_variance")
    }
    # Six outputs of faint noise make the process think that all is noise, unless they count for little.
    assert models["alike"].noise_ > 10 * alone.noise_
    new, truth = problem(n_samples=60, seed=5)
    errors = {name: np.abs(model.predict(new)[:, 0] - truth).mean() for name, model in models.items()}
    assert errors["by_variance"] < 0.7 * errors["alike"]
    # One output is one output.
    one = ARDGaussianProcessRegressor(outputs="by_variance", random_state=0).fit(X, y)
    np.testing.assert_array_equal(one.predict(new), alone.predict(new))


def test_what_is_known_of_the_rows_is_found_anew_where_a_model_is_loaded():
    X, y = np.random.default_rng(0).normal(size=(40, 3)), np.arange(40.0)
    model = ARDGaussianProcessRegressor(max_iter=2, random_state=0).fit(X, y)
    expected = model.predict(X)
    model._norms = model._norms + 1
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(model)).predict(X), expected)


def test_norms_of_rows_are_computed_by_fit_alone(monkeypatch):
    X, y = np.random.default_rng(0).normal(size=(40, 3)), np.arange(40.0)
    model = ARDGaussianProcessRegressor(max_iter=2, random_state=0).fit(X, y)
    lengths = []

    def counted(A):
        lengths.append(len(A))
        return squared_norms(A)

    monkeypatch.setattr("skcrystal.models.likelihood.squared_norms", counted)
    model.predict(X[:1])
    assert lengths == [1]


@pytest.mark.parametrize("n_outputs", [1, 2])
def test_students_noise_leads_to_the_mode_of_the_posterior(monkeypatch, n_outputs):
    monkeypatch.setattr(gaussian_process, "ROUNDS", 300)
    X, y = problem(30)
    y[[3, 11]] += [4.0, -3.0]
    Y = np.column_stack([y] * n_outputs)
    model = ARDGaussianProcessRegressor(freedom=4.0).fit(X, Y)
    targets = (y - y.mean()) / y.std()
    kernel = ConstantKernel(model.amplitude_) * Matern(1 / np.sqrt(model.weights_), nu=1.5)
    prior = kernel(X)
    scale = np.sqrt(model.noise_)

    def negative_log_posterior(dual):
        values = prior @ dual
        # Equal outputs that share a scale of the noise: t of n dimensions, which is off by the same in each.
        freedom = 4.0 + n_outputs - 1
        off = (targets - values) / scale * np.sqrt(n_outputs * freedom / 4.0)
        return -student.logpdf(off, freedom).sum() + n_outputs * 0.5 * dual @ values

    found = minimize(negative_log_posterior, np.linalg.solve(prior + model.noise_ * np.eye(30), targets))
    mode = (prior @ found.x) * y.std() + y.mean()
    assert model.predict(X).reshape(30, -1)[:, 0] == pytest.approx(mode, abs=2e-3)


def test_a_target_that_is_far_off_pulls_less_with_students_noise():
    X, y = problem(80)
    wrong = y.copy()
    wrong[5] += 10.0
    errors = [
        np.abs(ARDGaussianProcessRegressor(max_iter=0, freedom=freedom).fit(X, wrong).predict(X) - y)
        for freedom in (None, 4.0)
    ]
    assert errors[1][5] < 0.5 * errors[0][5]
    assert errors[1].mean() < 0.8 * errors[0].mean()


def test_students_noise_of_many_degrees_is_normal():
    X, y = problem(60)
    normal = ARDGaussianProcessRegressor().fit(X, y).predict(X[:9] + 0.1, return_std=True)
    nearly = ARDGaussianProcessRegressor(freedom=1e9).fit(X, y).predict(X[:9] + 0.1, return_std=True)
    np.testing.assert_allclose(nearly, normal, rtol=1e-6)


def test_deviations_hold_the_variance_of_students_noise():
    X, y = problem(60)
    model = ARDGaussianProcessRegressor(max_iter=0, freedom=4.0).fit(X, y)
    far = X[:1] + 1e6
    variance = model.amplitude_ + student(4.0, scale=np.sqrt(model.noise_)).var()
    assert model.predict(far, return_std=True)[1] == pytest.approx(np.sqrt(variance) * y.std())


def test_the_search_weighs_rows_that_are_far_off():
    X, y = problem(1200)
    y[::40] += 6.0
    normal, robust = (
        ARDGaussianProcessRegressor(freedom=freedom, random_state=0).fit(X, y) for freedom in (None, 4.0)
    )
    assert robust.noise_ < 0.5 * normal.noise_
