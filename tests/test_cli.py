"""The command line: help, version, and one sentence for each mistake."""

from __future__ import annotations

import subprocess
import sys

import pytest

import skcrystal
from skcrystal.cli import main


def test_demo_receives_its_options(monkeypatch, tmp_path):
    calls = []
    monkeypatch.setattr("skcrystal.demo.run_demo", lambda output, **options: calls.append((output, options)))
    assert main(["demo", "--output", str(tmp_path), "--jobs", "3", "--quick"]) == 0
    assert calls == [(tmp_path, {"n_jobs": 3, "quick": True})]


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


@pytest.mark.parametrize("arguments", [[], ["nonsense"], ["demo", "--jobs", "0"], ["demo", "--jobs", "two"]])
def test_a_wrong_argument_ends_with_2(arguments, capsys):
    with pytest.raises(SystemExit) as end:
        main(arguments)
    assert end.value.code == 2
    assert "error:" in capsys.readouterr().err


def test_an_output_that_is_a_file_gets_one_sentence(tmp_path, capsys):
    file = tmp_path / "taken"
    file.touch()
    assert main(["demo", "--output", str(file)]) == 2
    assert capsys.readouterr().err == f"skcrystal demo: {file} is a file; name a folder with --output\n"
