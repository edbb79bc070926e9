"""Importance of families: what is exchanged, how often, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from joblib import parallel_config
from scipy.sparse import issparse
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.exceptions import NotFittedError
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from skcrystal import Crystal, CrystalFeaturizer, Crystals, inspection
from skcrystal.datasets import load_experimental
from skcrystal.descriptors import (
    AverageMinimumDistance,
    CompositionStats,
    Density,
    DistanceStats,
    LatticeAngles,
    SpaceGroupOneHot,
)
from skcrystal.inspection import family_importance, partial_dependence
from skcrystal.models import ConformalRegressor
from tests.prototypes import CAESIUM_CHLORIDE, DIAMOND, FCC, ROCK_SALT, ZINC_BLENDE_SIC


def steps():
    return [
        ("composition", CompositionStats(properties=["atomic_number"], statistics=["mean"])),
        ("density", Density()),
        ("lattice", LatticeAngles()),
    ]


def single_columns():
    return [(name, Density(quantities=[name])) for name in ("volume_per_site", "density", "packing_fraction")]


@pytest.fixture(scope="module")
def data():
    X, y = load_experimental(return_X_y=True)
    return X[::8], y[::8]


def volumes(X):
    return X.volumes / X.site_counts


def test_a_family_that_the_model_needs_counts_and_one_that_it_ignores_does_not(data):
    X, _ = data
    y = volumes(X)
    model = make_pipeline(CrystalFeaturizer(steps()), LinearRegression()).fit(X, y)
    result = family_importance(model, X, y, n_repeats=3, random_state=0)
    assert result.names == ["composition", "density", "lattice"]
    assert result.importances.shape == (3, 3)
    np.testing.assert_allclose(result.importances_mean[[0, 2]], 0, atol=1e-6)
    # With the volumes of other crystals, whose variance is the same and that tell nothing, R2 falls from 1
    # to about -1.
    assert result.importances_mean[1] == pytest.approx(2, abs=0.4)


def test_families_of_one_column_have_the_importance_of_the_column(data):
    X, y = data
    model = make_pipeline(
        CrystalFeaturizer(single_columns()), StandardScaler(), RandomForestRegressor(5, random_state=0)
    ).fit(X, y)
    ours = family_importance(model, X, y, scoring="neg_mean_absolute_error", random_state=1)
    theirs = permutation_importance(
        model[1:], model[0].transform(X), y, scoring="neg_mean_absolute_error", random_state=1
    )
    np.testing.assert_array_equal(ours.importances, theirs.importances)


def test_columns_of_a_family_are_exchanged_together():
    # Every site of these has at least two nearest neighbours at one distance: AMD_1 - AMD_2 is 0, and stays
    # so only where both columns come from the same crystal.
    X = Crystals.from_crystals([ROCK_SALT, DIAMOND, ZINC_BLENDE_SIC, CAESIUM_CHLORIDE])
    y = np.zeros(4)
    model = make_pipeline(
        CrystalFeaturizer([("distances", AverageMinimumDistance(k=2))]), LinearRegression()
    ).fit(X, y)
    model[-1].coef_ = np.array([1.0, -1.0])
    model[-1].intercept_ = 0.0
    together = family_importance(model, X, y, scoring="neg_mean_absolute_error", random_state=0)
    np.testing.assert_allclose(together.importances, 0, atol=1e-9)
    apart = family_importance(
        model,
        X,
        y,
        scoring="neg_mean_absolute_error",
        random_state=0,
        groups={name: [name] for name in ("average_minimum_distance_1", "average_minimum_distance_2")},
    )
    assert (apart.importances_mean > 0.1).all()


class CountingFeaturizer(CrystalFeaturizer):
    """A featurizer that counts how often it describes crystals."""

    calls = 0

    def transform(self, X):
        type(self).calls += 1
        return super().transform(X)


def test_crystals_are_described_once_and_two_workers_give_the_same(data):
    X, y = data
    model = make_pipeline(CountingFeaturizer(steps()), LinearRegression()).fit(X, y)
    CountingFeaturizer.calls = 0
    one = family_importance(model, X, y, random_state=0)
    assert CountingFeaturizer.calls == 1
    with parallel_config("threading"):
        two = family_importance(model, X, y, random_state=0, n_jobs=2)
    np.testing.assert_array_equal(one.importances, two.importances)


@pytest.mark.parametrize("scoring", [None, "roc_auc", "neg_log_loss"])
def test_a_classifier_is_scored_by_its_labels_or_probabilities(data, scoring):
    X, y = data
    metal = np.where(y == 0, "metal", "insulator")
    model = make_pipeline(CrystalFeaturizer(steps()), RandomForestClassifier(20, random_state=0))
    result = family_importance(model.fit(X, metal), X, metal, scoring=scoring, random_state=0)
    assert (result.importances_mean > 0).any()
    assert np.isfinite(result.importances).all()


def test_several_scorers_give_one_result_each(data):
    X, y = data
    model = make_pipeline(CrystalFeaturizer(steps()), LinearRegression()).fit(X, y)
    results = family_importance(model, X, y, scoring=["r2", "neg_mean_absolute_error"], random_state=0)
    assert set(results) == {"r2", "neg_mean_absolute_error"}
    assert all(result.names == ["composition", "density", "lattice"] for result in results.values())


def test_rows_of_nan_and_disordered_crystals_pass_through():
    alloy = Crystal(3.6 * FCC, [[0, 0, 0]], [0, 2], [29, 79], [0.5, 0.5], [np.nan, np.nan])
    items = [*[ROCK_SALT, alloy, CAESIUM_CHLORIDE, DIAMOND] * 10, "data_nothing\n"]
    y = np.array([*[8.75, 0.0, 8.1, 5.47] * 10, 1.0])
    model = make_pipeline(
        CrystalFeaturizer(steps(), on_error="nan"), RandomForestRegressor(10, random_state=0)
    )
    with pytest.warns(UserWarning, match="1 of 41 items"):
        model.fit(items, y)
    with pytest.warns(UserWarning, match="1 of 41 items"):
        result = family_importance(model, items, y, random_state=0)
    assert np.isfinite(result.importances).all()
    assert result.importances_mean.max() > 0.1


def needs_sparse(rows):
    assert issparse(rows)
    return rows


def test_a_sparse_table_stays_sparse(data):
    X, y = data
    one_hot = SpaceGroupOneHot()
    families = [("space_group", one_hot), ("density", Density()), ("distance", DistanceStats())]
    dense = make_pipeline(CrystalFeaturizer(families), RandomForestRegressor(10, random_state=0)).fit(X, y)
    families[0] = ("space_group", SpaceGroupOneHot(sparse_output=True))
    sparse = make_pipeline(CrystalFeaturizer(families), FunctionTransformer(needs_sparse), dense[-1])
    groups = {"symmetry": ["space_group"], "distance": ["distance"]}
    results = [
        family_importance(model, X, y, random_state=0, groups=groups).importances for model in (sparse, dense)
    ]
    np.testing.assert_array_equal(results[0], results[1])
    assert (results[0] > 0).all()


@pytest.mark.parametrize("container", ["pandas", "polars"])
def test_named_columns_stay_named(data, container):
    # The scaler was fitted on names; without them it would warn, and warnings are errors here.
    X, y = data
    model = make_pipeline(CrystalFeaturizer(steps()), StandardScaler(), LinearRegression())
    plain = family_importance(model.fit(X, y), X, y, random_state=0)
    model.set_output(transform=container)
    named = family_importance(model.fit(X, y), X, y, random_state=0)
    np.testing.assert_allclose(named.importances, plain.importances)


def test_groups_join_steps_and_columns_and_leave_others_alone(data):
    X, _ = data
    y = volumes(X)
    model = make_pipeline(CrystalFeaturizer(steps()), LinearRegression()).fit(X, y)
    groups = {"volume and angles": ["volume_per_site", "lattice"], "metals": ["metal_fraction"], "none": []}
    result = family_importance(model, X, y, random_state=0, groups=groups)
    assert result.names == list(groups)
    assert result.importances_mean[0] > 1
    np.testing.assert_allclose(result.importances_mean[1:], 0, atol=1e-6)


@pytest.mark.parametrize(
    ("groups", "message"),
    [
        ({"a": ["colour"]}, "names 'colour', which is neither a step of the featurizer"),
        ({"a": ["lattice"], "b": ["alpha"]}, "the column 'alpha' is in the groups 'a' and 'b'"),
        ({"a": "lattice"}, "is the text 'lattice'; give a list"),
    ],
)
def test_groups_that_cannot_be_are_refused(data, groups, message):
    X, y = data
    model = make_pipeline(CrystalFeaturizer(steps()), LinearRegression()).fit(X, y)
    with pytest.raises(ValueError, match=message):
        family_importance(model, X, y, groups=groups)


def test_a_model_without_a_featurizer_in_front_is_refused(data):
    X, y = data
    with pytest.raises(TypeError, match=r"got an object of type RandomForestRegressor$"):
        family_importance(RandomForestRegressor(), X, y)
    with pytest.raises(TypeError, match="a pipeline that begins with StandardScaler"):
        family_importance(make_pipeline(StandardScaler(), LinearRegression()), X, y)
    with pytest.raises(TypeError, match="add the model that predicts"):
        family_importance(make_pipeline(CrystalFeaturizer()), X, y)
    pipeline = make_pipeline(CrystalFeaturizer([("density", Density())]), LinearRegression())
    with pytest.raises(NotFittedError):
        family_importance(pipeline, X, y)
    search = GridSearchCV(pipeline, {"linearregression__fit_intercept": [True]}, cv=2).fit(X, y)
    with pytest.raises(TypeError, match="got an object of type GridSearchCV; give its best_estimator_"):
        family_importance(search, X, y)
    with pytest.raises(TypeError, match="of type ConformalRegressor; give its regressor_"):
        inspection.permutation_importance(ConformalRegressor(pipeline).fit(X, y), X, y)


def test_columns_have_importances_and_curves_of_crystals():
    X = load_experimental().data[:60]
    y = X.volumes / X.site_counts
    model = make_pipeline(
        CrystalFeaturizer([("density", Density()), ("angles", LatticeAngles())]), LinearRegression()
    ).fit(X, y)
    result = inspection.permutation_importance(model, X, y, random_state=0, n_repeats=2)
    best = result.names[int(np.argmax(result.importances_mean))]
    assert best == "volume_per_site"
    found = partial_dependence(model, X, "volume_per_site", grid_resolution=7)
    assert found.average.shape == (1, 7)
    assert (np.diff(found.average[0]) > 0).all()
    with pytest.raises(ValueError, match="no column 'volume'"):
        partial_dependence(model, X, "volume")
