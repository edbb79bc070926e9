"""Models that are given away predict the same bits where they are loaded, and say first what they are."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skcrystal import CrystalError, CrystalFeaturizer
from skcrystal.datasets import load_experimental
from skcrystal.descriptors import AlloyStats, ElementFractions, ElementVectors, StoichiometryNorms
from skcrystal.models import (
    ConformalRegressor,
    CrystalPipeline,
    SoftStandardScaler,
    forest_regressor,
    load,
    make_classifier,
    make_regressor,
    read_header,
    save,
)
from skcrystal.models.sharing import archive
from skcrystal.models.sharing.allowlist import CONTAINERS, FUNCTIONS, TYPES

pytest.importorskip("skops", reason="models are shared by skops")

CRYSTALS, GAPS = load_experimental(return_X_y=True)
X, y = CRYSTALS[::8], GAPS[::8]
HERE = Path(__file__).parent


def small(target):
    """The model of make_regressor, with few trees and steps."""
    model = make_regressor("composition", target=target)
    trees = {name: 4 for name in model.get_params() if name.endswith("xgboost__n_estimators")}
    steps = {name: 2 for name in model.get_params() if name.endswith("gaussian_process__max_iter")}
    return model.set_params(**trees, **steps)


def ridge(**params):
    return make_pipeline(CrystalFeaturizer("composition", **params), SoftStandardScaler(), Ridge())


@pytest.fixture
def path(tmp_path):
    return tmp_path / "model.skops"


@pytest.mark.parametrize("target", ["real", "positive", "nonnegative", "auto"])
def test_regressors_predict_the_same_bits(target, path):
    pytest.importorskip("xgboost", reason="the trees are XGBoost's, which the extra models brings")
    model = small(target).fit(X, y + 0.1 if target == "positive" else y)
    save(model, path)
    np.testing.assert_array_equal(load(path).predict(CRYSTALS), model.predict(CRYSTALS))


@pytest.mark.parametrize("labels", [y > 0, np.array(["a", "b", "c"])[np.arange(len(y)) % 3]])
def test_classifiers_predict_the_same_bits(labels, path):
    pytest.importorskip("xgboost", reason="the trees are XGBoost's, which the extra models brings")
    model = make_classifier("composition").set_params(votingclassifier__xgboost__n_estimators=4)
    save(model.fit(X, labels), path)
    again = load(path)
    assert again.classes_.tolist() == model.classes_.tolist()
    np.testing.assert_array_equal(again.predict_proba(CRYSTALS), model.predict_proba(CRYSTALS))
    assert again.predict(X).tolist() == model.predict(X).tolist()


def test_intervals_are_the_same_bits(path):
    model = ConformalRegressor(ridge()).fit(X, y)
    save(model, path)
    np.testing.assert_array_equal(load(path).predict_interval(CRYSTALS), model.predict_interval(CRYSTALS))


def test_other_models_of_numbers(path):
    for model in (
        make_pipeline(CrystalFeaturizer("notebook"), StandardScaler(), Ridge()),
        make_pipeline(CrystalFeaturizer("composition"), SoftStandardScaler(), LogisticRegression(max_iter=5)),
    ):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("warnings.warn", lambda *_, **__: None)
            model.fit(X, y > 0)
        save(model, path)
        np.testing.assert_array_equal(load(path).predict(CRYSTALS), model.predict(CRYSTALS))


def test_the_same_model_is_the_same_bytes(tmp_path):
    for name in "ab":
        save(ridge().fit(X, y), tmp_path / f"{name}.skops")
    assert (tmp_path / "a.skops").read_bytes() == (tmp_path / "b.skops").read_bytes()


def test_the_header_is_read_before_any_type_exists(path):
    data = {"source": "built-in", "digest": "00ff", "n_rows": 59}
    save(
        ridge().fit(X, y), path, target="band_gap", unit="eV", kind="nonnegative", data=data, card="# Gaps\n"
    )
    header = read_header(path)
    assert (header.target, header.unit, header.kind, header.data) == ("band_gap", "eV", "nonnegative", data)
    assert header.columns == tuple(CrystalFeaturizer("composition").get_feature_names_out())
    assert set(header.schemas) == {"composition", "ionic", "valence"}
    with zipfile.ZipFile(path) as archive:
        assert json.loads(archive.read("skcrystal.json"))["unit"] == "eV"
        assert archive.read("README.md") == b"# Gaps\n"
    code = f"from skcrystal.models import read_header; read_header({str(path)!r})"
    code = f"import sys; {code}; print(*sys.modules)"
    modules = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "skops" not in modules.split()


def test_the_header_knows_what_the_model_knows(path):
    model = CrystalPipeline([("columns", CrystalFeaturizer("composition")), ("ridge", Ridge())])
    model.fit(X, pd.Series(y, name="gap"))
    save(ConformalRegressor(model).fit(X, pd.Series(y, name="gap")), path)
    header = read_header(path)
    assert header.target == "gap"
    assert header.data == {"digest": model.record_.data, "n_rows": len(y)}
    assert {*model.record_.versions, "skops"} == set(header.versions)


def test_another_version_warns_once_and_predicts(path, monkeypatch):
    model = CrystalPipeline([("columns", CrystalFeaturizer("composition")), ("ridge", Ridge())]).fit(X, y)
    versions = {**model.record_.versions, "numpy": "1.0", "torch": "2.0"}
    model.record_ = dataclasses.replace(model.record_, versions=versions)
    with monkeypatch.context() as patch:
        patch.setattr(archive, "versions_now", lambda: versions)
        save(model, path)
    with pytest.warns(
        UserWarning, match=r"saved with numpy 1\.0 .*, torch 2\.0 \(now not installed\)"
    ) as said:
        loaded = load(path)
    assert len(said) == 1
    np.testing.assert_array_equal(loaded.predict(CRYSTALS), model.predict(CRYSTALS))


def test_a_forest_cannot_be_shared_and_says_so(path):
    model = forest_regressor("composition", n_estimators=2).fit(X, y)
    with pytest.raises(CrystalError, match=r"RandomForestRegressor is made of trees .* keep it for yourself"):
        save(model, path)
    neighbours = make_pipeline(CrystalFeaturizer("composition"), KNeighborsRegressor()).fit(X, y)
    with pytest.raises(CrystalError, match="holds a KNeighborsRegressor"):
        save(neighbours, path)
    assert not path.exists()


def test_what_speaks_of_the_machine_is_dropped(path, tmp_path):
    notes = tmp_path / "notes.txt"
    model = ridge().fit(X, y)
    model.set_params(crystalfeaturizer__cache=str(notes), crystalfeaturizer__n_jobs=64)
    model.set_params(crystalfeaturizer__verbose=True, memory=str(tmp_path / "memory"))
    notes.write_text("a stranger's notes\n" * 100)
    with pytest.MonkeyPatch.context() as patch:
        # A stranger's file keeps what ours drop.
        patch.setattr(archive, "drop_local", lambda value: value)
        save(model, path)
    again = load(path)
    assert (again[0].cache, again[0].n_jobs, again[0].verbose, again.memory) == (None, 1, False, None)
    assert again.predict(X).shape == y.shape
    assert notes.read_text() == "a stranger's notes\n" * 100
    assert sorted(one.name for one in tmp_path.iterdir()) == ["model.skops", "notes.txt"]


def test_the_list_of_types_is_the_one_that_was_agreed_on():
    agreed = (HERE / "allowed_types.txt").read_text().split()
    assert sorted(TYPES | FUNCTIONS | CONTAINERS) == agreed
    # Trees of scikit-learn are none of it; ours are arrays, and numpy looks where they lead.
    theirs = [name for name in agreed if name.startswith("sklearn.")]
    assert not [name for name in theirs if "tree" in name or "forest" in name]
    for name in TYPES - {"skcrystal.models.sharing.boosters.StoredBooster"}:
        module, _, kind = name.rpartition(".")
        assert isinstance(getattr(__import__(module, fromlist=[kind]), kind), type)


def test_a_model_of_an_earlier_day_predicts_what_it_did():
    golden = json.loads((HERE / "golden.json").read_text())
    model = load(HERE / "golden.skops")
    np.testing.assert_allclose(model.predict(CRYSTALS[::10]), golden["predictions"], rtol=1e-9, atol=1e-9)


def test_curves_and_columns_of_formulas(path):
    curves = np.exp(-((np.linspace(0, 8, 20) - y[:, None]) ** 2))
    steps = [
        ("alloys", AlloyStats()),
        ("vectors", ElementVectors(n_components=5)),
        ("norms", StoichiometryNorms()),
        ("fractions", ElementFractions(elements=["O", "Si"])),
    ]
    model = make_regressor(steps, target="curve", keep_area=True).fit(X, curves)
    save(model, path)
    np.testing.assert_array_equal(load(path).predict(CRYSTALS), model.predict(CRYSTALS))
