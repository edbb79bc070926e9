"""XGBoost's trees as arrays answer for few rows, with XGBoost's bits."""

from __future__ import annotations

import pickle
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError

from skcrystal.models import boosted_trees
from skcrystal.models.boosted_trees import MOST_ROWS, PATIENCE, predict, predict_proba

xgboost = pytest.importorskip("xgboost", reason="the trees are XGBoost's, which the extra models brings")

FEW = {"n_estimators": 30, "max_depth": 4, "random_state": 0}


def table(n_samples=300):
    random = np.random.default_rng(0)
    X = random.normal(size=(n_samples, 8))
    return X, X[:, 0] * X[:, 1] + np.sin(3 * X[:, 2]) + 0.1 * random.normal(size=n_samples)


def regressor(**params):
    X, y = table()
    return xgboost.XGBRegressor(**{**FEW, **params}).fit(X, y)


def classifier(**params):
    X, y = table()
    return xgboost.XGBClassifier(**{**FEW, **params}).fit(X, y > 0.3)


def often(ask, model, X):
    """Ask as often as it takes to lay out trees, and once more."""
    for _ in range(PATIENCE):
        ask(model, X)
    return ask(model, X)


@pytest.fixture
def asked(monkeypatch):
    """How many rows XGBoost was asked for, call by call."""
    rows = []
    inplace = xgboost.Booster.inplace_predict

    def count(booster, data, **params):
        rows.append(len(data))
        return inplace(booster, data, **params)

    monkeypatch.setattr(xgboost.Booster, "inplace_predict", count)
    return rows


REGRESSORS = [
    {},
    {"subsample": 0.7, "colsample_bynode": 0.3, "min_child_weight": 3, "max_bin": 64, "learning_rate": 0.03},
    {"num_parallel_tree": 3, "subsample": 0.5},
    {"grow_policy": "lossguide", "max_leaves": 9},
    {"tree_method": "exact", "gamma": 0.5},
    {"base_score": 0.5},
    # Nothing is worth a split: each tree is one leaf.
    {"gamma": 1e9},
]


@pytest.mark.parametrize("params", REGRESSORS)
def test_few_rows_have_the_bits_of_many(params, asked):
    model = regressor(**params)
    X, _ = table(60)
    together = model.predict(X)
    often(predict, model, X[:1])
    asked.clear()
    alone = np.concatenate([predict(model, row[None]) for row in X])
    some = predict(model, X[:MOST_ROWS])
    assert asked == []
    assert alone.dtype == some.dtype == together.dtype
    np.testing.assert_array_equal(alone, together)
    np.testing.assert_array_equal(some, together[:MOST_ROWS])


@pytest.mark.parametrize("params", [{}, {"scale_pos_weight": 3.0}, {"base_score": 0.2}])
def test_few_probabilities_have_the_bits_of_many(params, asked):
    model = classifier(**params)
    X, _ = table(60)
    together = model.predict_proba(X)
    often(predict_proba, model, X[:1])
    asked.clear()
    alone = np.concatenate([predict_proba(model, row[None]) for row in X])
    assert asked == []
    assert alone.dtype == together.dtype
    np.testing.assert_array_equal(alone, together)


def test_values_at_thresholds_go_to_the_side_where_xgboost_sends_them(asked):
    model = regressor(n_estimators=3)
    column, threshold = (
        model.get_booster().trees_to_dataframe().dropna(subset=["Split"]).iloc[0][["Feature", "Split"]]
    )
    X = np.zeros((3, 8))
    X[:, int(column[1:])] = np.nextafter(np.float32(threshold), np.float32([-np.inf, threshold, np.inf]))
    expected = model.predict(X)
    assert expected[0] != expected[1]
    often(predict, model, X)
    asked.clear()
    np.testing.assert_array_equal(predict(model, X), expected)
    assert asked == []


def test_trees_are_laid_out_when_a_model_was_asked_some_times(asked):
    model = regressor()
    X, _ = table(3)
    for _ in range(PATIENCE - 1):
        predict(model, X)
    # Those are answers; with the next question the arrays are compared on rows of their own.
    assert asked == [len(X)] * (PATIENCE - 1)
    predict(model, X)
    assert asked[PATIENCE - 1 :] == [boosted_trees.PROBES]


def test_many_rows_are_left_to_xgboost(asked):
    model = regressor()
    X, _ = table(MOST_ROWS + 1)
    often(predict, model, X[:1])
    asked.clear()
    predict(model, X)
    assert asked == [MOST_ROWS + 1]


