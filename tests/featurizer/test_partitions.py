"""Large sets part by part: the same bytes however often a run was stopped, and nothing dropped silently."""

from __future__ import annotations

import csv
import json
import os
import random
import signal
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pytest

from skcrystal import CrystalError, CrystalFeaturizer
from skcrystal.datasets import load_experimental
from skcrystal.featurizer.partitions import featurize_files
from skcrystal.formats import write

pytest.importorskip("pyarrow", reason="Parquet files need pyarrow, which the extra parquet brings")

CRYSTALS = load_experimental().data[:30]


@pytest.fixture
def folder(tmp_path):
    """Thirty files, two of which are no crystals."""
    place = tmp_path / "files"
    place.mkdir()
    for k, crystal in enumerate(CRYSTALS):
        write(crystal, place / (f"{k:02d}.cif" if k % 2 else f"{k:02d}.vasp"))
    (place / "05.cif").write_text("data_nothing\n")
    (place / "30.cif").write_text("")
    return place


def test_rows_are_those_of_the_featurizer_under_their_names(folder, tmp_path):
    output = tmp_path / "out.parquet"
    done = featurize_files(folder, output, descriptors="notebook", part_size=7)
    table = pd.read_parquet(output)
    assert (done.n_rows, done.n_columns, done.n_failures) == (31, 327, 2)
    assert table["id"].tolist() == [f"{k:02d}" for k in range(31)]
    featurizer = CrystalFeaturizer("notebook")
    good = [k for k in range(30) if k != 5]
    files = [str(folder / f"{k:02d}.{'cif' if k % 2 else 'vasp'}") for k in good]
    np.testing.assert_array_equal(table.iloc[good, 1:].to_numpy(), featurizer.fit_transform(files))
    assert table.iloc[[5, 30], 1:].isna().all(axis=None)
    assert table.attrs["units"]["edge_product_per_site"] == "angstrom^3"
    with done.failure_table.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["id"] for row in rows] == ["05", "30"]
    assert "no data block" in rows[0]["reason"]
    assert sorted(os.listdir(tmp_path)) == ["files", "out.failures.csv", "out.parquet"]


def test_each_column_has_its_unit_and_meaning_and_the_file_says_what_made_it(folder, tmp_path):
    from pyarrow import parquet

    featurize_files(folder, tmp_path / "out.parquet", descriptors="composition")
    schema = parquet.read_schema(tmp_path / "out.parquet")
    field = schema.field("mean_melting_point")
    assert field.metadata[b"unit"] == b"log10(K)" or field.metadata[b"unit"] == b"K"
    assert b"melting" in field.metadata[b"meaning"]
    made = json.loads(schema.metadata[b"skcrystal"])
    assert made["preset"] == "composition"
    assert {"skcrystal", "numpy", "pyarrow"} <= set(made["versions"])


def test_sites(folder, tmp_path):
    done = featurize_files(folder, tmp_path / "out.parquet", sites=True, part_size=7)
    table = pd.read_parquet(tmp_path / "out.parquet")
    assert done.n_failures == 2
    assert len(table) == sum(CRYSTALS.site_counts) - CRYSTALS.site_counts[5]
    first = table[table.id == "00"]
    assert first.site.tolist() == list(range(CRYSTALS.site_counts[0]))
    assert {"coordination_number", "madelung_potential"} <= set(table.columns)
    with pytest.raises(CrystalError, match="describes sites"):
        featurize_files(folder, tmp_path / "other.parquet", sites=True, descriptors="composition")


def test_formulas_of_a_table(tmp_path):
    (tmp_path / "t.csv").write_text("name,formula,tc\na,MgB2,39\na,NaCl,0\nb,Xx,1\nc,,2\n")
    done = featurize_files(tmp_path / "t.csv", tmp_path / "out.parquet", descriptors="composition")
    table = pd.read_parquet(tmp_path / "out.parquet")
    assert table.mean_atomic_number.round(3).tolist()[:2] == [7.333, 14.0]
    assert (len(table), done.n_failures) == (4, 2)
    assert len(set(table["id"])) == 4
    with pytest.raises(CrystalError, match="is a formula, which says nothing of positions"):
        featurize_files(tmp_path / "t.csv", tmp_path / "other.parquet")
    assert sorted(os.listdir(tmp_path)) == ["out.failures.csv", "out.parquet", "t.csv"]


def test_a_formula_opens_no_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(CRYSTALS[0], tmp_path / "NaCl.cif")
    (tmp_path / "NaCl").write_text((tmp_path / "NaCl.cif").read_text())
    (tmp_path / "t.csv").write_text("name,formula\na,NaCl\nb,NaCl.cif\n")
    done = featurize_files("t.csv", "out.parquet", descriptors="composition")
    assert pd.read_parquet("out.parquet").mean_atomic_number[0] == 14
    assert done.n_failures == 1


