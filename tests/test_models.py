"""Ready pipelines."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from skcrystal.datasets import load_experimental
from skcrystal.models import forest_regressor, notebook_models, xgboost_regressor


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


def test_without_xgboost_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "xgboost", None)
    with pytest.raises(ImportError, match=r"skcrystal\[models\]"):
        xgboost_regressor()
