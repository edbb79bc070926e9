"""Files written aside: an error or Ctrl-C leaves what was there, and nothing else."""

from __future__ import annotations

import os

import pytest

from skcrystal.formats.aside import written_aside


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_what_breaks_off_leaves_the_old_file_alone(error, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("old")

    def break_off():
        with written_aside(path) as aside:
            aside.write_text("half of")
            raise error

    with pytest.raises(error):
        break_off()
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["a.csv"]


def test_a_new_file_has_the_usual_rights_and_an_old_one_keeps_its_own(tmp_path):
    (tmp_path / "usual").touch()
    (tmp_path / "old").touch()
    (tmp_path / "old").chmod(0o600)
    for name in ("new", "old"):
        with written_aside(tmp_path / name) as aside:
            aside.write_text("x")
    assert (tmp_path / "new").stat().st_mode == (tmp_path / "usual").stat().st_mode
    assert (tmp_path / "old").stat().st_mode & 0o777 == 0o600


def test_a_file_is_replaced_only_by_force(tmp_path):
    (tmp_path / "a").write_text("precious")
    with pytest.raises(FileExistsError, match="--force"), written_aside(tmp_path / "a", force=False):
        pass
    with pytest.raises(IsADirectoryError, match="is a folder"), written_aside(tmp_path):
        pass
    with written_aside(tmp_path / "new" / "b") as aside:
        aside.write_text("y")
    assert (tmp_path / "new" / "b").read_text() == "y"


def test_what_is_no_file_is_written_to_directly():
    with written_aside(os.devnull) as aside:
        aside.write_text("x")
