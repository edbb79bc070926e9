"""One notion of text and of data: whatever holds a crystal is read alike at every door."""

from __future__ import annotations

import io
import json

import numpy as np
import pandas as pd
import polars as pl
import pytest
from ase import Atoms
from ase.io import read as ase_read
from pymatgen.core import Lattice, Molecule, Structure
from pymatgen.entries.computed_entries import ComputedEntry, ComputedStructureEntry
from pymatgen.io.vasp import Poscar

from skcrystal import CrystalError, CrystalFeaturizer, as_crystals
from skcrystal.descriptors import Density
from skcrystal.formats import read, read_many, read_text
from skcrystal.formats.extxyz import extxyz_text
from tests.prototypes import ROCK_SALT_CIF

STRUCTURE = Structure.from_spacegroup(225, Lattice.cubic(5.6402), ["Na", "Cl"], [[0, 0, 0], [0.5] * 3])
CRYSTAL = as_crystals(STRUCTURE)[0]

TEXTS = {
    "cif": ROCK_SALT_CIF,
    "cif_crlf": ROCK_SALT_CIF.replace("\n", "\r\n"),
    "cif_cr": ROCK_SALT_CIF.replace("\n", "\r"),
    "poscar": STRUCTURE.to(fmt="poscar"),
    "poscar_crlf": STRUCTURE.to(fmt="poscar").replace("\n", "\r\n"),
    "poscar_cr": STRUCTURE.to(fmt="poscar").replace("\n", "\r"),
    "extxyz": extxyz_text(CRYSTAL),
    "extxyz_cr": extxyz_text(CRYSTAL).replace("\n", "\r"),
    "to_json": STRUCTURE.to_json(),
    "as_dict": json.dumps(STRUCTURE.as_dict()),
    "indented": json.dumps(STRUCTURE.as_dict(), indent=2),
    "blank_behind_the_brace": "{ " + STRUCTURE.to_json()[1:],
    "blanks_in_a_list": "[ { " + STRUCTURE.to_json()[1:] + " ]",
    "in_capitals": json.dumps({"ID": "mp-22862", "CIF": ROCK_SALT_CIF}),
    "in_blanks": "\ufeff \n" + STRUCTURE.to_json(),
    "record": json.dumps({"material_id": "mp-22862", "structure": STRUCTURE.as_dict()}),
    "entry": json.dumps(ComputedStructureEntry(STRUCTURE, -27.2).as_dict(), default=str),
    "record_of_text": json.dumps({"id": 7, "cif": ROCK_SALT_CIF}),
}


def is_rock_salt(crystal):
    amounts = np.bincount(crystal.atomic_numbers, weights=crystal.occupancies)
    return amounts[11] == amounts[17] == len(crystal.frac_coords) / 2


@pytest.mark.parametrize("name", TEXTS)
def test_every_door_reads_every_text(tmp_path, name):
    text = TEXTS[name]
    table = tmp_path / "x.csv"
    pd.DataFrame({"structure": [text, text]}).to_csv(table, index=False)
    # A lone carriage return in a cell is one line end too many for a CSV file.
    frame = pd.DataFrame({"structure": [text, text]}) if "_cr" in name[-3:] else pd.read_csv(table)
    (tmp_path / "x.txt").write_bytes(text.encode())
    for crystals in (
        as_crystals(text),
        as_crystals([text]),
        as_crystals(frame["structure"]),
        as_crystals(frame),
        as_crystals(pl.DataFrame({"structure": [text, text]})),
        as_crystals(pl.Series([text])),
        as_crystals(np.array([text])),
        as_crystals(tmp_path / "x.txt"),
        [read_text(text)],
        [read(tmp_path / "x.txt")],
        read_many(tmp_path / "x.txt" if "_cr" in name[-3:] else table),
    ):
        assert all(map(is_rock_salt, crystals))
        assert len(crystals) in {1, 2}


@pytest.mark.parametrize("layout", ["records", "split", "list", "index", "dict", "tight", "table"])
def test_tables_of_structures_are_collections(tmp_path, layout):
    frame = pd.DataFrame({"structure": [STRUCTURE.as_dict()] * 3, "gap": [5.0, 6.0, 7.0]})
    if layout in {"records", "split", "list", "index", "dict", "tight"}:
        data = frame.to_dict(orient=layout)
        if layout == "list":
            data = {"structures": data["structure"]}
        assert len(as_crystals(data)) == 3
    if layout in {"records", "split", "index", "table"}:
        text = frame.to_json(orient=layout)
        (tmp_path / "x.json").write_text(text)
        assert len(read_many(tmp_path / "x.json")) == 3
    if layout == "dict":
        (tmp_path / "x.json").write_text(frame.to_json())
        assert len(read_many(tmp_path / "x.json")) == 3


