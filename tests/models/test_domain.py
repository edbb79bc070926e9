"""Crystals unlike the training set: what is said of them, and whether it orders the errors."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from scipy.stats import spearmanr
from sklearn.base import clone
from sklearn.ensemble import RandomForestRegressor
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV

from skcrystal import Crystal, CrystalFeaturizer, as_crystals
from skcrystal.datasets import load_experimental
from skcrystal.models import (
    ARDGaussianProcessRegressor,
    ConformalRegressor,
    CrystalPipeline,
    DeltaRegressor,
    DomainOfApplicability,
    SoftStandardScaler,
)
from skcrystal.models.column_weights import column_weights, nearby, pipeline_within
from skcrystal.models.held_out import KernelHeldOut


def cube(edge, element):
    return Crystal.ordered(edge * np.eye(3), [[0, 0, 0]], [element])


def pipeline(last, descriptors="default", **params):
    featurizer = CrystalFeaturizer(descriptors, **params)
    return CrystalPipeline([("featurizer", featurizer), ("scaler", SoftStandardScaler()), ("last", last)])


@pytest.fixture(scope="module")
def built_in():
    X, y = load_experimental(return_X_y=True)
    rows = np.random.default_rng(0).permutation(len(y))[:250]
    return X[rows], y[rows]


@pytest.fixture(scope="module")
def fitted(built_in):
    return DomainOfApplicability(pipeline(Ridge(100))).fit(*built_in)


def test_crystals_like_the_training_set_are_inside(fitted, built_in):
    report = fitted.assess(built_in[0])
    assert report["inside"].mean() > 0.95
    assert set(report["reason"][report["inside"]]) == {""}


@pytest.mark.filterwarnings("ignore::skcrystal.formats.ReadWarning")
@pytest.mark.parametrize(
    ("edge", "element", "reason"),
    [
        (4.0, 118, "no training crystal holds Og"),
        (30.0, 11, "volume_per_site is outside its range"),
        (1.2, 92, "is outside its range by"),
    ],
    ids=["oganesson", "sodium gas", "crushed uranium"],
)
def test_what_no_training_set_holds_is_outside_and_told(fitted, edge, element, reason):
    report = fitted.assess([cube(edge, element)])
    assert not report.loc[0, "inside"]
    assert reason in report.loc[0, "reason"]
    assert report.loc[0, "score"] > 1.3
    with pytest.warns(UserWarning, match=rf"1 of 1 crystals .* crystal 0: .*{reason}"):
        fitted.predict([cube(edge, element)])


@pytest.mark.filterwarnings("ignore:.* outside the model's domain")
def test_predictions_are_those_of_the_model(fitted, built_in):
    X, _ = built_in
    np.testing.assert_array_equal(fitted.predict(X[:5]), fitted.model_.predict(X[:5]))


def test_crystals_are_described_once_for_prediction_interval_and_domain(built_in, monkeypatch):
    X, y = built_in
    model = DomainOfApplicability(ConformalRegressor(pipeline(Ridge(100), "composition"))).fit(X, y)
    calls = []
    transform = CrystalFeaturizer.transform
    monkeypatch.setattr(
        CrystalFeaturizer, "transform", lambda self, X: calls.append(len(X)) or transform(self, X)
    )
    model.predict_interval(X[:3])
    model.predict(X[:4])
    assert calls == [3, 4]
    asked = X[:5]
    with model.model_.regressor_.described_once(asked):
        model.predict(asked)
        model.predict_interval(asked)
        model.assess(asked)
    assert calls == [3, 4, 5]


def test_a_model_told_not_to_warn_is_silent(built_in):
    X, y = built_in
    model = DomainOfApplicability(pipeline(Ridge(100), "composition"), warn=False).fit(X, y)
    model.predict([cube(4.0, 118)])


def test_scores_order_errors_of_a_forest_outside_of_what_it_learned_from():
    random = np.random.default_rng(0)
    X = random.uniform(-2, 2, (600, 2))
    y = X[:, 0] + np.sin(9 * X[:, 1]) * (X[:, 0] > 0)
    train = (np.abs(X) < 1).all(axis=1) & (np.arange(600) % 2 == 0)
    forest = RandomForestRegressor(30, random_state=0)
    model = DomainOfApplicability(forest, warn=False).fit(X[train], y[train])
    errors = np.abs(model.predict(X[~train]) - y[~train])
    assert spearmanr(model.assess(X[~train])["score"], errors).statistic > 0.4


def test_held_out_errors_rise_with_the_score(fitted):
    for elements in (fitted.held_out_elements_ == 0, fitted.held_out_elements_ > 0):
        scores, errors = fitted.held_out_scores_[elements], fitted.held_out_errors_[elements]
        low, high = scores < np.quantile(scores, 0.3), scores > np.quantile(scores, 0.7)
        assert errors[high].mean() > 1.2 * errors[low].mean()
    usual = fitted.held_out_elements_ == 0
    assert fitted.held_out_scores_[usual].mean() == pytest.approx(1)
    assert fitted.held_out_errors_[usual].mean() == pytest.approx(1)


def test_unreadable_items_have_no_score(built_in):
    X, y = built_in
    model = DomainOfApplicability(pipeline(Ridge(100), "composition", on_error="nan")).fit(X, y)
    with pytest.warns(UserWarning, match="1 of 2 items are no usable crystals"):
        report = model.assess(["no crystal", X[0]])
    assert np.isnan(report.loc[0, "score"])
    assert report["inside"].tolist() == [False, True]
    assert report.loc[0, "reason"] == "could not be read"


def test_it_stands_around_intervals_searches_and_fitted_models(built_in, fitted):
    X, y = built_in
    conformal = DomainOfApplicability(ConformalRegressor(pipeline(Ridge(100), "composition"))).fit(X, y)
    with pytest.warns(UserWarning, match="no training crystal holds Og"):
        assert conformal.predict_interval([cube(4.0, 118)]).shape == (1, 2)
    search = GridSearchCV(pipeline(Ridge(), "composition"), {"last__alpha": [1, 100]}, cv=2)
    assert not DomainOfApplicability(search).fit(X, y).assess(["Og"]).loc[0, "inside"]
    frozen = DomainOfApplicability(FrozenEstimator(fitted.model_)).fit(X, y)
    delta = DeltaRegressor(pipeline(Ridge(100), "composition"), pipeline(Ridge(1), "composition"))
    assert DomainOfApplicability(delta).fit(X, y).assess([X[0], "Og"])["unseen_elements"].tolist() == [
        "",
        "Og",
    ]
    odd = [X[0], cube(4.0, 118)]
    np.testing.assert_allclose(frozen.assess(odd)["score"], fitted.assess(odd)["score"])
    assert not hasattr(fitted, "predict_interval")


def test_a_classifier_has_a_domain(built_in):
    X, y = built_in
    model = DomainOfApplicability(pipeline(LogisticRegression(max_iter=500), "composition")).fit(X, y > 0)
    with pytest.warns(UserWarning, match="Og"):
        assert model.predict_proba([cube(4.0, 118)]).shape == (1, 2)
    assert model.score(X, y > 0) > 0.8


def test_numbers_have_a_domain_without_elements():
    random = np.random.default_rng(0)
    X = random.uniform(-1, 1, (200, 3))
    model = DomainOfApplicability(Ridge()).fit(X, X @ [1.0, 2.0, 0.0])
    report = model.assess([[0.0, 0.0, 0.0], [9.0, 0.0, 0.0]])
    assert report["inside"].tolist() == [True, False]
    assert "column 0 is outside its range by 4" in report.loc[1, "reason"]


def test_it_clones_and_pickles(fitted, built_in):
    X, _ = built_in
    copy = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(copy.assess(X[:9])["score"], fitted.assess(X[:9])["score"])
    assert clone(fitted).get_params()["model__last__alpha"] == 100


def test_too_few_rows_have_no_domain():
    with pytest.raises(ValueError, match="takes 20 rows, and 9 could be read"):
        DomainOfApplicability(Ridge()).fit(np.arange(9.0)[:, None], np.arange(9.0))


def test_errors_on_groups_left_out_are_those_of_a_regression_on_the_rest():
    random = np.random.default_rng(0)
    rows = random.normal(size=(60, 2))
    T = np.sin(rows)
    process = KernelHeldOut(rows, T)
    group = np.arange(7, 19)
    rest = np.setdiff1d(np.arange(60), group)

    def kernel(A, B):
        squares = ((A[:, None] - B) ** 2).sum(axis=2)
        squares /= ((rows[:, None] - rows) ** 2).sum(axis=2).mean()
        r = np.sqrt(3 * process.scale * squares)
        return (1 + r) * np.exp(-r)

    K = kernel(rows[rest], rows[rest]) + process.noise * np.eye(len(rest))
    predicted = kernel(rows[group], rows[rest]) @ np.linalg.solve(K, T[rest])
    expected = np.abs(T[group] - np.clip(predicted, T.min(axis=0), T.max(axis=0))).mean(axis=1)
    np.testing.assert_allclose(process.together([group])[0], expected, atol=1e-8)


def test_weights_of_columns_are_those_that_the_model_has():
    random = np.random.default_rng(0)
    X = random.normal(size=(80, 3)) * [1.0, 10.0, 1.0]
    y = X[:, 0] + 0.1 * X[:, 1]
    scale = X.std(axis=0)
    process = ARDGaussianProcessRegressor(random_state=0).fit(X, y)
    forest = RandomForestRegressor(20, random_state=0).fit(X, y)
    for model in (process, forest, Ridge(1e-3).fit(X, y)):
        weights = column_weights(model, scale)
        assert weights.sum() == pytest.approx(1)
        assert weights[:2] == pytest.approx(weights[:2].mean(), rel=0.6)
        assert weights[2] < 0.1 * weights[0]
    np.testing.assert_allclose(column_weights(object(), scale), 1 / 3)
    assert pipeline_within(process) is None


def test_nearest_rows_are_those_of_all_pairs():
    random = np.random.default_rng(0)
    A, B = random.normal(size=(300, 4)), random.normal(size=(50, 4))
    pairs = np.linalg.norm(A[:, None] - B, axis=2)
    distance, error = nearby(A, B, np.full(50, 2.0), 3)
    np.testing.assert_allclose(distance, np.sort(pairs, axis=1)[:, :3].mean(axis=1))
    np.testing.assert_allclose(error, 2.0)


def test_crystals_are_read_as_they_come(fitted, built_in):
    X, _ = built_in
    texts = [X[k].to_cif() if hasattr(X[k], "to_cif") else X[k] for k in range(3)]
    np.testing.assert_allclose(
        fitted.assess(as_crystals(texts))["distance"], fitted.assess(texts)["distance"]
    )
