"""Atoms of ASE with all they hold: cells, directions, and the partial occupancies beside the atoms."""

from __future__ import annotations

import ase.io
import numpy as np
import pytest
from ase import Atoms
from ase.db import connect
from ase.spacegroup import crystal as ase_crystal

from skcrystal import CrystalError, as_crystals
from skcrystal.formats import read, read_many


def alloy(**info):
    """Cu0.5Au0.5 on the corner and copper in the middle of a cube, as ASE holds it."""
    atoms = Atoms("AuCu", scaled_positions=[[0, 0, 0], [0.5] * 3], cell=[3.2] * 3, pbc=True)
    # Of elements that a site holds equally much of, ASE shows the last one.
    atoms.info["occupancy"] = {"0": {"Cu": 0.5, "Au": 0.5}, "1": {"Cu": 1.0}}
    atoms.set_array("spacegroup_kinds", np.array([0, 1]))
    atoms.info.update(info)
    return atoms


def contents(crystal):
    rows = zip(crystal.atomic_numbers.tolist(), crystal.occupancies.tolist(), strict=True)
    return sorted(rows)


ALLOY = [(29, 0.5), (29, 1.0), (79, 0.5)]


@pytest.mark.parametrize(
    "occupancy",
    [
        {"0": {"Au": 0.5, "Cu": 0.5}, "1": {"Cu": 1.0}},
        {0: {"Au": 0.5, "Cu": 0.5}, 1: {"Cu": 1}},
        '{"0": {"Au": 0.5, "Cu": 0.5}, "1": {"Cu": 1}}',
        '_JSON {"0": {"Au": 0.5, "Cu": 0.5}, "1": {"Cu": 1}}',
    ],
)
def test_keys_of_kinds_are_numbers_or_text(occupancy):
    assert contents(as_crystals(alloy(occupancy=occupancy))[0]) == ALLOY


@pytest.mark.parametrize("name", ["x.extxyz", "x.traj", "x.json.traj"])
def test_files_of_ase_keep_the_occupancies(tmp_path, name):
    ase.io.write(tmp_path / name, [alloy(), alloy()])
    crystals = read_many(tmp_path / name)
    assert [contents(crystal) for crystal in crystals] == [ALLOY, ALLOY]


def test_the_text_of_extended_xyz_keeps_the_occupancies(tmp_path):
    ase.io.write(tmp_path / "x.extxyz", alloy())
    assert contents(as_crystals([(tmp_path / "x.extxyz").read_text()])[0]) == ALLOY


def test_a_row_of_a_database_is_read_with_the_occupancies_in_its_data(tmp_path):
    with connect(tmp_path / "x.db") as database:
        database.write(alloy())
        atoms = alloy()
        data = {"occupancy": atoms.info["occupancy"], "spacegroup_kinds": atoms.arrays["spacegroup_kinds"]}
        database.write(atoms, data=data)
    with connect(tmp_path / "x.db") as database:
        rows = list(database.select())
    assert [contents(crystal) for crystal in as_crystals(rows)] == [[(29, 1), (79, 1)], ALLOY]
    assert len(as_crystals(rows[0])) == 1
    assert contents(read_many(tmp_path / "x.db")[1]) == ALLOY


def test_what_ase_makes_of_a_mixed_site_is_read_back():
    atoms = ase_crystal(
        ["Fe", "Co", "O"],
        [(0, 0, 0), (0, 0, 0), (0.5, 0.5, 0.5)],
        spacegroup=225,
        cellpar=[4.2] * 3 + [90] * 3,
        occupancies=[0.75, 0.25, 1.0],
        onduplicates="keep",
    )
    (crystal,) = as_crystals(atoms)
    amounts = np.bincount(crystal.atomic_numbers, weights=crystal.occupancies)
    assert {z: amounts[z] for z in np.flatnonzero(amounts).tolist()} == {8: 4, 26: 3, 27: 1}


