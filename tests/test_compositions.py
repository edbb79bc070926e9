"""Formulas as inputs, alone and mixed with crystals."""

from __future__ import annotations

import joblib
import numpy as np
import pandas as pd
import pytest
from pymatgen.core import Composition

from skcrystal import CrystalError, CrystalFeaturizer, as_compositions, as_crystals
from skcrystal.datasets import load_experimental
from skcrystal.descriptors import CompositionStats
from tests.prototypes import ROCK_SALT

X = load_experimental().data[:30]


@pytest.mark.parametrize(
    "item",
    [
        "NaCl",
        " Na Cl ",
        "Na₁Cl₁",
        Composition("NaCl"),
        "NaCl\n",
        {"Na": 1, "Cl": 1},
        {"Na+": 1, "Cl-": 1},
        ROCK_SALT,
        ROCK_SALT.to_structure(),
    ],
    ids=["text", "spaces", "subscripts", "Composition", "line", "dict", "ions", "Crystal", "Structure"],
)
def test_each_kind_is_a_composition(item):
    assert as_compositions([item])[0] == {"Na": 1.0, "Cl": 1.0}
    assert as_compositions(item)[0] == {"Na": 1.0, "Cl": 1.0}


def test_kinds_are_mixed_and_come_as_columns():
    items = ["YBa2Cu3O6.93", ROCK_SALT, Composition("SrTiO3"), {"Fe": 2, "O": 3}]
    batch = as_compositions(items)
    assert [sorted(one) for one in batch] == [
        ["Ba", "Cu", "O", "Y"],
        ["Cl", "Na"],
        ["O", "Sr", "Ti"],
        ["Fe", "O"],
    ]
    column = pd.Series(["NaCl", "KCl"])
    assert len(as_compositions(column)) == len(as_compositions(pd.DataFrame({"formula": column}))) == 2
    assert as_compositions(batch) is batch


def test_rows_of_crystals_are_those_of_the_other_presets():
    featurizer = CrystalFeaturizer("composition")
    names = featurizer.get_feature_names_out().tolist()
    whole = CrystalFeaturizer().set_output(transform="pandas").fit_transform(X)
    np.testing.assert_array_equal(featurizer.fit_transform(X), whole[names].to_numpy())
    np.testing.assert_array_equal(featurizer.fit_transform(list(X)), whole[names].to_numpy())


def test_a_formula_and_its_crystal_have_one_row():
    featurizer = CrystalFeaturizer("composition")
    formulas = [crystal.formula for crystal in X]
    ordered = X.whole
    np.testing.assert_allclose(
        featurizer.fit_transform(formulas)[ordered], featurizer.transform(X)[ordered], rtol=1e-9, atol=1e-12
    )


def test_a_multiple_of_a_formula_has_the_same_row():
    featurizer = CrystalFeaturizer("composition")
    one, two, half = featurizer.fit_transform(["Fe2O3", "Fe4O6", "(Fe2O3)0.5"])
    np.testing.assert_allclose(one, two, rtol=1e-12, atol=1e-12)
    names = featurizer.get_feature_names_out()
    differs = names[~np.isclose(one, half, rtol=1e-12, atol=1e-12)]
    # Of half a formula nobody can tell whether its electrons are odd in number.
    assert set(differs) <= {"electron_parity"}


def test_processes_and_chunks_give_the_same_rows(tmp_path):
    items = ["NaCl", *X[:20], "YBa2Cu3O6.93"] * 2
    one = CrystalFeaturizer("composition").fit_transform(items)
    two = CrystalFeaturizer("composition", n_jobs=2, chunk_size=7).fit_transform(items)
    kept = CrystalFeaturizer("composition", cache=tmp_path / "rows.sqlite").fit_transform(items)
    np.testing.assert_array_equal(one, two)
    np.testing.assert_array_equal(one, kept)


def test_a_file_comes_before_a_formula(tmp_path, monkeypatch):
    from skcrystal.formats import cif_text

    monkeypatch.chdir(tmp_path)
    (tmp_path / "KCl").write_text(cif_text(ROCK_SALT))
    assert as_compositions(["KCl"])[0] == {"Na": 1.0, "Cl": 1.0}
    assert len(as_crystals(["KCl"])) == 1


def test_a_folder_is_no_item_and_its_name_a_formula(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("KCl", "runs"):
        (tmp_path / name).mkdir()
    assert as_compositions(["KCl"])[0] == {"K": 1.0, "Cl": 1.0}
    for read, item in [(as_compositions, "runs"), (as_crystals, "KCl")]:
        with pytest.raises(CrystalError, match=f"'{item}' is a folder"):
            read([item])


@pytest.mark.parametrize("item", ["YBa2Cu3O6.9", Composition("NaCl"), {"Na": 1, "Cl": 1}], ids=str)
def test_a_formula_in_place_of_a_structure_is_told_which_preset_to_take(item):
    with pytest.raises(CrystalError, match=r"is a formula, .*CrystalFeaturizer\('composition'\)"):
        CrystalFeaturizer().fit_transform([ROCK_SALT, item])


@pytest.mark.parametrize(
    ("item", "message"),
    [
        ("Na2Qo4", "composition 1: the formula 'Na2Qo4' has 'Qo' at character 4"),
        ("NaCl0", "amount 0 at character 5"),
        ({"Na": -1, "Cl": 1}, "composition 1: the amount of Na is -1"),
        ({"Na": "many"}, "the amount of Na is 'many'"),
        (Composition({"Na": 1, "X0+": 1}), "no element"),
        (Composition({}), "the composition is empty"),
        ("missing.cif", "there is no file 'missing.cif'"),
        ({"Quux": 1}, "composition 1: the composition holds Quux, which is no element"),
        ("data_NaCl\n", "composition 1: the text holds no crystal"),
        (None, "missing"),
        (7, "composition 1"),
    ],
)
def test_mistakes_are_named(item, message):
    with pytest.raises(CrystalError, match=message):
        as_compositions(["NaCl", item])


def test_mistakes_become_rows_of_nan():
    featurizer = CrystalFeaturizer("composition", on_error="nan")
    with pytest.warns(UserWarning, match="2 of 4 items"):
        rows = featurizer.fit_transform(["NaCl", "Qq", X[0], None])
    assert np.isnan(rows).all(axis=1).tolist() == [False, True, False, True]
    assert list(featurizer.report(["NaCl", "Qq", X[0], None]).errors) == [1, 3]


def test_a_descriptor_of_compositions_takes_formulas_alone():
    stats = CompositionStats(properties=["atomic_number"], metal_fraction=False)
    assert stats.fit_transform(["SiC"])[0].tolist() == [10, 14, 6, 4]


def test_a_saved_pipeline_takes_formulas(tmp_path):
    featurizer = CrystalFeaturizer("composition").fit(["NaCl"])
    joblib.dump(featurizer, tmp_path / "featurizer.joblib")
    again = joblib.load(tmp_path / "featurizer.joblib")
    np.testing.assert_array_equal(again.transform(["KCl"]), featurizer.transform(as_compositions("KCl")))