def with_attribute():
    """A model whose last rounds count for nothing, since they made it worse."""
    X, y = table()
    model = xgboost.XGBRegressor(**{**FEW, "n_estimators": 200}, early_stopping_rounds=5)
    return model.fit(X[:100], y[:100], eval_set=[(X[100:], y[100:])], verbose=False)


def named():
    pd = pytest.importorskip("pandas")
    X, y = table()
    return xgboost.XGBRegressor(**FEW).fit(pd.DataFrame(X, columns=[*"abcdefgh"]), y)


def of_several():
    X, y = table()
    return xgboost.XGBRegressor(**FEW).fit(X, np.column_stack([y, -y]))


OTHERS = {
    "dart": lambda: regressor(booster="dart", rate_drop=0.3),
    "linear": lambda: regressor(booster="gblinear"),
    "another objective": lambda: regressor(objective="reg:pseudohubererror"),
    "zeros are missing": lambda: regressor(missing=0.0),
    "early stopping": with_attribute,
    "names": named,
    "several targets": of_several,
}


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("make", OTHERS.values(), ids=OTHERS)
def test_models_of_another_kind_answer_for_themselves(make):
    model = make()
    X, _ = table(5)
    X[2, :3] = 0.0
    np.testing.assert_array_equal(often(predict, model, X), model.predict(X))


def test_three_classes_are_left_to_xgboost():
    X, y = table()
    model = xgboost.XGBClassifier(**FEW).fit(X, np.digitize(y, [-0.5, 0.5]))
    np.testing.assert_array_equal(often(predict_proba, model, X[:2]), model.predict_proba(X[:2]))


@pytest.mark.parametrize("value", [np.nan, 1e39])
def test_missing_and_huge_values_are_xgboosts_matter(value):
    X, y = table()
    X[::7, 0] = np.nan
    model = xgboost.XGBRegressor(**FEW).fit(X, y)
    row = X[1:2].copy()
    row[0, 0] = value
    often(predict, model, X[1:2])
    np.testing.assert_array_equal(predict(model, row), model.predict(row))


def test_errors_are_xgboosts():
    model = regressor()
    often(predict, model, np.zeros((1, 8)))
    with pytest.raises(ValueError, match="Feature shape mismatch, expected: 8, got 7"):
        predict(model, np.zeros((1, 7)))
    with pytest.raises(NotFittedError):
        predict(xgboost.XGBRegressor(), np.zeros((1, 8)))


def test_arrays_that_differ_from_xgboost_in_the_last_digit_are_not_taken(monkeypatch):
    lay_out = boosted_trees._lay_out

    def shifted(booster, objective):
        trees = lay_out(booster, objective)
        return trees._replace(base=trees.base + np.float32(1e-6))

    monkeypatch.setattr(boosted_trees, "_lay_out", shifted)
    model, (X, _) = regressor(), table(4)
    assert not np.array_equal(shifted(model.get_booster(), "reg:squarederror").answer(X), model.predict(X))
    np.testing.assert_array_equal(often(predict, model, X), model.predict(X))


def test_a_model_that_learns_more_is_laid_out_anew():
    X, y = table()
    model = regressor()
    before = often(predict, model, X[:1])
    booster = model.get_booster()
    booster.update(xgboost.DMatrix(X, y), booster.num_boosted_rounds())
    assert predict(model, X[:1]) != before
    np.testing.assert_array_equal(often(predict, model, X[:4]), model.predict(X[:4]))
    model.fit(X, -y)
    np.testing.assert_array_equal(often(predict, model, X[:4]), model.predict(X[:4]))


def test_nothing_stays_of_it_in_a_pickle_and_behind_a_model():
    X, _ = table(3)
    model = regressor()
    before = len(pickle.dumps(model))
    expected = often(predict, model, X)
    assert len(pickle.dumps(model)) == before
    copy = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(often(predict, copy, X), expected)
    booster = copy.get_booster()
    assert booster in boosted_trees._KNOWN
    n_known = len(boosted_trees._KNOWN)
    del copy, booster
    assert len(boosted_trees._KNOWN) == n_known - 1


def test_threads_that_come_at_once_lay_trees_out_once(monkeypatch):
    lay_out, calls = boosted_trees._lay_out, []

    def counted(booster, objective):
        calls.append(objective)
        return lay_out(booster, objective)

    monkeypatch.setattr(boosted_trees, "_lay_out", counted)
    X, _ = table(64)
    model = regressor()
    expected, barrier = model.predict(X), Barrier(8)

    def ask(rows):
        barrier.wait(60)
        return np.concatenate([predict(model, row[None]) for row in rows])

    with ThreadPoolExecutor(8) as pool:
        found = np.concatenate(list(pool.map(ask, np.split(X, 8))))
    np.testing.assert_array_equal(found, expected)
    assert calls == ["reg:squarederror"]
