"""A bad row, block, frame, record or file costs itself: in every kind of file, and in archives of them."""

from __future__ import annotations

import json
import tarfile
import zipfile

import numpy as np
import pandas as pd
import pytest

from skcrystal import Crystal, CrystalError
from skcrystal.formats import ReadWarning, cif_text, iter_crystals, poscar_text, read_many, write
from skcrystal.formats.conversion import convert
from skcrystal.formats.pymatgen_json import dict_from_crystal
from tests.formats.texts import cif

EDGES = [4.0, 4.1, 4.2, 4.3]
CRYSTALS = [Crystal.ordered(a * np.eye(3), [[0, 0, 0], [0.5, 0.5, 0.5]], [55, 17]) for a in EDGES]
BAD = "no crystal at all"


def texts(to_text=cif_text):
    """Five texts, the second bad."""
    good = [to_text(crystal) for crystal in CRYSTALS]
    return [good[0], BAD, *good[1:]]


def write_csv(path, separator=","):
    frame = pd.DataFrame({"id": list("abcde"), "structure": texts(), "gap": range(5)})
    frame.to_csv(path, index=False, sep=separator)
    return "row b"


def write_jsonl(path):
    rows = [{"id": name, "structure": text} for name, text in zip("abcde", texts(), strict=True)]
    path.write_text("\n".join(json.dumps(row) for row in rows))
    return "row b"


def write_jsonl_with_a_broken_line(path):
    rows = [json.dumps({"id": name, "structure": text}) for name, text in zip("abcde", texts(), strict=True)]
    path.write_text("\n".join([rows[0], rows[1][:-3], *rows[2:]]))
    return "line 2"


def write_parquet(path):
    pytest.importorskip("pyarrow", reason="pandas needs pyarrow for Parquet")
    pd.DataFrame({"id": list("abcde"), "structure": texts()}).to_parquet(path)
    return "row b"


def write_cif(path):
    bad = cif(atoms="M M1 0 0 0").replace("data_test", "data_b")
    blocks = [cif_text(crystal, name=name) for crystal, name in zip(CRYSTALS, "acde", strict=True)]
    path.write_text("\n".join([blocks[0], bad, *blocks[1:]]))
    return "data_b"


def write_extxyz(path):
    write(CRYSTALS, path)
    frames = path.read_text().split("2\nLattice")
    frames.insert(2, frames[1].replace("Cs", "Qq"))
    path.write_text("2\nLattice".join(frames))
    return "frame 1"


def write_extxyz_that_lacks_an_atom(path):
    write(CRYSTALS, path)
    frames = path.read_text().split("2\nLattice")
    frames.insert(2, frames[1].partition("Cl")[0])
    path.write_text("2\nLattice".join(frames))
    return "frame 1"


def write_list(path):
    dicts = [dict_from_crystal(crystal) for crystal in CRYSTALS]
    path.write_text(json.dumps([dicts[0], {"lattice": 3, "sites": []}, *dicts[1:]]))
    return "entry 1"


def write_named_dicts(path):
    dicts = [dict_from_crystal(crystal) for crystal in CRYSTALS]
    path.write_text(json.dumps(dict(zip("abcde", [dicts[0], {"sites": 1}, *dicts[1:]], strict=True))))
    return ", b"


def write_records(path):
    rows = [{"material_id": name, "structure": text} for name, text in zip("abcde", texts(), strict=True)]
    path.write_text(json.dumps({"data": rows}))
    return ", b"


def atoms():
    ase = pytest.importorskip("ase", reason="ASE writes its own formats")
    good = [ase.Atoms("CsCl", scaled_positions=c.frac_coords, cell=c.lattice, pbc=True) for c in CRYSTALS]
    return [good[0], ase.Atoms("H2", [[0, 0, 0], [0, 0, 1]]), *good[1:]]


def write_trajectory(path):
    frames = atoms()
    from ase.io import write as write_frames

    write_frames(path, frames, format="traj")
    return "frame 1"


def write_database(path):
    frames = atoms()
    from ase.db import connect

    with connect(path) as database:
        for i, frame in enumerate(frames):
            database.write(frame, gap=1.5 * i)
    return "row 2"


def write_zip(path):
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in zip("abcde", texts(), strict=True):
            archive.writestr(f"{name}.cif", text)
    return "b.cif"


def write_damaged_zip(path):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name, text in zip("abcde", [texts()[0], "data_" + "x" * 50, *texts()[2:]], strict=True):
            archive.writestr(f"{name}.cif", text)
    path.write_bytes(path.read_bytes().replace(b"x" * 50, b"y" * 50))
    return "b.cif"


def write_tar(path):
    folder = path.parent / "members"
    folder.mkdir()
    with tarfile.open(path, "w:gz") as archive:
        for name, text in zip("abcde", texts(poscar_text), strict=True):
            (folder / "member").write_text(text)
            archive.add(folder / "member", f"{name}/POSCAR")
    return "b/POSCAR"


