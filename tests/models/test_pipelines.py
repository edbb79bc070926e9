"""Ready pipelines."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.linear_model import Ridge
from sklearn.tree import DecisionTreeRegressor

from skcrystal import CrystalFeaturizer
from skcrystal.datasets import load_experimental
from skcrystal.descriptors import AlloyStats, Density, ElementFractions, PairSpectrum, PaulingEnergy
from skcrystal.featurizer.presets import PRESETS
from skcrystal.models import (
    ARDGaussianProcessRegressor,
    ConvexCombinationRegressor,
    forest_regressor,
    make_classifier,
    make_regressor,
    notebook_models,
    xgboost_regressor,
)
from skcrystal.models.weighted import StackingRegressor


def stack_of(model):
    """Return the stack of a pipeline that is not fitted."""
    last = model[-1]
    return getattr(last, "regressor", last)


def test_notebook_models_have_the_lectures_parameters():
    pytest.importorskip("xgboost", reason="the extra models")
    forest, boosted = (model[-1].get_params() for model in notebook_models().values())
    assert (forest["n_estimators"], forest["max_depth"]) == (400, 400)
    assert (boosted["objective"], boosted["max_depth"]) == ("reg:squarederror", 10)
    assert notebook_models()["XGBoost"][0].descriptors == "notebook"


@pytest.mark.parametrize("make", [forest_regressor, xgboost_regressor])
def test_a_pipeline_fits_crystals_and_predicts_them_again(make):
    if make is xgboost_regressor:
        pytest.importorskip("xgboost", reason="the extra models")
    X, y = load_experimental(return_X_y=True)
    X, y = X[:60], y[:60]
    model = make("notebook", n_estimators=10, random_state=0, n_jobs=1).fit(X, y)
    predicted = model.predict(X)
    assert np.abs(predicted - y).mean() < np.abs(y - y.mean()).mean() / 2


@pytest.mark.parametrize("make", [make_classifier, make_regressor, xgboost_regressor])
def test_without_xgboost_the_extra_is_named(make, monkeypatch):
    monkeypatch.setitem(sys.modules, "xgboost", None)
    with pytest.raises(ImportError, match=rf"{make.__name__} needs .* 'skcrystal\[models\]'"):
        make()


def quick(model, **params):
    """Make the members cheap: what is tested is how they stand together."""
    model.set_params(**params)
    for name, value in model.get_params().items():
        if isinstance(value, ARDGaussianProcessRegressor):
            value.set_params(max_iter=5)
        if name.endswith("xgboost") and value != "drop":
            value.set_params(n_estimators=40)
    return model


def built_in(n):
    X, y = load_experimental(return_X_y=True)
    rows = np.random.default_rng(0).permutation(len(y))[:n]
    return X[rows], y[rows]


@pytest.mark.parametrize("target", ["real", "nonnegative"])
def test_the_first_choice_predicts_gaps_of_crystals_it_has_not_seen(target):
    pytest.importorskip("xgboost", reason="the extra models")
    X, y = built_in(180)
    model = clone(quick(make_regressor("notebook", target=target))).fit(X[:120], y[:120])
    predicted = model.predict(X[120:])
    assert np.abs(predicted - y[120:]).mean() < 0.8 * np.abs(y[:120].mean() - y[120:]).mean()
    if target == "nonnegative":
        assert predicted.min() == 0


def test_the_spread_of_gaps_is_the_stacks_out_of_fold_error():
    pytest.importorskip("xgboost", reason="the extra models")
    X, y = built_in(80)
    model = quick(make_regressor("notebook", target="nonnegative")).fit(X, y)[-1]
    errors = model.regressor_.final_estimator_.error_
    assert 0.1 < errors < np.abs(y - y.mean()).mean()
    assert model.spread_ == pytest.approx(np.sqrt(np.pi / 2) * errors)


def test_three_models_vote_on_zeros():
    pytest.importorskip("xgboost", reason="the extra models")
    X, y = built_in(80)
    model = quick(make_regressor("notebook", target="nonnegative")).fit(X, y)
    votes = model[-1].classifier_
    assert list(votes.named_estimators_) == ["gaussian_process", "xgboost", "extra_trees"]
    rows = model[:-1].transform(X)
    shares = [voter.predict_proba(rows)[:, 1] for voter in votes.estimators_]
    np.testing.assert_allclose(votes.predict_proba(rows)[:, 1], [0.2, 0.4, 0.4] @ np.array(shares))


def test_trees_that_split_at_random_join_for_the_squared_error_of_nonnegative_targets():
    pytest.importorskip("xgboost", reason="the extra models")
    X, y = built_in(60)
    model = quick(make_regressor("composition", target="nonnegative", loss="squared_error")).fit(X, y)
    stack = model[-1].regressor_
    assert list(stack.named_estimators_) == [*MEMBERS, "extra_trees", "extra_trees_of_shares"]
    assert stack.final_estimator_.coef_.sum() == pytest.approx(1)
    for others in ({"target": "real", "loss": "squared_error"}, {"target": "nonnegative"}):
        assert list(dict(stack_of(make_regressor(**others)).estimators)) == MEMBERS


def test_one_forest_sees_just_what_one_process_leaves_out():
    pytest.importorskip("xgboost", reason="the extra models")
    members = dict(stack_of(make_regressor(target="nonnegative", loss="squared_error")).estimators)
    X, y = np.random.default_rng(0).normal(size=(40, 3)), np.arange(40.0)
    X[5:, 2] = 0.0
    unlike = [[-9.0, -9.0, 0.0], [9.0, 9.0, 0.0]]
    assert np.ptp(members["extra_trees"].fit(X, y).predict(unlike)) > 0
    assert np.ptp(members["extra_trees_of_shares"].fit(X, y).predict(unlike)) == 0
    np.testing.assert_array_equal(members["gaussian_process"].fit(X, y).weights_ > 0, [True, True, False])


def test_a_positive_target_is_learnt_as_its_logarithm():
    pytest.importorskip("xgboost", reason="the extra models")
    X, y = built_in(90)
    y = np.exp(2 * y)
    positive = quick(make_regressor("notebook", target="positive")).fit(X[:60], y[:60])
    plain = quick(make_regressor("notebook"))
    normal = {"nu": 1.5, "freedom": None}
    for process in ("gaussian_process", "gaussian_process_of_all"):
        plain.set_params(**{f"stackingregressor__{process}__{name}": value for name, value in normal.items()})
    plain.fit(X[:60], np.log(y[:60]))
    np.testing.assert_allclose(np.log(positive.predict(X[60:])), plain.predict(X[60:]), rtol=1e-6)


def test_several_targets_have_models_of_their_own():
    pytest.importorskip("xgboost", reason="the extra models")
    X, y = built_in(60)
    both = quick(make_regressor("notebook", several=True)).fit(X, np.column_stack([y, -3 * y + 1]))
    one = quick(make_regressor("notebook")).fit(X, y)
    predicted = both.predict(X)
    assert predicted.shape == (60, 2)
    np.testing.assert_allclose(predicted[:, 0], one.predict(X))


def test_a_crystal_of_weight_zero_does_not_count():
    pytest.importorskip("xgboost", reason="the extra models")
    X, y = built_in(60)
    weight = np.ones(60)
    # The absurd target would show in every prediction.
    y[7], weight[7] = 1e6, 0
    model = quick(make_regressor("notebook"))
    predicted = model.fit(X, y, stackingregressor__sample_weight=weight).predict(X)
    assert predicted.max() < 20


@pytest.mark.parametrize("target", ["real", "positive", "nonnegative"])
def test_weights_reach_the_models_of_each_of_several_targets(target):
    pytest.importorskip("xgboost", reason="the extra models")
    X, y = built_in(60)
    y = y + (target == "positive")
    weight = np.ones(60)
    # The absurd targets would show in every prediction.
    y[7], weight[7] = 1e6, 0
    model = quick(make_regressor("notebook", target=target, several=True))
    model.fit(X, np.column_stack([y, 2 * y]), multioutputregressor__sample_weight=weight)
    assert model.predict(X).max() < 50


MEMBERS = ["gaussian_process", "gaussian_process_of_all", "xgboost"]


def test_the_first_choice_weighs_its_models():
    pytest.importorskip("xgboost", reason="the extra models")
    X, y = built_in(60)
    model = quick(make_regressor("composition")).fit(X, y)
    assert list(model[-1].named_estimators_) == MEMBERS
    coef = model[-1].final_estimator_.coef_
    assert coef.shape == (3,)
    assert coef.sum() == pytest.approx(1)


@pytest.mark.parametrize("kept", MEMBERS)
def test_a_model_alone_has_all_the_weight(kept):
    pytest.importorskip("xgboost", reason="the extra models")
    X, y = built_in(60)
    dropped = {f"stackingregressor__{name}": "drop" for name in MEMBERS if name != kept}
    alone = quick(make_regressor("notebook"), **dropped).fit(X, y)
    np.testing.assert_allclose(alone[-1].final_estimator_.coef_, [1.0])


def test_one_process_leaves_the_shares_of_rare_elements_out():
    pytest.importorskip("xgboost", reason="the extra models")
    X, y = built_in(60)
    model = quick(make_regressor("composition")).fit(X, y)
    names = model[0].get_feature_names_out()
    shares = np.char.startswith(names.astype(str), "fraction_")
    members = model[-1].named_estimators_
    # No element is in more than half of these crystals.
    assert not members["gaussian_process"].weights_[shares].any()
    present = model[0].transform(X)[:, shares].any(axis=0)
    assert (members["gaussian_process_of_all"].weights_[shares][present] > 0).all()


def test_wide_families_join_presets_alone():
    pytest.importorskip("xgboost", reason="the extra models")
    lone = [("density", Density())]
    assert make_regressor(lone)[0].descriptors is lone
    assert make_regressor("notebook")[0].descriptors == "notebook"
    wide = [PairSpectrum, ElementFractions, AlloyStats, PaulingEnergy]
    for preset, added in (("default", wide), ("composition", wide[1:3]), ("full", [])):
        steps, known = make_regressor(preset)[0]._steps, PRESETS[preset]()
        assert [name for name, _ in steps[: len(known)]] == [name for name, _ in known]
        assert [type(step) for _, step in steps[len(known) :]] == added
    for target in ("positive", "nonnegative"):
        steps = dict(make_regressor(target=target)[0]._steps)
        assert "element_fractions" in steps
        assert not {"pair_spectrum", "alloys", "pauling_energy"} & set(steps)
        assert ("stretching" in steps) == (target == "positive")


def test_any_number_of_crystals_is_taken_by_default_and_many_get_more_trees(capsys):
    pytest.importorskip("xgboost", reason="the extra models")
    model = quick(make_regressor("notebook", verbose=True))
    process = model.get_params()["stackingregressor__gaussian_process"]
    assert (process.max_rows, process.excess) == (15_000, "sample")
    stack = model[-1].set_params(large_rows=40, large_params={"xgboost": {"n_estimators": 70}})
    X, y = np.random.default_rng(0).normal(size=(60, 5)), np.arange(60.0)
    assert stack.fit(X, y).named_estimators_["xgboost"].n_estimators == 70
    assert "[skcrystal] xgboost: fold 3 of 3 of 60 rows" in capsys.readouterr().out
    assert stack.fit(X[:30], y[:30]).named_estimators_["xgboost"].n_estimators == 40


@pytest.mark.parametrize("target", ["real", "positive", "nonnegative"])
@pytest.mark.parametrize("several", [False, True])
def test_standard_deviations_come_through_all_steps(target, several):
    pytest.importorskip("xgboost", reason="the extra models")
    X, y = built_in(60)
    y = y + (target == "positive")
    model = quick(make_regressor("notebook", target=target, several=several))
    model.fit(X, np.column_stack([y, 2 * y]) if several else y)
    predicted, std = model.predict(X, return_std=True)
    np.testing.assert_allclose(predicted, model.predict(X), rtol=1e-6)
    assert std.shape == predicted.shape
    assert (std >= 0).all()
    assert std.max() > 0.1


def test_fits_without_a_fold_cost_less_and_the_last_ones_are_in_full():
    trees = []

    class Counted(DecisionTreeRegressor):
        def fit(self, X, y, sample_weight=None):
            trees.append((len(y), self.max_depth))
            return super().fit(X, y, sample_weight)

    X, y = np.random.default_rng(0).normal(size=(60, 5)), np.arange(60.0)
    stack = StackingRegressor(
        [("tree", Counted(max_depth=5)), ("ridge", Ridge())],
        ConvexCombinationRegressor(),
        cv=3,
        fold_params={"tree": {"max_depth": 2, "no_such": 1}, "gone": {"a": 1}},
    )
    stack.fit(X, y)
    assert trees == [(40, 2)] * 3 + [(60, 5)]


def test_the_large_size_takes_any_number_of_crystals():
    pytest.importorskip("xgboost", reason="the extra models")
    process = make_regressor(size="large").get_params()["stackingregressor__gaussian_process"]
    assert (process.max_rows, process.excess) == (10_000, "sample")
    assert process.max_likelihood_rows == 3000


def test_weights_of_columns_are_learnt_on_more_rows_where_there_are_many():
    pytest.importorskip("xgboost", reason="the extra models")
    stack = quick(make_regressor("notebook"))[-1].set_params(large_rows=40)
    X, y = np.random.default_rng(0).normal(size=(60, 5)), np.arange(60.0)
    for n_rows, expected in ((60, 3000), (30, 1500)):
        fitted = stack.set_params(large_params=make_regressor()[-1].large_params).fit(X[:n_rows], y[:n_rows])
        assert [process.max_likelihood_rows for process in fitted.estimators_[:2]] == [expected, expected]


@pytest.mark.parametrize(("target", "nu"), [("real", 2.5), ("positive", 1.5), ("nonnegative", 1.5)])
def test_processes_are_smoother_for_real_targets(target, nu):
    pytest.importorskip("xgboost", reason="the extra models")
    known = make_regressor(target=target).get_params()
    found = [value for name, value in known.items() if "gaussian_process" in name and name.endswith("__nu")]
    assert found == [nu, nu]


@pytest.mark.parametrize("labels", [(False, True), ("metal", "semiconductor")])
def test_the_classifier_tells_metals_from_others(labels):
    pytest.importorskip("xgboost", reason="the extra models")
    X, y = load_experimental(return_X_y=True)
    rows = np.random.default_rng(0).permutation(len(y))
    X, kind = X[rows], np.array(labels)[(y[rows] > 0).astype(int)]
    model = make_classifier("notebook").set_params(votingclassifier__xgboost__n_estimators=100)
    model.fit(X[:300], kind[:300])
    assert model.predict_proba(X[300:]).shape == (len(y) - 300, 2)
    most_frequent = max(np.mean(kind[300:] == label) for label in labels)
    assert model.score(X[300:], kind[300:]) > most_frequent + 0.05


@pytest.mark.parametrize("choice", [{"target": "negative"}, {"size": "huge"}])
def test_an_unknown_choice_names_the_known_ones(choice):
    with pytest.raises(ValueError, match=r"is one of '.*', and '.*' was given"):
        make_regressor(**choice)


def test_several_targets_share_the_featurization_and_the_folds(monkeypatch):
    pytest.importorskip("xgboost", reason="the extra models")
    X, y = built_in(60)
    described, fits = [], []
    describe, fit = CrystalFeaturizer.transform, ARDGaussianProcessRegressor.fit

    def counted(self, X):
        described.append(len(X))
        return describe(self, X)

    def noted(self, X, y, sample_weight=None):
        fits.append(np.asarray(X))
        return fit(self, X, y, sample_weight)

    monkeypatch.setattr(CrystalFeaturizer, "transform", counted)
    monkeypatch.setattr(ARDGaussianProcessRegressor, "fit", noted)
    quick(make_regressor("composition", several=True)).fit(X, np.column_stack([y, -y]))
    assert described == [60]
    # Each target's two processes, in three folds and on all rows.
    first, second = fits[: len(fits) // 2], fits[len(fits) // 2 :]
    assert [len(rows) for rows in first] == [40, 40, 40, 60] * 2
    for one, other in zip(first, second, strict=True):
        np.testing.assert_array_equal(one, other)
