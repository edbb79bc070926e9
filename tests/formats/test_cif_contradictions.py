"""What a CIF states twice is compared: operations, names, cell, formula, distances."""

from __future__ import annotations

import itertools
import warnings

import numpy as np
import pytest

from skcrystal.crystals.crystal import CrystalError
from skcrystal.formats import ReadWarning, read_cif, read_cif_blocks, read_poscar
from tests.formats.texts import cif

TYPED = "type_symbol label fract_x fract_y fract_z"


def read(text):
    """Read a text; return the crystal, whose warning says the same as its notes."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        crystal = read_cif(text)
    assert [str(one.message) for one in caught] == (["; ".join(crystal.notes) + "."] if crystal.notes else [])
    return crystal


def shortest(crystal):
    """Shortest distance between two sites, in angstrom, by all pairs and the 27 nearest cells."""
    cells = np.stack(np.meshgrid(*[[-1, 0, 1]] * 3), axis=-1).reshape(-1, 3)
    frac = crystal.frac_coords
    lengths = np.linalg.norm((frac[:, None, None] - frac[None, :, None] + cells) @ crystal.lattice, axis=-1)
    return lengths[lengths > 1e-6].min()


def listed(*operations):
    return "loop_\n_symmetry_equiv_pos_as_xyz\n" + "".join(f"'{op}'\n" for op in operations)


HEXAGONAL = "5 5 9 90 90 120"
TRIGONAL = ["x,y,z", "-y,x-y,z", "-x+y,-x,z", "-x,-y,-z", "y,-x+y,-z", "x-y,x,-z"]
TRIGONAL += ["y,x,-z", "x-y,-y,-z", "-x,-x+y,-z", "-y,-x,z", "-x+y,y,z", "x,x-y,z"]


@pytest.mark.parametrize(
    ("cell", "operations", "name", "n_sites"),
    [
        # P 31 with the translation of its second operation mistyped.
        (HEXAGONAL, ["x,y,z", "-y,x-y,z+1/3", "-x+y,-x,z+1/3"], "P 31", 3),
        # P 4 without its last operation; the group has no name, and is what the others generate.
        ("5 5 6 90 90 90", ["x,y,z", "-y,x,z", "-x,-y,z"], "", 4),
        # P 21/c with a lost minus.
        ("5 6 7 90 99 90", ["x,y,z", "-x,y+1/2,-z+1/2", "-x,-y,-z", "x,y+1/2,z+1/2"], "P 1 21/c 1", 4),
        # A line stands twice, another is gone.
        ("5 6 7 90 90 90", ["x,y,z", "-x,-y,z", "-x,-y,z", "x,-y,-z"], "P 2 2 2", 4),
    ],
)
def test_a_list_that_is_no_group_gives_way_to_the_named_or_generated_one(cell, operations, name, n_sites):
    symbol = f"_symmetry_space_group_name_H-M '{name}'\n" if name else ""
    crystal = read(cif(cell, symbol + listed(*operations), "Po Po1 0.11 0.23 0.31"))
    assert len(crystal.frac_coords) == n_sites
    assert "form no group" in crystal.notes[0]


@pytest.mark.parametrize(
    ("cell", "operations", "name", "atom", "n_sites"),
    [
        ("4 4 10 90 90 120", TRIGONAL, "R -3 m :H", "0 0 0", 3),
        ("4 4 10 90 90 120", TRIGONAL, "R -3 m :H", "0.2 0.2 0", 18),
        ("9 6 7 90 110 90", ["x,y,z", "-x,y,-z"], "C 1 2 1", "0.11 0.22 0.33", 4),
        ("5 6 7 90 90 90", ["x,y,z", "-x,-y,z", "x,-y,-z", "-x,y,-z"], "I 2 2 2", "0 0 0.2", 4),
        # x,y,z alone: close packing, magnesium's cell.
        ("3.21 3.21 5.21 90 90 120", ["x,y,z"], "P 63/m m c", "0.33333 0.66667 0.25", 2),
        ("3.57 3.57 3.57 90 90 90", ["x, y, z"], "F d -3 m :1", "0 0 0", 8),
    ],
)
def test_operations_that_are_missing_are_those_of_the_named_group(cell, operations, name, atom, n_sites):
    symbol = f"_symmetry_space_group_name_H-M '{name}'\n"
    crystal = read(cif(cell, symbol + listed(*operations), f"C C1 {atom}"))
    assert len(crystal.frac_coords) == n_sites
    assert f"only {len(operations)} of the " in crystal.notes[0]


@pytest.mark.parametrize("shift", [0.0, 0.1])
def test_a_whole_cell_with_the_identity_stays_what_it_is(shift):
    # With the origin elsewhere no operation of the named group maps the atoms onto each other.
    points = [np.array(point) / 2 for point in itertools.product([0, 1], repeat=3)]
    rows = [
        f"{'Na' if sum(point) % 1 == 0 else 'Cl'} X{i} " + " ".join(f"{x + shift:.2f}" for x in point)
        for i, point in enumerate(points)
    ]
    symbol = "_symmetry_space_group_name_H-M 'F m -3 m'\n"
    crystal = read(cif("5.64 5.64 5.64 90 90 90", symbol + listed("x,y,z"), "\n".join(rows)))
    assert len(crystal.frac_coords) == 8
    assert shortest(crystal) == pytest.approx(2.82)


# Gadolinium orthoferrite in P n m a, and black phosphorus in C m c a (Brown and Rundqvist, Acta Cryst. 19,
# 684 (1965), doi:10.1107/S0365110X65004140: 2.22 angstrom).
ORTHOFERRITE = (
    (5.611, 7.669, 5.349),
    [
        ("Gd", (0.063, 0.25, -0.016)),
        ("Fe", (0, 0, 0.5)),
        ("O", (0.467, 0.25, 0.1)),
        ("O", (0.302, 0.05, -0.304)),
    ],
)
PHOSPHORUS = ((3.3136, 10.478, 4.3763), [("P", (0, 0.10168, 0.08056))])


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
@pytest.mark.parametrize(
    ("number", "crystal", "n_sites", "distance"),
    [(62, ORTHOFERRITE, 20, 2.0), (64, PHOSPHORUS, 8, 2.22)],
    ids=["GdFeO3", "P"],
)
def test_axes_that_a_bare_number_leaves_open_are_those_of_the_atoms(
    number, crystal, n_sites, distance, order
):
    lengths, atoms = crystal
    cell = " ".join(f"{lengths[i]}" for i in order) + " 90 90 90"
    rows = [
        f"{kind} {kind}{n} " + " ".join(f"{xyz[i]}" for i in order) for n, (kind, xyz) in enumerate(atoms)
    ]
    found = read(cif(cell, f"_space_group_IT_number {number}", "\n".join(rows)))
    assert len(found.frac_coords) == n_sites
    assert shortest(found) == pytest.approx(distance, abs=0.06)


# Each in origin choice 1; choice 2 is the same crystal moved (International Tables A).
ORIGINS = {
    "F d -3 m": ("8.08 8.08 8.08 90 90 90", 1 / 8, 56, 1.92, [
        ("Mg", 0, 0, 0), ("Al", 0.625, 0.625, 0.625), ("O", 0.3875, 0.3875, 0.3875)]),
    "P n -3 m": ("4.27 4.27 4.27 90 90 90", 1 / 4, 6, 1.85, [("O", 0, 0, 0), ("Cu", 0.25, 0.25, 0.25)]),
}  # fmt: skip


@pytest.mark.parametrize("choice", [1, 2])
@pytest.mark.parametrize("symbol", list(ORIGINS))
def test_an_origin_that_is_left_open_is_the_one_of_the_atoms(symbol, choice):
    cell, shift, n_sites, distance, atoms = ORIGINS[symbol]
    # x2 = x1 - p, as the origin of choice 2 lies at p = (shift, shift, shift) of choice 1.
    moved = [[kind, *(x + (choice == 2) * -shift for x in xyz)] for kind, *xyz in atoms]
    rows = [f"{kind} {kind}1 {x:.4f} {y:.4f} {z:.4f}" for kind, x, y, z in moved]
    text = cif(cell, f"_symmetry_space_group_name_H-M '{symbol}'", "\n".join(rows))
    crystal = read(text)
    assert len(crystal.frac_coords) == n_sites
    assert shortest(crystal) == pytest.approx(distance, abs=0.01)
    coded = read(text.replace("loop_", f"_space_group.IT_coordinate_system_code {choice}\nloop_", 1))
    assert len(coded.frac_coords) == n_sites
    assert not coded.notes


@pytest.mark.parametrize("code", ["b1", "b2", "b3"])
def test_the_code_of_a_monoclinic_setting_is_read(code):
    glide = {"b1": (0, 0.5), "b2": (0.5, 0.5), "b3": (0.5, 0)}[code]
    text = cif(
        "5 6 7 90 99 90",
        f"_space_group_IT_number 14\n_space_group_IT_coordinate_system_code {code}",
        "Po Po1 0.11 0.23 0.31",
    )
    crystal = read(text)
    assert not crystal.notes
    image = np.array([0.11 + glide[0], 0.5 - 0.23, 0.31 + glide[1]]) % 1
    assert np.abs(crystal.frac_coords - image).max(axis=1).min() < 1e-9


def test_the_cell_decides_between_the_axes_of_a_rhombohedral_group():
    # Corundum by both axes: Al 12c (0, 0, z), O 18e (x, 0, 1/4); Al 4c (x, x, x), O 6e (x, 1/2 - x, 1/4).
    rhombohedral = cif(
        "5.1284 5.1284 5.1284 55.28 55.28 55.28",
        "_symmetry_space_group_name_H-M 'R -3 c :H'",
        "Al Al1 .3522 .3522 .3522\nO O1 .5563 .9437 .25",
    )
    hexagonal = cif(
        "4.759 4.759 12.991 90 90 120",
        "_symmetry_space_group_name_H-M 'R -3 c :R'",
        "Al Al1 0 0 .3522\nO O1 .3063 0 .25",
    )
    for text, n_sites in ((rhombohedral, 10), (hexagonal, 30)):
        crystal = read(text)
        assert len(crystal.frac_coords) == n_sites
        assert shortest(crystal) == pytest.approx(1.855, abs=0.01)
        assert "the cell does not have the symmetry of the space group R -3 c" in crystal.notes[0]


SILICON = "_space_group_name_H-M_alt 'F d -3 m :1'\n"


@pytest.mark.parametrize(
    ("edge", "witness", "unit"),
    [
        ("543.1", "_cell_volume 160.2", "picometres"),
        ("543.1", "_exptl_crystal_density_diffrn 2.33", "picometres"),
        (
            "543.1",
            "_chemical_formula_sum Si\n_cell_formula_units_Z 8\n_exptl_crystal_density_meas 2.3",
            "pico",
        ),
        ("0.5431", "_cell_volume 160.2(1)", "nanometres"),
        ("10.26310", "_cell_volume 160.2(1)", "bohr"),
        ("0.5431", "_cell_volume 0.1602\n_exptl_crystal_density_diffrn 2.33", "nanometres"),
    ],
)
def test_a_cell_in_other_units_is_turned_into_angstrom_by_what_is_stated(edge, witness, unit):
    text = cif(f"{edge} {edge} {edge} 90 90 90", SILICON + witness, "Si Si1 0 0 0")
    crystal = read(text)
    assert np.allclose(crystal.lattice, 5.431 * np.eye(3), atol=1e-5)
    assert len(crystal.frac_coords) == 8
    assert f"the cell lengths are in {unit}" in crystal.notes[0]


def test_a_cell_in_picometres_without_a_witness_is_an_error():
    text = cif("543.1 543.1 543.1 90 90 90", SILICON, "Si Si1 0 0 0")
    with pytest.raises(CrystalError, match="its lengths seem to be in picometres"):
        read_cif(text)


def test_a_molecule_in_a_large_box_is_read():
    text = cif("25 25 25 90 90 90", atoms="He He1 0.5 0.5 0.5")
    assert read(text).notes == ()


def test_a_stated_volume_that_is_another_is_noted():
    crystal = read(cif(extra="_cell_volume 140"))
    assert crystal.notes == ("the cell has 125 cubic angstrom, the stated volume is 140",)


def test_two_decimals_are_moved_only_onto_a_position_that_they_round():
    for atom, n_sites in {
        "0.67 0.34 0.2": 6,  # on the mirror (x, 2x, z), and not at (2/3, 1/3, z)
        "0.67 0.33 0.2": 2,
        "0.33 0.66 0.2": 2,  # cut off
        "-0.33 0.33 0.2": 2,
        "0.17 0.33 0.2": 6,  # (1/6, 1/3, z)
        "0.17 0.83 0.20": 6,  # (1/6, 5/6, z) on (x, -x, z)
        "0.15 0.37 0.21": 12,
        "0 0 0.01": 2,
    }.items():
        text = cif("12 12 7 90 90 120", "_symmetry_space_group_name_H-M 'P -3 m 1'", f"Si Si1 {atom}")
        assert len(read(text).frac_coords) == n_sites, atom


def test_attached_hydrogens_are_noted():
    text = cif(
        symmetry="_symmetry_space_group_name_H-M 'P 1'",
        columns="type_symbol label fract_x fract_y fract_z attached_hydrogens",
        atoms="C C1 0 0 0 3\nO O1 0.28 0 0 .\nN N1 .5 .5 .5 0",
    )
    assert (
        "hydrogens that are stated as attached have no coordinates and are left out: 3 on C1"
        in read(text).notes
    )


def test_a_common_factor_of_occupancies_is_noted():
    columns = f"{TYPED} occupancy"
    text = cif(columns=columns, atoms="Na Na1 0 0 0 0.5\nCl Cl1 .5 .5 .5 0.5")
    assert "every site is occupied by 0.5" in read(text).notes[0]
    assert not read(cif(columns=columns, atoms="Na Na1 0 0 0 0.5\nCl Cl1 .5 .5 .5 1")).notes


@pytest.mark.parametrize(
    ("shares", "total"),
    [
        (["0.333", "0.333", "0.333"], 1.0),
        (["0.33", "0.33", "0.33"], 1.0),
        (["0.1667(4)", "0.8333"], 1.0),
        (["0.3", "0.6"], 0.9),
        (["0.333", "0.333", "0.3"], 0.966),
    ],
)
def test_occupancies_that_sum_to_1_within_their_rounding_are_1(shares, total):
    rows = [f"{kind} {kind}1 0 0 0 {share}" for kind, share in zip(("Fe", "Co", "Ni"), shares, strict=False)]
    crystal = read(cif(columns=f"{TYPED} occupancy", atoms="\n".join(rows)))
    assert crystal.occupancies.sum() == pytest.approx(total, abs=1e-12)


def test_list_and_name_of_different_groups_are_noted():
    symbol = "_symmetry_space_group_name_H-M 'P m m m'\n"
    crystal = read(cif("5 6 7 90 90 90", symbol + listed("x,y,z", "-x,-y,z+1/2"), "Po Po1 0.11 0.23 0.31"))
    assert "are not those of the space group P m m m" in crystal.notes[0]


def test_another_setting_of_the_listed_group_is_no_contradiction():
    # P 21/n listed, and named by its number, whose first setting is P 21/c; and a setting that no table has.
    number = "_symmetry_Int_Tables_number 14\n"
    operations = ["x,y,z", "-x+1/2,y+1/2,-z+1/2", "-x,-y,-z", "x+1/2,-y+1/2,z+1/2"]
    # The origin moved by a tenth along a: a glide keeps its translation, an inversion moves by two tenths.
    shifted = ["x,y,z", "-x+3/10,y+1/2,-z+1/2", "-x-1/5,-y,-z", "x+1/2,-y+1/2,z+1/2"]
    for each in (operations, shifted):
        crystal = read(cif("5 6 7 90 99 90", number + listed(*each), "Po Po1 0.11 0.23 0.31"))
        assert len(crystal.frac_coords) == 4
        assert not crystal.notes


def test_hexagonal_corundum_cell_of_a_primitive_symbol_keeps_the_list():
    # The list is the whole group, the symbol misses a letter: the list is used.
    text = cif("4 4 10 90 90 120", "_symmetry_space_group_name_H-M 'P -3 m 1'\n" + listed(*TRIGONAL))
    assert not read(text).notes


@pytest.mark.parametrize("end", ["\r", "\r\n", "\n"])
def test_any_line_end_is_one(end):
    text = cif(
        "4.2 4.2 4.2 90 90 90",
        "_symmetry_space_group_name_H-M\n;\nF m -3 m\n;",
        "Mg Mg1 0 0 0\nO O1 .5 .5 .5",
        extra="_publ_text\n;\nline\nline\n;",
    )
    assert len(read(text.replace("\n", end)).frac_coords) == 8
    broken = "a title\n" + text
    with pytest.warns(ReadWarning, match="read leniently"):
        assert len(read_cif(broken.replace("\n", end)).frac_coords) == 8


def test_a_note_stands_in_the_crystal_and_in_one_warning():
    crystal = read(cif(symmetry=""))
    assert crystal.notes == ("no symmetry is stated, the atoms were read as the whole cell (P 1)",)


CALCITE = "Ca Ca 0 0 0\nC C 0 0 0.25\nO O 0.257 0 0.25"


def test_operations_for_other_axes_than_the_cell_has_give_way():
    import gemmi

    other = [op.triplet() for op in gemmi.SpaceGroup("R -3 c:R").operations()]
    symbol = "_symmetry_space_group_name_H-M 'R -3 c'\n"
    crystal = read(cif("4.99 4.99 17.06 90 90 120", symbol + listed(*other), CALCITE))
    assert len(crystal.frac_coords) == 30  # Ca6 C6 O18
    assert "the cell does not have the symmetry of the list" in crystal.notes[0]
    assert "R -3 c:H was used" in crystal.notes[0]


def test_an_origin_in_the_symbol_that_contradicts_z_gives_way():
    stated = "_chemical_formula_sum C\n_cell_formula_units_Z 8"
    crystal = read(
        cif(
            "3.57 3.57 3.57 90 90 90",
            "_symmetry_space_group_name_H-M 'F d -3 m :1'\n" + stated,
            "C C 0.125 0.125 0.125",
        )
    )
    assert len(crystal.frac_coords) == 8
    assert crystal.notes == ("the space group symbol contradicts Z, the space group F d -3 m:2 was used",)


def test_z_that_no_setting_gives_is_noted():
    stated = (
        "_symmetry_space_group_name_H-M 'P m -3 m'\n_chemical_formula_sum 'Cs Cl'\n_cell_formula_units_Z 4"
    )
    crystal = read(cif("4.12 4.12 4.12 90 90 90", stated, "Cs Cs 0 0 0\nCl Cl 0.5 0.5 0.5"))
    assert crystal.notes == ("the cell holds 2 atoms, which are not Z = 4 units of the stated formula",)


def test_multiplicities_that_no_setting_gives_are_noted():
    columns = "type_symbol label fract_x fract_y fract_z symmetry_multiplicity"
    text = cif(
        "4.12 4.12 4.12 90 90 90",
        "_symmetry_space_group_name_H-M 'P m -3 m'",
        "Cs Cs 0 0 0 1\nCl Cl 0.5 0.5 0.5 3",
        columns,
    )
    assert "their stated multiplicities say: Cl (1, not 3)" in read(text).notes[0]


def test_one_text_passes_the_gate_too():
    contact = cif("4 4 4 90 90 90", atoms="Mg Mg 0 0 0\nO O 0.05 0 0")
    assert "atoms closer than half a bond" in read(contact).notes[0]
    with pytest.warns(ReadWarning, match="closer than half a bond"):
        (crystal,) = read_cif_blocks(contact)
    assert crystal.notes == read(contact).notes
    with pytest.raises(CrystalError, match=r"0 \(Mg\) and 1 \(O\) lie on one point"):
        read_poscar("x\n1\n4 0 0\n0 4 0\n0 0 4\nMg O\n1 1\nDirect\n0 0 0\n0.001 0 0\n")
    with pytest.raises(CrystalError, match=r"repeats after 0\.9 angstrom"):
        read_cif(cif("0.9 4 4 90 90 90"))


SALT = "Na Na1 0 0 0\nCl Cl1 .5 .5 .5"


@pytest.mark.parametrize(
    ("extra", "n_sites", "name"),
    [
        ("_chemical_formula_sum 'Na Cl'\n_cell_formula_units_Z 4", 8, "F m -3 m"),
        ("_chemical_formula_sum 'Na Cl'\n_cell_formula_units_Z 1", 2, "Hall symbol -P 4 2 3"),
    ],
)
def test_a_hall_symbol_of_another_group_than_the_symbol_is_noted(extra, n_sites, name):
    symmetry = "_symmetry_space_group_name_H-M 'F m -3 m'\n_symmetry_space_group_name_Hall '-P 4 2 3'\n"
    crystal = read(cif("5.64 5.64 5.64 90 90 90", symmetry, SALT, TYPED, extra=extra))
    assert len(crystal.frac_coords) == n_sites
    assert any("are of different groups" in note and name in note for note in crystal.notes)
    # Another origin or setting is the same group.
    same = symmetry.replace("-P 4 2 3", "-F 4 2 3")
    assert read(cif("5.64 5.64 5.64 90 90 90", same, SALT, TYPED)).notes == ()


@pytest.mark.parametrize(("b", "noted"), [("5.641", False), ("5.60", True)])
def test_a_cell_that_misses_the_symmetry_of_its_group_by_more_than_rounding_is_noted(b, noted):
    crystal = read(cif(f"5.64 {b} 5.64 90 90 90", "_symmetry_space_group_name_H-M 'F m -3 m'\n", SALT, TYPED))
    assert len(crystal.frac_coords) == 8
    said = ("the cell does not have the symmetry of the space group F m -3 m",)
    assert crystal.notes == (said if noted else ())


def test_occupancies_times_the_share_of_a_special_position_are_noted():
    crystal = read(
        cif(
            "5.64 5.64 5.64 90 90 90",
            "_symmetry_space_group_name_H-M 'F m -3 m'\n",
            "Na Na1 0 0 0 0.020833\nO O1 .25 .25 .25 0.041667",
            f"{TYPED} occupancy",
        )
    )
    assert crystal.occupancies.max() < 0.05
    assert any("as SHELX has it" in note for note in crystal.notes)


def test_a_negative_occupancy_is_an_error():
    text = cif(atoms="Na Na1 0 0 0 -1\nCl Cl1 .5 .5 .5 1", columns=f"{TYPED} occupancy")
    with pytest.raises(CrystalError, match="the atom 'Na1' has the occupancy -1"):
        read_cif(text)
