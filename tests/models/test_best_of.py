"""Of several regressors the one that errs least out of fold."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.dummy import DummyRegressor
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.model_selection import KFold, cross_val_predict
from sklearn.utils.estimator_checks import parametrize_with_checks

from skcrystal.models import BestOfRegressor, ConformalRegressor, ZeroInflatedRegressor
from skcrystal.models.several import MultiOutputRegressor
from skcrystal.models.target_kind import target_kind

LOGARITHM = TransformedTargetRegressor(LinearRegression(), func=np.log, inverse_func=np.exp)
ZEROS = ZeroInflatedRegressor(LinearRegression(), LogisticRegression(), spread=0.0)
ALL = [("real", LinearRegression()), ("nonnegative", ZEROS), ("positive", LOGARITHM)]


@parametrize_with_checks([BestOfRegressor([("one", Ridge()), ("other", LinearRegression())])])
def test_scikit_learns_checks(estimator, check):
    check(estimator)


def grid(n=60):
    return np.linspace(0, 5, n)[:, None]


@pytest.mark.parametrize(
    ("y", "chosen", "asked"),
    [
        (grid()[:, 0] - 1, "real", {"real"}),
        (np.maximum(grid()[:, 0] - 2, 0), "nonnegative", {"nonnegative"}),
        (1 + grid()[:, 0], "nonnegative", {"nonnegative", "positive"}),
        (np.exp(grid()[:, 0]), "positive", {"nonnegative", "positive"}),
    ],
)
def test_values_say_who_is_asked_and_errors_out_of_fold_who_is_taken(y, chosen, asked):
    model = BestOfRegressor(ALL, cv=KFold(3, shuffle=True, random_state=0)).fit(grid(), y)
    assert (model.chosen_, set(model.losses_)) == (chosen, asked)
    alone = clone(dict(ALL)[chosen]).fit(grid(), y)
    np.testing.assert_allclose(model.predict(grid()), alone.predict(grid()))


@pytest.mark.parametrize(("loss", "power"), [("absolute_error", 1), ("squared_error", 2)])
def test_losses_are_those_of_cross_validation(loss, power):
    random = np.random.default_rng(0)
    X = random.normal(0, 1, (80, 2))
    y = X[:, 0] + random.standard_cauchy(80)
    cv = KFold(4, shuffle=True, random_state=1)
    models = [("line", LinearRegression()), ("median", DummyRegressor(strategy="median"))]
    found = BestOfRegressor(models, loss=loss, cv=cv).fit(X, y)
    for name, one in models:
        expected = np.mean(np.abs(cross_val_predict(one, X, y, cv=cv) - y) ** power)
        assert found.losses_[name] == pytest.approx(expected)
    assert found.chosen_ == min(found.losses_, key=found.losses_.get)


def test_the_choice_depends_on_the_loss():
    """A constant is best at the median or at the mean."""
    y = np.random.default_rng(0).lognormal(0, 2, 300)
    models = [(name, DummyRegressor(strategy=name)) for name in ("mean", "median")]
    X = np.zeros((300, 1))
    assert BestOfRegressor(models, loss="absolute_error").fit(X, y).chosen_ == "median"
    assert BestOfRegressor(models, loss="squared_error").fit(X, y).chosen_ == "mean"


def test_rows_of_weight_zero_have_no_say():
    """A constant is best at the median of the rows that count."""
    y = np.random.default_rng(0).permutation(np.repeat([1.0, 5.0], [40, 80]))
    models = [(str(c), DummyRegressor(strategy="constant", constant=c)) for c in (1.0, 5.0)]
    X, weight = np.zeros((120, 1)), np.where(y == 1.0, 1.0, 0.0)
    assert BestOfRegressor(models).fit(X, y).chosen_ == "5.0"
    assert BestOfRegressor(models).fit(X, y, sample_weight=weight).chosen_ == "1.0"


class Blind(DummyRegressor):
    """Says -1, and beyond an end nothing."""

    def __init__(self, nothing=np.nan, end=0.5):
        super().__init__(strategy="constant", constant=-1.0)
        self.nothing = nothing
        self.end = end

    def predict(self, X):
        return np.where(X[:, 0] < self.end, super().predict(X), self.nothing)


@pytest.mark.parametrize("nothing", [np.inf, np.nan])
@pytest.mark.parametrize("end", [0.5, 0.0])
def test_who_has_no_number_for_rows_that_others_predict_is_not_taken(nothing, end):
    """It is right wherever it says something."""
    X = np.linspace(0, 1, 120)[:, None]
    y = np.where(X[:, 0] < 0.5, -1.0, 5.0)
    models = [("blind", Blind(nothing, end)), ("mean", DummyRegressor())]
    for regressors in (models, models[::-1]):
        model = BestOfRegressor(regressors).fit(X, y)
        assert model.chosen_ == "mean"
        assert model.losses_["blind"] == np.inf


def test_a_target_that_no_regressor_takes_is_refused():
    with pytest.raises(ValueError, match="no regressor of positive is for a target of -1, the least of y"):
        BestOfRegressor([("positive", LOGARITHM)]).fit(grid(), grid()[:, 0] - 1)


def test_parameters_of_the_regressors_are_reached_and_regressors_replaced():
    model = BestOfRegressor(ALL)
    assert "nonnegative__classifier__C" in model.get_params()
    model.set_params(nonnegative__classifier__C=0.5, real=Ridge())
    assert dict(model.regressors)["nonnegative"].classifier.C == 0.5
    assert isinstance(dict(model.regressors)["real"], Ridge)


def test_intervals_take_the_kind_of_the_chosen_one():
    X, y = grid(200), np.exp(grid(200)[:, 0] - 3)
    model = ConformalRegressor(BestOfRegressor(ALL)).fit(X, y)
    assert model.regressor_.chosen_ == "positive"
    assert model.predict_interval(X).min() >= 0
    assert target_kind(model.regressor_) != "real"
    assert ConformalRegressor(BestOfRegressor(ALL)).fit(X, y - 1).predict_interval(X).min() < 0


def test_several_targets_may_be_of_several_kinds():
    """Each has the intervals that it has alone."""
    X = grid(200)
    of_kinds = [np.exp(X[:, 0] - 3), X[:, 0] - 10, np.maximum(X[:, 0] - 1, 0)]
    noise = np.random.default_rng(0).normal(0, 0.1, (3, 200))
    targets = [of_kinds[0] * np.exp(noise[0]), of_kinds[1] + noise[1], of_kinds[2] * np.exp(noise[2])]
    several = ConformalRegressor(MultiOutputRegressor(BestOfRegressor(ALL))).fit(X, np.column_stack(targets))
    intervals = several.predict_interval(X)
    taken = [model.chosen_ for model in several.regressor_.estimators_]
    assert taken == ["positive", "real", "nonnegative"]
    for k, y in enumerate(targets):
        alone = ConformalRegressor(BestOfRegressor(ALL)).fit(X, y)
        np.testing.assert_allclose(intervals[:, k], alone.predict_interval(X), rtol=1e-9)
    again = MultiOutputRegressor(BestOfRegressor(ALL)).fit(X, np.column_stack(targets))
    np.testing.assert_allclose(again.combine(again.predict_parts(X))[0], several.predict(X), rtol=1e-9)