def test_entries_are_a_collection(tmp_path):
    entries = {
        "entries": [ComputedStructureEntry(STRUCTURE, -27.2, entry_id=f"mp-{i}").as_dict() for i in (1, 2)]
    }
    assert as_crystals(entries).sources == ("mp-1", "mp-2")
    (tmp_path / "x.json").write_text(json.dumps(entries, default=str))
    assert [crystal.source.rpartition(", ")[2] for crystal in read_many(tmp_path / "x.json")] == [
        "mp-1",
        "mp-2",
    ]
    assert len(as_crystals({"mp-1": STRUCTURE.as_dict(), "mp-2": STRUCTURE.as_dict()})) == 2


def test_nested_arrays_of_parquet_are_read(tmp_path):
    path = tmp_path / "x.parquet"
    disordered = Structure(Lattice.cubic(4), [{"Fe2+": 0.5, "Co": 0.5}], [[0, 0, 0]])
    frame = pd.DataFrame({"structure": [STRUCTURE.as_dict(), disordered.as_dict()]})
    # Parquet knows no empty dict.
    for row in frame["structure"]:
        del row["properties"]
        for site in row["sites"]:
            del site["properties"]
    frame.to_parquet(path)
    for crystals in (as_crystals(pd.read_parquet(path)), as_crystals(pl.read_parquet(path)), read_many(path)):
        assert crystals[0].formula == "NaCl"
        assert crystals[1].occupancies.tolist() == [0.5, 0.5]
        assert crystals[1].oxidation_states[0] == 2
        np.testing.assert_array_equal(crystals[0].frac_coords, CRYSTAL.frac_coords)


class SummaryDocument:
    """What mp-api returns, as far as it concerns us."""

    def __init__(self, structure):
        self.structure, self.material_id = structure, "mp-22862"


@pytest.mark.parametrize(
    "item",
    [
        ComputedStructureEntry(STRUCTURE, -27.2),
        ComputedStructureEntry(STRUCTURE, -27.2).as_dict(),
        Poscar(STRUCTURE),
        SummaryDocument(STRUCTURE),
        {"material_id": "mp-22862", "structure": STRUCTURE},
        {"atoms": STRUCTURE.to_ase_atoms()},
        {"structure": STRUCTURE.as_dict(), "band_gap": 5.0},
        {"structure": STRUCTURE.to_json()},
    ],
    ids=lambda item: type(item).__name__,
)
def test_what_carries_a_structure_is_read(item):
    for given in (item, [item], pd.Series([item])):
        (crystal,) = as_crystals(given)
        assert crystal.formula == "NaCl"


def test_identifiers_become_sources():
    assert as_crystals([SummaryDocument(STRUCTURE)]).sources == ("mp-22862",)
    assert as_crystals({"material_id": "mp-22862", "structure": STRUCTURE.as_dict()}).sources == ("mp-22862",)


def layer(structure):
    lattice = Lattice(structure.lattice.matrix, pbc=(True, True, False))
    return Structure(lattice, structure.species, structure.frac_coords)


