"""Conversion: one file or many, folders and archives, and what is left out."""

from __future__ import annotations

import zipfile

import numpy as np
import pandas as pd
import pytest

from skcrystal import Crystal, CrystalError
from skcrystal.formats import ReadWarning, cif_text, poscar_text, read, read_cif, read_many, write
from skcrystal.formats.conversion import FORMATS, convert
from tests.prototypes import CAESIUM_CHLORIDE, DIAMOND, ROCK_SALT, ROCK_SALT_CIF

HALF_FULL = Crystal(
    4 * np.eye(3), np.zeros((1, 3)), np.array([0, 1]), np.array([26]), np.array([0.5]), np.array([np.nan])
)


@pytest.fixture
def folder(tmp_path):
    """Three good files, one of them below a folder, and a bad one."""
    folder = tmp_path / "crystals"
    (folder / "run1").mkdir(parents=True)
    (folder / "NaCl.cif").write_text(ROCK_SALT_CIF)
    (folder / "bad.cif").write_text("data_nothing\n_cell_length_a 4\n")
    (folder / "notes.txt").write_text("not a crystal")
    (folder / "run1" / "CONTCAR").write_text(poscar_text(DIAMOND))
    write(CAESIUM_CHLORIDE, folder / "CsCl.json")
    return folder


@pytest.mark.parametrize("kind", sorted(FORMATS))
def test_every_format_is_written_and_read_again(tmp_path, kind):
    if kind == "ase":
        pytest.importorskip("ase", reason="ASE writes its own formats")
    if kind == "parquet":
        pytest.importorskip("pyarrow", reason="pandas needs pyarrow for Parquet")
    (tmp_path / "NaCl.cif").write_text(ROCK_SALT_CIF)
    done = convert(tmp_path / "NaCl.cif", tmp_path / f"out{FORMATS[kind]}")
    assert (done.n_crystals, done.failures) == (1, {})
    crystal = read(done.written[0])
    # The symmetry of the CIF is expanded: four formula units in the cell.
    assert (crystal.formula, crystal.n_sites) == ("NaCl", 8)


def test_a_folder_becomes_a_folder_of_the_same_shape(folder, tmp_path):
    done = convert(folder, tmp_path / "out", to="poscar")
    names = [path.relative_to(tmp_path / "out").as_posix() for path in done.written]
    assert names == ["CsCl.vasp", "NaCl.vasp", "run1/CONTCAR.vasp"]
    assert list(done.failures) == [str(folder / "bad.cif")]


def test_a_pattern_takes_its_matches_only(folder, tmp_path):
    done = convert(str(folder / "*" / "CONTCAR"), tmp_path / "out", to="cif")
    assert [path.name for path in done.written] == ["CONTCAR.cif"]


def test_an_archive_is_converted_member_by_member(folder, tmp_path):
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        for path in sorted(folder.rglob("*.*")):
            archive.write(path, path.relative_to(folder))
        archive.writestr("../../outside.cif", ROCK_SALT_CIF)
    done = convert(tmp_path / "all.zip", tmp_path / "out", to="json")
    names = [path.relative_to(tmp_path / "out").as_posix() for path in done.written]
    assert names == ["outside.json", "CsCl.json", "NaCl.json"]
    assert list(done.failures) == [f"{tmp_path / 'all.zip'}/bad.cif"]
    assert done.notes == [
        f"{tmp_path / 'all.zip'}: 1 files were passed over, whose names are those of no format."
    ]


def test_a_table_keeps_the_names_of_its_rows(tmp_path):
    rows = {"material_id": ["mp-1", "mp/2"], "cif": [ROCK_SALT_CIF, ROCK_SALT_CIF]}
    pd.DataFrame(rows).to_csv(tmp_path / "in.csv", index=False)
    done = convert(tmp_path / "in.csv", tmp_path / "out", to="cif")
    assert [path.name for path in done.written] == ["mp-1.cif", "mp_2.cif"]


