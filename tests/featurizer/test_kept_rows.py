"""A second run reads nothing that it knows; what programs may not share is not shared; locks, full disks."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from contextlib import closing

import numpy as np
import pytest

import skcrystal.featurizer.cache as cache_module
import skcrystal.featurizer.kept_rows as kept_rows
import skcrystal.inputs
from skcrystal import CrystalFeaturizer
from skcrystal.crystals.crystal import CrystalError
from skcrystal.descriptors import CompositionStats, Density, LatticeAngles
from skcrystal.descriptors.naming import is_plain
from skcrystal.featurizer import cache
from skcrystal.featurizer.cache import RowCache
from tests.prototypes import ROCK_SALT, ROCK_SALT_CIF, SILICON_POSCAR, STRONTIUM_TITANATE_POSCAR

STEPS = [("density", Density()), ("lattice", LatticeAngles())]


@pytest.fixture
def parsed(monkeypatch):
    """The items that were read."""
    read: list[object] = []
    plain = skcrystal.inputs._read

    def counted(item):
        read.append(item)
        return plain(item)

    monkeypatch.setattr(skcrystal.inputs, "_read", counted)
    return read


@pytest.fixture(autouse=True)
def patience():
    yield
    cache_module._given_up.clear()


def files_in(folder):
    folder.mkdir()
    for name, text in (("a.cif", ROCK_SALT_CIF), ("b.vasp", SILICON_POSCAR)):
        (folder / name).write_text(text)
    return [folder / "a.cif", str(folder / "b.vasp")]


def test_a_second_run_parses_no_text_and_no_file(tmp_path, parsed):
    items = [ROCK_SALT_CIF, STRONTIUM_TITANATE_POSCAR, *files_in(tmp_path / "data"), ROCK_SALT_CIF]
    expected = CrystalFeaturizer(STEPS).transform(items)
    parsed.clear()
    first = CrystalFeaturizer(STEPS, cache=tmp_path / "rows.sqlite").transform(items)
    assert len(parsed) == 5
    parsed.clear()
    second = CrystalFeaturizer(STEPS, cache=tmp_path / "rows.sqlite").transform(items)
    assert parsed == []
    np.testing.assert_array_equal(first, expected)
    np.testing.assert_array_equal(second, expected)
    assert cache.info(tmp_path / "rows.sqlite").texts == 4


def test_a_file_is_known_by_its_content_wherever_it_lies(tmp_path, parsed):
    featurizer = CrystalFeaturizer(STEPS, cache=tmp_path / "rows.sqlite")
    rows = featurizer.transform(files_in(tmp_path / "one"))
    parsed.clear()
    other = files_in(tmp_path / "other")
    np.testing.assert_array_equal(featurizer.transform(other), rows)
    assert parsed == []
    other[0].write_text(ROCK_SALT_CIF.replace("5.6402", "5.7402"))
    assert featurizer.transform(other)[0, 0] > rows[0, 0]  # more room per site
    assert parsed == [other[0]]


def test_only_what_is_missing_is_parsed(tmp_path, parsed):
    featurizer = CrystalFeaturizer(STEPS, cache=tmp_path / "rows.sqlite")
    featurizer.transform([ROCK_SALT_CIF])
    parsed.clear()
    featurizer.transform([STRONTIUM_TITANATE_POSCAR, ROCK_SALT_CIF])
    assert parsed == [STRONTIUM_TITANATE_POSCAR]
    parsed.clear()
    # A row of a new descriptor needs the crystal again.
    featurizer.set_params(lattice__symprec=0.02).transform([ROCK_SALT_CIF])
    assert parsed == [ROCK_SALT_CIF]


def test_faults_are_said_each_time(tmp_path):
    featurizer = CrystalFeaturizer(STEPS, cache=tmp_path / "rows.sqlite", on_error="nan")
    for _ in range(2):
        with pytest.warns(UserWarning, match="1 of 2 items"):
            rows = featurizer.transform([ROCK_SALT_CIF, "data_nothing\n"])
        assert np.isnan(rows[1]).all()
        assert not np.isnan(rows[0]).any()
        assert list(featurizer.report([ROCK_SALT_CIF, "data_nothing\n"]).errors) == [1]
    with pytest.raises(CrystalError, match="crystal 1"):
        featurizer.set_params(on_error="raise").transform([ROCK_SALT_CIF, "data_nothing\n"])


def test_notes_on_a_text_are_kept_with_it(tmp_path):
    noted = ROCK_SALT_CIF.replace("_symmetry_space_group_name_H-M   'F m -3 m'\n", "")
    store = RowCache(tmp_path / "rows.sqlite")
    steps = [step for _, step in STEPS]
    first = kept_rows.describe_kept(steps, [ROCK_SALT, noted], "average", store)
    second = kept_rows.describe_kept(steps, [ROCK_SALT, noted], "average", store)
    assert list(first.notes) == [1]
    assert first.notes == second.notes
    assert first.sources == second.sources


def test_disordered_texts_are_refused_although_they_are_known(tmp_path):
    shared = ROCK_SALT_CIF.replace("_atom_site_fract_z\n", "_atom_site_fract_z\n_atom_site_occupancy\n")
    shared = shared.replace("Na1 Na 0 0 0", "Na1 Na 0 0 0 0.8").replace("0.5 0.5 0.5", "0.5 0.5 0.5 1")
    featurizer = CrystalFeaturizer(STEPS, cache=tmp_path / "rows.sqlite")
    featurizer.transform([shared])
    with pytest.raises(CrystalError, match="disordered"):
        featurizer.set_params(disorder="raise").transform([shared])


def test_a_change_of_the_readers_or_tables_reads_again(tmp_path, parsed, monkeypatch):
    featurizer = CrystalFeaturizer(STEPS, cache=tmp_path / "rows.sqlite")
    featurizer.transform([ROCK_SALT_CIF])
    monkeypatch.setattr(kept_rows, "reader_digest", lambda: b"of a mended reader")
    parsed.clear()
    featurizer.transform([ROCK_SALT_CIF])
    assert parsed == [ROCK_SALT_CIF]


def test_a_change_of_the_data_tables_makes_rows_anew(monkeypatch):
    import skcrystal.descriptors.base as base

    before = Density().key()
    monkeypatch.setattr(base, "tables_digest", lambda: "of another table")
    assert Density().key() != before


PROGRAM = """
import sys, warnings
import numpy as np
from skcrystal import CrystalFeaturizer
from skcrystal.descriptors import Density
from skcrystal.descriptors.base import as_names
from tests.prototypes import ROCK_SALT

