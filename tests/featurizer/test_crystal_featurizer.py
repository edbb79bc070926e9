"""CrystalFeaturizer as scikit-learn's users meet it: parameters, grids, names, containers, processes."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import joblib
import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy.sparse import issparse
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import estimator_checks
from xgboost import XGBRegressor

from skcrystal import Crystal, CrystalError, CrystalFeaturizer, Crystals
from skcrystal.datasets import load_experimental
from skcrystal.descriptors import CompositionStats, Density, DistanceStats, LatticeAngles, SpaceGroupOneHot
from skcrystal.featurizer.presets import PRESETS
from tests.prototypes import CAESIUM_CHLORIDE, DIAMOND, ROCK_SALT, ROCK_SALT_CIF, ZINC_BLENDE_SIC

ITEMS = [ROCK_SALT, DIAMOND, ZINC_BLENDE_SIC, CAESIUM_CHLORIDE] * 5
GAPS = np.array([8.75, 5.5, 2.4, 8.3] * 5)
STEPS = [name for name, _ in PRESETS["default"]()]
TRANSFORMERS = [
    CompositionStats(),
    Density(),
    LatticeAngles(),
    DistanceStats(),
    SpaceGroupOneHot(),
    CrystalFeaturizer(),
    CrystalFeaturizer("notebook"),
    CrystalFeaturizer("full"),
]


def by_name(transformer):
    label = getattr(transformer, "descriptors", "")
    return f"{type(transformer).__name__}{label}"


every_transformer = pytest.mark.parametrize("transformer", TRANSFORMERS, ids=by_name)


# -- parameters and grids ---------------------------------------------------------------------------


def test_steps_have_their_names():
    params = CrystalFeaturizer().get_params()
    assert [name for name in params if hasattr(params[name], "transform")] == STEPS
    assert {"composition", "density", "distance", "space_group"} < set(STEPS)
    assert isinstance(params["distance"], DistanceStats)
    assert params["space_group__symprec"] == 0.01


def test_drop_replace_and_change_a_step():
    full = CrystalFeaturizer()
    width = len(full.get_feature_names_out())
    dropped = clone(full).set_params(distance="drop")
    assert len(dropped.get_feature_names_out()) == width - 4
    assert "mean_distance" not in dropped.get_feature_names_out()
    replaced = clone(full).set_params(distance=Density(quantities=["edge_product_per_site"]))
    assert len(replaced.get_feature_names_out()) == width - 4 + 1
    changed = clone(full).set_params(space_group__symprec=0.1)
    assert changed.get_params()["space_group__symprec"] == 0.1
    assert changed.fit_transform(ITEMS).shape == (20, width)
    swapped = clone(changed).set_params(descriptors="notebook", distance="drop", chunk_size=3)
    assert swapped.fit_transform(ITEMS).shape == (20, 323)


def test_setting_a_step_leaves_the_users_list_alone():
    steps = [("density", Density()), ("lattice", LatticeAngles())]
    featurizer = CrystalFeaturizer(steps).set_params(lattice="drop")
    assert isinstance(steps[1][1], LatticeAngles)
    assert featurizer.fit_transform(ITEMS).shape == (20, 3)


def test_clone_and_repr_keep_what_was_set():
    featurizer = CrystalFeaturizer(n_jobs=2, chunk_size=7).set_params(space_group__symprec=0.05)
    copy = clone(featurizer)
    assert repr(copy) == repr(featurizer)
    assert copy.get_params()["space_group__symprec"] == 0.05
    assert (copy.n_jobs, copy.chunk_size) == (2, 7)
    assert repr(CrystalFeaturizer()) == "CrystalFeaturizer()"


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: CrystalFeaturizer("best"), "default.*notebook|notebook.*default"),
        (lambda: CrystalFeaturizer([("a", Density()), ("a", Density())]), "'a'"),
        (lambda: CrystalFeaturizer([("a__b", Density())]), "'a__b'"),
        (lambda: CrystalFeaturizer([("n_jobs", Density())]), "'n_jobs'"),
        (lambda: CrystalFeaturizer([Density()]), "pairs"),
        (lambda: CrystalFeaturizer([("scale", StandardScaler())]), "behind the featurizer"),
        (lambda: CrystalFeaturizer([("density", Density(radius="large"))]), "radius"),
        (lambda: CrystalFeaturizer(chunk_size=0), "chunk_size"),
        (lambda: CrystalFeaturizer(on_error="ignore"), "on_error"),
    ],
)
def test_a_wrong_parameter_is_named(make, words):
    for act in (lambda f: f.fit(ITEMS), lambda f: f.transform(ITEMS)):
        with pytest.raises((ValueError, TypeError), match=words):
            act(make())


def test_an_unknown_step_or_parameter_is_named():
    with pytest.raises(ValueError, match=r"'distances' is neither .*steps \(composition, ionic"):
        CrystalFeaturizer().set_params(distances="drop")
    with pytest.raises(ValueError, match="does not have"):
        CrystalFeaturizer().set_params(distances__symprec=1)
    with pytest.raises(ValueError, match="dropped"):
        CrystalFeaturizer().set_params(distance="drop").set_params(distance__symprec=1)
    with pytest.raises(ValueError, match="Invalid parameter 'cutoff'"):
        CrystalFeaturizer().set_params(distance__cutoff=1)


def test_grid_search_over_descriptors():
    pipeline = make_pipeline(CrystalFeaturizer(), StandardScaler(), Ridge())
    grid = [
        {"crystalfeaturizer__distance": ["drop", DistanceStats(self_distance="zero")]},
        {"crystalfeaturizer__space_group__symprec": [0.01, 0.1]},
        {"crystalfeaturizer__descriptors": ["notebook", "default"], "ridge__alpha": [0.1, 10]},
    ]
    search = GridSearchCV(pipeline, grid, cv=2, error_score="raise").fit([*ITEMS], GAPS)
    assert len(search.cv_results_["params"]) == 2 + 2 + 4
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()


def test_the_pipeline_of_the_readme_fits_structures():
    structures = [crystal.to_structure() for crystal in ITEMS]
    pipeline = make_pipeline(CrystalFeaturizer(), StandardScaler(), XGBRegressor(n_estimators=20, n_jobs=1))
    predicted = pipeline.fit(structures, GAPS).predict([ROCK_SALT_CIF])
    assert predicted == pytest.approx([8.75], abs=0.5)


# -- columns ----------------------------------------------------------------------------------------


def test_notebook_preset_has_the_327_columns_in_order():
    names = CrystalFeaturizer("notebook").get_feature_names_out().tolist()
    assert len(names) == len(set(names)) == 4 + 1 + 3 + 1 + 4 + 84 + 230
    assert names[:13] == [
        *[f"{statistic}_atomic_number" for statistic in ("mean", "max", "min", "std")],
        "edge_product_per_site",
        *["alpha", "beta", "gamma"],
        "metal_fraction",
        *[f"{statistic}_distance" for statistic in ("mean", "max", "min", "std")],
    ]
    assert names[13:17] == [f"{s}_van_der_waals_radius" for s in ("mean", "max", "min", "std")]
    assert names[93:97] == [f"{s}_average_anionic_radius" for s in ("mean", "max", "min", "std")]
    assert names[97:] == [f"space_group_{number}" for number in range(1, 231)]


def test_default_preset_adds_to_the_notebooks_properties():
    default, notebook = (set(CrystalFeaturizer(p).get_feature_names_out()) for p in ("default", "notebook"))
    no_pay = {"alpha", "beta", "gamma"} | {f"space_group_{number}" for number in range(1, 231)}
    # Of what spans decades the default has the logarithm.
    raw = {name for name in notebook if name.replace("_", "_log10_", 1) in default}
    assert {"mean_electrical_resistivity", "std_brinell_hardness"} <= raw
    assert notebook - default == {"edge_product_per_site"} | no_pay | raw
    assert no_pay <= set(CrystalFeaturizer("full").get_feature_names_out())
    assert {"mean_ionization_energy", "mean_electron_affinity", "mean_electronegativity"} <= default
    assert {"volume_per_site", "density", "packing_fraction"} <= default


def test_the_full_preset_adds_the_families_that_do_not_pay():
    default, full = (dict(PRESETS[name]()) for name in ("default", "full"))
    assert {"radial", "pair_spectrum", "bond_lengths", "bond_order", "space_group_one_hot"} <= set(
        full
    ) - set(default)
    assert list(full)[: len(default)] == list(default)


def test_names_that_two_steps_share_get_the_steps_name():
    steps = [("fine", LatticeAngles()), ("coarse", LatticeAngles(symprec=0.1)), ("density", Density())]
    names = CrystalFeaturizer(steps).get_feature_names_out().tolist()
    assert names[0] == "fine__alpha"
    assert names[3] == "coarse__alpha"
    assert names[6] == "volume_per_site"


@every_transformer
def test_names_are_unique_snake_case_and_match_the_width(transformer):
    names = transformer.get_feature_names_out()
    assert len(set(names)) == len(names) == transformer.transform(ITEMS[:2]).shape[1]
    assert all(name.isidentifier() and name == name.lower() for name in names)


@every_transformer
def test_pandas_and_polars_output(transformer):
    series = pd.Series(ITEMS[:4], index=["a", "b", "c", "d"], name="structure")
    plain = transformer.transform(ITEMS[:4])
    for X in (series, series.to_frame()):
        table = clone(transformer).set_output(transform="pandas").fit_transform(X)
        assert table.index.tolist() == ["a", "b", "c", "d"]
        assert table.columns.tolist() == transformer.get_feature_names_out().tolist()
        np.testing.assert_array_equal(table.to_numpy(), plain)
    table = clone(transformer).set_output(transform="polars").fit_transform(ITEMS[:4])
    assert isinstance(table, pl.DataFrame)
    assert table.columns == transformer.get_feature_names_out().tolist()


def test_a_column_of_structures_in_a_column_transformer():
    frame = pd.DataFrame({"structure": ITEMS[:4], "temperature": [1.0, 2.0, 3.0, 4.0]}, index=list("abcd"))
    columns = ColumnTransformer(
        [("crystal", CrystalFeaturizer(), "structure"), ("rest", "passthrough", ["temperature"])],
        verbose_feature_names_out=False,
    ).set_output(transform="pandas")
    table = columns.fit_transform(frame)
    assert table.index.tolist() == list("abcd")
    assert table["temperature"].tolist() == [1, 2, 3, 4]
    assert "mean_atomic_number" in table


def test_descriptors_work_in_a_feature_union():
    union = FeatureUnion([("angles", LatticeAngles()), ("density", Density())])
    assert union.fit_transform(ITEMS).shape == (20, 6)
    assert union.get_feature_names_out()[0] == "angles__alpha"


def test_a_sparse_step_makes_the_table_sparse():
    dense = CrystalFeaturizer("notebook")
    sparse = CrystalFeaturizer("notebook", chunk_size=3).set_params(space_group__sparse_output=True)
    rows = sparse.fit_transform(ITEMS)
    assert issparse(rows)
    np.testing.assert_array_equal(rows.toarray(), dense.transform(ITEMS))
    forest = make_pipeline(sparse, RandomForestRegressor(n_estimators=3, random_state=0))
    assert forest.fit(ITEMS, GAPS).predict(ITEMS).shape == (20,)


# -- scikit-learn's own checks, by name --------------------------------------------------------------

# `parametrize_with_checks` runs one check on an estimator that takes no 2-d array. These take no X, or
# none that matters.
CHECKS = [
    "check_estimator_cloneable",
    "check_estimator_repr",
    "check_estimator_tags_renamed",
    "check_get_params_invariance",
    "check_mixin_order",
    "check_no_attributes_set_in_init",
    "check_parameters_default_constructible",
    "check_set_params",
    "check_valid_tag_types",
]


@pytest.mark.parametrize("check", CHECKS)
@every_transformer
def test_scikit_learn_check(transformer, check):
    getattr(estimator_checks, check)(by_name(transformer), clone(transformer))


@every_transformer
def test_transform_needs_no_fit_and_fit_changes_nothing(transformer):
    fresh = clone(transformer)
    before = fresh.transform(ITEMS)
    state = fresh.__dict__.copy()
    assert fresh.fit(ITEMS, GAPS) is fresh
    fresh.fit(ITEMS[:3])
    assert fresh.__dict__ == state
    np.testing.assert_array_equal(fresh.transform(ITEMS), before)
    np.testing.assert_array_equal(clone(transformer).fit_transform(ITEMS, GAPS), before)


@every_transformer
def test_rows_do_not_depend_on_the_other_rows(transformer):
    crystals = load_experimental().data[::20]
    rows = transformer.transform(crystals)
    assert rows.dtype == np.float64
    assert np.isfinite(rows).all()
    order = np.random.default_rng(0).permutation(len(crystals))
    np.testing.assert_allclose(transformer.transform(crystals[order]), rows[order], rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(transformer.transform(crystals[3:5]), rows[3:5], rtol=1e-12, atol=1e-12)


# -- chunks, processes, pickles ----------------------------------------------------------------------


@pytest.mark.parametrize(("n_jobs", "chunk_size"), [(1, 1), (1, 7), (2, 3), (2, 256)])
def test_chunks_and_processes_change_nothing(n_jobs, chunk_size):
    crystals = load_experimental().data[::10]
    expected = CrystalFeaturizer(chunk_size=10_000).transform(crystals)
    got = CrystalFeaturizer(n_jobs=n_jobs, chunk_size=chunk_size).transform(list(crystals))
    np.testing.assert_allclose(got, expected, rtol=1e-12, atol=1e-12)


def test_a_wrong_item_is_named_from_another_process():
    items = [*ITEMS, "nowhere.cif", *ITEMS]
    with pytest.raises(CrystalError, match=r"^crystal 20: .*nowhere\.cif"):
        CrystalFeaturizer(n_jobs=2, chunk_size=3).transform(items)


def test_progress_bar_counts_crystals(capsys):
    CrystalFeaturizer(verbose=True, chunk_size=5).transform(ITEMS)
    assert "20/20" in capsys.readouterr().err
    CrystalFeaturizer().transform(ITEMS)
    assert capsys.readouterr().err == ""


def test_a_dumped_pipeline_predicts_the_same_bits_in_a_fresh_process(tmp_path):
    pipeline = make_pipeline(
        CrystalFeaturizer(), StandardScaler(), XGBRegressor(n_estimators=10, n_jobs=1, random_state=0)
    ).fit(ITEMS, GAPS)
    joblib.dump(pipeline, tmp_path / "pipeline.joblib")
    expected = pipeline.predict([ROCK_SALT_CIF, ROCK_SALT_CIF])
    code = (
        "import joblib, sys, numpy as np\n"
        f"p = joblib.load({str(tmp_path / 'pipeline.joblib')!r})\n"
        f"np.save({str(tmp_path / 'predicted.npy')!r}, p.predict([{ROCK_SALT_CIF!r}] * 2))\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    np.testing.assert_array_equal(np.load(tmp_path / "predicted.npy"), expected)


def test_bad_items_become_rows_of_nan_and_are_reported():
    items = [ROCK_SALT, "nowhere.cif", DIAMOND, None]
    featurizer = CrystalFeaturizer(on_error="nan", chunk_size=1)
    with pytest.warns(UserWarning, match="2 of 4 items") as caught:
        rows = featurizer.fit_transform(items)
    assert len(caught) == 1
    assert np.isnan(rows[[1, 3]]).all()
    np.testing.assert_array_equal(rows[[0, 2]], CrystalFeaturizer().transform([ROCK_SALT, DIAMOND]))
    report = featurizer.report(items)
    assert list(report.errors) == [1, 3]
    assert "nowhere.cif" in report.errors[1]
    np.testing.assert_array_equal(report.rows, rows)
    assert CrystalFeaturizer().report(items).errors == report.errors
    assert featurizer.report([ROCK_SALT]).errors == {}


def test_threads_that_share_a_featurizer_get_their_own_errors():
    featurizer = CrystalFeaturizer("composition", on_error="nan")

    def errors_of(place):
        items = ["NaCl"] * place + ["Qq"] + ["MgO"] * (5 - place)
        return list(featurizer.report(items).errors)

    with ThreadPoolExecutor(6) as threads:
        assert list(threads.map(errors_of, list(range(6)) * 5)) == [[k] for k in range(6)] * 5


def test_a_column_of_a_table_is_taken_by_its_name():
    table = pd.DataFrame({"name": ["a", "b"], "structure": [ROCK_SALT, DIAMOND]})
    featurizer = CrystalFeaturizer("composition", column="structure")
    np.testing.assert_array_equal(
        featurizer.fit_transform(table), CrystalFeaturizer("composition").transform([ROCK_SALT, DIAMOND])
    )
    with pytest.raises(CrystalError, match="no column 'crystal'; its columns are name, structure"):
        featurizer.set_params(column="crystal").transform(table)


@pytest.mark.parametrize("preset", ["composition", "notebook"])
def test_rows_of_half_the_digits_are_those_of_all_rounded(preset):
    items = [ROCK_SALT, DIAMOND]
    rows = CrystalFeaturizer(preset, float32=True).fit_transform(items)
    assert rows.dtype == np.float32
    np.testing.assert_array_equal(rows, CrystalFeaturizer(preset).transform(items).astype(np.float32))


def test_the_lattice_of_a_batch_is_searched_once_for_all_descriptors(monkeypatch):
    import skcrystal.crystals.tables as tables_module

    calls = []
    find = tables_module.find_symmetry
    monkeypatch.setattr(tables_module, "find_symmetry", lambda *a: calls.append(len(a[0])) or find(*a))
    items = [replace(ROCK_SALT, lattice=(1 + 0.01 * k) * ROCK_SALT.lattice) for k in range(20)]
    CrystalFeaturizer(chunk_size=10).fit_transform(items)
    assert calls == [10, 10]


def test_a_crystal_of_everything_at_once():
    # One site, an element without most properties, a sliver of a cell.
    odd = Crystal.ordered([[2, 0, 0], [0, 3, 0], [1.9, 2.9, 14]], [[0.3, -7.2, 11]], [118])
    assert np.isfinite(CrystalFeaturizer().fit_transform(Crystals.from_crystals([odd]))).all()


SHARED = Crystal(
    4 * np.eye(3),
    np.array([[0, 0, 0], [0.5, 0.5, 0.5]]),
    np.array([0, 1, 3]),
    np.array([55, 17, 35]),
    np.array([1, 0.5, 0.5]),
    np.full(3, np.nan),
    "mixed.cif",
)
VACANT = Crystal(
    4 * np.eye(3), np.zeros((1, 3)), np.array([0, 1]), np.array([26]), np.array([0.9]), np.full(1, np.nan)
)


@pytest.mark.parametrize("n_jobs", [None, 2])
@pytest.mark.parametrize("together", [list, Crystals.from_crystals])
def test_disordered_crystals_are_refused_on_request(tmp_path, n_jobs, together):
    items = together([ROCK_SALT, SHARED, DIAMOND, VACANT])
    averaged = CrystalFeaturizer(chunk_size=3).transform(items)
    assert np.isfinite(averaged).all()
    featurizer = CrystalFeaturizer(
        disorder="raise", on_error="nan", chunk_size=3, n_jobs=n_jobs, cache=tmp_path / "rows.sqlite"
    )
    for _ in range(2):  # the second time from the cache
        with pytest.warns(UserWarning, match="2 of 4 items"):
            rows = featurizer.fit_transform(items)
        assert np.isnan(rows[[1, 3]]).all()
        np.testing.assert_array_equal(rows[[0, 2]], averaged[[0, 2]])
    assert featurizer.report(items).errors == {
        1: "mixed.cif: Cs1Br0.5Cl0.5 is disordered, its site 1 holds 0.5 Cl and 0.5 Br; order it, or take "
        "disorder='average'",
        3: "Fe0.9 is disordered, its site 0 holds 0.9 Fe; order it, or take disorder='average'",
    }
    with pytest.raises(CrystalError, match=r"^crystal 1: mixed\.cif: Cs1Br0\.5Cl0\.5 is disordered"):
        featurizer.set_params(on_error="raise").transform(items)


def test_refusal_of_disorder_keeps_the_places_of_other_faults():
    items = ["data_nothing\n", ROCK_SALT, SHARED, Crystal.ordered(np.zeros((3, 3)), [[0, 0, 0]], [1]), VACANT]
    featurizer = CrystalFeaturizer("notebook", disorder="raise", on_error="nan")
    with pytest.warns(UserWarning, match="4 of 5 items"):
        rows = make_pipeline(featurizer).fit_transform(items)
    assert np.isnan(rows).all(axis=1).tolist() == [True, False, True, True, True]
    two_states = Crystal(
        4 * np.eye(3),
        np.zeros((1, 3)),
        np.array([0, 2]),
        np.array([26, 26]),
        np.array([0.5, 0.5]),
        np.array([3, 2]),
    )
    with pytest.raises(CrystalError, match=r"holds 0\.5 Fe3\+ and 0\.5 Fe2\+; order it"):
        CrystalFeaturizer("notebook", disorder="raise").transform([two_states])
    assert [("disordered" in reason) for reason in featurizer.report(items).errors.values()] == [
        False,
        True,
        False,
        True,
    ]
