"""scikit-learn's own tools around whole models: from crystals, and from data frames with other columns."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn.compose import make_column_transformer
from sklearn.ensemble import RandomForestRegressor
from sklearn.inspection import partial_dependence, permutation_importance
from sklearn.linear_model import BayesianRidge, Ridge
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import FunctionTransformer

from skcrystal import CrystalFeaturizer, as_crystals
from skcrystal.datasets import load_experimental
from skcrystal.models import (
    ConformalRegressor,
    CrystalPipeline,
    DomainOfApplicability,
    OutOfFoldRegressor,
    SoftStandardScaler,
    make_regressor,
)
from tests.models.test_pipelines import quick

N = 80


@pytest.fixture(scope="module")
def frame():
    """Crystals, and a second column that the target depends on."""
    X, y = load_experimental(return_X_y=True)
    shift = np.random.default_rng(0).permutation(N) / 10.0
    return pd.DataFrame({"structure": list(X[:N]), "shift": shift}), np.asarray(y[:N]) + shift


def pipeline(last=None, **params):
    featurizer = CrystalFeaturizer("composition", **params)
    return CrystalPipeline(
        [("crystals", featurizer), ("scaler", SoftStandardScaler()), ("last", last or Ridge())]
    )


def volumes(X):
    return as_crystals(X).volumes[:, None]


def beside(**params):
    """Columns of the crystals, and the other column as it is."""
    return make_column_transformer(
        (CrystalFeaturizer("composition", **params), "structure"), ("passthrough", ["shift"])
    )


@pytest.mark.parametrize("make", [CrystalPipeline, lambda steps: make_pipeline(*(step for _, step in steps))])
def test_importance_of_a_column_of_crystals_and_of_others(frame, make):
    X, y = frame
    model = make([("columns", beside()), ("forest", RandomForestRegressor(20, random_state=0))]).fit(X, y)
    found = permutation_importance(model, X, y, n_repeats=3, random_state=0).importances_mean
    assert found.shape == (2,)
    assert (found > 0.1).all()
    depends = partial_dependence(model, X, ["shift"], grid_resolution=5).average[0]
    assert depends[-1] - depends[0] > 1.0
    assert model.n_features_in_ == 2
    assert model.feature_names_in_.tolist() == ["structure", "shift"]


def test_importance_of_a_column_that_no_step_reads_is_nothing(frame):
    X, y = frame
    model = pipeline(column="structure").fit(X, y)
    found = permutation_importance(model, X, y, n_repeats=3, random_state=0).importances_mean
    assert found[0] > 0.5
    assert found[1] == 0
    assert np.ptp(partial_dependence(model, X, ["shift"], grid_resolution=5).average) == 0


@pytest.mark.parametrize("column", [lambda X: X[["structure"]], lambda X: X[["structure"]].to_numpy()])
def test_importance_of_crystals_alone(frame, column):
    X, y = frame
    model = pipeline().fit(column(X), y)
    assert permutation_importance(model, column(X), y, n_repeats=3, random_state=0).importances_mean[0] > 0.5


def test_importance_of_the_columns_behind_the_featurizer(frame):
    X, y = frame
    model = pipeline().fit(X["structure"], y)
    rows = model[0].transform(X["structure"])
    found = permutation_importance(model[1:], rows, y, n_repeats=2, random_state=0)
    assert found.importances_mean.shape == (rows.shape[1],)
    k = int(np.argmax(found.importances_mean))
    assert np.ptp(partial_dependence(model[1:], rows, [k], grid_resolution=5).average) > 0


def test_crystals_have_no_number_of_features(frame):
    X, y = frame
    model = pipeline().fit(X["structure"], y)
    assert not hasattr(model, "n_features_in_")
    assert model[-1].n_features_in_ == model[0].transform(X["structure"][:1]).shape[1]


@pytest.mark.parametrize("target", ["real", "nonnegative", "positive"])
@pytest.mark.parametrize("routing", [False, True])
def test_standard_deviations_come_through_all_that_is_wrapped_around(frame, target, routing):
    pytest.importorskip("xgboost", reason="the extra models")
    X, y = frame
    model = quick(make_regressor("composition", target=target))
    model.set_params(crystalfeaturizer__column="structure", crystalfeaturizer__float32=True)
    with sklearn.config_context(enable_metadata_routing=routing):
        whole = DomainOfApplicability(ConformalRegressor(model), warn=False).fit(X, y + 0.1)
        predicted, std = whole.predict(X, return_std=True)
        np.testing.assert_array_equal(predicted, whole.predict(X))
        assert std.shape == (N,)
        assert (std >= 0).all()
        assert (std > 0).any()
        intervals = whole.predict_interval(X)
        assert (intervals[:, 0] <= predicted).all()
        assert (intervals[:, 1] >= predicted).all()
    assert whole.assess(X)["inside"].any()


@pytest.mark.parametrize("make", [CrystalPipeline, lambda steps: make_pipeline(*(step for _, step in steps))])
def test_intervals_and_domain_of_crystals_beside_other_columns(frame, make):
    X, y = frame
    model = make([("columns", beside()), ("ridge", Ridge())])
    whole = DomainOfApplicability(ConformalRegressor(model), warn=False).fit(X, y)
    low, high = whole.predict_interval(X).T
    assert np.mean((low <= y) & (y <= high)) > 0.8
    far = X.assign(shift=1000.0)
    assert whole.assess(X)["inside"].mean() > 0.8
    assert not whole.assess(far)["inside"].any()


def test_standard_deviations_of_several_targets(frame):
    pytest.importorskip("xgboost", reason="the extra models")
    X, y = frame
    model = quick(make_regressor("composition", several=True)).fit(X["structure"], np.column_stack([y, -y]))
    predicted, std = model.predict(X["structure"], return_std=True)
    assert predicted.shape == std.shape == (N, 2)


def test_standard_deviations_of_any_last_step_and_of_unreadable_rows(frame):
    X, y = frame
    model = pipeline(BayesianRidge(), on_error="nan").fit(X["structure"], y)
    with pytest.warns(UserWarning, match="1 of 3 items"):
        predicted, std = model.predict([*X["structure"][:2], "no crystal"], return_std=True)
    assert np.isnan(predicted).tolist() == np.isnan(std).tolist() == [False, False, True]


def test_a_frame_of_two_columns_serves_models_that_read_formulas(frame):
    X, y = frame
    model = OutOfFoldRegressor(pipeline(column="structure")).fit(X, y)
    np.testing.assert_allclose(
        model.predict(X), OutOfFoldRegressor(pipeline()).fit(X["structure"], y).predict(X["structure"])
    )


@pytest.mark.parametrize(
    "steps",
    [
        [("nothing", "passthrough"), ("crystals", CrystalFeaturizer("composition"))],
        [("crystals", CrystalFeaturizer("composition")), ("nothing", "passthrough")],
        [("read", FunctionTransformer(as_crystals)), ("crystals", CrystalFeaturizer("composition"))],
        [("list", FunctionTransformer(list)), ("crystals", CrystalFeaturizer("composition"))],
    ],
    ids=["passthrough first", "passthrough after", "reading", "any function"],
)
def test_steps_that_change_nothing(frame, steps):
    X, y = frame
    expected = CrystalPipeline([("crystals", CrystalFeaturizer("composition")), ("last", Ridge())])
    expected = expected.fit(X["structure"], y).predict(X["structure"])
    model = CrystalPipeline([*steps, ("last", Ridge())]).fit(X["structure"], y)
    np.testing.assert_allclose(model.predict(X["structure"]), expected)


def test_a_union_of_any_transformers_of_crystals(frame):
    X, y = frame
    crystals = CrystalFeaturizer("composition")
    union = FeatureUnion([("crystals", crystals), ("volume", FunctionTransformer(volumes))])
    model = CrystalPipeline([("union", union), ("last", Ridge())]).fit(X["structure"], y)
    width = len(crystals.get_feature_names_out())
    assert model[-1].n_features_in_ == width + 1
    assert model.predict(X["structure"]).shape == (N,)


def test_half_the_digits_whatever_the_output(frame):
    X, _ = frame
    featurizer = CrystalFeaturizer("composition", float32=True)
    assert featurizer.fit_transform(X["structure"]).dtype == np.float32
    assert featurizer.transform([]).dtype == np.float32
    table = featurizer.set_output(transform="pandas").transform(X["structure"])
    assert set(table.dtypes) == {np.dtype(np.float32)}


@pytest.mark.parametrize("verbose", [False, True])
def test_progress_of_folds_and_members(frame, verbose, capsys):
    pytest.importorskip("xgboost", reason="the extra models")
    X, y = frame
    quick(make_regressor("composition", verbose=verbose)).fit(X["structure"], y)
    said = capsys.readouterr().out
    for member in ("gaussian_process", "gaussian_process_of_all", "xgboost"):
        assert (f"{member}: fold 3 of 3 of {N} rows" in said) == verbose
        assert (f"{member}: all of {N} rows" in said) == verbose


@pytest.mark.parametrize("verbose", [False, True])
def test_progress_of_those_who_vote_on_zeros(frame, verbose, capsys):
    pytest.importorskip("xgboost", reason="the extra models")
    X, y = frame
    model = quick(make_regressor("composition", target="nonnegative", verbose=verbose))
    ConformalRegressor(model).fit(X["structure"], np.maximum(y - 2, 0))
    said = capsys.readouterr().out
    for voter in ("gaussian_process", "xgboost", "extra_trees"):
        # Without each of the three folds, and on all rows.
        assert said.count(f"Processing {voter}") == (4 if verbose else 0)