def renamed(atoms):
    atoms.symbols[0] = "Ag"


def two_of_one_main_element(atoms):
    del atoms.arrays["spacegroup_kinds"]
    atoms.info["occupancy"] = {"0": {"Cu": 0.5, "Au": 0.5}, "1": {"Au": 1.0}, "2": {"Cu": 1.0}}


WRONG = {
    "stale": (renamed, r"site 0 holds Cu0.5 Au0.5, and the atom is Ag: it was left behind"),
    "kinds_of_other_length": (
        lambda atoms: atoms.info.update(occupancy={"7": {"Au": 1}}),
        "says nothing of kind 0",
    ),
    "ambiguous": (two_of_one_main_element, "leaves open what site 0 .* spacegroup_kinds is missing"),
    "no_dict": (lambda atoms: atoms.info.update(occupancy=[0.5, 0.5]), "is of type list"),
    "text": (lambda atoms: atoms.info.update(occupancy="half"), "is the text 'half'"),
    "wrong_key": (lambda atoms: atoms.info.update(occupancy={"Au": 0.5}), "has the key 'Au'"),
    "number": (lambda atoms: atoms.info.update(occupancy={"0": 0.5}), "gives 0.5 for kind 0"),
    "no_element": (lambda atoms: atoms.info.update(occupancy={"0": {"Qq": 1}}), "'Qq' is not the symbol"),
    "no_number": (
        lambda atoms: atoms.info.update(occupancy={"0": {"Au": "half"}, "1": {"Cu": 1}}),
        "occupancies of kind 0 are not",
    ),
    "too_much": (
        lambda atoms: atoms.info.update(occupancy={"0": {"Au": 0.7, "Cu": 0.7}, "1": {"Cu": 1}}),
        "sum to 1.4",
    ),
    "negative": (
        lambda atoms: atoms.info.update(occupancy={"0": {"Au": -0.5}, "1": {"Cu": 1}}),
        "occupancy -0.5",
    ),
    "not_a_number": (
        lambda atoms: atoms.info.update(occupancy={"0": {"Au": float("nan")}}),
        r"gives \{'Au': nan\} for kind 0",
    ),
    "kinds_are_no_numbers": (
        lambda atoms: atoms.set_array("spacegroup_kinds", np.array(["a", "b"]), str),
        "spacegroup_kinds of the atoms are not",
    ),
    "slab": (lambda atoms: atoms.set_pbc([True, True, False]), "periodic in 2 of three directions"),
    "molecule": (lambda atoms: atoms.set_pbc(False), "periodic in 0 of three directions"),
    "flat": (lambda atoms: atoms.set_cell([3, 3, 0]), "span no volume"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_does_not_fit_the_atoms_is_an_error(name):
    change, sentence = WRONG[name]
    atoms = alloy()
    if name == "kinds_are_no_numbers":
        del atoms.arrays["spacegroup_kinds"]
    change(atoms)
    with pytest.raises(CrystalError, match=sentence) as error:
        as_crystals([alloy(), atoms])
    assert str(error.value).startswith("crystal 1: ")


@pytest.mark.parametrize("pbc", ['"T T F"', "[T, T, F]", '"1 1 0"', "F", "'True True False'"])
def test_a_layer_in_extended_xyz_is_no_crystal(tmp_path, pbc):
    text = f'1\nLattice="4 0 0 0 4 0 0 0 20" Properties=species:S:1:pos:R:3 pbc={pbc}\nC 0 0 0\n'
    (tmp_path / "x.xyz").write_text(text)
    for door in (read, read_many, as_crystals):
        with pytest.raises(CrystalError, match="of three directions"):
            door(tmp_path / "x.xyz")
    for whole in ('"T T T"', "T", '"True True True"', "[1, 1, 1]"):
        (tmp_path / "x.xyz").write_text(text.replace(pbc, whole))
        assert read(tmp_path / "x.xyz").n_sites == 1
