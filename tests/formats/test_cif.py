"""CIF text: symmetry, disorder, uncertainty, and everything that files do wrong."""

from __future__ import annotations

import numpy as np
import pytest

from skcrystal.crystals.crystal import CrystalError
from skcrystal.formats import ReadWarning, read_cif, read_cif_blocks
from tests.formats.texts import CUBIC, P1_LIST, QUARTZ, ROCK_SALT, cif


def content(crystal):
    """Atomic number -> amount in the cell."""
    amounts = np.bincount(crystal.atomic_numbers, weights=crystal.occupancies)
    return {int(z): round(float(amounts[z]), 4) for z in np.flatnonzero(amounts)}


def shortest(crystal):
    """Shortest distance between two sites, in angstrom, by all pairs and the 27 nearest cells."""
    frac = crystal.frac_coords
    cells = np.stack(np.meshgrid(*[[-1, 0, 1]] * 3), axis=-1).reshape(-1, 3)
    vectors = (frac[:, None, None] - frac[None, :, None] + cells) @ crystal.lattice
    lengths = np.linalg.norm(vectors, axis=-1)
    return lengths[lengths > 1e-6].min()


def test_uncertainty_is_left_out_of_the_number():
    assert np.allclose(read_cif(ROCK_SALT).lattice, 5.6402 * np.eye(3), atol=0)


def test_rock_salt_has_eight_sites_and_charges_of_its_type_symbols():
    crystal = read_cif(ROCK_SALT)
    assert content(crystal) == {11: 4, 17: 4}
    assert set(zip(crystal.atomic_numbers.tolist(), crystal.oxidation_states.tolist(), strict=True)) == {
        (11, 1.0),
        (17, -1.0),
    }
    assert shortest(crystal) == pytest.approx(5.6402 / 2)


def test_quartz_with_rounded_thirds_has_nine_sites():
    crystal = read_cif(QUARTZ)
    assert content(crystal) == {8: 6, 14: 3}
    # 1.605 and 1.614 angstrom in the paper.
    assert shortest(crystal) == pytest.approx(1.605, abs=2e-3)


def test_special_position_is_made_exact():
    # (x, 2x, 1/4) in P 63/m m c, rounded to three decimals: 0.187 is not 2 * 0.094.
    crystal = read_cif(
        cif("5 5 8 90 90 120", "_symmetry_space_group_name_H-M 'P 63/m m c'", "Po Po1 0.094 0.187 0.25")
    )
    assert len(crystal.frac_coords) == 6


def test_silicon_origin_choice_follows_formula_and_z():
    for position in ("0 0 0", "0.125 0.125 0.125"):
        crystal = read_cif(
            cif(
                "5.43 5.43 5.43 90 90 90",
                "_symmetry_space_group_name_H-M 'F d -3 m'\n_chemical_formula_sum Si\n"
                "_cell_formula_units_Z 8",
                f"Si Si1 {position}",
            )
        )
        assert len(crystal.frac_coords) == 8
        assert shortest(crystal) == pytest.approx(5.43 * 3**0.5 / 4)


def test_open_origin_is_warned_about():
    text = cif(
        "5.43 5.43 5.43 90 90 90", "_symmetry_space_group_name_H-M 'F d -3 m'", "Si Si1 .125 .125 .125"
    )
    with pytest.warns(ReadWarning, match="leaves the origin of its space group open"):
        assert len(read_cif(text).frac_coords) == 8


@pytest.mark.parametrize(
    ("symmetry", "n_sites"),
    [
        ("_space_group_name_H-M_alt 'F d -3 m :1'", 8),
        ("_space_group_name_H-M_alt 'F d -3 m :2'", 16),
        ("_symmetry_space_group_name_H-M 'F d -3 m S'", 8),
        ("_symmetry_space_group_name_H-M 'F d -3 m Z'", 16),
        ("_symmetry_space_group_name_H-M 'F d -3 m (origin choice 1)'", 8),
        ("_space_group_name_Hall '-F 4vw 2vw 3'", 16),
        ("_symmetry_space_group_name_H-M 'P 21/c'", 2),
        ("_symmetry_space_group_name_H-M P2_1/c", 2),
        ("_space_group.name_H-M_alt 'I a 3 d'", 16),
        ("_space_group_IT_number 225", 4),
        ("_symmetry_space_group_name_H-M ?\n_symmetry_Int_Tables_number 221", 1),
    ],
)
def test_space_group_in_all_spellings(symmetry, n_sites):
    assert len(read_cif(cif(symmetry=symmetry)).frac_coords) == n_sites


