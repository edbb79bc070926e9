"""``skcrystal warmup``: what it compiles, and what it says."""

from __future__ import annotations

import pytest

from skcrystal.cli.main import main
from skcrystal.cli.warmup import steps
from skcrystal.kernels.watch import watch


def test_a_preset_is_compiled_and_the_second_time_there_is_nothing_to_do(capsys, monkeypatch):
    monkeypatch.setattr(watch, "told", False)
    assert main(["warmup", "--preset", "composition"]) == 0
    assert main(["warmup", "--preset", "composition"]) == 0
    captured = capsys.readouterr()
    assert captured.out.endswith("compiled before\n")
    assert captured.err == ""


def test_a_first_time_says_what_was_done_and_where(capsys, monkeypatch):
    def compile_some():
        watch.compiled += 62

    monkeypatch.setattr(watch, "compiled", 5)
    monkeypatch.setattr("skcrystal.cli.warmup.steps", lambda presets: [compile_some])
    assert main(["warmup"]) == 0
    assert capsys.readouterr().out.startswith("compiled 62 inner loops in ")


def test_all_is_more_than_a_preset():
    assert len(list(steps(["default", "notebook"]))) == 2
    assert len(list(steps(None))) > 2


def test_an_unknown_preset_is_refused(capsys):
    with pytest.raises(SystemExit) as end:
        main(["warmup", "--preset", "everything"])
    assert end.value.code == 2
    assert "everything" in capsys.readouterr().err
