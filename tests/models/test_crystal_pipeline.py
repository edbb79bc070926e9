"""Pipelines that have no answer for what they could not read."""

from __future__ import annotations

import numpy as np
import pytest
import sklearn
from scipy.sparse import csr_array
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from skcrystal import CrystalFeaturizer
from skcrystal.datasets import load_experimental
from skcrystal.descriptors import ElementFractions
from skcrystal.models import (
    ConformalRegressor,
    CrystalPipeline,
    DeltaRegressor,
    DomainOfApplicability,
    OutOfFoldRegressor,
    SoftStandardScaler,
)
from skcrystal.models.readable import blank_rows

# The featurizer warns of these items itself.
pytestmark = pytest.mark.filterwarnings("ignore:.* items are no usable crystals")
UNREADABLE = "no crystal at all"


def built_in(n):
    X, y = load_experimental(return_X_y=True)
    return list(X[:n]), y[:n]


def pipeline(last, **params):
    featurizer = CrystalFeaturizer("composition", on_error="nan", **params)
    return CrystalPipeline([("featurizer", featurizer), ("scaler", SoftStandardScaler()), ("last", last)])


@pytest.fixture
def fitted():
    X, y = built_in(60)
    return pipeline(Ridge(10)).fit(X, y), X, y


def test_what_could_not_be_read_is_predicted_as_nan(fitted):
    model, X, _ = fitted
    predicted = model.predict([X[0], UNREADABLE, X[1]])
    assert np.isnan(predicted).tolist() == [False, True, False]
    np.testing.assert_array_equal(predicted[[0, 2]], model.predict(X[:2]))


def test_where_nothing_could_be_read_all_is_nan(fitted):
    model, _, _ = fitted
    assert np.isnan(model.predict([UNREADABLE] * 2)).tolist() == [True, True]


def test_fitting_leaves_unreadable_rows_out_and_says_how_many(fitted):
    model, X, y = fitted
    weight = np.linspace(1, 2, 62)
    with pytest.warns(UserWarning, match="2 of 62 rows could not be read and are left out of fitting"):
        other = clone(model).fit([*X, *[UNREADABLE] * 2], np.append(y, [50, 60]), sample_weight=weight)
    assert other.n_left_out_ == 2
    expected = clone(model).fit(X, y, last__sample_weight=weight[:60])
    np.testing.assert_allclose(other.predict(X), expected.predict(X))
    with pytest.raises(ValueError, match="none of 3 rows could be read"):
        clone(model).fit([UNREADABLE] * 3, np.zeros(3))


@pytest.mark.parametrize("labels", [(0, 1), ("metal", "semiconductor")])
def test_probabilities_and_labels_of_unreadable_rows_are_nan(labels):
    X, y = built_in(60)
    kind = np.array(labels)[(y > 0).astype(int)]
    model = pipeline(LogisticRegression(max_iter=500)).fit(X, kind)
    probability = model.predict_proba([UNREADABLE, X[0]])
    assert np.isnan(probability).tolist() == [[True, True], [False, False]]
    label = model.predict([UNREADABLE, X[0]])
    assert np.isnan(label[0])
    assert label[1] in labels


def test_several_targets_are_nan_together():
    X, y = built_in(60)
    model = pipeline(Ridge(10)).fit(X, np.column_stack([y, 2 * y]))
    for items in ([UNREADABLE, X[0]], [UNREADABLE]):
        assert np.isnan(model.predict(items)[0]).all()
    assert model.predict([UNREADABLE]).shape == (1, 2)


def test_a_score_wants_every_row(fitted):
    model, X, y = fitted
    assert 0 < model.score(X, y) < 1
    with pytest.raises(ValueError, match="1 of 3 rows could not be read, the first being row 1"):
        model.score([X[0], UNREADABLE, X[1]], y[:3])


def test_a_transformer_of_crystals_stands_in_front_and_a_step_passes_through(fitted):
    model, X, y = fitted
    other = CrystalPipeline([("same", FunctionTransformer()), *clone(model).steps]).fit(X, y)
    np.testing.assert_allclose(other.predict(X), model.predict(X))
    plain = clone(model).set_params(scaler="passthrough").fit(X, y)
    assert plain.predict(X).shape == (60,)