@pytest.mark.parametrize(
    ("cell", "symbol", "n_sites"),
    [
        ("4 4 10 90 90 120", "R -3 m", 3),
        ("4 4 10 90 90 120", "R -3 m H", 3),
        ("4 4 4 60 60 60", "R -3 m", 1),
        ("4 4 4 60 60 60", "R -3 m :R", 1),
        ("4 4 4 60 60 60", "R-3mR", 1),
    ],
)
def test_rhombohedral_groups_follow_the_axes(cell, symbol, n_sites):
    assert len(read_cif(cif(cell, f"_symmetry_space_group_name_H-M '{symbol}'")).frac_coords) == n_sites


def test_same_position_becomes_one_disordered_site():
    text = cif(
        symmetry=P1_LIST,
        columns="label type_symbol fract_x fract_y fract_z occupancy",
        atoms="Fe1 Fe3+ 0 0 0 0.25(1)\nAl1 Al3+ 0.0000 0 1.0 0.5\nO1 O2- .5 .5 .5 .",
    )
    with pytest.warns(ReadWarning, match=r"oxidation states sum to \+0.25 in the cell"):
        crystal = read_cif(text)
    assert crystal.species_offsets.tolist() == [0, 2, 3]
    assert crystal.atomic_numbers.tolist() == [26, 13, 8]
    assert crystal.occupancies.tolist() == [0.25, 0.5, 1.0]
    assert crystal.oxidation_states.tolist() == [3, 3, -2]


def test_oxidation_numbers_of_the_type_loop_come_first():
    loop = "loop_\n_atom_type_symbol\n_atom_type_oxidation_number\nFe3+ 3\nFe2+ 2\nO -2"
    crystal = read_cif(cif(atoms="Fe2+ Fe1 0 0 0\nO O1 .5 .5 .5", extra=loop))
    assert crystal.oxidation_states.tolist() == [2, -2]


def test_deuterium_and_tritium_are_hydrogen():
    with pytest.warns(ReadWarning, match="deuterium or tritium read as hydrogen: D1, T1, D2"):
        crystal = read_cif(cif(atoms="D D1 0 0 0\nT T1 .5 .5 .5\nD1+ D2 .5 0 0"))
    assert crystal.atomic_numbers.tolist() == [1, 1, 1]


def test_zeolite_site_without_type_is_silicon_not_tritium():
    text = cif(columns="label fract_x fract_y fract_z", atoms="T1 0 0 0\nO1 .5 0 0\nO2 0 .5 0").replace(
        "loop_\n_atom", "_chemical_formula_sum 'Si O2'\nloop_\n_atom"
    )
    with pytest.warns(ReadWarning, match="labels guessed: T1 as Si"):
        assert content(read_cif(text)) == {8: 2, 14: 1}


def test_label_of_two_letters_follows_the_formula():
    atoms = "CA1 0 0 0\nHA1 .3 0 0"
    columns = "label fract_x fract_y fract_z"
    with pytest.warns(ReadWarning, match="CA1 as C, HA1 as H"):
        organic = read_cif(cif(columns=columns, atoms=atoms, extra="_chemical_formula_sum 'C H'"))
    assert content(organic) == {1: 1, 6: 1}
    with pytest.warns(ReadWarning, match="CA1 as Ca"):
        assert content(read_cif(cif(columns=columns, atoms="CA1 0 0 0"))) == {20: 1}


def test_dummy_atoms_are_left_out_and_named():
    text = cif(
        atoms="Po Po1 0 0 0 .\nX X1 .1 .1 .1 .\nC Cg1 .2 .2 .2 dum",
        columns="type_symbol label fract_x fract_y fract_z calc_flag",
    )
    with pytest.warns(ReadWarning, match="dummy atoms left out: X1, Cg1"):
        assert content(read_cif(text)) == {84: 1}


def test_atoms_without_coordinates_are_left_out_and_named():
    with pytest.warns(ReadWarning, match="atoms without coordinates left out: H1"):
        assert content(read_cif(cif(atoms="O O1 0 0 0\nH H1 ? ? ?"))) == {8: 1}


def test_dots_among_numbers_are_zero():
    with pytest.warns(ReadWarning, match=r"given as '\.' were read as 0"):
        assert len(read_cif(cif(atoms="F F1 .5 . .\nMn Mn1 . . .")).frac_coords) == 2


def test_one_element_above_full_occupancy_is_set_to_one():
    text = cif(columns="type_symbol label fract_x fract_y fract_z occupancy", atoms="Po Po1 0 0 0 1.25")
    with pytest.warns(ReadWarning, match=r"rescaled to 1: Po1 \(1.25\)"):
        assert read_cif(text).occupancies.tolist() == [1.0]


