"""Corrections of what is nearly right, and models that answer for training crystals as if they were new."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn.base import BaseEstimator, RegressorMixin, clone
from sklearn.ensemble import RandomForestRegressor
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.model_selection import GroupKFold, KFold, cross_val_predict, cross_validate
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

from skcrystal import CrystalFeaturizer
from skcrystal.datasets import load_experimental
from skcrystal.descriptors import CompositionStats, ElementFractions, Embedding
from skcrystal.models import (
    ARDGaussianProcessRegressor,
    ConformalRegressor,
    CrystalPipeline,
    DeltaRegressor,
    OutOfFoldRegressor,
    SoftStandardScaler,
    ZeroInflatedRegressor,
)
from tests.prototypes import CAESIUM_CHLORIDE, DIAMOND, ROCK_SALT

# Solved exactly, of sparse tables too: the folds' predictions are compared to 1e-7.
EXACT = Ridge(tol=1e-12)


@parametrize_with_checks([DeltaRegressor(EXACT, EXACT)])
def test_scikit_learns_checks(estimator, check):
    check(estimator)


class Memory(RegressorMixin, BaseEstimator):
    """Knows the targets of rows that it has seen, and answers 0 for others."""

    def fit(self, X, y, sample_weight=None):
        self.seen_ = dict(zip(map(bytes, np.asarray(X)), y, strict=True))
        self.weight_ = sample_weight
        return self

    def predict(self, X):
        return np.array([self.seen_.get(bytes(row), 0.0) for row in np.asarray(X)])


class Recorder(LinearRegression):
    """Keeps what it was given."""

    def fit(self, X, y, sample_weight=None):
        self.given_ = X, y, sample_weight
        return super().fit(X, y, sample_weight)


@pytest.fixture
def table():
    random = np.random.default_rng(0)
    X = random.uniform(1, 2, (60, 3))
    return X, X @ [1.0, 2.0, 3.0] + 5.0


def test_a_function_is_corrected_as_it_is(table):
    X, y = table
    model = DeltaRegressor(lambda X: 2.0 * X[:, 1], Recorder()).fit(X, y)
    np.testing.assert_allclose(model.correction_.given_[1], y - 2.0 * X[:, 1])
    np.testing.assert_allclose(model.correction_.coef_, [1.0, 0.0, 3.0], atol=1e-10)
    np.testing.assert_allclose(model.predict(X), y)


def test_a_fitted_model_is_not_fitted_again(table):
    X, y = table
    base = LinearRegression().fit(X[:10], 10 * y[:10])
    model = DeltaRegressor(FrozenEstimator(base), Recorder())
    fitted = clone(model).fit(X, y)
    np.testing.assert_allclose(fitted.correction_.given_[1], y - base.predict(X))
    np.testing.assert_allclose(fitted.predict(X), y)


def test_the_correction_of_a_fitted_base_learns_its_errors_on_rows_that_it_has_not_seen(table):
    X, y = table
    fitted = DeltaRegressor(Memory(), Recorder()).fit(X, y)
    # On rows that it has seen the base errs by nothing; on others by all.
    np.testing.assert_allclose(fitted.correction_.given_[1], y)
    # The base itself knows all rows in the end.
    np.testing.assert_allclose(fitted.base_.predict(X), y)
    folds = KFold(4)
    expected = y - cross_val_predict(KNeighborsRegressor(1), X, y, cv=folds)
    other = DeltaRegressor(KNeighborsRegressor(1), Recorder(), cv=folds).fit(X, y)
    np.testing.assert_allclose(other.correction_.given_[1], expected)


def test_groups_stay_together(table):
    X, y = table
    doubled, twice = np.concatenate([X, X]), np.concatenate([y, y])
    groups = np.tile(np.arange(60), 2)
    torn = DeltaRegressor(Memory(), Recorder()).fit(doubled, twice)
    assert np.any(torn.correction_.given_[1] == 0)
    whole = DeltaRegressor(Memory(), Recorder(), cv=GroupKFold(5)).fit(doubled, twice, groups=groups)
    np.testing.assert_allclose(whole.correction_.given_[1], twice)


def test_weights_reach_both_with_routing_and_without(table):
    X, y = table
    weight = np.linspace(1, 2, 60)
    plain = DeltaRegressor(Memory(), Recorder()).fit(X, y, sample_weight=weight)
    np.testing.assert_array_equal(plain.correction_.given_[2], weight)
    np.testing.assert_array_equal(plain.base_.weight_, weight)
    with sklearn.config_context(enable_metadata_routing=True):
        found = cross_validate(
            DeltaRegressor(Memory(), Recorder()).set_score_request(sample_weight=True),
            X,
            y,
            cv=KFold(3),
            params={"sample_weight": weight},
            return_estimator=True,
        )
    assert len(found["estimator"][0].correction_.given_[2]) == 40


def test_rows_without_a_base_are_left_out(table):
    X, y = table
    known = np.where(np.arange(60) < 7, np.nan, X[:, 0])
    table_of = pd.DataFrame(X, columns=["a", "b", "c"]).assign(pbe=known)
    model = DeltaRegressor(lambda X: X["pbe"], make_pipeline(SoftStandardScaler(), Recorder()))
    fitted = model.fit(table_of, y)
    assert len(fitted.correction_[-1].given_[1]) == 53
    assert np.isnan(fitted.predict(table_of)).tolist() == [True] * 7 + [False] * 53
    with pytest.raises(ValueError, match="no finite value for any of 60 rows"):
        DeltaRegressor(lambda X: np.full(len(X), np.nan), Ridge()).fit(X, y)
    with pytest.raises(ValueError, match=r"shape \(2,\), and the targets have \(60,\)"):
        DeltaRegressor(lambda X: np.zeros(2), Ridge()).fit(X, y)


def test_several_targets_and_standard_deviations(table):
    X, y = table
    both = np.column_stack([y, -y])
    model = DeltaRegressor(lambda X: np.zeros((len(X), 2)), Ridge(1e-9)).fit(X, both)
    np.testing.assert_allclose(model.predict(X), both, atol=1e-6)
    process = ARDGaussianProcessRegressor(random_state=0)
    gaussian = DeltaRegressor(lambda X: 100.0 + X[:, 0], process).fit(X, y)
    predicted, std = gaussian.predict(X, return_std=True)
    np.testing.assert_allclose(predicted, gaussian.predict(X))
    assert std.shape == y.shape
    assert (std > 0).all()


def built_in():
    X, y = load_experimental(return_X_y=True)
    return list(X), np.asarray(y, dtype=float)


def test_two_fidelities():
    """A cheap gap is half of the measured one, and known for all; the measured one for few."""
    X, y = built_in()
    few, new = np.arange(0, len(y), 6), np.arange(3, len(y), 6)
    forest = RandomForestRegressor(50, random_state=0)
    cheap = make_pipeline(CrystalFeaturizer("composition"), forest)
    base = OutOfFoldRegressor(cheap).fit(X, 0.5 * y)
    alone = clone(cheap).fit([X[k] for k in few], y[few])
    corrected = DeltaRegressor(FrozenEstimator(base), clone(cheap)).fit([X[k] for k in few], y[few])
    cheap_column = Embedding(base.predict, "cheap", "1", structures="crystals")
    steps = [("composition", CompositionStats()), ("cheap", cheap_column)]
    column = make_pipeline(CrystalFeaturizer(steps), clone(forest)).fit([X[k] for k in few], y[few])
    tests = [X[k] for k in new]
    errors = {
        name: np.abs(model.predict(tests) - y[new]).mean()
        for name, model in {"alone": alone, "delta": corrected, "column": column}.items()
    }
    assert errors["delta"] < errors["alone"]
    assert errors["column"] < errors["alone"]
    intervals = ConformalRegressor(corrected).fit([X[k] for k in few], y[few]).predict_interval(tests)
    assert np.mean((intervals[:, 0] <= y[new]) & (y[new] <= intervals[:, 1])) > 0.75


# -- OutOfFoldRegressor ------------------------------------------------------------------------------


def nearest(**params):
    return CrystalPipeline(
        [("featurizer", CrystalFeaturizer("composition", **params)), ("nearest", KNeighborsRegressor(1))]
    )


def test_known_formulas_are_predicted_by_fits_without_them():
    X, y = built_in()
    X, y = X[:80], y[:80]
    model = OutOfFoldRegressor(nearest()).fit(X, y)
    # A nearest neighbour gives back what it has learned, unless it was not among that.
    learned = nearest().fit(X, y)
    assert np.abs(learned.predict(X) - y).mean() < 0.05
    assert np.abs(model.predict(X) - y).mean() > 0.3
    # Other formulas are those of the fit to all.
    strangers = [DIAMOND, CAESIUM_CHLORIDE]
    strangers = [one for one in strangers if one.formula not in {other.formula for other in X}]
    assert strangers
    np.testing.assert_allclose(model.predict(strangers), learned.predict(strangers))


def test_another_cell_and_a_polymorph_of_a_known_formula_are_known():
    X = [ROCK_SALT, DIAMOND, CAESIUM_CHLORIDE, *built_in()[0][:40]]
    y = np.arange(len(X), dtype=float)
    model = OutOfFoldRegressor(nearest()).fit(X, y)
    supercell = ROCK_SALT.to_structure() * (2, 1, 1)
    np.testing.assert_allclose(model.predict([supercell, "NaCl"]), model.predict([ROCK_SALT, ROCK_SALT]))
    assert nearest().fit(X, y).predict([supercell])[0] == 0.0
    assert model.predict([supercell])[0] != 0.0


def test_targets_of_known_formulas_are_recalled():
    X, y = built_in()
    model = OutOfFoldRegressor(nearest()).fit([*X[:40], "Na3Sb", "Na6Sb2"], [*y[:40], 3.0, 5.0])
    asked = ["Na3Sb", X[0], *X[40:60]]
    recalled, predicted = model.recall(asked), model.predict(asked)
    # Two crystals of one formula: the mean of their targets.
    assert recalled[0].tolist() == [4.0, 1.0]
    formulas = [one.formula for one in X[:40]]
    first = np.mean(y[:40][[one == formulas[0] for one in formulas]])
    assert recalled[1] == pytest.approx([first, 1.0])
    new = [k for k in range(2, 22) if asked[k].formula not in formulas]
    assert len(new) > 10
    np.testing.assert_array_equal(recalled[new], np.column_stack([predicted[new], np.zeros(len(new))]))
    assert abs(recalled[:2, 0] - predicted[:2]).min() > 0
    several = OutOfFoldRegressor(nearest()).fit(X[:40], np.column_stack([y[:40], -y[:40]]))
    np.testing.assert_allclose(several.recall([X[0]]), [[first, -first, 1.0]])


def test_of_what_may_be_zero_whether_it_is_is_recalled_too():
    salts, metals = ["NaCl", "KCl", "NaF", "KF", "LiF"], ["Fe", "Cu", "Al", "Au", "Ag"]
    gaps = np.array([5.0, 5.0, 7.0, 6.0, 9.0, 0.0, 0.0, 0.0, 0.0, 0.0])
    zeros = ZeroInflatedRegressor(KNeighborsRegressor(1), KNeighborsClassifier(2), spread=0.0)
    steps = [("featurizer", CrystalFeaturizer("composition")), ("scaler", SoftStandardScaler())]
    model = OutOfFoldRegressor(CrystalPipeline([*steps, ("zeros", zeros)])).fit([*salts, *metals], gaps)
    found = model.recall(["Na2Cl2", "Fe", "LiCl", "Ni"])
    assert found[:2, 0].tolist() == [5.0, 0.0]
    np.testing.assert_array_equal(found[2:, 0], model.predict(["LiCl", "Ni"]))
    # What a metal's gap would be is that of a salt.
    assert set(found[:, 1]) <= set(gaps[gaps > 0])
    assert found[:, 2].tolist() == [1.0, 0.0, 1.0, 0.0]
    assert found[:, 3].tolist() == [1.0, 1.0, 0.0, 0.0]
    column = Embedding(model.recall, "pbe_gap", "1", structures="compositions")
    table = CrystalFeaturizer([("fractions", ElementFractions()), ("pbe_gap", column)])
    np.testing.assert_array_equal(table.transform(["Na2Cl2", "Ni"])[:, -4:], found[[0, 3]])


@pytest.mark.filterwarnings("ignore:.* items are no usable crystals", "ignore:.* rows could not be read")
def test_what_cannot_be_read_is_nan():
    X, y = built_in()
    items, targets = [*X[:40], "no crystal", "no crystal"], np.append(y[:40], [0, 0])
    model = OutOfFoldRegressor(nearest(on_error="nan")).fit(items, targets)
    assert np.isnan(model.predict(items)).tolist() == [False] * 40 + [True, True]
    assert np.isnan(model.predict(["no crystal"])).tolist() == [True]
    assert np.isnan(model.recall(["no crystal", "NaCl"])).tolist() == [[True, True], [False, False]]


def test_weights_clones_pickles_and_few_formulas():
    X, y = built_in()
    X, y = X[:40], y[:40]
    ridge = CrystalPipeline(
        [
            ("featurizer", CrystalFeaturizer("composition")),
            ("scaler", SoftStandardScaler()),
            ("ridge", Ridge()),
        ]
    )
    model = OutOfFoldRegressor(ridge, n_splits=3).fit(X, y)
    weighted = clone(model).fit(X, y, sample_weight=np.linspace(0.1, 3, 40))
    assert np.abs(weighted.predict(X) - model.predict(X)).max() > 1e-3
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(model)).predict(X), model.predict(X))
    with sklearn.config_context(enable_metadata_routing=True):
        requested = clone(model).set_score_request(sample_weight=False)
        params = {"sample_weight": np.linspace(0.1, 3, 40)}
        assert np.isfinite(cross_validate(requested, X, y, cv=2, params=params)["test_score"]).all()
    with pytest.raises(ValueError, match="n_splits=3 folds need as many formulas, and X has 1"):
        clone(model).fit([ROCK_SALT] * 3, [1.0, 2.0, 3.0])