WRONG = {
    "layer": (layer(STRUCTURE), "periodic in 2 of three directions"),
    "layer_as_dict": (layer(STRUCTURE).as_dict(), "periodic in 2 of three directions"),
    "molecule": (Molecule(["C", "O"], [[0, 0, 0], [0, 0, 1.1]]), "Molecule .* has no lattice"),
    "molecule_as_dict": (Molecule(["C", "O"], [[0, 0, 0], [0, 0, 1.1]]).as_dict(), "Molecule has no lattice"),
    "entry_without_structure": (ComputedEntry("NaCl", -27.2), "type ComputedEntry is no crystal"),
    "atoms_without_cell": (Atoms("CO"), "periodic in 0 of three directions"),
    "NA": (pd.NA, "missing"),
    "NaT": (pd.NaT, "missing"),
    "NaN": (np.float64("nan"), "missing"),
    "None": (None, "missing"),
    "datetime": (np.datetime64("NaT", "D"), "missing"),
    "broken_json": ('{"lattice": {"matrix": [[4, 0, 0], ', "is no JSON"),
    "other_json": ('{"name": "salt", "taste": "' + "x" * 3000 + '"}', "keys .*name.* no structure"),
    "path": ("nowhere/NaCl.cif", "there is no file 'nowhere/NaCl.cif'"),
    "long_text": ("NaCl " * 100, "neither CIF, POSCAR"),
    "bytes": (ROCK_SALT_CIF.encode(), "decode it to text"),
    "nested_collection": ({"a": {"entries": [STRUCTURE.as_dict()]}, "b": 1}, "no structure"),
    "long_number": (
        {**STRUCTURE.as_dict(), "lattice": {"matrix": [[10**400, 0, 0], [0, 1, 0], [0, 0, 1]]}},
        "1e308",
    ),
    "wrong_kind": ({"lattice": [1, 2, 3], "sites": []}, "of the wrong kind"),
    "no_sites": ({"lattice": {"matrix": np.eye(3) * 4}, "sites": []}, "no sites"),
    "sites_without_places": (
        {"lattice": {"matrix": np.eye(3) * 4}, "sites": [{"species": []}]},
        "site 0 .*'abc'",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_none_is_said_in_one_sentence(name):
    item, sentence = WRONG[name]
    items = [STRUCTURE, item, STRUCTURE]
    with pytest.raises(CrystalError, match=rf"^crystal 1: .*{sentence}") as error:
        as_crystals(items)
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 400
    featurizer = CrystalFeaturizer([("density", Density())], on_error="nan")
    with pytest.warns(UserWarning, match="1 of 3 items are no usable crystals"):
        featurizer.transform(items)
    assert list(featurizer.report(items).errors) == [1]


def test_a_missing_path_is_only_said_of_what_looks_like_one():
    for text in ('{"sites": [' + "1, " * 5000, "x" * 5000, "a/" + "b" * 300 + ".cif"):
        with pytest.raises(CrystalError) as error:
            as_crystals([text])
        assert "no file" not in str(error.value)
        assert len(str(error.value)) < 300


def test_the_first_of_several_crystals_in_a_text_is_noted():
    frames = extxyz_text(CRYSTAL) * 2
    with pytest.warns(UserWarning, match="several crystals, the first was read"):
        assert len(as_crystals([frames])) == 1
    buffer = io.StringIO(frames)
    with pytest.warns(UserWarning, match="several crystals, the first was read"):
        read_text(buffer.read())


def test_short_json_in_one_line_is_no_path():
    site = {"species": [{"element": "Po", "occu": 1}], "abc": [0, 0, 0]}
    data = {"lattice": {"matrix": [[3.36, 0, 0], [0, 3.36, 0], [0, 0, 3.36]]}, "sites": [site]}
    text = json.dumps(data)
    for written in (text, "{ " + text[1:], f"[ {text} ]"):
        assert as_crystals([written])[0].formula == "Po"


@pytest.mark.parametrize("text", ["", "   ", "\n"])
def test_an_empty_text_is_no_path(text):
    with pytest.raises(CrystalError, match="the text is empty"):
        as_crystals([text])


def test_a_table_as_lists_of_its_columns_is_read():
    table = pd.DataFrame({"ID": ["a", "b"], "Structure": [STRUCTURE.as_dict()] * 2, "y": [1.0, 2.0]})
    assert len(as_crystals(table.to_dict("list"))) == 2
    assert len(as_crystals(table.to_dict("split"))) == 2


def test_a_composition_is_no_crystal():
    for given in (STRUCTURE.composition, [STRUCTURE, STRUCTURE.composition]):
        with pytest.raises(CrystalError, match="a formula, which says nothing of positions"):
            as_crystals(given)


def test_a_structure_in_each_line_is_read(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text("\n".join([STRUCTURE.to_json()] * 2))
    assert [crystal.formula for crystal in read_many(path)] == ["NaCl", "NaCl"]


def test_a_dict_of_names_and_texts_is_read(tmp_path):
    texts = {"mp-1": ROCK_SALT_CIF, "mp-2": STRUCTURE.to(fmt="poscar")}
    assert len(as_crystals(texts)) == 2
    path = tmp_path / "a.json"
    path.write_text(json.dumps(texts))
    assert [crystal.source for crystal in read_many(path)] == [f"{path}, mp-1", f"{path}, mp-2"]


def test_a_column_of_arrow_is_read():
    pyarrow = pytest.importorskip("pyarrow", reason="pyarrow is no dependency")
    assert len(as_crystals(pyarrow.chunked_array([[ROCK_SALT_CIF], [ROCK_SALT_CIF]]))) == 2


def test_a_database_of_ase_as_json_says_the_way_out(tmp_path):
    path = str(tmp_path / "a.json")
    STRUCTURE.to_ase_atoms().write(path)
    with pytest.raises(CrystalError, match=r"give the Atoms of ase\.io\.read"):
        read(path)
    assert len(as_crystals(ase_read(path, ":"))) == 1