def test_weights_are_plain_with_routing_and_named_without(fitted):
    model, X, y = fitted
    weight = np.linspace(0, 1, len(y))
    expected = clone(model).fit(X, y, last__sample_weight=weight).predict(X)
    np.testing.assert_allclose(clone(model).fit(X, y, sample_weight=weight).predict(X), expected)
    with sklearn.config_context(enable_metadata_routing=True):
        np.testing.assert_allclose(clone(model).fit(X, y, sample_weight=weight).predict(X), expected)
        found = cross_validate(model, X, y, params={"sample_weight": weight}, cv=3, return_estimator=True)
        search = GridSearchCV(model, {"last__alpha": [1, 10]}, cv=3)
        best = search.fit(X, y, sample_weight=weight).best_estimator_
    rows = np.arange(20, 60)
    alone = clone(model).fit([X[k] for k in rows], y[rows], sample_weight=weight[rows])
    np.testing.assert_allclose(found["estimator"][0].predict(X), alone.predict(X))
    np.testing.assert_allclose(best.predict(X), clone(best).fit(X, y, last__sample_weight=weight).predict(X))


def test_a_parameter_of_no_step_is_named(fitted):
    model, X, y = fitted
    with pytest.raises(TypeError, match="got groups; the steps are featurizer, scaler, last"):
        model.fit(X, y, groups=y)


def test_blank_rows_are_those_without_any_number():
    rows = np.array([[np.nan, 1.0], [np.nan, np.nan], [0.0, 0.0]])
    for table in (rows, csr_array(rows)):
        assert blank_rows(table).tolist() == [False, True, False]
    assert blank_rows(["a", "b"]).tolist() == [False, False]
    assert blank_rows(np.array([["a"], ["b"]], dtype=object)).tolist() == [False, False]


@pytest.mark.parametrize("shape", [(4,), (4, 2)])
def test_a_missing_target_is_named_before_anything_is_described(shape):
    def describe(_):
        raise AssertionError("described")

    steps = [
        ("crystals", FunctionTransformer(describe)),
        ("scaler", SoftStandardScaler()),
        ("model", Ridge()),
    ]
    y = np.ones(shape)
    y[2:] = np.nan
    with pytest.raises(
        ValueError, match=r"y\[2\] is NaN, and 2 of 4 targets are in all: leave those rows out"
    ):
        CrystalPipeline(steps).fit(list("abcd"), y)


@pytest.mark.parametrize("weight", [np.ones(59), np.ones((60, 1)), 2.0], ids=["short", "table", "number"])
def test_weights_that_are_not_one_for_each_row_are_named(fitted, weight):
    model, X, y = fitted
    with pytest.raises(ValueError, match=r"sample_weight has the shape .*; give one for each of 60 rows"):
        clone(model).fit(X, y, sample_weight=weight)


@pytest.mark.parametrize(
    "wrap",
    [
        ConformalRegressor,
        DomainOfApplicability,
        lambda model: DeltaRegressor(model, clone(model)),
        lambda model: ConformalRegressor(DeltaRegressor(model, clone(model))),
        lambda model: OutOfFoldRegressor(model, n_splits=3),
    ],
    ids=["intervals", "domain", "delta", "intervals of delta", "out of fold"],
)
def test_weights_reach_a_pipeline_of_scikit_learns_within_other_models(fitted, wrap):
    _, X, y = fitted
    weight = np.linspace(0.1, 5, 60)
    # No scaler, which one pipeline fits in each fold and the other once.
    plain = make_pipeline(CrystalFeaturizer([("fractions", ElementFractions())]), Ridge(0.1))
    found = wrap(plain).fit(X, y, sample_weight=weight).predict(X)
    ours = wrap(CrystalPipeline(plain.steps)).fit(X, y, sample_weight=weight)
    np.testing.assert_allclose(found, ours.predict(X))
    assert np.abs(found - wrap(plain).fit(X, y).predict(X)).max() > 1e-3
