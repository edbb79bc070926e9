"""Which format a text or file has; files that are none."""

from __future__ import annotations

import os

import pytest

from skcrystal.crystals.crystal import CrystalError
from skcrystal.formats import read_path, read_text
from tests.formats.texts import PEROVSKITE_POSCAR, ROCK_SALT


@pytest.mark.parametrize(
    "text", [ROCK_SALT, "# a comment\n" + ROCK_SALT, "\ufeff" + ROCK_SALT, ROCK_SALT.upper()]
)
def test_cif_is_known_by_its_content(text):
    if text.isupper():
        text = text.replace("NA1", "Na1").replace("CL1", "Cl1").replace("'NA CL'", "'Na Cl'")
    assert len(read_text(text).frac_coords) == 8


def test_poscar_is_known_by_its_content():
    assert len(read_text(PEROVSKITE_POSCAR).frac_coords) == 5
    assert len(read_text("data_ of mine\n" + PEROVSKITE_POSCAR.partition("\n")[2]).frac_coords) == 5


def test_text_of_neither_format_is_refused():
    with pytest.raises(
        CrystalError,
        match=r"x: the text is neither CIF, POSCAR, extended XYZ nor JSON: it .*'hello'",
    ):
        read_text("hello", "x")


def test_name_decides_where_content_does_not(tmp_path):
    path = tmp_path / "POSCAR"
    path.write_text("comment\n1.0\n1 2")
    with pytest.raises(CrystalError, match="lattice vector"):
        read_path(path)


def test_path_is_the_source(tmp_path):
    path = tmp_path / "NaCl.cif"
    path.write_text(ROCK_SALT)
    assert read_path(path).source == str(path)
    assert len(read_path(str(path)).frac_coords) == 8


def test_file_that_is_no_utf8_is_read(tmp_path):
    path = tmp_path / "latin.cif"
    path.write_bytes(("# Müller\n" + ROCK_SALT).encode("latin-1"))
    assert len(read_path(path).frac_coords) == 8


def test_files_that_cannot_be_read_end_in_one_sentence(tmp_path):
    (tmp_path / "empty.cif").write_text(" \n")
    (tmp_path / "large.cif").write_text(ROCK_SALT)
    for path, sentence in [
        ("nowhere.cif", "there is no file"),
        ("empty.cif", "is empty"),
        (".", "is a folder"),
        ("x" * 5000, "cannot be read"),
        ("nul\0byte", "cannot be read"),
    ]:
        with pytest.raises(CrystalError, match=sentence):
            read_path(os.path.join(tmp_path, path))
    with pytest.raises(CrystalError, match="more than max_bytes=100"):
        read_path(tmp_path / "large.cif", max_bytes=100)


@pytest.mark.skipif(not os.path.exists("/dev/zero"), reason="this system has no /dev/zero")
def test_devices_and_pipes_are_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in ("/dev/zero", tmp_path / "pipe"):
        with pytest.raises(CrystalError, match="is no regular file"):
            read_path(path)
