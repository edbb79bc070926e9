"""The command line: help, version, and one sentence for each mistake."""

from __future__ import annotations

import subprocess
import sys

import pandas as pd
import pytest
from sklearn.utils import Bunch

import skcrystal
from skcrystal import CrystalFeaturizer
from skcrystal.cli.main import main
from skcrystal.descriptors import Density
from skcrystal.featurizer.cache import info
from skcrystal.formats import cif_text, poscar_text, read
from tests.prototypes import DIAMOND, ROCK_SALT, ROCK_SALT_CIF


def test_module_and_command_are_one():
    command = [sys.executable, "-m", "skcrystal", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == f"skcrystal {skcrystal.__version__}\n"


@pytest.mark.parametrize("arguments", [["--help"], ["demo", "--help"]])
def test_help_names_the_demo(arguments, capsys):
    with pytest.raises(SystemExit) as end:
        main(arguments)
    assert end.value.code == 0
    assert "demo" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["demo", "--jobs", "0"],
        ["demo", "--jobs", "two"],
        ["convert", "one"],
        ["convert", "a", "b", "--symprec", "-1"],
        ["convert", "a", "b", "--to", "docx"],
        ["cache", "burn", "x"],
        ["fetch", "--formula", "ABC3"],
        ["fetch", "-o", "x.csv", "--filter", "band gap"],
        ["fetch", "-o", "x.csv", "--filter", "api_key=secret"],
    ],
)
def test_a_wrong_argument_ends_with_2(arguments, capsys):
    with pytest.raises(SystemExit) as end:
        main(arguments)
    assert end.value.code == 2
    message = capsys.readouterr().err
    assert message.count("\n") == 1
    assert "secret" not in message


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["predikt"], "invalid choice: 'predikt'"),
        (["featurize", "cifs", "-o", "x.parquet", "--jobs", "0"], "'0' is no whole number above 0"),
        (["train", "cifs"], "skcrystal train: the following arguments are required: --target, -o/--output"),
    ],
)
def test_a_wrong_argument_gets_one_sentence(arguments, says, capsys):
    with pytest.raises(SystemExit) as end:
        main(arguments)
    assert end.value.code == 2
    error = capsys.readouterr().err
    assert says in error
    assert error.count("\n") == 1
    assert "--help` shows how it is called" in error


def test_an_output_that_is_a_file_gets_one_sentence(tmp_path, capsys):
    file = tmp_path / "taken"
    file.touch()
    assert main(["demo", "--output", str(file)]) == 2
    assert capsys.readouterr().err == f"skcrystal demo: {file} is a file; name a folder with --output\n"


def test_convert_writes_a_poscar(tmp_path, capsys):
    (tmp_path / "NaCl.cif").write_text(ROCK_SALT_CIF)
    assert main(["convert", str(tmp_path / "NaCl.cif"), str(tmp_path / "POSCAR")]) == 0
    assert capsys.readouterr().out == "1 crystal written to 1 file, 0 left out\n"
    assert read(tmp_path / "POSCAR").formula == "NaCl"


def test_convert_names_what_it_left_out_and_ends_with_1(tmp_path, capsys):
    folder = tmp_path / "cifs"
    folder.mkdir()
    (folder / "good.cif").write_text(ROCK_SALT_CIF)
    (folder / "bad.cif").write_text("data_nothing\n")
    assert main(["convert", str(folder), str(tmp_path / "all.json")]) == 1
    captured = capsys.readouterr()
    assert captured.out == "1 crystal written to 1 file, 1 left out\n"
    assert f"left out: {folder / 'bad.cif'}: " in captured.err


def test_convert_replaces_only_by_force(tmp_path, capsys):
    source, target = tmp_path / "NaCl.cif", tmp_path / "NaCl.vasp"
    source.write_text(ROCK_SALT_CIF)
    target.write_text("precious")
    assert main(["convert", str(source), str(target)]) == 2
    assert "exists" in capsys.readouterr().err
    assert target.read_text() == "precious"
    assert main(["convert", str(source), str(target), "--force"]) == 0


def test_cache_tells_what_it_holds_and_is_cleared(tmp_path, capsys):
    CrystalFeaturizer([("density", Density())], cache=tmp_path).fit_transform([ROCK_SALT, DIAMOND])
    assert main(["cache", "info", str(tmp_path)]) == 0
    assert "2 rows of 2 crystals, 1 descriptors" in capsys.readouterr().out
    assert main(["cache", "clear", str(tmp_path)]) == 0
    assert info(tmp_path).rows == 0
    assert main(["cache", "info", str(tmp_path / "absent.sqlite")]) == 2
    assert "there is no cache" in capsys.readouterr().err


FRAME = pd.DataFrame(
    {"id": ["mp-1"], "formula": ["NaCl"], "structure": [cif_text(ROCK_SALT)], "band_gap": [5.0]}
)