class MyDescriptor(Density):
    def describe(self, crystals):
        return np.full((len(crystals), 3), float(sys.argv[2]))

with warnings.catch_warnings(record=True) as said:
    warnings.simplefilter("always")
    for _ in range(2):
        rows = CrystalFeaturizer([("mine", MyDescriptor())], cache=sys.argv[1]).transform([ROCK_SALT])
print(rows[0, 0], sum("rows of MyDescriptor are not kept" in str(note.message) for note in said))
"""


def test_programs_do_not_share_rows_of_a_class_of_their_own(tmp_path):
    for value in ("1.0", "2.0"):
        out = subprocess.run(
            [sys.executable, "-c", PROGRAM, str(tmp_path), value], check=True, capture_output=True, text=True
        )
        assert out.stdout.split() == [value, "2"]


def test_programs_do_not_share_rows_of_modules_that_differ(tmp_path):
    module = """
import numpy as np
from skcrystal.descriptors import Density

class MyDescriptor(Density):
    def describe(self, crystals):
        return np.full((len(crystals), 3), {value})
"""
    program = """
import sys
from skcrystal import CrystalFeaturizer, cache
from tests.prototypes import ROCK_SALT
sys.path.insert(0, sys.argv[2])
from of_mine import MyDescriptor
rows = CrystalFeaturizer([("mine", MyDescriptor())], cache=sys.argv[1]).transform([ROCK_SALT])
print(rows[0, 0], cache.info(sys.argv[1]).rows)
"""
    for value, kept in (("1.0", "1"), ("2.0", "2"), ("1.0", "2")):
        (tmp_path / "of_mine.py").write_text(module.format(value=value))
        out = subprocess.run(
            [sys.executable, "-B", "-c", program, str(tmp_path / "cache"), str(tmp_path)],
            check=True,
            capture_output=True,
            text=True,
        )
        assert out.stdout.split() == [value, kept]


def test_what_has_no_name_of_its_own_is_not_kept(tmp_path, recwarn):
    class Local(Density):
        pass

    assert Local().key() is None
    assert CompositionStats(properties=("atomic_number",)).key() is not None
    rows = CrystalFeaturizer([("local", Local()), ("density", Density())], cache=tmp_path).transform(
        [ROCK_SALT]
    )
    assert ["rows of Local are not kept" in str(note.message) for note in recwarn] == [True]
    assert rows[0, :3].tolist() == rows[0, 3:].tolist()
    assert cache.info(tmp_path).rows == 1


def test_plain_parameters():
    assert is_plain([1, "a", None, (2.0, {"b": np.arange(3)}), np.float64(1)])
    assert is_plain(np.sqrt)
    assert is_plain(sorted)
    assert is_plain(Density(quantities=("density",)))
    assert not is_plain([lambda: 1])
    assert not is_plain(object())


def test_reading_goes_on_while_another_process_writes(tmp_path):
    file = tmp_path / "rows.sqlite"
    featurizer = CrystalFeaturizer(STEPS, cache=file)
    rows = featurizer.transform([ROCK_SALT_CIF])
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        # The lock of a writer: were another one taken to read, this would wait.
        other.execute("BEGIN IMMEDIATE")
        np.testing.assert_array_equal(featurizer.transform([ROCK_SALT_CIF]), rows)
        other.execute("ROLLBACK")


def test_a_lock_held_for_long_is_a_sentence_and_rows_are_returned(tmp_path, monkeypatch):
    file = tmp_path / "rows.sqlite"
    monkeypatch.setattr(cache_module, "LOCK_TIMEOUT_SECONDS", 0.2)
    featurizer = CrystalFeaturizer(STEPS, cache=file, chunk_size=1)
    rows = featurizer.transform([ROCK_SALT_CIF, SILICON_POSCAR])
    cache.clear(file)
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.warns(UserWarning, match="locked by another program for 0.2 seconds") as said:
            np.testing.assert_array_equal(featurizer.transform([ROCK_SALT_CIF, SILICON_POSCAR]), rows)
        assert len(said) == 1
        with pytest.raises(OSError, match="locked by another program"):
            cache.info(file)
        other.execute("ROLLBACK")
    featurizer.transform([ROCK_SALT_CIF, SILICON_POSCAR])
    assert cache.info(file).rows == 4


def test_whoever_waited_for_a_writer_does_not_wait_again(tmp_path, monkeypatch):
    monkeypatch.setattr(cache_module, "LOCK_TIMEOUT_SECONDS", 0.5)
    file = tmp_path / "rows.sqlite"
    CrystalFeaturizer(STEPS, cache=file).transform([ROCK_SALT_CIF])
    items = [SILICON_POSCAR.replace("5.43", f"5.{n}") for n in range(30, 50)]
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        start = time.monotonic()
        with pytest.warns(UserWarning, match="locked by another program"):
            CrystalFeaturizer(STEPS, cache=file, chunk_size=1).transform(items)
        # Reading succeeds all the time, which tells nothing of writing.
        assert time.monotonic() - start < 0.25 * 0.5 * len(items)


def test_a_full_disk_is_said_once_and_rows_are_returned(tmp_path, monkeypatch):
    file = tmp_path / "rows.sqlite"
    featurizer = CrystalFeaturizer(STEPS, cache=file, chunk_size=1)
    featurizer.transform([ROCK_SALT_CIF])
    connect = cache_module.connect

    def full(*given):
        connection = connect(*given)
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")
        return connection

    monkeypatch.setattr(cache_module, "connect", full)
    items = [SILICON_POSCAR.replace("5.43", f"5.{n}") for n in range(30, 60)]
    with pytest.warns(UserWarning, match="database or disk is full.*not kept") as said:
        rows = featurizer.transform(items)
    assert len(said) == 1
    np.testing.assert_array_equal(rows, CrystalFeaturizer(STEPS).transform(items))


def test_a_cache_that_may_only_be_read_is_read(tmp_path, parsed):
    file = tmp_path / "rows.sqlite"
    featurizer = CrystalFeaturizer(STEPS, cache=file)
    rows = featurizer.transform([ROCK_SALT_CIF])
    file.chmod(0o444)
    parsed.clear()
    np.testing.assert_array_equal(featurizer.transform([ROCK_SALT_CIF]), rows)
    assert parsed == []