def test_a_bad_row_costs_itself(tmp_path):
    rows = {"id": ["a", "b", "c"], "cif": [ROCK_SALT_CIF, "nonsense", ROCK_SALT_CIF]}
    pd.DataFrame(rows).to_csv(tmp_path / "in.csv", index=False)
    done = convert(tmp_path / "in.csv", tmp_path / "out.csv")
    assert done.n_crystals == 2
    assert list(done.failures) == [f"{tmp_path / 'in.csv'}, row b"]
    assert pd.read_csv(tmp_path / "out.csv").id.tolist() == ["a", "c"]


def test_many_crystals_of_a_file_are_numbered(tmp_path):
    write([ROCK_SALT, DIAMOND], tmp_path / "two.xyz")
    done = convert(tmp_path / "two.xyz", f"{tmp_path}/out/", to="cif")
    assert [path.name for path in done.written] == ["two_1.cif", "two_2.cif"]


def test_equal_names_stay_apart(tmp_path):
    write(ROCK_SALT, tmp_path / "x.cif")
    write(DIAMOND, tmp_path / "x.vasp")
    done = convert([tmp_path / "x.cif", tmp_path / "x.vasp"], tmp_path / "out", to="json")
    assert [path.name for path in done.written] == ["x.json", "x_2.json"]
    assert [read(path).formula for path in done.written] == ["NaCl", "C"]


@pytest.mark.parametrize("target", ["all.xyz", "out/"])
def test_a_disordered_crystal_is_left_out_of_a_format_that_cannot_hold_it(tmp_path, target):
    write([ROCK_SALT, HALF_FULL], tmp_path / "in.json")
    done = convert(tmp_path / "in.json", f"{tmp_path}/{target}", to="extxyz")
    assert done.n_crystals == 1
    assert "disordered" in done.failures[f"{tmp_path / 'in.json'}, entry 1"]


def test_symmetry_is_written_when_asked_for(tmp_path):
    write(ROCK_SALT, tmp_path / "in.vasp")
    done = convert(tmp_path / "in.vasp", tmp_path / "out.cif", symmetrized=True)
    text = done.written[0].read_text()
    assert "'F m -3 m'" in text
    assert read_cif(text).n_sites == 8
    with pytest.raises(CrystalError, match="only CIF text holds symmetry"):
        convert(tmp_path / "in.vasp", tmp_path / "out.json", symmetrized=True)


def test_a_file_is_replaced_only_by_force(folder, tmp_path):
    target = tmp_path / "out.json"
    target.write_text("precious")
    with pytest.raises(FileExistsError, match="exists"):
        convert(folder / "NaCl.cif", target)
    assert target.read_text() == "precious"
    convert(folder / "NaCl.cif", target, force=True)
    assert read(target).formula == "NaCl"


def test_a_file_in_a_folder_is_replaced_only_by_force(folder, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / "NaCl.vasp").write_text("precious")
    done = convert(folder, out, to="poscar")
    assert "exists" in done.failures[str(folder / "NaCl.cif")]
    assert (out / "NaCl.vasp").read_text() == "precious"
    assert len(convert(folder, out, to="poscar", force=True).written) == 3


def test_the_same_file_may_be_source_and_target(tmp_path):
    path = tmp_path / "NaCl.cif"
    path.write_text(ROCK_SALT_CIF)
    convert(path, path, force=True)
    assert read(path).n_sites == 8


@pytest.mark.parametrize("name", ["out", "out.txt", "out.zip", "out.cif.xz"])
def test_a_target_that_says_no_format_is_refused(folder, tmp_path, name):
    with pytest.raises(CrystalError, match="does not say what to write"):
        convert(folder, tmp_path / name)
    assert not (tmp_path / name).exists()


def test_repairs_are_noted_and_not_warned_of(tmp_path):
    text = ROCK_SALT_CIF.replace("Cl1 Cl 0.5 0.5 0.5", "Cl1 Cl 0.5 0.5 0.5\nNa2 Na 0 0 0.00001")
    (tmp_path / "in.cif").write_text(text)
    done = convert(tmp_path / "in.cif", tmp_path / "out.json")
    assert len(done.notes) == 1
    assert len(read_many(tmp_path / "out.json")) == 1


def test_a_thousand_files(tmp_path):
    source = tmp_path / "in"
    source.mkdir()
    text = poscar_text(ROCK_SALT)
    for i in range(1000):
        (source / f"{i:04}.vasp").write_text(text)
    done = convert(source, tmp_path / "all.jsonl")
    assert done.n_crystals == 1000
    assert sorted(pd.read_json(tmp_path / "all.jsonl", lines=True, dtype=False).id)[7] == "0007"


