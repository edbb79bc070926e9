"""What a prediction is, where the squared error is to be least in place of the absolute one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.linear_model import LinearRegression
from sklearn.metrics import r2_score

from skcrystal.datasets import load_experimental
from skcrystal.models import ConvexCombinationRegressor, ZeroInflatedRegressor, make_regressor
from skcrystal.models.losses import mean_of_function
from skcrystal.models.mixtures import mean_of_mixture
from skcrystal.models.transformed_target import TransformedTargetRegressor
from skcrystal.models.weighted import StackingRegressor


@given(st.integers(0, 2**32 - 1), st.integers(1, 4))
def test_weights_make_the_squared_error_least(seed, n_members):
    random = np.random.default_rng(seed)
    y = random.normal(3, 1, 50)
    X = y[:, None] + random.normal(0, random.uniform(0.1, 2, n_members), (50, n_members))
    weight = random.uniform(0, 1, 50)
    model = ConvexCombinationRegressor(loss="squared_error").fit(X, y, sample_weight=weight)
    assert model.coef_.min() >= 0
    assert model.coef_.sum() == pytest.approx(1)
    others = np.vstack([random.dirichlet(np.ones(n_members), 200), np.eye(n_members)])
    errors = [np.average((X @ coef - y) ** 2, weights=weight) for coef in others]
    assert np.average((model.predict(X) - y) ** 2, weights=weight) <= min(errors) * (1 + 1e-9)


def test_members_that_are_always_right_are_followed():
    y = np.arange(10.0)
    X = np.column_stack([y, y + 1])
    assert ConvexCombinationRegressor(loss="squared_error").fit(X, y).coef_ == pytest.approx([1, 0])


@pytest.mark.parametrize("center", [-0.5, 0.0, 0.3, 2.0])
@pytest.mark.parametrize("spread", [0.0, 0.5])
def test_the_mean_of_a_mixture_is_that_of_its_draws(center, spread):
    random = np.random.default_rng(0)
    drawn = np.where(random.random(400_000) < 0.7, random.normal(center, spread, 400_000), 0.0)
    found = mean_of_mixture(np.array([0.7]), np.array([center]), spread)
    assert found[0] == pytest.approx(np.maximum(drawn, 0).mean(), abs=0.005)


@pytest.mark.parametrize("spread", [0.0, 0.4, 2.0])
def test_the_mean_of_an_exponential_is_known(spread):
    found = mean_of_function(np.exp, np.array([1.0, -2.0]), np.array([spread, spread]))
    np.testing.assert_allclose(found, np.exp(np.array([1.0, -2.0]) + spread**2 / 2), rtol=1e-8)


def test_zero_inflated_models_predict_the_mean():
    y = np.repeat([0.0, 2.0], [3, 7])
    settings = {"spread": 0.5, "random_state": 0}
    models = [
        ZeroInflatedRegressor(DummyRegressor(), DummyClassifier(strategy="prior"), loss=loss, **settings)
        for loss in ("absolute_error", "squared_error")
    ]
    median, mean = (model.fit(np.zeros((10, 1)), y).predict([[0.0]])[0] for model in models)
    assert mean == pytest.approx(1.4, abs=1e-3)
    assert median > mean


def test_models_of_logarithms_predict_the_mean():
    """Of a lognormal target, exp of the mean logarithm is the median, which is less than the mean."""
    y = np.random.default_rng(0).lognormal(1, 0.8, 4000)
    X = np.zeros((4000, 1))
    stack = StackingRegressor(
        [("mean", DummyRegressor())], final_estimator=ConvexCombinationRegressor(loss="squared_error"), cv=3
    )
    logarithms = {"func": np.log, "inverse_func": np.exp, "spread": 0.8}
    mean = TransformedTargetRegressor(stack, loss="squared_error", **logarithms).fit(X, y)
    median = TransformedTargetRegressor(stack, **logarithms).fit(X, y)
    assert mean.predict(X[:1])[0] == pytest.approx(y.mean(), rel=0.03)
    assert median.predict(X[:1])[0] == pytest.approx(np.median(y), rel=0.03)
    parts = mean.predict_parts(X[:1])
    assert mean.combine(parts)[0] == mean.predict(X[:1])
    assert mean.predict(X[:1], return_std=True)[0] == mean.predict(X[:1])


def test_members_of_logarithms_that_disagree_do_not_raise_the_mean():
    y = np.random.default_rng(0).lognormal(1, 0.5, 300)
    X = np.zeros((300, 1))
    members = [("good", DummyRegressor()), ("far off", DummyRegressor(strategy="constant", constant=9.0))]
    stack = StackingRegressor(members, final_estimator=ConvexCombinationRegressor(loss="squared_error"), cv=3)
    model = TransformedTargetRegressor(
        stack, func=np.log, inverse_func=np.exp, loss="squared_error", spread=0.5
    )
    assert model.fit(X, y).predict(X[:1])[0] == pytest.approx(y.mean(), rel=0.1)


def test_an_unknown_loss_is_refused():
    said = "loss is one of 'absolute_error', 'squared_error', and 'r2' was given"
    with pytest.raises(ValueError, match=said):
        make_regressor(loss="r2")
    with pytest.raises(ValueError, match=said):
        TransformedTargetRegressor(LinearRegression(), func=np.log, inverse_func=np.exp, loss="r2").fit(
            np.zeros((4, 1)), np.ones(4)
        )


def test_the_loss_reaches_every_part_of_the_ready_models():
    for target in ("real", "positive", "nonnegative", "auto"):
        params = make_regressor("notebook", target=target, loss="squared_error").get_params()
        losses = {key: value for key, value in params.items() if key.endswith("loss")}
        assert losses
        assert set(losses.values()) == {"squared_error"}


def test_ready_models_take_the_kind_of_target_from_its_values():
    X, gaps = load_experimental(return_X_y=True)
    rows = np.flatnonzero(gaps > 0)[:90]
    X, y = [X[i] for i in rows], gaps[rows]
    model = make_regressor("notebook", target="auto", loss="squared_error").fit(X[:70], y[:70])
    best = model[-1]
    assert set(best.losses_) == {"nonnegative", "positive"}
    assert r2_score(y[70:], model.predict(X[70:])) > 0
    other = make_regressor("notebook", target=best.chosen_, loss="squared_error").fit(X[:70], y[:70])
    np.testing.assert_allclose(model.predict(X[70:]), other.predict(X[70:]), rtol=1e-6)
