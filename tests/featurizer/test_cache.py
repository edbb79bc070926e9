"""Rows on disk: nothing is computed twice, nothing damaged is trusted, nobody waits for ever."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

import numpy as np
import pytest
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skcrystal import CrystalFeaturizer, Crystals
from skcrystal.datasets import load_experimental
from skcrystal.descriptors import Density, LatticeAngles, SymmetryStats
from skcrystal.featurizer import cache
from skcrystal.featurizer.presets import PRESETS

X, Y = load_experimental(return_X_y=True)
X, Y = X[::8], Y[::8]

N_STEPS = len(PRESETS["default"]())


@pytest.fixture
def described(monkeypatch):
    """The number of crystals that each step of a featurizer has described."""
    counts: dict[str, int] = {}
    for descriptor in (Density, LatticeAngles, SymmetryStats):
        describe = descriptor.describe

        def counted(self, crystals, describe=describe):
            name = type(self).__name__
            counts[name] = counts.get(name, 0) + len(crystals)
            return describe(self, crystals)

        monkeypatch.setattr(descriptor, "describe", counted)
    return counts


def test_grid_search_describes_each_crystal_once(tmp_path, described):
    pipeline = make_pipeline(CrystalFeaturizer(cache=tmp_path), StandardScaler(), Ridge())
    grid = {"ridge__alpha": np.logspace(-3, 3, 12)}
    search = GridSearchCV(pipeline, grid, cv=5).fit(X, Y)
    assert described == dict.fromkeys(["Density", "SymmetryStats"], len(X))
    plain = GridSearchCV(pipeline.set_params(crystalfeaturizer__cache=None), grid, cv=5).fit(X, Y)
    np.testing.assert_allclose(
        search.cv_results_["mean_test_score"], plain.cv_results_["mean_test_score"], rtol=1e-9
    )


def test_a_second_process_describes_nothing(tmp_path, described):
    code = (
        "from skcrystal import CrystalFeaturizer\n"
        "from skcrystal.datasets import load_experimental\n"
        f"CrystalFeaturizer(cache={str(tmp_path)!r}).fit_transform(load_experimental().data[::8])\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    rows = CrystalFeaturizer(cache=tmp_path).fit_transform(X)
    assert described == {}
    np.testing.assert_array_equal(rows, CrystalFeaturizer().fit_transform(X))


def test_only_the_crystals_and_descriptors_that_are_new_are_computed(tmp_path, described):
    steps = [("density", Density()), ("lattice", LatticeAngles())]
    featurizer = CrystalFeaturizer(steps, cache=tmp_path)
    featurizer.transform(X[:10])
    featurizer.transform(X[5:15])
    assert described == {"Density": 15, "LatticeAngles": 15}
    featurizer.set_params(density="drop").transform(X[:15])
    assert described == {"Density": 15, "LatticeAngles": 15}
    featurizer.set_params(lattice__symprec=0.02).transform(X[:15])
    assert described == {"Density": 15, "LatticeAngles": 30}


def test_the_same_crystal_twice_in_one_chunk_is_described_once(tmp_path, described):
    featurizer = CrystalFeaturizer([("density", Density())], cache=tmp_path)
    rows = featurizer.transform([X[0], X[1], X[0]])
    assert described == {"Density": 2}
    np.testing.assert_array_equal(rows[0], rows[2])


def test_a_higher_schema_version_makes_rows_anew(tmp_path, described, monkeypatch):
    featurizer = CrystalFeaturizer([("density", Density())], cache=tmp_path)
    featurizer.transform(X[:3])
    monkeypatch.setattr(Density, "schema_version", 2)
    featurizer.transform(X[:3])
    assert described == {"Density": 6}


def test_sparse_steps_and_bad_items_work_with_a_cache(tmp_path):
    featurizer = CrystalFeaturizer(cache=tmp_path, on_error="nan")
    for _ in range(2):
        with pytest.warns(UserWarning, match="1 of 3"):
            rows = featurizer.transform([X[0], None, X[1]])
        assert np.isnan(rows[1]).all()
        assert list(featurizer.report([X[0], None, X[1]]).errors) == [1]
    sparse = CrystalFeaturizer("notebook", cache=tmp_path).set_params(space_group__sparse_output=True)
    for _ in range(2):
        np.testing.assert_array_equal(
            sparse.transform(X).toarray(), CrystalFeaturizer("notebook").transform(X)
        )


def test_no_crystals_and_a_cache(tmp_path):
    assert CrystalFeaturizer("notebook", cache=tmp_path).transform([]).shape == (0, 327)
    rows = CrystalFeaturizer("notebook", cache=tmp_path, on_error="nan")
    with pytest.warns(UserWarning, match="1 of 1"):
        assert np.isnan(rows.transform([None])).all()


def test_info_and_clear(tmp_path):
    file = tmp_path / "rows.sqlite"
    with pytest.raises(FileNotFoundError, match="no cache at"):
        cache.info(file)
    CrystalFeaturizer(cache=file).transform(X)
    info = cache.info(file)
    assert (info.path, info.crystals, info.descriptors) == (file, len(X), N_STEPS)
    assert info.rows == N_STEPS * len(X)
    assert info.size == file.stat().st_size
    cache.clear(file)
    assert cache.info(file).rows == 0
    assert cache.info(file).size < info.size


def test_info_refuses_what_is_no_cache(tmp_path):
    text = tmp_path / "notes.txt"
    text.write_text("not a database, and longer than a header of one hundred bytes " * 4)
    with pytest.raises(FileNotFoundError, match="no cache of skcrystal"):
        cache.info(text)


@pytest.mark.parametrize(
    "kind", ["text", "other_database", "empty_file_of_ours", "binary", "short", "no tables"]
)
def test_a_file_of_something_else_is_refused_and_left_as_it_is(tmp_path, kind):
    file = tmp_path / "rows.sqlite"
    if kind == "text":
        file.write_text("someone's notes " * 100)
    elif kind == "binary":
        file.write_bytes(np.random.default_rng(0).bytes(20_000))
    elif kind == "short":
        # Shorter than a page of SQLite, which takes it for an empty database.
        file.write_text("a")
    elif kind == "no tables":
        with closing(sqlite3.connect(file)) as connection, connection:
            connection.execute("PRAGMA user_version = 3")
        connection.close()
    else:
        with closing(sqlite3.connect(file)) as connection, connection:
            connection.execute("CREATE TABLE rows (name TEXT)")
            connection.execute("PRAGMA application_id = 7")
        connection.close()
    before = file.read_bytes()
    with pytest.raises(FileExistsError, match="no cache of skcrystal and is left as it is; name another"):
        CrystalFeaturizer(cache=file).transform(X)
    assert file.read_bytes() == before
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("kind", ["layout", "table", "column", "truncated", "header", "text", "integer"])
def test_a_damaged_cache_is_begun_anew_and_reported(tmp_path, kind):
    file = tmp_path / "rows.sqlite"
    CrystalFeaturizer(cache=file).transform(X)
    with closing(sqlite3.connect(file)) as connection, connection:
        if kind == "layout":
            connection.execute("PRAGMA user_version = 77")
        elif kind == "table":
            connection.execute("DROP TABLE skcrystal_texts")
        elif kind == "column":
            connection.execute("ALTER TABLE skcrystal_rows RENAME COLUMN entry TO row")
        elif kind == "text":
            connection.execute("UPDATE skcrystal_rows SET entry = 'gr\u00fcn'")
        elif kind == "integer":
            connection.execute("UPDATE skcrystal_rows SET entry = 9223372036854775807")
    connection.close()
    if kind == "truncated":
        file.write_bytes(file.read_bytes()[:5000])
    elif kind == "header":
        file.write_bytes(b"?" * 4096 + file.read_bytes()[4096:])
    before = file.read_bytes()
    with pytest.warns(UserWarning, match="is damaged .* renamed to .* begun anew"):
        rows = CrystalFeaturizer(cache=file).transform(X)
    np.testing.assert_array_equal(rows, CrystalFeaturizer().transform(X))
    (aside,) = tmp_path.glob("rows.sqlite.damaged-*")
    assert aside.read_bytes() == before
    assert cache.info(file).crystals == len(X)
    np.testing.assert_array_equal(CrystalFeaturizer(cache=file).transform(X), rows)


def test_a_row_under_the_name_of_another_is_not_taken(tmp_path):
    # What two swapped blocks of the file do: each row is whole, and belongs to another crystal.
    file = tmp_path / "rows.sqlite"
    CrystalFeaturizer([("density", Density())], cache=file).transform(X)
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute(
            "UPDATE skcrystal_rows SET entry = (SELECT entry FROM skcrystal_rows ORDER BY crystal LIMIT 1)"
        )
    connection.close()
    with pytest.warns(UserWarning, match="does not fit its checksum"):
        rows = CrystalFeaturizer([("density", Density())], cache=file).transform(X)
    np.testing.assert_array_equal(rows, CrystalFeaturizer([("density", Density())]).transform(X))


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match=r"cannot be made .*; name a folder, or a file with a suffix"):
        CrystalFeaturizer(cache=tmp_path / "file").transform(X[:1])
    with pytest.raises(OSError, match=str(tmp_path)):
        CrystalFeaturizer(cache=tmp_path / "file" / "rows.sqlite").transform(X[:1])


WRITER = (
    "import sys\n"
    "from skcrystal import CrystalFeaturizer\n"
    "from skcrystal.datasets import load_experimental\n"
    "crystals = load_experimental().data[::8]\n"
    "print('ready', flush=True)\n"
    "while True:\n"
    "    CrystalFeaturizer(cache=sys.argv[1], chunk_size=2).transform(crystals)\n"
    "    if len(sys.argv) == 2: break\n"
    "    from skcrystal.featurizer import cache; cache.clear(sys.argv[1])\n"
)


def test_several_processes_write_at_once(tmp_path):
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)]) for _ in range(3)]
    assert [writer.wait(timeout=120) for writer in writers] == [0, 0, 0]
    assert cache.info(tmp_path).rows == N_STEPS * len(X)
    np.testing.assert_array_equal(
        CrystalFeaturizer(cache=tmp_path).transform(X), CrystalFeaturizer().transform(X)
    )


def test_a_kill_at_any_moment_leaves_a_whole_cache(tmp_path):
    rng = np.random.default_rng(0)
    expected = CrystalFeaturizer().transform(X)
    for _ in range(4):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path), "for ever"], stdout=subprocess.PIPE
        )
        with writer:
            assert writer.stdout is not None
            assert writer.stdout.readline() == b"ready\n"
            time.sleep(rng.uniform(0, 0.5))
            os.kill(writer.pid, signal.SIGKILL)
        np.testing.assert_array_equal(CrystalFeaturizer(cache=tmp_path).transform(X), expected)


def test_keys_follow_the_content_only():
    renamed = Crystals(*X._arrays(), sources=["elsewhere"] * len(X))
    assert renamed.keys() == X.keys()
    assert len(set(X.keys())) == len(X)
    assert X[3:5].keys() == X.keys()[3:5]


def test_processes_that_begin_a_cache_at_once_find_it_whole(tmp_path):
    program = (
        "import sys, time\n"
        "from skcrystal.featurizer.cache import RowCache\n"
        "for k in range(300):\n"
        "    store = RowCache(f'{sys.argv[1]}/{k}.sqlite')\n"
        "    assert not store.notes, store.notes\n"
    )
    started = [subprocess.Popen([sys.executable, "-c", program, str(tmp_path)]) for _ in range(3)]
    assert [process.wait(timeout=120) for process in started] == [0, 0, 0]
    assert not list(tmp_path.glob("*damaged*"))