@pytest.fixture
def asked(monkeypatch):
    """What the command asks of the Materials Project, which answers with one row."""
    calls = []

    def fetch(**options):
        calls.append(options)
        if options.get("formula") == "XeF9":
            raise ValueError("no material has this formula")
        return Bunch(frame=FRAME, database_version="2025.09.25")

    monkeypatch.setattr("skcrystal.datasets.fetch_materials_project", fetch)
    return calls


def test_fetch_asks_and_writes_a_table_that_is_read_again(asked, tmp_path, capsys):
    output = tmp_path / "abc3.csv"
    assert main(["fetch", "--formula", "ABC3", "--fields", "band_gap", "-o", str(output)]) == 0
    assert asked == [{"fields": ["band_gap"], "verbose": False, "formula": "ABC3"}]
    assert capsys.readouterr().out == f"1 crystals written to {output}; database version 2025.09.25\n"
    assert read(output).formula == "NaCl"


@pytest.mark.parametrize("suffix", [".parquet", ".jsonl"])
def test_fetch_takes_any_filter_and_format(asked, tmp_path, suffix):
    if suffix == ".parquet":
        pytest.importorskip("pyarrow", reason="pandas needs pyarrow for Parquet")
    options = [
        "--filter",
        "band_gap=[1, null]",
        "--filter",
        "chemsys=Na-Cl",
        "--material-ids",
        "mp-1",
        "mp-2",
    ]
    assert main(["fetch", *options, "-o", str(tmp_path / f"out{suffix}")]) == 0
    filters = {"band_gap": [1, None], "chemsys": "Na-Cl", "material_ids": ["mp-1", "mp-2"]}
    assert filters.items() <= asked[0].items()
    assert read(tmp_path / f"out{suffix}").formula == "NaCl"


def test_fetch_refuses_before_it_asks(asked, tmp_path, capsys):
    taken = tmp_path / "taken.csv"
    taken.touch()
    assert main(["fetch", "--formula", "ABC3", "-o", str(taken)]) == 2
    assert main(["fetch", "--formula", "ABC3", "-o", str(tmp_path / "out.docx")]) == 2
    assert asked == []
    assert main(["fetch", "--formula", "XeF9", "-o", str(tmp_path / "out.csv")]) == 2
    assert capsys.readouterr().err.endswith("skcrystal fetch: no material has this formula\n")


def test_convert_hands_its_options_on(tmp_path, capsys):
    blocks = "".join(ROCK_SALT_CIF.replace("data_", f"data_{name}_", 1) for name in "ab")
    (tmp_path / "two.cif").write_text(blocks)
    (tmp_path / "gaps.csv").write_text("id,gap\ntwo,8.5\n")
    options = ["--block", "1", "--targets", str(tmp_path / "gaps.csv"), "--check-symmetry"]
    assert main(["convert", str(tmp_path / "two.cif"), str(tmp_path / "out.csv"), *options]) == 0
    assert (tmp_path / "out.csv").read_text().rstrip().endswith(",8.5")
    assert capsys.readouterr().out == "1 crystal written to 1 file, 0 left out\n"


def test_convert_takes_the_elements_of_a_poscar_that_names_none(tmp_path, capsys):
    lines = poscar_text(ROCK_SALT).splitlines()
    (tmp_path / "POSCAR").write_text("\n".join(["exported", *lines[1:5], *lines[6:]]))
    arguments = ["convert", str(tmp_path / "POSCAR"), str(tmp_path / "out.cif")]
    assert main(arguments) == 1
    assert "--elements" in capsys.readouterr().err
    assert main([*arguments, "--elements", "Na", "Cl"]) == 0
    assert read(tmp_path / "out.cif").formula == "NaCl"


@pytest.mark.parametrize(
    ("error", "code", "says"),
    [
        (KeyError("x"), 3, "KeyError: 'x'; this is a fault of skcrystal: please report what --debug shows\n"),
        (KeyboardInterrupt(), 130, "skcrystal describe: interrupted\n"),
        (OSError("the disk\nis full"), 2, "skcrystal describe: the disk is full\n"),
    ],
)
def test_each_end_has_its_exit_code_and_one_line(error, code, says, monkeypatch, capsys):
    def fail(*_, **__):
        raise error

    monkeypatch.setattr("skcrystal.formats.read", fail)
    assert main(["describe", "x.cif"]) == code
    assert capsys.readouterr().err.endswith(says)
    with pytest.raises(type(error)):
        main(["describe", "x.cif", "--debug"])


def test_a_reader_that_goes_away_is_no_fault(tmp_path):
    (tmp_path / "NaCl.cif").write_text(ROCK_SALT_CIF)
    command = f"{sys.executable} -m skcrystal describe {tmp_path}/NaCl.cif --features default | head -1"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("NaCl")
    assert "Traceback" not in done.stderr
    assert "Broken" not in done.stderr


def test_without_a_command_it_says_what_there_is(capsys):
    assert main([]) == 0
    printed = capsys.readouterr()
    assert "skcrystal demo" in printed.out
    assert printed.err == ""
