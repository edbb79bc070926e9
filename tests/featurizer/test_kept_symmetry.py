"""A crystal's symmetry is searched once: over presets, processes, folds, slices and equal crystals."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from contextlib import closing

import joblib
import numpy as np
import pytest
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline, make_union

import skcrystal.crystals.symmetry as symmetry_module
import skcrystal.featurizer.kept_symmetry as kept_symmetry
from skcrystal import Crystal, CrystalFeaturizer, Crystals
from skcrystal.crystals.known_symmetry import KnownSymmetry
from skcrystal.datasets import load_experimental
from skcrystal.descriptors import Density, DistanceStats, LatticeAngles, SpaceGroupOneHot, SymmetryStats
from skcrystal.featurizer import cache
from tests.prototypes import ROCK_SALT_CIF, STRONTIUM_TITANATE_POSCAR

X, Y = load_experimental(return_X_y=True)
X, Y = X[::16], Y[::16]
ONE = [("group", SpaceGroupOneHot())]
OTHERS = [("symmetry", SymmetryStats()), ("distance", DistanceStats()), ("lattice", LatticeAngles())]


@pytest.fixture
def searches(monkeypatch):
    """One entry for each call of moyo: its tolerance."""
    made: list[float] = []
    plain = symmetry_module._dataset

    def counted(lattice, coords, kinds, symprec, **settings):
        made.append(symprec)
        return plain(lattice, coords, kinds, symprec, **settings)

    monkeypatch.setattr(symmetry_module, "_dataset", counted)
    return made


def fresh():
    """The crystals, as if they were read anew."""
    return Crystals.from_crystals(list(X))


def test_another_preset_does_not_search_again(tmp_path, searches):
    file = tmp_path / "rows.sqlite"
    CrystalFeaturizer("notebook", cache=file).fit_transform(fresh())
    assert len(searches) == len(X)
    searches.clear()
    rows = CrystalFeaturizer("default", cache=file).fit_transform(fresh())
    assert searches == []
    np.testing.assert_array_equal(rows, CrystalFeaturizer("default").fit_transform(fresh()))
    assert cache.info(file).searches == len(X)


def test_new_descriptors_do_not_search_again_for_texts(tmp_path, searches):
    file = tmp_path / "rows.sqlite"
    texts = [ROCK_SALT_CIF, STRONTIUM_TITANATE_POSCAR]
    CrystalFeaturizer(ONE, cache=file).fit_transform(texts)
    assert len(searches) == 2
    CrystalFeaturizer(OTHERS, cache=file).fit_transform(texts)
    assert len(searches) == 2


def test_another_process_does_not_search_again(tmp_path):
    code = (
        "import sys\n"
        "import skcrystal.crystals.symmetry as symmetry\n"
        "from skcrystal import CrystalFeaturizer\n"
        "from skcrystal.datasets import load_experimental\n"
        "made, plain = [], symmetry._dataset\n"
        "def counted(*given, **settings):\n"
        "    made.append(given)\n"
        "    return plain(*given, **settings)\n"
        "symmetry._dataset = counted\n"
        "X = load_experimental(return_X_y=True)[0][::16]\n"
        "CrystalFeaturizer(sys.argv[1], cache=sys.argv[2]).fit_transform(X)\n"
        "print(len(made))\n"
    )
    counts = [
        int(
            subprocess.run(
                [sys.executable, "-c", code, preset, tmp_path], check=True, capture_output=True
            ).stdout
        )
        for preset in ("notebook", "default")
    ]
    assert counts == [len(X), 0]


def test_each_tolerance_is_searched_and_kept_on_its_own(tmp_path, searches):
    featurizer = CrystalFeaturizer([("symmetry", SymmetryStats())], cache=tmp_path)
    featurizer.fit_transform(fresh())
    featurizer.set_params(symmetry__symprec=0.001).fit_transform(fresh())
    assert (searches.count(0.01), searches.count(0.001)) == (len(X), len(X))
    CrystalFeaturizer([("group", SpaceGroupOneHot(symprec=0.001))], cache=tmp_path).fit_transform(fresh())
    assert len(searches) == 2 * len(X)


def test_a_change_of_the_code_that_searches_searches_anew(tmp_path, searches, monkeypatch):
    CrystalFeaturizer(ONE, cache=tmp_path).fit_transform(fresh())
    monkeypatch.setattr(kept_symmetry, "code_digest", lambda *packages: b"of a mended search")
    CrystalFeaturizer(OTHERS, cache=tmp_path).fit_transform(fresh())
    assert len(searches) == 2 * len(X)


def test_another_version_of_moyo_searches_anew(tmp_path, searches, monkeypatch):
    import moyopy

    CrystalFeaturizer(ONE, cache=tmp_path).fit_transform(fresh())
    monkeypatch.setattr(moyopy, "__version__", "99.0.0")
    CrystalFeaturizer(OTHERS, cache=tmp_path).fit_transform(fresh())
    assert len(searches) == 2 * len(X)


def test_a_search_that_fails_is_not_tried_again(tmp_path, monkeypatch):
    tried = []

    def failing(*given, **settings):
        tried.append(given)
        raise ValueError("no symmetry")

    monkeypatch.setattr(symmetry_module, "_dataset", failing)
    rows = [CrystalFeaturizer(steps, cache=tmp_path).fit_transform(fresh()) for steps in (ONE, OTHERS)]
    assert len(tried) == len(X) * (1 + symmetry_module.RETRIES)
    assert (rows[0].argmax(axis=1) == 0).all()


def test_equal_crystals_of_a_batch_are_searched_once(searches):
    twice = Crystals.from_crystals([*X, *X])
    table = twice.symmetry()
    assert len(searches) == len(X)
    alone = fresh().symmetry()
    for name in ("numbers", "multiplicities", "primitive_linears", "symprecs", "primitive_sites", "orbits"):
        half = getattr(alone, name)
        np.testing.assert_array_equal(getattr(table, name), np.concatenate([half, half]), err_msg=name)


def test_slices_know_what_the_batch_and_other_slices_found(searches):
    batch = fresh()
    batch[10:20].symmetry()
    batch[np.arange(len(batch)) >= 15].symmetry()
    assert len(searches) == len(X) - 10
    batch.symmetry()
    assert len(searches) == len(X)
    batch[::-1][3:30:2].symmetry()
    assert len(searches) == len(X)


def test_slices_know_what_the_batch_found_before_them(searches):
    shared = Crystal(
        np.diag([3.0, 3.0, 4.0]),
        np.array([[0, 0, 0], [0.5, 0.5, 0.5], [0.55, 0.5, 0.5]]),
        np.arange(4),
        np.array([28, 26, 26]),
        np.array([1.0, 0.5, 0.5]),
        np.full(3, np.nan),
    )
    for some in (list(X), [*X, shared]):
        batch = Crystals.from_crystals(some)
        searches.clear()
        SymmetryStats().transform(batch)
        SymmetryStats(symprec=0.001).transform(batch)
        assert len(searches) == 2 * len(batch)
        for step in (SymmetryStats(), SymmetryStats(symprec=0.001)):
            step.transform(batch[::2])
            step.transform(batch[3:])
        assert len(searches) == 2 * len(batch)
    assert len(batch[:0].symmetry().numbers) == 0


def test_presets_over_one_batch_search_once(searches):
    batch = fresh()
    for preset in ("notebook", "default"):
        CrystalFeaturizer(preset, chunk_size=7).fit_transform(batch)
    assert len(searches) == len(X)


def test_a_batch_that_is_one_chunk_is_searched_once_and_keeps_no_other_tables(searches):
    batch = fresh()
    for steps in (OTHERS, ONE):
        CrystalFeaturizer(steps).transform(batch)
    assert len(searches) == len(X)
    assert batch._tables == {}
    batch[:3].symmetry()
    assert len(searches) == len(X)


def test_a_feature_union_searches_once(searches):
    make_union(SpaceGroupOneHot(), SymmetryStats(), CrystalFeaturizer(OTHERS)).fit_transform(fresh())
    assert len(searches) == len(X)


def test_a_grid_search_searches_once(searches):
    pipeline = make_pipeline(CrystalFeaturizer(OTHERS), Ridge())
    grid = {"crystalfeaturizer__lattice": ["drop", LatticeAngles()], "ridge__alpha": [0.1, 1.0]}
    GridSearchCV(pipeline, grid, cv=3).fit(fresh(), Y)
    assert len(searches) == len(X)


def test_to_know_symmetry_changes_neither_pickle_nor_hash():
    batch = fresh()
    before = joblib.hash(batch)
    batch[2:5].symmetry()
    batch.symmetry()
    assert joblib.hash(batch) == before


@pytest.mark.parametrize("repeats", [(1, 1, 1), (2, 2, 1), (5, 4, 4), (7, 6, 6)])
def test_what_is_kept_is_what_was_found(repeats):
    # Rock salt of up to 504 sites, numbered in one byte or two: primitive, centred, folded.
    lattice = np.array([[0, 2.82, 2.82], [2.82, 0, 2.82], [2.82, 2.82, 0]])
    cells = np.stack(np.meshgrid(*map(np.arange, repeats)), axis=-1).reshape(-1, 1, 3)
    coords = (np.array([[0, 0, 0], [0.5, 0.5, 0.5]]) + cells).reshape(-1, 3) / repeats
    salt = Crystal.ordered(np.diag(repeats) @ lattice, coords, [11, 17] * len(cells))
    crystals = [salt, X[0], X[3]]
    batch = Crystals.from_crystals(crystals).knowing(KnownSymmetry())
    found = batch.symmetry()
    again = batch[:].symmetry()
    for name in ("numbers", "multiplicities", "primitive_linears", "symprecs", "primitive_sites", "orbits"):
        one, other = getattr(found, name), getattr(again, name)
        assert one.dtype == other.dtype
        np.testing.assert_array_equal(one, other, err_msg=name)


def test_rows_of_disordered_crystals_do_not_depend_on_their_batch():
    shared = Crystal(
        np.diag([3.0, 3.0, 4.0]),
        np.array([[0, 0, 0], [0.5, 0.5, 0.5]]),
        np.array([0, 1, 3]),
        np.array([28, 26, 8]),
        np.array([1.0, 0.5, 0.5]),
        np.full(3, np.nan),
    )
    alone = Crystals.from_crystals([shared])
    behind = Crystals.from_crystals([*X[:40], shared])
    # The order of their kinds, which a search goes by, is their own.
    assert np.argsort(alone.site_kinds).tolist() == np.argsort(behind.site_kinds[-2:]).tolist() == [1, 0]


def test_a_damaged_entry_is_found_and_searched_again(tmp_path, searches):
    file = tmp_path / "rows.sqlite"
    CrystalFeaturizer(ONE, cache=file).fit_transform(fresh())
    with closing(sqlite3.connect(file)) as connection, connection:
        # What two swapped blocks do: an entry that is whole, under the key of another crystal.
        connection.execute(
            "UPDATE skcrystal_symmetry SET entry = "
            "(SELECT entry FROM skcrystal_symmetry ORDER BY crystal LIMIT 1)"
        )
    searches.clear()
    with pytest.warns(UserWarning, match="is damaged .* renamed to .* begun anew"):
        rows = CrystalFeaturizer(OTHERS, cache=file).fit_transform(fresh())
    assert len(searches) == len(X)
    np.testing.assert_array_equal(rows, CrystalFeaturizer(OTHERS).fit_transform(fresh()))
    searches.clear()
    CrystalFeaturizer([*OTHERS, ("density", Density())], cache=file).fit_transform(fresh())
    assert searches == []


def test_threads_that_share_a_file_find_the_same(tmp_path):
    expected = CrystalFeaturizer([*ONE, *OTHERS]).fit_transform(fresh())
    rows: list[np.ndarray] = []

    def work():
        for steps in (ONE, [*ONE, *OTHERS]):
            made = CrystalFeaturizer(steps, cache=tmp_path, chunk_size=9).fit_transform(fresh())
        rows.append(made)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(rows) == 4
    for made in rows:
        np.testing.assert_array_equal(made, expected)
    assert cache.info(tmp_path).searches == len(X)
