"""What crystals are called, so that no two are one; and how rows of targets find them."""

from __future__ import annotations

import zipfile

import pandas as pd
import pytest

from skcrystal import CrystalError
from skcrystal.formats import ReadWarning, cif_text, poscar_text, read_many, write
from skcrystal.formats.conversion import convert
from skcrystal.formats.targets import names_of
from tests.prototypes import CAESIUM_CHLORIDE, DIAMOND, ROCK_SALT

FOUR = (ROCK_SALT, DIAMOND, CAESIUM_CHLORIDE, ROCK_SALT)


def blocks(*crystals):
    return "\n".join(cif_text(crystal, name=f"b{i}") for i, crystal in enumerate(crystals))


@pytest.fixture
def numbered(tmp_path):
    """A file of three blocks beside one that is called as the first of them is numbered."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "x.cif").write_text(blocks(*FOUR[:3]))
    write(FOUR[3], tmp_path / "in" / "x_1.cif")
    return tmp_path / "in"


def table(path):
    return pd.read_csv(path, dtype={"id": str}, keep_default_na=False)


def test_a_number_takes_no_name_of_a_file(numbered, tmp_path):
    for order in (["x.cif", "x_1.cif"], ["x_1.cif", "x.cif"]):
        done = convert([numbered / name for name in order], tmp_path / "out.csv", force=True)
        (note,) = done.notes
        assert note.endswith(
            "data_b0: the name 'x_1' is that of another crystal; this one is called 'x_1_2'."
        )
        ids = dict(zip(table(tmp_path / "out.csv").id, table(tmp_path / "out.csv").formula, strict=True))
        assert ids == {"x_1_2": "Na1Cl1", "x_2": "C2", "x_3": "Cl1Cs1", "x_1": "Na1Cl1"}
    done = convert(numbered, tmp_path / "out", to="cif")
    assert sorted(path.name for path in done.written) == ["x_1.cif", "x_1_2.cif", "x_2.cif", "x_3.cif"]
    with zipfile.ZipFile(tmp_path / "in.zip", "w") as archive:
        for path in sorted(numbered.iterdir()):
            archive.write(path, path.name)
    convert(tmp_path / "in.zip", tmp_path / "zip.csv")
    assert table(tmp_path / "zip.csv").id.tolist() == ["x_1_2", "x_2", "x_3", "x_1"]


def test_a_label_belongs_to_the_file_of_its_name(numbered, tmp_path):
    (tmp_path / "y.csv").write_text("id,y\nx_1,1\nx_2,2\nb2,3\nx,4\n")
    done = convert(numbered, tmp_path / "out.csv", targets=tmp_path / "y.csv")
    assert dict(zip(table(tmp_path / "out.csv").id, table(tmp_path / "out.csv").y, strict=True)) == {
        "x_2": 2,
        "x_3": 3,
        "x_1": 1,
    }
    assert list(done.failures) == [f"{numbered / 'x.cif'}, data_b0"]
    assert "its row 'x_1' belongs to another crystal" in done.failures[f"{numbered / 'x.cif'}, data_b0"]
    assert any("3 of 4 crystals have a row" in note and "'x'" in note for note in done.notes)


def test_equal_names_in_different_folders_are_made_different_and_noted(tmp_path):
    for folder in "ab":
        (tmp_path / folder).mkdir()
        write(ROCK_SALT, tmp_path / folder / "x.cif")
    done = convert([tmp_path / "a" / "x.cif", tmp_path / "b" / "x.cif"], tmp_path / "out.csv")
    assert table(tmp_path / "out.csv").id.tolist() == ["x", "x_2"]
    assert done.notes == [
        f"{tmp_path / 'b' / 'x.cif'}: the name 'x' is that of another crystal; this one is called 'x_2'."
    ]
    # Below one folder they have different names.
    (tmp_path / "out.csv").unlink()
    done = convert(str(tmp_path / "?" / "x.cif"), tmp_path / "out.csv")
    assert (table(tmp_path / "out.csv").id.tolist(), done.notes) == (["a/x", "b/x"], [])
    # A row that fits both belongs to none.
    (tmp_path / "y.csv").write_text("file,y\nx.cif,1\nb/x,2\n")
    done = convert(str(tmp_path / "?" / "x.cif"), tmp_path / "y_out.csv", targets=tmp_path / "y.csv")
    assert table(tmp_path / "y_out.csv")[["id", "y"]].to_numpy().tolist() == [["a/x", 1], ["b/x", 2]]
    (tmp_path / "y.csv").write_text("file,y\nx.cif,1\n")
    with pytest.raises(CrystalError, match="0 of 2 crystals have a row"):
        convert(str(tmp_path / "?" / "x.cif"), tmp_path / "none.csv", targets=tmp_path / "y.csv")


def test_ids_that_stand_twice_in_a_table_are_made_different_and_noted(tmp_path):
    frame = pd.DataFrame({"id": ["a", "a", "b"], "cif": [cif_text(crystal) for crystal in FOUR[:3]]})
    frame.to_csv(tmp_path / "in.csv", index=False)
    done = convert(tmp_path / "in.csv", tmp_path / "out.csv")
    assert table(tmp_path / "out.csv").id.tolist() == ["a", "a_2", "b"]
    assert len(done.notes) == 1
    assert "the name 'a' is that of another crystal" in done.notes[0]
    with pytest.warns(
        ReadWarning, match=r"row a' is that of another crystal; this one is called .*row a \(2\)'"
    ):
        crystals = read_many(tmp_path / "in.csv")
    assert len({crystal.source for crystal in crystals}) == 3


def test_two_crystals_of_one_source_are_not_written_under_one_id(tmp_path):
    with pytest.warns(ReadWarning, match="the name 'x' is that of another crystal"):
        write([_called(ROCK_SALT, "x"), _called(DIAMOND, "x")], tmp_path / "out.csv")
    assert table(tmp_path / "out.csv").id.tolist() == ["x", "x_2"]
    # A number that is given to one without a name is not that of another.
    write([_called(ROCK_SALT, "1"), _called(DIAMOND, "")], tmp_path / "out.csv")
    assert table(tmp_path / "out.csv").id.tolist() == ["1", "1_2"]


def _called(crystal, name):
    from dataclasses import replace

    return replace(crystal, source=name)


def test_names_of_files_are_told_apart_by_more_than_case(tmp_path):
    frame = pd.DataFrame({"id": ["NaCl", "NACL"], "cif": [cif_text(ROCK_SALT)] * 2})
    frame.to_csv(tmp_path / "in.csv", index=False)
    done = convert(tmp_path / "in.csv", tmp_path / "out", to="cif")
    assert [path.name for path in done.written] == ["NaCl.cif", "NACL_2.cif"]
    convert(tmp_path / "in.csv", tmp_path / "out.csv")
    assert table(tmp_path / "out.csv").id.tolist() == ["NaCl", "NACL"]


@pytest.fixture
def runs(tmp_path):
    """Calculations, a folder each, with files of one name."""
    for name, crystal in [("NaCl", ROCK_SALT), ("C", DIAMOND), ("CsCl", CAESIUM_CHLORIDE)]:
        (tmp_path / "runs" / name).mkdir(parents=True)
        (tmp_path / "runs" / name / "CONTCAR").write_text(poscar_text(crystal))
    return tmp_path / "runs"


@pytest.mark.parametrize(
    "form",
    ["{}", "{}/CONTCAR", "runs/{}", "runs/{}/CONTCAR", "./runs/{}/CONTCAR", "runs\\{}\\CONTCAR", " {} "],
)
def test_rows_are_joined_by_folder_and_path(runs, tmp_path, form):
    gaps = {"NaCl": 8.5, "C": 5.5, "CsCl": 8.3}
    lines = [f"{form.format(name)},{gap}" for name, gap in gaps.items()]
    (tmp_path / "gaps.csv").write_text("\n".join(["run,gap", *lines]))
    for source in (runs, str(runs / "*" / "CONTCAR"), [str(runs / name / "CONTCAR") for name in gaps]):
        done = convert(source, tmp_path / "out.csv", targets=tmp_path / "gaps.csv", force=True)
        assert done.failures == {}
        frame = table(tmp_path / "out.csv")
        assert dict(zip(frame.formula, frame.gap, strict=True)) == {"Na1Cl1": 8.5, "C2": 5.5, "Cl1Cs1": 8.3}


@pytest.mark.parametrize("suffix", ["", ".cif", ".cif.gz"])
@pytest.mark.parametrize("column", ["id", "filename", "material", "mp_id"])
def test_rows_are_joined_by_file_with_or_without_suffix(tmp_path, suffix, column):
    (tmp_path / "in").mkdir()
    names = ["NaCl", "mp-66.1", "c"]
    for name, crystal in zip(names, FOUR, strict=False):
        write(crystal, tmp_path / "in" / f"{name}.cif.gz")
    frame = pd.DataFrame({"gap": [1, 2, 3], column: [f"{name}{suffix}" for name in names]})
    frame.to_csv(tmp_path / "y.csv", index=False)
    done = convert(tmp_path / "in", tmp_path / "out.csv", targets=tmp_path / "y.csv")
    assert done.failures == {}
    assert dict(zip(table(tmp_path / "out.csv").id, table(tmp_path / "out.csv").gap, strict=True)) == {
        "NaCl": 1,
        "mp-66.1": 2,
        "c": 3,
    }


def test_the_error_says_the_column_the_count_and_examples(runs, tmp_path):
    (tmp_path / "y.csv").write_text("name;gap\nhalite;8,5\ndiamond;5,5\n")
    with pytest.raises(CrystalError) as error:
        convert(runs, tmp_path / "out.csv", targets=tmp_path / "y.csv")
    for part in ("column 'name'", "0 of 3 crystals have a row", "'halite', 'diamond'", "'C/CONTCAR'"):
        assert part in str(error.value)
    assert not (tmp_path / "out.csv").exists()
    (tmp_path / "y.csv").write_text("name;gap\nNaCl;8,5\ndiamond;5,5\nC;1\nC;2\n")
    done = convert(runs, tmp_path / "out.csv", targets=tmp_path / "y.csv")
    assert table(tmp_path / "out.csv").gap.tolist() == [8.5]
    assert "there are 2 rows of the id 'C'" in done.failures[str(runs / "C" / "CONTCAR")]
    assert "none is called 'CsCl'" in done.failures[str(runs / "CsCl" / "CONTCAR")]
    (note,) = done.notes
    assert "by its column 'name', 1 of 3 crystals have a row" in note
    assert "'diamond'" in note


@pytest.mark.parametrize(
    "text", ["1,0.5\n2,0.7\n9,1\n", "1.cif,0.5,1\n2.cif,0.7,2\n9.cif,1,3\n", "1 0.5\n2 0.7\n9 1"]
)
def test_targets_without_a_header_are_joined(tmp_path, text):
    (tmp_path / "in").mkdir()
    for i in range(3):
        write(ROCK_SALT, tmp_path / "in" / f"{i + 1}.cif")
    (tmp_path / "in" / "id_prop.csv").write_text(text)
    (tmp_path / "in" / "atom_init.json").write_text('{"1": [0, 1]}')
    n_targets = text.partition("\n")[0].count(",") or 1
    names = ["target"] if n_targets == 1 else ["target_1", "target_2"]
    # The files beside it have their values, and what has none is noted.
    done = convert(tmp_path / "in", tmp_path / "out.csv")
    frame = pd.read_csv(tmp_path / "out.csv")
    assert (done.n_crystals, done.failures) == (3, {})
    assert frame.columns.tolist() == ["id", "formula", "structure", *names]
    assert frame[names[0]].tolist()[:2] == [0.5, 0.7]
    assert frame[names[0]].isna().tolist() == [False, False, True]
    assert any("2 of 3 crystals have a row" in note and "'9" in note for note in done.notes)
    # Asked for, each crystal must have a row.
    (tmp_path / "values.dat").write_text(text)
    done = convert(tmp_path / "in", tmp_path / "out2.csv", targets=tmp_path / "values.dat")
    assert (done.n_crystals, list(done.failures)) == (2, [str(tmp_path / "in" / "3.cif")])
    assert len(read_many(tmp_path / "in")) == 3
    assert convert(tmp_path / "in", tmp_path / "out.json").n_crystals == 3
    with pytest.raises(CrystalError, match=r"id_prop\.csv' has no column"):
        read_many(tmp_path / "in" / "id_prop.csv")


def test_a_folder_of_alignn_keeps_its_classes_in_an_archive_too(tmp_path):
    with zipfile.ZipFile(tmp_path / "set.zip", "w") as archive:
        archive.writestr("set/POSCAR-JVASP-1.vasp", poscar_text(ROCK_SALT))
        archive.writestr("set/POSCAR-JVASP-2.vasp", poscar_text(DIAMOND))
        archive.writestr("set/id_prop.csv", "POSCAR-JVASP-1.vasp,insulator\nPOSCAR-JVASP-2.vasp,metal\n")
    convert(tmp_path / "set.zip", tmp_path / "out.csv")
    frame = table(tmp_path / "out.csv")
    assert dict(zip(frame.formula, frame.target, strict=True)) == {"Na1Cl1": "insulator", "C2": "metal"}


@pytest.mark.parametrize("name", ["in.csv", "in.jsonl", "in.parquet", "in.json"])
def test_targets_of_a_table_in_an_archive_are_kept(tmp_path, name):
    if name.endswith("parquet"):
        pytest.importorskip("pyarrow", reason="pandas needs pyarrow for Parquet")
    frame = pd.DataFrame({"id": ["a", "b"], "structure": [cif_text(c) for c in FOUR[:2]], "gap": [8.5, 5.5]})
    if name == "in.json":
        frame.to_json(tmp_path / name, orient="split", index=False)
    else:
        {"in.csv": frame.to_csv, "in.parquet": frame.to_parquet}.get(
            name, lambda path, index: frame.to_json(path, orient="records", lines=True)
        )(tmp_path / name, index=False)
    with zipfile.ZipFile(tmp_path / "in.zip", "w") as archive:
        archive.write(tmp_path / name, f"sets/{name}")
    for source in (tmp_path / name, tmp_path / "in.zip"):
        convert(source, tmp_path / "out.csv", force=True)
        assert pd.read_csv(tmp_path / "out.csv").gap.tolist() == [8.5, 5.5]


def test_values_of_a_database_are_its_targets(tmp_path):
    ase = pytest.importorskip("ase", reason="ASE writes its own formats")
    from ase.db import connect

    with connect(tmp_path / "x.db") as database:
        for a in (4.0, 4.1):
            database.write(ase.Atoms("Po", cell=[a] * 3, pbc=True), gap=a / 2, note="measured")
    convert(tmp_path / "x.db", tmp_path / "out.csv")
    assert table(tmp_path / "out.csv")[["gap", "note"]].to_numpy().tolist() == [
        [2, "measured"],
        [2.05, "measured"],
    ]


def test_keys_of_json_name_its_crystals(tmp_path):
    import json

    from skcrystal.formats.pymatgen_json import dict_from_crystal

    text = json.dumps({"mp-1": dict_from_crystal(ROCK_SALT), "mp-2": dict_from_crystal(DIAMOND)})
    (tmp_path / "x.json").write_text(text)
    convert(tmp_path / "x.json", tmp_path / "out.csv")
    assert table(tmp_path / "out.csv").id.tolist() == ["mp-1", "mp-2"]


def test_a_crystal_has_more_certain_names_first():
    found = [name for name in names_of("/data/runs/NaCl/CONTCAR.gz") if name]
    assert (
        found.index("runs/NaCl/CONTCAR")
        < found.index("NaCl/CONTCAR")
        < found.index("CONTCAR")
        < found.index("NaCl")
    )
    assert [name for name in names_of("set.csv", name="mp-1", single=False) if name] == ["mp-1"]
    assert len({len(names_of(path)) for path in ("x", "a/b/c/d/e/f.cif")}) == 1


def test_ids_stay_as_they_are_in_a_table_and_are_made_names_of_files(tmp_path):
    ids = ["mp/1", "Fe2O3 (hematite)", "in"]
    pd.DataFrame({"id": ids, "cif": [cif_text(crystal) for crystal in FOUR[:3]]}).to_csv(tmp_path / "in.csv")
    done = convert(tmp_path / "in.csv", tmp_path / "out.csv")
    assert (table(tmp_path / "out.csv").id.tolist(), done.notes) == (ids, [])
    done = convert(tmp_path / "in.csv", tmp_path / "out", to="cif")
    assert [path.name for path in done.written] == ["mp_1.cif", "Fe2O3__hematite_.cif", "in.cif"]