def test_parquet_to_parquet_is_read_in_parts(tmp_path):
    write(CRYSTALS, tmp_path / "in.parquet", targets={"gap": np.arange(30.0)})
    frame = pd.read_parquet(tmp_path / "in.parquet")
    from pyarrow import Table, parquet

    parquet.write_table(Table.from_pandas(frame), tmp_path / "groups.parquet", row_group_size=7)
    for name in ("in", "groups"):
        featurize_files(
            tmp_path / f"{name}.parquet", tmp_path / f"{name}-out.parquet", descriptors="notebook"
        )
    assert (tmp_path / "in-out.parquet").read_bytes() == (tmp_path / "groups-out.parquet").read_bytes()
    assert pd.read_parquet(tmp_path / "in-out.parquet")["id"].tolist() == list(CRYSTALS.sources)


def test_an_output_is_replaced_only_by_force_and_mistakes_leave_nothing(folder, tmp_path):
    output = tmp_path / "out.parquet"
    output.write_text("precious")
    with pytest.raises(FileExistsError, match="--force"):
        featurize_files(folder, output, descriptors="composition")
    with pytest.raises(CrystalError, match=r"05\.cif: the text holds no crystal"):
        featurize_files(folder, output, descriptors="composition", on_error="raise", force=True)
    with pytest.raises(CrystalError, match=r"end it in \.parquet"):
        featurize_files(folder, tmp_path / "out.csv")
    assert output.read_text() == "precious"
    assert sorted(os.listdir(tmp_path)) == ["files", "out.parquet"]
    featurize_files(folder, output, descriptors="composition", force=True)
    assert len(pd.read_parquet(output)) == 31


@pytest.mark.parametrize("source", ["folder", "parquet"])
def test_a_run_that_broke_off_goes_on_with_the_same_bytes(source, folder, tmp_path, monkeypatch):
    from skcrystal.featurizer.parts import Parts

    if source == "parquet":
        write(CRYSTALS, tmp_path / "in.parquet")
    inputs = folder if source == "folder" else tmp_path / "in.parquet"
    options = {"descriptors": "notebook", "part_size": 4}
    featurize_files(inputs, tmp_path / "whole.parquet", **options)
    written = Parts.write

    def break_off(self, *arguments):
        if self.count - self.kept == 3:
            raise KeyboardInterrupt
        written(self, *arguments)

    monkeypatch.setattr(Parts, "write", break_off)
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            featurize_files(inputs, tmp_path / "out.parquet", **options)
        assert not (tmp_path / "out.parquet").exists()
    monkeypatch.undo()
    done = featurize_files(inputs, tmp_path / "out.parquet", **options)
    assert done.n_kept == 24
    assert (tmp_path / "out.parquet").read_bytes() == (tmp_path / "whole.parquet").read_bytes()
    assert not (tmp_path / ".out.parquet.parts").exists()


def test_parts_of_other_files_or_parameters_are_not_taken(folder, tmp_path, monkeypatch):
    from skcrystal.featurizer.parts import Parts

    monkeypatch.setattr(Parts, "join", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        featurize_files(folder, tmp_path / "out.parquet", descriptors="composition", part_size=4)
    monkeypatch.undo()
    write(CRYSTALS[0], folder / "05.cif")
    done = featurize_files(folder, tmp_path / "out.parquet", descriptors="composition", part_size=4)
    assert (done.n_kept, done.n_failures) == (0, 1)


def killed_runs(folder, tmp_path, n_kills, seed):
    """Featurize in processes that are killed at random moments, to the end; return how many were."""
    command = [sys.executable, "-m", "skcrystal", "featurize", str(folder), "-q", "--preset", "notebook"]
    command += ["--part-size", "1", "-o", str(tmp_path / "killed.parquet")]
    moments = random.Random(seed)
    parts = tmp_path / ".killed.parquet.parts"
    kills = 0
    for _ in range(n_kills):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        before = len(list(parts.glob("part-*"))) if parts.exists() else 0
        # Not while Python still imports: some parts, and then a moment within the next one.
        while process.poll() is None and len(list(parts.glob("part-*"))) <= before:
            time.sleep(0.001)
        time.sleep(moments.uniform(0, 0.03))
        process.send_signal(signal.SIGKILL)
        kills += process.wait() == -signal.SIGKILL
    assert subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 1
    return kills


@pytest.mark.parametrize("n_kills", [2, pytest.param(10, marks=pytest.mark.slow)])
def test_kill_9_at_random_moments(n_kills, folder, tmp_path):
    featurize_files(folder, tmp_path / "whole.parquet", descriptors="notebook", part_size=1)
    assert killed_runs(folder, tmp_path, n_kills, seed=n_kills) > 0
    for suffix in (".parquet", ".failures.csv"):
        whole, killed = (tmp_path / f"{name}{suffix}" for name in ("whole", "killed"))
        assert killed.read_bytes() == whole.read_bytes()
    assert not [path.name for path in tmp_path.iterdir() if path.name.startswith(".")]
