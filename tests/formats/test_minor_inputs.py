"""What few files hold: percentages, dicts of JARVIS, UTF-32, symbols behind positions."""

from __future__ import annotations

import json

import pytest

from skcrystal import as_crystals
from skcrystal.crystals.crystal import CrystalError
from skcrystal.formats import ReadWarning, read, read_cif, read_many, read_poscar

CELL = """data_x
_cell_length_a 4.2
_cell_length_b 4.2
_cell_length_c 4.2
_cell_angle_alpha 90
_cell_angle_beta 90
_cell_angle_gamma 90
_symmetry_space_group_name_H-M 'P 1'
loop_
_atom_site_type_symbol
_atom_site_label
_atom_site_fract_x
_atom_site_fract_y
_atom_site_fract_z
_atom_site_occupancy
"""
POSCAR = "salt\n1.0\n5 0 0\n0 5 0\n0 0 5\nNa Cl\n1 1\nDirect\n0 0 0 {}\n.5 .5 .5 {}\n"


def quietly(text):
    with pytest.warns(ReadWarning) as said:
        crystal = read_cif(text)
    return crystal, str(said[0].message)


@pytest.mark.parametrize(
    ("rows", "occupancies"),
    [
        ("Fe Fe1 0 0 0 60\nCo Co1 0 0 0 40\nO O1 .5 .5 .5 100", [0.6, 0.4, 1.0]),
        ("Fe Fe1 0 0 0 50\nO O1 .5 .5 .5 100", [0.5, 1.0]),
        ("Fe Fe1 0 0 0 33.3\nCo Co1 0 0 0 33.3\nNi Ni1 0 0 0 33.3", [1 / 3] * 3),
    ],
)
def test_occupancies_in_percent(rows, occupancies):
    crystal, said = quietly(CELL + rows + "\n")
    assert crystal.occupancies.tolist() == pytest.approx(occupancies, abs=1e-12)
    assert "in percent" in said


@pytest.mark.parametrize("rows", ["Fe Fe1 0 0 0 2\nO O1 .5 .5 .5 1", "Fe Fe1 0 0 0 4\nO O1 .5 .5 .5 96"])
def test_numbers_of_sites_are_no_percentages(rows):
    crystal, said = quietly(CELL + rows + "\n")
    assert crystal.occupancies.tolist() == [1, 1]
    assert "rescaled to 1" in said
    assert "percent" not in said


ATOMS = {
    "lattice_mat": [[5, 0, 0], [0, 5, 0], [1, 0, 5]],
    "coords": [[0, 0, 0], [3, 2.5, 2.5]],
    "elements": ["Na", "Cl"],
    "cartesian": True,
    "props": ["", ""],
}


def test_atoms_of_jarvis(tmp_path):
    fractional = ATOMS | {"coords": [[0, 0, 0], [0.5, 0.5, 0.5]], "cartesian": False}
    items = [ATOMS, fractional, {"jid": "JVASP-1", "atoms": ATOMS}, json.dumps(ATOMS)]
    for crystal in as_crystals(items):
        assert crystal.frac_coords[1].tolist() == pytest.approx([0.5, 0.5, 0.5])
        assert crystal.formula == "NaCl"
    (tmp_path / "x.json").write_text(
        json.dumps([{"id": "one", "atoms": ATOMS}, {"id": "two", "atoms": ATOMS}])
    )
    assert len(read_many(tmp_path / "x.json")) == 2


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"elements": ["Na", "Qq"]}, "'Qq'"),
        ({"elements": "NaCl"}, "are no list"),
        ({"coords": [[0, 0, 0]]}, "the coords have the shape"),
        ({"lattice_mat": [[1, 0], [0, 1]]}, "the rows of lattice_mat have the shape"),
        ({"lattice_mat": [[1, 0, 0], [2, 0, 0], [0, 0, 1]]}, "span no volume"),
    ],
)
def test_broken_atoms_of_jarvis_end_in_one_sentence(change, sentence):
    with pytest.raises(CrystalError, match=sentence):
        as_crystals([ATOMS | change])


@pytest.mark.parametrize("code", ["utf-32", "utf-32-le", "utf-32-be", "utf-16", "utf-16-le", "utf-8-sig"])
def test_wide_characters(tmp_path, code):
    (tmp_path / "x.cif").write_bytes((CELL + "Fe Fe1 0 0 0 1\n").encode(code))
    assert read(tmp_path / "x.cif").formula == "Fe"


def test_empty_lines_above_a_poscar(tmp_path):
    text = POSCAR.format("", "")
    for head in ("\n", "\n \n\n"):
        assert read_poscar(head + text).formula == "NaCl"
        assert as_crystals([head + text])[0].formula == "NaCl"
    # An empty line may be the comment.
    assert read_poscar(text.replace("salt", "")).formula == "NaCl"
    with pytest.raises(CrystalError, match="line 3 of the POSCAR text"):
        read_poscar("\n" + text.replace("1.0", "0"))


@pytest.mark.parametrize(("one", "two"), [("Na", "Cl"), ("Na1", "Cl1"), ("T T T", "F F F"), ("! Na", "! Cl")])
def test_symbols_behind_positions_that_agree_or_are_comments(one, two):
    assert read_poscar(POSCAR.format(one, two)).notes == ()


def test_symbols_behind_positions_that_contradict_are_noted():
    with pytest.warns(ReadWarning, match="Cl stands behind the position of site 0, which is Na by"):
        crystal = read_poscar(POSCAR.format("Cl", "Na"))
    assert crystal.atomic_numbers.tolist() == [11, 17]


def test_charges_that_do_not_sum_to_nothing_are_noted():
    text = CELL.replace("_atom_site_occupancy\n", "") + "Mg{} Mg1 0 0 0\nO{} O1 .5 .5 .5\n"
    crystal, said = quietly(text.format("2+", "1-"))
    assert said == "the stated oxidation states sum to +1 in the cell."
    assert crystal.oxidation_states.tolist() == [2, -1]
    for states in (("2+", "2-"), ("", "2-"), ("", "")):
        assert read_cif(text.format(*states)).notes == ()