def write_folder(path):
    path.mkdir()
    for name, text in zip("abcde", texts(), strict=True):
        (path / f"{name}.cif").write_text(text)
    return "b.cif"


WRITERS = {
    "x.csv": write_csv,
    "x.tsv": lambda path: write_csv(path, "\t"),
    "semicolons.csv": lambda path: write_csv(path, ";"),
    "x.dat": lambda path: write_csv(path, "\t"),
    "bars.txt": lambda path: write_csv(path, "|"),
    "x.cif": write_csv,
    "x.jsonl": write_jsonl,
    "x.ndjson": write_jsonl_with_a_broken_line,
    "x.parquet": write_parquet,
    "blocks.cif": write_cif,
    "x.xyz": write_extxyz,
    "short.xyz": write_extxyz_that_lacks_an_atom,
    "x.json": write_list,
    "named.json": write_named_dicts,
    "records.json": write_records,
    "x.traj": write_trajectory,
    "x.db": write_database,
    "x.zip": write_zip,
    "damaged.zip": write_damaged_zip,
    "x.tar.gz": write_tar,
    "folder": write_folder,
}


@pytest.mark.parametrize("name", WRITERS)
def test_what_is_bad_costs_itself(tmp_path, name):
    bad = WRITERS[name](tmp_path / name)
    # The others are written, in order, and the bad one is named.
    done = convert(tmp_path / name, tmp_path / "out.json")
    assert [round(crystal.lattice[0, 0], 6) for crystal in read_many(tmp_path / "out.json")] == EDGES
    (failure,) = done.failures
    assert failure.endswith(bad)
    assert done.n_crystals == 4
    # Reading names it, in the error or in the warning and the list.
    with pytest.raises(CrystalError) as error:
        read_many(tmp_path / name)
    assert bad in str(error.value)
    with pytest.warns(ReadWarning, match="1 left out") as warned:
        crystals = read_many(tmp_path / name, on_error="skip")
    assert [one.category for one in warned].count(ReadWarning) == 1
    assert len(crystals) == 4
    assert crystals.failures == done.failures
    with pytest.warns(ReadWarning, match="1 left out"):
        assert len(list(iter_crystals(tmp_path / name, on_error="skip"))) == 4


def test_an_archive_that_breaks_off_keeps_what_came_before(tmp_path):
    write_tar(tmp_path / "x.tar.gz")
    content = (tmp_path / "x.tar.gz").read_bytes()
    with tarfile.open(tmp_path / "x.tar.gz") as archive:
        plain = b"".join(archive.extractfile(member).read() for member in archive)
    assert plain.count(b"Cs Cl") == 4
    (tmp_path / "x.tar.gz").write_bytes(content[: len(content) * 3 // 4])
    done = convert(tmp_path / "x.tar.gz", tmp_path / "out.json")
    assert 1 <= done.n_crystals < 4
    assert "cannot be unpacked" in done.failures[str(tmp_path / "x.tar.gz")]


def test_a_member_that_is_too_large_costs_itself(tmp_path):
    with zipfile.ZipFile(tmp_path / "x.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.cif", texts()[0])
        archive.writestr("b.cif", " " * 1_000_000)
        archive.writestr("c.cif", texts()[2])
    with pytest.warns(ReadWarning, match=r"b\.cif' has more than max_bytes"):
        crystals = read_many(tmp_path / "x.zip", on_error="skip", max_bytes=100_000)
    assert [crystal.lattice[0, 0] for crystal in crystals] == EDGES[:2]


def test_nothing_good_is_no_crystal_and_its_faults(tmp_path):
    write_folder(tmp_path / "folder")
    for name in "acde":
        (tmp_path / "folder" / f"{name}.cif").unlink()
    with pytest.warns(ReadWarning, match="1 left out"):
        crystals = read_many(tmp_path / "folder", on_error="skip")
    assert (crystals, len(crystals.failures)) == ([], 1)
    with pytest.raises(ValueError, match="on_error is 'ignore'"):
        read_many(tmp_path / "folder", on_error="ignore")
    with pytest.raises(CrystalError, match="no file matches"):
        read_many(tmp_path / "*.xyz", on_error="skip")


def test_all_notes_are_said_in_one_warning(tmp_path):
    twice = cif(atoms="Po Po1 0 0 0\nPo Po2 0 0 0.0001")
    for i in range(6):
        (tmp_path / f"{i}.cif").write_text(twice if i else cif())
    with pytest.warns(ReadWarning) as warned:
        crystals = read_many(tmp_path)
    assert len(warned) == 1
    assert "5 of 6 crystals have notes" in str(warned[0].message)
    assert [len(crystal.notes) for crystal in crystals] == [0, 1, 1, 1, 1, 1]
    done = convert(tmp_path, tmp_path / "out.json")
    assert len(done.notes) == 5
    assert crystals[1].notes[0] in done.notes[0]