def test_two_elements_above_full_occupancy_are_rescaled_or_refused():
    columns = "type_symbol label fract_x fract_y fract_z occupancy"
    text = cif(columns=columns, atoms="Na Na1 0 0 0 0.6\nK K1 0 0 0 0.6")
    with pytest.warns(ReadWarning, match=r"rescaled to 1: Na1 \+ K1 \(1.2\)"):
        assert read_cif(text).occupancies.tolist() == [0.5, 0.5]
    with pytest.raises(CrystalError, match="Na1, K1 share one position with occupancies that sum"):
        read_cif(text, occupancy_tolerance=0.1)


def test_atoms_listed_with_their_images_are_merged():
    text = cif(
        CUBIC, "_symmetry_space_group_name_H-M 'F m -3 m'", "Na Na1 0 0 0\nNa Na2 0 .5 .5\nCl Cl1 .5 .5 .5"
    )
    with pytest.warns(ReadWarning, match="merged: Na1 = Na2"):
        assert content(read_cif(text)) == {11: 4, 17: 4}


def test_listed_operations_that_contradict_the_formula_give_way_to_the_named_group():
    text = ROCK_SALT.replace("loop_\n", P1_LIST.partition("_symmetry_space")[0] + "loop_\n", 1)
    with pytest.warns(ReadWarning, match="only 1 of the 192 .* operations of the space group F m -3 m"):
        assert content(read_cif(text)) == {11: 4, 17: 4}


def test_formula_that_the_atoms_do_not_have_is_warned_about():
    text = cif(extra="_chemical_formula_sum 'Po H2'")
    with pytest.warns(ReadWarning, match="the cell holds Po1, which is not the stated formula Po H2"):
        read_cif(text)


def test_declared_space_group_is_checked_on_request():
    assert len(read_cif(ROCK_SALT, check_symmetry=True).frac_coords) == 8
    with pytest.warns(ReadWarning, match="space group 1 is declared, 221 was found"):
        read_cif(cif(), check_symmetry=True)


def test_site_of_the_pauling_file_is_taken_apart():
    text = cif(columns="label type_symbol fract_x fract_y fract_z", atoms="Nb,Zr '0.8Nb + 0.2Zr' 0 0 0")
    assert content(read_cif(text)) == {40: 0.2, 41: 0.8}
    with pytest.raises(CrystalError, match="no atom has coordinates"):
        read_cif(text.replace(" 0 0 0", " ? 0 0"))


def test_magnetic_operations_move_atoms_and_ignore_time():
    operations = (
        "loop_\n_space_group_symop_magn_operation.id\n_space_group_symop_magn_operation.xyz\n"
        "1 x,y,z,+1\n2 -x,-y,-z,-1\n"
        "loop_\n_space_group_symop_magn_centering.id\n_space_group_symop_magn_centering.xyz\n"
        "1 x,y,z,+1\n2 x+1/2,y+1/2,z,-1"
    )
    assert len(read_cif(cif(symmetry=operations, atoms="Ni Ni1 .1 .2 .3")).frac_coords) == 4


def test_names_of_the_ddlm_dictionary_and_cif2_lists():
    text = (
        "#\\#CIF_2.0\ndata_x\n_cell.length_a 4\n_cell.length_b 4\n_cell.length_c 4\n_x.list [1 2 [3 'a b']]\n"
        '_x.table {"a":1 "b":2}\n_x.text """two\nlines"""\n'
        "_cell.angle_alpha 90\n_cell.angle_beta 90\n_cell.angle_gamma 90\n_space_group.IT_number 221\n"
        "loop_\n_atom_site.label\n_atom_site.fract_x\n_atom_site.fract_y\n_atom_site.fract_z\nPo1 0 0 0\n"
    )
    assert content(read_cif(text)) == {84: 1}


def test_cartesian_coordinates_follow_the_convention_of_the_pdb():
    # c along z and a in the xz plane in our lattice; a along x in the file: distances decide.
    text = cif(
        "4 5 6 90 100 90",
        columns="type_symbol label Cartn_x Cartn_y Cartn_z",
        atoms="C C1 0 0 0\nO O1 1.2 0 0",
    )
    crystal = read_cif(text)
    assert np.linalg.norm(crystal.frac_coords[1] @ crystal.lattice) == pytest.approx(1.2)
    assert crystal.frac_coords[1] == pytest.approx([0.3, 0, 0])


def test_incomplete_cell_is_completed_by_its_system():
    text = cif("4 ? ? ? ? ?", "_symmetry_cell_setting cubic\n_space_group_IT_number 221")
    with pytest.warns(ReadWarning, match="completed to 4, 4, 4, 90, 90, 90"):
        assert np.allclose(read_cif(text).lattice, 4 * np.eye(3))


