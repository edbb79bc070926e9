"""Prediction intervals: how many true values they hold."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
import sklearn
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.metrics import make_scorer, r2_score
from sklearn.model_selection import GridSearchCV, GroupKFold, KFold, cross_validate
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from skcrystal import CrystalFeaturizer
from skcrystal.datasets import load_experimental
from skcrystal.models import (
    ConformalRegressor,
    ConvexCombinationRegressor,
    CrystalPipeline,
    SoftStandardScaler,
    ZeroInflatedRegressor,
    make_regressor,
)
from skcrystal.models.target_kind import target_kind
from skcrystal.models.transformed_target import TransformedTargetRegressor
from skcrystal.models.weighted import StackingRegressor
from tests.models.test_pipelines import quick


@parametrize_with_checks([ConformalRegressor(Ridge())])
def test_scikit_learns_checks(estimator, check):
    check(estimator)


def problem(n_samples, seed=0, n_outputs=None):
    """Noise that grows with the target."""
    random = np.random.default_rng(seed)
    X = random.uniform(1, 3, (n_samples, 1))
    noise = random.normal(0, 0.1, (n_samples, n_outputs or 1))
    y = X * (1 + noise)
    return X, y if n_outputs else y[:, 0]


def covered(interval, y):
    return np.mean((interval[..., 0] <= y) & (y <= interval[..., 1]))


@pytest.mark.parametrize("coverage", [0.5, 0.8, 0.95])
def test_intervals_hold_the_share_that_they_promise(coverage):
    X, y = problem(2000)
    model = ConformalRegressor(LinearRegression()).fit(X[:1000], y[:1000])
    # Three standard deviations of a share measured on 1,000 rows and promised by 1,000.
    allowed = 3 * np.sqrt(2 * coverage * (1 - coverage) / 1000)
    assert covered(model.predict_interval(X[1000:], coverage=coverage), y[1000:]) == pytest.approx(
        coverage, abs=allowed
    )


def test_errors_are_out_of_fold():
    X, y = problem(60)

    class Memory(LinearRegression):
        """Knows every row that it has seen."""

        def fit(self, X, y):
            self.known_ = dict(zip(X[:, 0].tolist(), y.tolist(), strict=True))
            return self

        def predict(self, X):
            return np.array([self.known_.get(x, 0.0) for x in X[:, 0].tolist()])

    model = ConformalRegressor(Memory()).fit(X, y)
    np.testing.assert_allclose(model.errors_, y)
    np.testing.assert_allclose(model.predict(X), y)


def test_intervals_are_wide_where_errors_are_large():
    X, y = problem(1000)
    model = ConformalRegressor(LinearRegression()).fit(X, y)
    low, high = model.predict_interval(np.array([[1.1], [2.9]])).T
    assert (high - low)[1] > 1.8 * (high - low)[0]


def test_several_targets_have_intervals_of_their_own():
    X, y = problem(600, n_outputs=2)
    y[:, 1] *= 10
    interval = ConformalRegressor(LinearRegression()).fit(X, y).predict_interval(X)
    assert interval.shape == (600, 2, 2)
    assert [covered(interval[:, k], y[:, k]) for k in (0, 1)] == pytest.approx([0.9, 0.9], abs=0.03)


def test_too_few_rows_promise_nothing_finite():
    X, y = problem(12)
    low, high = ConformalRegressor(LinearRegression(), cv=3).fit(X, y).predict_interval(X, coverage=0.99).T
    assert np.isinf(low).all()
    assert np.isinf(high).all()


def test_a_target_that_is_never_negative_has_no_interval_below_zero():
    class NonNegative(LinearRegression):
        def __sklearn_tags__(self):
            tags = super().__sklearn_tags__()
            tags.target_tags.positive_only = True
            return tags

    X, y = problem(200)
    interval = ConformalRegressor(NonNegative()).fit(X, y).predict_interval(X - 1.2)
    assert interval[:, 0].min() == 0


def test_a_target_that_is_never_negative_stays_so_within_pipelines_and_searches():
    X, y = problem(120)
    y = np.where(X[:, 0] < 2, 0.0, y)
    model = ZeroInflatedRegressor(Ridge(), LogisticRegression(), random_state=0)
    wrapped = GridSearchCV(make_pipeline(StandardScaler(), model), {}, cv=2)
    for regressor in (make_pipeline(StandardScaler(), model), wrapped):
        interval = ConformalRegressor(regressor).fit(X, y).predict_interval(X)
        assert interval.min() == 0
    positive = TransformedTargetRegressor(Ridge(), func=np.log, inverse_func=np.exp)
    interval = ConformalRegressor(make_pipeline(StandardScaler(), positive)).fit(X, y + 1).predict_interval(X)
    assert interval.min() >= 0
    assert target_kind(positive) == "positive"
    assert target_kind(make_pipeline(Ridge())) == "real"


def test_a_target_that_is_surely_zero_has_an_interval_without_a_width():
    X, y = problem(600)
    y = np.where(X[:, 0] < 2, 0.0, y)
    model = ZeroInflatedRegressor(Ridge(), LogisticRegression(C=1e4), random_state=0)
    interval = ConformalRegressor(model).fit(X[:400], y[:400]).predict_interval(X[400:])
    low = X[400:, 0] < 1.8
    np.testing.assert_array_equal(interval[low], 0)
    assert covered(interval, y[400:]) == pytest.approx(0.9, abs=0.06)
    assert (interval[X[400:, 0] > 2.2, 0] > 0.5).all()


def test_intervals_are_wider_far_from_the_training_rows():
    X, y = problem(400)
    model = ConformalRegressor(make_pipeline(StandardScaler(), KNeighborsRegressor())).fit(X, y)
    low, high = model.predict_interval([[3.0], [9.0]]).T
    assert (high - low)[1] > 1.2 * (high - low)[0]


def test_errors_on_one_side_make_intervals_longer_there():
    random = np.random.default_rng(0)
    X = random.uniform(-1, 1, (800, 1))
    y = X[:, 0] + random.exponential(1.0, 800)
    model = ConformalRegressor(LinearRegression()).fit(X[:400], y[:400])
    interval = model.predict_interval(X[400:])
    predicted = model.predict(X[400:])
    assert (interval[:, 1] - predicted > 1.2 * (predicted - interval[:, 0])).all()
    assert covered(interval, y[400:]) == pytest.approx(0.9, abs=0.05)


@pytest.mark.filterwarnings("ignore:.* could not be read", "ignore:.* no usable crystals")
@pytest.mark.parametrize("target", ["real", "nonnegative", "positive"])
def test_rows_that_cannot_be_read_have_no_interval(target):
    pytest.importorskip("xgboost", reason="the extra models")
    X, y = load_experimental(return_X_y=True)
    items, y = ["no crystal", *X[:60]], np.append(1.0, y[:60]) + (target == "positive")
    pipeline = quick(make_regressor("notebook", target=target))
    pipeline.set_params(crystalfeaturizer__on_error="nan")
    model = ConformalRegressor(pipeline).fit(items, y)
    assert np.isnan(model.predicted_).tolist() == [True] + [False] * 60
    interval = model.predict_interval([X[0], "no crystal"])
    assert np.isnan(interval).tolist() == [[False, False], [True, True]]
    assert np.isnan(model.predict_interval(["no crystal"])).all()
    assert (target == "real") or interval[0, 0] >= 0


def test_named_columns_keep_their_names():
    X, y = load_experimental(return_X_y=True)
    featurizer = CrystalFeaturizer("composition").set_output(transform="pandas")
    scaler = SoftStandardScaler().set_output(transform="pandas")
    pipeline = CrystalPipeline([("featurizer", featurizer), ("scaler", scaler), ("ridge", Ridge(100))])
    model = ConformalRegressor(pipeline).fit(X[:80], y[:80])
    assert model.predict_interval(X[80:90]).shape == (10, 2)


def test_a_stack_is_fitted_once_for_its_predictions_and_intervals():
    fits = []

    class Counted(Ridge):
        def fit(self, X, y, sample_weight=None):
            fits.append(len(y))
            return super().fit(X, y, sample_weight)

    X, y = problem(90)
    members = [("one", Counted()), ("two", Ridge(10))]
    stack = StackingRegressor(members, ConvexCombinationRegressor(), cv=3)
    model = ConformalRegressor(stack).fit(X, y)
    assert fits == [60, 60, 60, 90]
    np.testing.assert_allclose(model.predict(X), model.regressor_.predict(X))
    folds = KFold(3, shuffle=True, random_state=0)
    expected = stack.set_params(cv=folds).fit(X, y)
    np.testing.assert_allclose(model.regressor_.final_estimator_.coef_, expected.final_estimator_.coef_)


def test_weights_go_through_intervals_with_routing_and_without():
    X, y = problem(90)
    weight = np.linspace(0.1, 2, 90)
    model = ConformalRegressor(make_pipeline(StandardScaler(), LinearRegression()))
    named = model.fit(X, y, linearregression__sample_weight=weight).predict(X)
    alone = ConformalRegressor(LinearRegression()).fit(X, y, sample_weight=weight).predict(X)
    np.testing.assert_allclose(named, alone)
    with sklearn.config_context(enable_metadata_routing=True):
        scaler = StandardScaler().set_fit_request(sample_weight=False)
        regressor = make_pipeline(scaler, LinearRegression().set_fit_request(sample_weight=True))
        routed = cross_validate(
            ConformalRegressor(regressor),
            X,
            y,
            params={"sample_weight": weight},
            cv=KFold(3),
            return_estimator=True,
            scoring=make_scorer(r2_score).set_score_request(sample_weight=True),
        )
    train = slice(30, None)
    expected = LinearRegression().fit(X[train], y[train], sample_weight=weight[train]).predict(X)
    np.testing.assert_allclose(routed["estimator"][0].predict(X), expected)


def test_groups_and_weights_are_split_along():
    X, y = problem(90)
    groups = np.repeat(np.arange(30), 3)
    model = ConformalRegressor(LinearRegression(), cv=GroupKFold(5))
    model.fit(X, y, groups=groups, sample_weight=np.linspace(1, 2, 90))
    folds = GroupKFold(5).split(X, y, groups)
    train, test = next(folds)
    weight = np.linspace(1, 2, 90)[train]
    expected = LinearRegression().fit(X[train], y[train], sample_weight=weight).predict(X[test])
    np.testing.assert_allclose(model.predicted_[test], expected)


def test_coverage_is_a_share():
    X, y = problem(50)
    with pytest.raises(ValueError, match="between 0 and 1, and 90 was given"):
        ConformalRegressor(LinearRegression()).fit(X, y).predict_interval(X, coverage=90)


def test_a_pipeline_of_crystals_has_intervals_and_pickles():
    X, y = load_experimental(return_X_y=True)
    model = ConformalRegressor(make_pipeline(CrystalFeaturizer("notebook"), StandardScaler(), Ridge(100)))
    model.fit(list(X[:80]), y[:80])
    interval = pickle.loads(pickle.dumps(model)).predict_interval(X[80:100])
    assert interval.shape == (20, 2)
    predicted = model.predict(X[80:100])
    assert ((interval[:, 0] <= predicted) & (predicted <= interval[:, 1])).all()
