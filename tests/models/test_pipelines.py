"""Ready pipelines."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from sklearn.base import clone

from skcrystal.datasets import load_experimental
from skcrystal.models import forest_regressor, make_regressor, notebook_models, xgboost_regressor


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


@pytest.mark.parametrize("make", [make_regressor, xgboost_regressor])
def test_without_xgboost_the_extra_is_named(make, monkeypatch):
    monkeypatch.setitem(sys.modules, "xgboost", None)
    with pytest.raises(ImportError, match=rf"{make.__name__} needs .* 'skcrystal\[models\]'"):
        make()


def test_the_first_choice_predicts_gaps_of_crystals_it_has_not_seen():
    pytest.importorskip("xgboost", reason="the extra models")
    X, y = load_experimental(return_X_y=True)
    rows = np.random.default_rng(0).permutation(len(y))[:180]
    train, test = rows[:120], rows[120:]
    model = make_regressor("notebook", zero_inflated=True, random_state=0)
    voting = "zeroinflatedregressor__regressor__"
    model.set_params(**{f"{voting}gaussian_process__max_iter": 10, f"{voting}xgboost__n_estimators": 50})
    predicted = clone(model).fit(X[train], y[train]).predict(X[test])
    assert predicted.min() >= 0
    assert np.abs(predicted - y[test]).mean() < 0.8 * np.abs(y[train].mean() - y[test]).mean()


def test_the_first_choice_averages_its_two_models():
    pytest.importorskip("xgboost", reason="the extra models")
    X, y = load_experimental(return_X_y=True)
    X, y = X[:40], y[:40]
    model = make_regressor("notebook", random_state=0)
    model.set_params(votingregressor__gaussian_process__max_iter=2, votingregressor__xgboost__n_estimators=5)
    both = clone(model).fit(X, y).predict(X)
    alone = [
        clone(model).set_params(**{f"votingregressor__{other}": "drop"}).fit(X, y).predict(X)
        for other in ("gaussian_process", "xgboost")
    ]
    np.testing.assert_allclose(both, np.mean(alone, axis=0), rtol=1e-6)