def test_file_without_symmetry_is_p1_with_a_warning():
    with pytest.warns(ReadWarning, match="no symmetry is stated"):
        assert len(read_cif(cif(symmetry="")).frac_coords) == 1


def test_several_blocks():
    text = cif() + "data_powder\n_pd_meas_2theta 10\n" + cif(atoms="Fe Fe1 0 0 0").replace("test", "iron")
    with pytest.warns(ReadWarning, match="2 crystals, the first was read, not iron"):
        assert read_cif(text, source="two.cif").atomic_numbers.tolist() == [84]
    crystals = read_cif_blocks(text, source="two.cif")
    assert [crystal.source for crystal in crystals] == ["two.cif, data_test", "two.cif, data_iron"]
    assert [crystal.atomic_numbers.tolist() for crystal in crystals] == [[84], [26]]


@pytest.mark.parametrize(
    ("broken", "sentence"),
    [
        (cif() + "_comment 'no end\n", "read leniently"),
        ("a title\n" + cif(), "read leniently"),
        (cif(extra="_author Müller"), "read leniently"),
        (cif(atoms="Po Po1 0 0 0\nPo Po2 0.5"), "incomplete last row"),
        (cif() + "_cell_length_a 6\n", "_cell_length_a stands twice with different values"),
        (cif(extra="_empty_tag"), ""),
        (cif() + "\ud800", "characters that no encoding has"),
    ],
)
@pytest.mark.filterwarnings("ignore::skcrystal.formats.ReadWarning")
def test_broken_grammar_is_read_on(broken, sentence):
    assert content(read_cif(broken)) == {84: 1}
    if sentence:
        with pytest.warns(ReadWarning, match=sentence):
            read_cif(broken)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "the text is empty"),
        ("data_x\n_cell_length_a 5\n", "holds no crystal"),
        (cif("5 5 0 90 90 90"), "the cell lengths are 5, 5, 0; all three must lie between"),
        (cif("5 5 5 90 90 181"), "must lie between 0 and 180"),
        (cif("5 5 5 60 60 130"), "enclose no volume"),
        (cif("5 ? 5 90 90 90"), "the cell is incomplete"),
        (cif("1e999 5 5 90 90 90"), "the cell is incomplete"),
        (cif(atoms="Xq Xq1 0 0 0"), "the atom 'Xq1' is of no known element"),
        (cif("1e308 5 5 90 90 90"), "all three must lie between 0.01 and 100000 angstrom"),
        (cif(atoms="Po Po1 1e308 0 0"), "the atom 'Po1' has a coordinate beyond 10000"),
        (cif(atoms="Po Po1 ? ? ?"), "no atom has coordinates"),
        (cif(symmetry="_symmetry_space_group_name_H-M 'Q 7'"), "the space group 'Q 7' is not known"),
        (cif(symmetry="loop_\n_symmetry_equiv_pos_as_xyz\nx,y,w"), "operation 'x,y,w' cannot be read"),
    ],
)
@pytest.mark.filterwarnings("ignore::skcrystal.formats.ReadWarning")
def test_what_is_no_crystal_ends_in_one_sentence(text, sentence):
    with pytest.raises(CrystalError, match=sentence) as error:
        read_cif(text, source="bad.cif")
    assert str(error.value).startswith("bad.cif: ")
    assert str(error.value).endswith(".")
    assert "\n" not in str(error.value)


def test_limits_are_parameters():
    with pytest.raises(CrystalError, match="more than max_sites=7"):
        read_cif(ROCK_SALT, max_sites=7)
    with pytest.raises(CrystalError, match="more than max_bytes=20"):
        read_cif(ROCK_SALT, max_bytes=20)


def test_bomb_of_atoms_is_refused_before_it_expands():
    atoms = "\n".join(f"Po Po{i} 0.{i:06d} 0.1{i:05d} 0.2" for i in range(60_000))
    with pytest.raises(CrystalError, match="more than max_sites"):
        read_cif(cif(symmetry="_space_group_IT_number 225", atoms=atoms))


def test_many_atoms_on_one_place_are_refused():
    with pytest.raises(CrystalError, match="lie on the same positions"):
        read_cif(cif(atoms="Po Po1 0 0 0\n" * 20_000))


def test_operations_times_centrings_are_bounded():
    shifts = "\n".join(f"x+{i / 200:g},y,z" for i in range(150))
    text = cif(
        symmetry=f"loop_\n_space_group_symop_magn_operation_xyz\n{shifts}\n"
        f"loop_\n_space_group_symop_magn_centering_xyz\n{shifts}"
    )
    with pytest.raises(CrystalError, match="the file lists 22,500 symmetry operations, more than 10,000"):
        read_cif(text)
