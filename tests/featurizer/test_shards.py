"""Large sets shard by shard: the same bytes however they are computed, and nothing dropped silently."""

from __future__ import annotations

import csv
import json
import os
import pickle
import random
import signal
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pytest

from skcrystal import CrystalError, CrystalFeaturizer
from skcrystal.cli.main import main
from skcrystal.datasets import load_experimental
from skcrystal.descriptors import CompositionStats, Density, LatticeAngles
from skcrystal.featurizer import dataset, shards
from skcrystal.formats import write
from skcrystal.shards import featurize_dataset, featurize_shard, plan_dataset, read_plan, status

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


def content(folder):
    """Name -> bytes of what stands in a folder."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def rows_in(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


# -- one file --------------------------------------------------------------------------------------------


def test_rows_are_those_of_the_featurizer_under_their_names(folder, tmp_path):
    output = tmp_path / "out.parquet"
    done = featurize_dataset(folder, output, descriptors="notebook", rows=7)
    table = pd.read_parquet(output)
    assert (done.n_rows, done.n_columns, done.n_failures) == (31, 327, 2)
    assert table["id"].tolist() == [f"{k:02d}" for k in range(31)]
    featurizer = CrystalFeaturizer("notebook")
    good = [k for k in range(30) if k != 5]
    files = [str(folder / f"{k:02d}.{'cif' if k % 2 else 'vasp'}") for k in good]
    np.testing.assert_array_equal(table.iloc[good, 1:].to_numpy(), featurizer.fit_transform(files))
    assert table.iloc[[5, 30], 1:].isna().all(axis=None)
    assert table.attrs["units"]["edge_product_per_site"] == "angstrom^3"
    rows = rows_in(done.failure_table)
    assert [row["id"] for row in rows] == ["05", "30"]
    assert "no data block" in rows[0]["reason"]
    assert sorted(os.listdir(tmp_path)) == ["files", "out.failures.csv", "out.parquet"]


def test_each_column_has_its_unit_and_meaning_and_the_file_says_what_made_it(folder, tmp_path):
    from pyarrow import parquet

    featurize_dataset(folder, tmp_path / "out.parquet", descriptors="composition")
    schema = parquet.read_schema(tmp_path / "out.parquet")
    field = schema.field("mean_melting_point")
    assert field.metadata[b"unit"] == b"log10(K)" or field.metadata[b"unit"] == b"K"
    assert b"melting" in field.metadata[b"meaning"]
    made = json.loads(schema.metadata[b"skcrystal"])
    assert made["preset"] == "composition"
    assert {"skcrystal", "numpy", "pyarrow"} <= set(made["versions"])


def test_sites(folder, tmp_path):
    done = featurize_dataset(folder, tmp_path / "out.parquet", sites=True, rows=7)
    table = pd.read_parquet(tmp_path / "out.parquet")
    assert done.n_failures == 2
    assert len(table) == sum(CRYSTALS.site_counts) - CRYSTALS.site_counts[5]
    first = table[table.id == "00"]
    assert first.site.tolist() == list(range(CRYSTALS.site_counts[0]))
    assert {"coordination_number", "madelung_potential"} <= set(table.columns)
    with pytest.raises(CrystalError, match="describes sites"):
        featurize_dataset(folder, tmp_path / "other.parquet", sites=True, descriptors="composition")


def test_formulas_of_a_table(tmp_path):
    (tmp_path / "t.csv").write_text("name,formula,tc\na,MgB2,39\na,NaCl,0\nb,Xx,1\nc,,2\n")
    done = featurize_dataset(tmp_path / "t.csv", tmp_path / "out.parquet", descriptors="composition")
    table = pd.read_parquet(tmp_path / "out.parquet")
    assert table.mean_atomic_number.round(3).tolist()[:2] == [7.333, 14.0]
    # The table calls two rows "a": what it calls them is what they can be joined by.
    assert table["id"].tolist() == ["a", "a", "b", "c"]
    assert done.n_failures == 2
    with pytest.raises(CrystalError, match="is a formula, which says nothing of positions"):
        featurize_dataset(tmp_path / "t.csv", tmp_path / "other.parquet")
    assert sorted(os.listdir(tmp_path)) == ["out.failures.csv", "out.parquet", "t.csv"]


def test_a_formula_opens_no_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(CRYSTALS[0], tmp_path / "NaCl.cif")
    (tmp_path / "NaCl").write_text((tmp_path / "NaCl.cif").read_text())
    (tmp_path / "t.csv").write_text("name,formula\na,NaCl\nb,NaCl.cif\n")
    done = featurize_dataset("t.csv", "out.parquet", descriptors="composition")
    assert pd.read_parquet("out.parquet").mean_atomic_number[0] == 14
    assert done.n_failures == 1


def test_an_output_is_replaced_only_by_force_and_mistakes_leave_nothing(folder, tmp_path):
    output = tmp_path / "out.parquet"
    output.write_text("precious")
    with pytest.raises(FileExistsError, match="--force"):
        featurize_dataset(folder, output, descriptors="composition")
    with pytest.raises(CrystalError, match=r"05\.cif: the text holds no crystal"):
        featurize_dataset(folder, output, descriptors="composition", on_error="raise", force=True)
    assert output.read_text() == "precious"
    assert sorted(os.listdir(tmp_path)) == ["files", "out.parquet"]
    featurize_dataset(folder, output, descriptors="composition", force=True)
    assert len(pd.read_parquet(output)) == 31


# -- a folder of shards ----------------------------------------------------------------------------------


def test_a_folder_of_shards_is_one_table_with_its_failures_beside(folder, tmp_path):
    done = featurize_dataset(folder, tmp_path / "out", descriptors="notebook", rows=7)
    featurize_dataset(folder, tmp_path / "one.parquet", descriptors="notebook", rows=7)
    one, many = pd.read_parquet(tmp_path / "one.parquet"), pd.read_parquet(tmp_path / "out")
    pd.testing.assert_frame_equal(one, many)
    assert many.attrs == one.attrs
    assert done.failure_table is None
    assert [row["id"] for row in rows_in(tmp_path / "out" / "_shard-000000.failures.csv")] == ["05"]
    assert sorted(os.listdir(tmp_path / "out")) == [
        "_plan.json",
        "_shard-000000.failures.csv",
        "_shard-000004.failures.csv",
        *(f"shard-00000{k}.parquet" for k in range(5)),
    ]


def test_the_manifest_says_what_is_computed(folder, tmp_path):
    plan = plan_dataset(folder, tmp_path / "out", descriptors="composition", rows=7)
    manifest = json.loads((tmp_path / "out" / "_plan.json").read_text())
    assert (manifest["features"]["preset"], manifest["rows"], len(plan)) == ("composition", 7, 5)
    assert [step["schema_version"] for step in manifest["features"]["descriptors"]] == [
        step.schema_version for _, step in CrystalFeaturizer("composition")._active()
    ]
    assert len(manifest["input"]["files"]) == plan.n_inputs == 31
    assert [sum(n for *_, n in shard) for shard in manifest["shards"]] == [7, 7, 7, 7, 3]
    assert pickle.loads(pickle.dumps(plan)).digest == plan.digest == read_plan(tmp_path / "out").digest


@pytest.mark.parametrize(("n_jobs", "rows"), [(2, 7), (3, 16)])
def test_processes_write_the_same_bytes(n_jobs, rows, folder, tmp_path):
    # Two processes share five shards; three work together on each of two.
    featurize_dataset(folder, tmp_path / "serial", descriptors="notebook", rows=rows)
    featurize_dataset(folder, tmp_path / "other", descriptors="notebook", rows=rows, n_jobs=n_jobs)
    assert content(tmp_path / "other") == content(tmp_path / "serial")


def test_jobs_that_know_nothing_of_each_other_share_a_plan(folder, tmp_path, capsys):
    featurize_dataset(folder, tmp_path / "serial", descriptors="composition", rows=7)
    call = ["featurize", str(folder), "-o", f"{tmp_path}/out", "--preset", "composition", "--rows", "7", "-q"]
    assert main([*call, "--plan"]) == 0
    assert "31 inputs in 5 shards" in capsys.readouterr().out
    state = ["featurize", "-o", f"{tmp_path}/out", "--status"]
    codes = {}
    for k in (2, 3, 1):
        codes[k] = main([*call, "--shard", f"{k}/3"])
        if k == 2:
            # The second of three jobs has the shards 1 and 4.
            assert sorted(path.name for path in (tmp_path / "out").glob("shard*")) == [
                "shard-000001.parquet",
                "shard-000004.parquet",
            ]
            assert main(state) == 1
            said = capsys.readouterr().out
            assert "2 of 5 shards finished: 10 rows" in said
            assert "missing, counted from 0: 0, 2, 3" in said
    assert codes == {1: 1, 2: 1, 3: 0}
    assert content(tmp_path / "out") == content(tmp_path / "serial")
    capsys.readouterr()
    assert main(state) == 0
    assert "5 of 5 shards finished: 31 rows\n2 inputs could not be used, and why" in capsys.readouterr().out
    assert main([*call[:3], f"{tmp_path}/out.parquet", "--shard", "1/2"]) == 2
    assert "goes into a folder" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main([*call, "--shard", "4/3"])


def test_a_csv_file_has_the_rows_of_the_parquet_file(folder, tmp_path, capsys):
    call = ["featurize", str(folder), "--preset", "composition", "--rows", "7", "-q", "-o"]
    for name in ("rows.parquet", "rows.csv"):
        assert main([*call, f"{tmp_path}/{name}"]) == 1
    assert "2 inputs could not be used, and why: " in capsys.readouterr().err
    written = pd.read_csv(tmp_path / "rows.csv", dtype={"id": str})
    assert written.iloc[:, 1:].isna().all(axis=1).sum() == 2
    pd.testing.assert_frame_equal(
        written, pd.read_parquet(tmp_path / "rows.parquet"), check_dtype=False, rtol=1e-14
    )
    assert sorted(path.name for path in tmp_path.iterdir() if path != folder) == [
        "rows.csv",
        "rows.failures.csv",
        "rows.parquet",
    ]


def test_a_table_of_another_kind_is_no_folder(folder, tmp_path, capsys):
    assert main(["featurize", str(folder), "-o", f"{tmp_path}/rows.xlsx"]) == 2
    assert "name a .parquet or .csv file, or a folder" in capsys.readouterr().err
    assert not (tmp_path / "rows.xlsx").exists()


def test_two_arrays_on_one_folder_at_once(folder, tmp_path):
    featurize_dataset(folder, tmp_path / "serial", descriptors="notebook", rows=2)
    call = [sys.executable, "-m", "skcrystal", "featurize", str(folder), "-o", f"{tmp_path}/out", "-q"]
    call += ["--preset", "notebook", "--rows", "2", "--shard"]
    jobs = [subprocess.Popen([*call, share], stdout=subprocess.DEVNULL) for share in ("1/2", "2/2") * 2]
    assert {job.wait() for job in jobs} <= {0, 1}
    featurize_dataset(folder, tmp_path / "out", descriptors="notebook", rows=2)
    assert content(tmp_path / "out") == content(tmp_path / "serial")


def test_a_finished_shard_is_never_computed_again(folder, tmp_path, monkeypatch):
    plan = plan_dataset(folder, tmp_path / "out", descriptors="composition", rows=7)
    first = featurize_shard(plan, 0)
    assert (first.n_rows, first.n_failures, first.is_kept) == (7, 1, False)
    monkeypatch.setattr(shards, "crystal_table", None)
    again = featurize_shard(tmp_path / "out", 0)
    assert again.is_kept
    assert again[:3] == first[:3]
    with pytest.raises(IndexError):
        featurize_shard(plan, 5)


def test_no_temporary_file_is_taken_for_a_shard(folder, tmp_path):
    featurize_dataset(folder, tmp_path / "serial", descriptors="composition", rows=7)
    plan = plan_dataset(folder, tmp_path / "out", descriptors="composition", rows=7)
    whole = (tmp_path / "serial" / "shard-000003.parquet").read_bytes()
    strays = [".shard-000003-abc_1.parquet", "._shard-000003.failures-x.failures.csv", "._plan-y.json"]
    for name in strays:
        (tmp_path / "out" / name).write_bytes(whole[: len(whole) // 2])
    assert status(tmp_path / "out").missing == [0, 1, 2, 3, 4]
    assert status(tmp_path / "out").n_strays == 3
    featurize_shard(plan, 0)
    assert len(pd.read_parquet(tmp_path / "out")) == 7
    done = featurize_dataset(folder, tmp_path / "out", descriptors="composition", rows=7)
    assert (done.n_kept, done.n_rows) == (7, 31)
    assert content(tmp_path / "out") == content(tmp_path / "serial")


def test_a_shard_of_another_plan_or_a_damaged_one_is_refused(folder, tmp_path):
    featurize_dataset(folder, tmp_path / "other", descriptors="composition", rows=6)
    plan = plan_dataset(folder, tmp_path / "out", descriptors="composition", rows=7)
    place = tmp_path / "out" / "shard-000000.parquet"
    place.write_bytes((tmp_path / "other" / place.name).read_bytes())
    with pytest.raises(CrystalError, match="a shard of another plan; remove it"):
        featurize_shard(plan, 0)
    place.write_bytes(place.read_bytes()[:100])
    with pytest.raises(CrystalError, match="a damaged one; remove it"):
        status(tmp_path / "out")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"descriptors": "notebook"}, "the descriptors changed"),
        ({"rows": 8}, "the rows of a shard"),
        ({"disorder": "raise"}, "the descriptors changed"),
        ({"elements": ["Si"]}, "how the input is read changed"),
        ({"on_error": "raise"}, "on_error changed"),
    ],
)
def test_another_plan_over_an_output_is_an_error(change, said, folder, tmp_path):
    options = {"descriptors": "composition", "rows": 7}
    featurize_dataset(folder, tmp_path / "out", **options)
    before = content(tmp_path / "out")
    with pytest.raises(CrystalError, match=f"holds the shards of another plan .*{said}.* --force"):
        plan_dataset(folder, tmp_path / "out", **{**options, **change})
    assert content(tmp_path / "out") == before


def test_other_files_are_another_plan(folder, tmp_path):
    options = {"descriptors": "composition", "rows": 7}
    plan = plan_dataset(folder, tmp_path / "out", **options)
    featurize_shard(plan, 1)
    write(CRYSTALS[0], folder / "05.cif")
    with pytest.raises(CrystalError, match=r"05\.cif is not what it was when it was planned"):
        featurize_shard(plan, 0)
    with pytest.raises(CrystalError, match="the input changed"):
        featurize_dataset(folder, tmp_path / "out", **options)
    done = featurize_dataset(folder, tmp_path / "out", **options, force=True)
    assert (done.n_kept, done.n_failures) == (0, 1)


def test_a_folder_with_other_files_is_not_written_into(folder, tmp_path):
    with pytest.raises(CrystalError, match="other files in it; name one that is new or empty"):
        plan_dataset(folder, folder, descriptors="composition")
    with pytest.raises(CrystalError, match="holds no plan"):
        status(tmp_path)
    (tmp_path / "_plan.json").write_text("[]")
    with pytest.raises(CrystalError, match="is no plan, or a damaged one"):
        status(tmp_path)


def test_descriptors_with_parameters_come_back_from_the_manifest(tmp_path):
    steps = [
        ("c", CompositionStats(properties=("atomic_number", "melting_point"))),
        ("d", Density()),
        ("l", LatticeAngles()),
    ]
    write(CRYSTALS, tmp_path / "in.parquet")
    featurize_dataset(tmp_path / "in.parquet", tmp_path / "out", descriptors=steps)
    table = pd.read_parquet(tmp_path / "out")
    expected = CrystalFeaturizer(steps).set_output(transform="pandas").fit_transform(CRYSTALS)
    np.testing.assert_array_equal(table.drop(columns="id"), expected)
    assert list(table.columns[1:]) == list(expected.columns)


class Own(Density):
    """A density by another name."""


def test_a_descriptor_that_no_other_process_knows_is_refused(tmp_path):
    write(CRYSTALS, tmp_path / "in.parquet")
    Own.__module__ = "__main__"
    with pytest.raises(CrystalError, match="'own' is known in this program alone"):
        plan_dataset(tmp_path / "in.parquet", tmp_path / "out", descriptors=[("own", Own())])
    assert not (tmp_path / "out").exists()


def test_another_version_does_not_go_on_with_a_plan(folder, tmp_path, monkeypatch):
    plan = plan_dataset(folder, tmp_path / "out", descriptors="composition", rows=7)
    monkeypatch.setattr(np, "__version__", "9.9")
    with pytest.raises(CrystalError, match=r"numpy 9\.9 and not .* same environment everywhere"):
        featurize_shard(plan, 0)


# -- broken off, and killed ------------------------------------------------------------------------------


@pytest.mark.parametrize("source", ["folder", "parquet", "csv", "jsonl"])
def test_a_run_that_broke_off_goes_on_with_the_same_bytes(source, folder, tmp_path, monkeypatch):
    inputs = folder
    if source != "folder":
        inputs = tmp_path / f"in.{source}"
        write(CRYSTALS, inputs)
    options = {"descriptors": "notebook", "rows": 4}
    featurize_dataset(inputs, tmp_path / "whole.parquet", **options)
    computed = []

    def break_off(plan, number, **others):
        if len(computed) == 3:
            raise KeyboardInterrupt
        computed.append(number)
        return featurize_shard(plan, number, **others)

    monkeypatch.setattr(dataset, "featurize_shard", break_off)
    for _ in range(2):
        computed.clear()
        with pytest.raises(KeyboardInterrupt):
            featurize_dataset(inputs, tmp_path / "out.parquet", **options)
        assert not (tmp_path / "out.parquet").exists()
    monkeypatch.undo()
    done = featurize_dataset(inputs, tmp_path / "out.parquet", **options)
    assert done.n_kept == 24
    assert (tmp_path / "out.parquet").read_bytes() == (tmp_path / "whole.parquet").read_bytes()
    assert not (tmp_path / ".out.parquet.shards").exists()


def killed_runs(folder, tmp_path, n_kills, seed):
    """Featurize in processes that are killed at random moments, to the end; return how many were."""
    command = [sys.executable, "-m", "skcrystal", "featurize", str(folder), "-q", "--preset", "notebook"]
    command += ["--rows", "1", "-o", str(tmp_path / "killed.parquet")]
    moments = random.Random(seed)
    place = tmp_path / ".killed.parquet.shards"
    kills = 0
    for _ in range(n_kills):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        before = len(list(place.glob("shard-*"))) if place.exists() else 0
        # Not while Python still imports: some shards, and then a moment within the next one.
        while process.poll() is None and len(list(place.glob("shard-*"))) <= before:
            time.sleep(0.001)
        time.sleep(moments.uniform(0, 0.03))
        process.send_signal(signal.SIGKILL)
        kills += process.wait() == -signal.SIGKILL
    assert subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 1
    return kills


@pytest.mark.parametrize("n_kills", [2, pytest.param(10, marks=pytest.mark.slow)])
def test_kill_9_at_random_moments(n_kills, folder, tmp_path):
    featurize_dataset(folder, tmp_path / "whole.parquet", descriptors="notebook", rows=1)
    assert killed_runs(folder, tmp_path, n_kills, seed=n_kills) > 0
    for suffix in (".parquet", ".failures.csv"):
        whole, killed = (tmp_path / f"{name}{suffix}" for name in ("whole", "killed"))
        assert killed.read_bytes() == whole.read_bytes()
    assert not [path.name for path in tmp_path.iterdir() if path.name.startswith(".")]