def test_one_data_block_is_converted(tmp_path):
    (tmp_path / "two.cif").write_text(
        "\n".join(cif_text(c, name=n) for c, n in [(ROCK_SALT, "a"), (DIAMOND, "b")])
    )
    for block in ("b", "B", "data_b", 1, -1):
        done = convert(tmp_path / "two.cif", tmp_path / "POSCAR", block=block, force=True)
        assert done.n_crystals == 1
        assert read(tmp_path / "POSCAR").formula == "C"
    done = convert(tmp_path / "two.cif", tmp_path / "out.json", block="c")
    assert done.failures == {
        str(tmp_path / "two.cif"): "there is no data block 'c' that holds a crystal; it has a, b."
    }


def test_the_targets_of_a_table_go_with_its_crystals(tmp_path):
    pytest.importorskip("pyarrow", reason="pandas needs pyarrow for Parquet")
    rows = {
        "id": ["a", "b", "c"],
        "cif": [ROCK_SALT_CIF, ROCK_SALT_CIF, "nonsense"],
        "gap": [8.5, None, 1],
        "n": [1, 2, 3],
    }
    pd.DataFrame(rows).to_csv(tmp_path / "in.csv", index=False)
    convert(tmp_path / "in.csv", tmp_path / "out.parquet")
    frame = pd.read_parquet(tmp_path / "out.parquet")
    assert frame.columns.tolist() == ["id", "formula", "structure", "gap", "n"]
    assert frame.id.tolist() == ["a", "b"]
    assert frame.gap.tolist()[0] == 8.5
    assert np.isnan(frame.gap[1])
    assert frame.n.tolist() == [1, 2]
    convert([tmp_path / "out.parquet"], tmp_path / "again.jsonl")
    assert [crystal.formula for crystal in read_many(tmp_path / "again.jsonl")] == ["NaCl", "NaCl"]


def test_targets_are_joined_by_the_names_of_the_files(folder, tmp_path):
    (tmp_path / "gaps.csv").write_text("id,gap\nNaCl,8.5\nCONTCAR,5.5\n")
    done = convert(folder, tmp_path / "out.csv", targets=tmp_path / "gaps.csv")
    frame = pd.read_csv(tmp_path / "out.csv")
    assert dict(zip(frame.id, frame.gap, strict=True)) == {"NaCl": 8.5, "run1/CONTCAR": 5.5}
    assert (
        "no row for it by its column 'id': none is called 'CsCl'" in done.failures[str(folder / "CsCl.json")]
    )
    with pytest.raises(CrystalError, match="only tables hold targets"):
        convert(folder, tmp_path / "out.json", targets=tmp_path / "gaps.csv")
    with pytest.raises(CrystalError, match="is no table"):
        convert(folder, tmp_path / "other.csv", targets=folder / "CsCl.json")


# Diamond as zinc blende: a subgroup is declared, and nothing in the file contradicts it.
DIAMOND_AS_BLENDE = """data_C
_cell_length_a 3.567
_cell_length_b 3.567
_cell_length_c 3.567
_cell_angle_alpha 90
_cell_angle_beta 90
_cell_angle_gamma 90
_space_group_name_H-M_alt 'F -4 3 m'
loop_
_atom_site_label
_atom_site_type_symbol
_atom_site_fract_x
_atom_site_fract_y
_atom_site_fract_z
C1 C 0 0 0
C2 C 0.25 0.25 0.25
"""


def test_the_declared_space_group_is_checked_on_request(tmp_path):
    (tmp_path / "in.cif").write_text(DIAMOND_AS_BLENDE)
    assert convert(tmp_path / "in.cif", tmp_path / "out.json").notes == []
    done = convert(tmp_path / "in.cif", tmp_path / "out.json", check_symmetry=True, force=True)
    assert done.notes == [
        f"{tmp_path / 'in.cif'}: space group 216 is declared, 227 was found (within 0.01 angstrom)."
    ]
    with pytest.warns(ReadWarning, match="216 is declared, 227 was found"):
        read(tmp_path / "in.cif", check_symmetry=True)
