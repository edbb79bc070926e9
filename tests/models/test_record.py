"""What a saved model knows of where it was made."""

from __future__ import annotations

import dataclasses
import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import Ridge

from skcrystal import CrystalFeaturizer
from skcrystal.datasets import load_experimental
from skcrystal.descriptors import Density, LatticeAngles
from skcrystal.models import ConformalRegressor, CrystalPipeline


@pytest.fixture
def fitted():
    X, y = load_experimental(return_X_y=True)
    steps = [("density", Density()), ("angles", LatticeAngles())]
    model = CrystalPipeline([("featurizer", CrystalFeaturizer(steps)), ("ridge", Ridge())])
    return model.fit(X[:40], pd.Series(y[:40], name="gap")), X, y


def test_a_model_knows_what_it_was_made_of(fitted):
    model, X, y = fitted
    record = model.record_
    assert {"skcrystal", "scikit-learn", "numpy"} <= set(record.versions)
    assert list(record.schema) == ["density", "angles"]
    assert record.units["density"] == "g/cm^3"
    assert (record.n_samples, record.target) == (40, "gap")
    assert record.target_range == (y[:40].min(), y[:40].max())
    model.fit(X[:40], y[:40] + 1e-9)
    assert model.record_.data != record.data
    assert model.record_.target == ""


def test_a_model_loaded_where_it_was_made_predicts_in_silence(fitted):
    model, X, _ = fitted
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(model)).predict(X[:3]), model.predict(X[:3]))


@pytest.mark.parametrize("wrap", [lambda model: model, ConformalRegressor], ids=["alone", "within intervals"])
def test_another_feature_schema_refuses_to_predict_and_says_the_way_out(fitted, monkeypatch, wrap):
    model, X, y = fitted
    model = wrap(model).fit(X[:40], y[:40])
    text = pickle.dumps(model)
    monkeypatch.setattr(Density, "schema_version", Density.schema_version + 1)
    loaded = pickle.loads(text)
    with pytest.raises(
        ValueError,
        match=r"columns of another kind: density had .* schema 1 and has .* schema 2\. Fit it again",
    ):
        loaded.predict(X[:3])
    loaded.fit(X[:40], y[:40]).predict(X[:3])


def test_another_version_warns(fitted):
    model, X, _ = fitted
    versions = {**model.record_.versions, "numpy": "1.0"}
    model.record_ = dataclasses.replace(model.record_, versions=versions, tables="other")
    text = pickle.dumps(model)
    with pytest.warns(
        UserWarning, match=r"fitted with numpy 1\.0 \(now .*\), other tables of element values"
    ):
        loaded = pickle.loads(text)
    loaded.predict(X[:3])
