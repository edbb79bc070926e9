"""What the grammar and the dictionaries of CIF allow, each in a small file of its own."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from skcrystal.crystals.crystal import CrystalError
from skcrystal.formats import ReadWarning, read, read_cif
from skcrystal.formats.cif import first_of_cif
from skcrystal.formats.formula import formula_text
from tests.formats.texts import cif

GENERAL = "Po Po1 .123 .234 .345"
CELLS = {
    "cubic": "5 5 5 90 90 90",
    "tetragonal": "5 5 7 90 90 90",
    "orthorhombic": "4 5 6 90 90 90",
    "monoclinic a": "4 5 6 100 90 90",
    "monoclinic b": "4 5 6 90 100 90",
    "monoclinic c": "4 5 6 90 90 100",
    "triclinic": "4 5 6 80 85 95",
    "hexagonal": "5 5 7 90 90 120",
    "rhombohedral": "5 5 5 70 70 70",
}
F_CUBIC = cif(symmetry="_symmetry_space_group_name_H-M 'F m -3 m'")


def amounts(crystal):
    return formula_text(crystal.atomic_numbers, crystal.occupancies)


def read_quietly(text):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return read_cif(text)


def with_item(item):
    return F_CUBIC.replace("loop_", f"{item}\nloop_", 1)


@pytest.mark.parametrize(
    "text",
    [
        "\ufeff" + F_CUBIC,
        F_CUBIC.replace("\n", "\r\n"),
        F_CUBIC.replace("\n", "\r"),
        F_CUBIC.replace(" ", "\t"),
        "\n  \n" + F_CUBIC.replace("\n", "\n   "),
        F_CUBIC + "#END",
        F_CUBIC.replace("'F m -3 m'", "\n;\nF m -3 m\n;"),
        F_CUBIC.replace("data_", "DATA_").replace("loop_", "LOOP_").replace("_cell_len", "_CELL_Len"),
        F_CUBIC.replace("Po Po1 0 0 0", "# Po Po0 .5 0 0\nPo\nPo1 # the first\n0\n\n0 0"),
        with_item("_title 'a dog's \"life\"'"),
        with_item("loop_\n_x\n_y"),
        with_item("_twice 1\n_twice 2"),
        with_item("save_frame\n_cell_length_a 99\nsave_"),
        with_item("_long\n;\\\none line \\\nin two\n;"),
        with_item("_word a[b"),
        F_CUBIC.replace("_symmetry_space_group_name_H-M 'F", "_symmetry.space_group_name_H-M 'F"),
        F_CUBIC.replace("_symmetry_space_group_name_H-M 'F m -3 m'", "_space_group.name_Hall '-F 4 2 3'"),
        F_CUBIC.replace(
            "_symmetry_space_group_name_H-M 'F m -3 m'", "_space_group_name_Hall\n;\\\n-F 4 \\\n2 3\n;"
        ),
        F_CUBIC.replace(
            "_symmetry_space_group_name_H-M 'F m -3 m'",
            "_space_group_name_Hall\n;CIF>\\\\\nCIF>-F 4 \\\nCIF>2 3\n;",
        ),
        "#\\#CIF_2.0\n" + with_item("_list [1 2\n[3 'a b' \"c\"]\n]\n_empty []\n_table {'a':1 \"b\":[2 {}]}"),
        "#\\#CIF_2.0\n" + with_item("_text '''three\n'' quotes'''\n_other \"\"\"more\n\"\"\""),
    ],
    ids=range(21),
)
def test_spellings_of_one_file(text):
    assert amounts(read_quietly(text)) == "Po4"


@pytest.mark.parametrize("encoding", ["latin-1", "utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_encodings(tmp_path, encoding):
    path = tmp_path / "x.cif"
    path.write_bytes(with_item("_author 'Müller'").encode(encoding))
    assert amounts(read(path)) == "Po4"


def test_numbers_in_all_their_forms():
    crystal = read_quietly(cif("+5.43(2) 5. 50E-1 90.0 9.0e1(2) 90", atoms="Po Po1 +.5 -.25(1) 1/3"))
    assert np.diag(crystal.lattice) == pytest.approx([5.43, 5, 5])
    assert crystal.frac_coords[0].tolist() == [0.5, -0.25, 1 / 3]


def test_one_atom_needs_no_loop():
    atom = "_atom_site_label Po1\n_atom_site_fract_x 0\n_atom_site_fract_y 0\n_atom_site_fract_z 0\n"
    assert amounts(read_quietly(F_CUBIC.partition("loop_")[0] + atom)) == "Po4"


def test_lists_of_the_ddlm_dictionary():
    columns = "type_symbol label fract_xyz"
    text = cif(columns=columns, atoms="Po Po1 [0 0 0]\nH H1 [.5(1), .5, .5]\nHe He1 [.1 .2 .3]")
    assert read_quietly("#\\#CIF_2.0\n" + text).frac_coords[1:].tolist() == [[0.5] * 3, [0.1, 0.2, 0.3]]
    matrices = "1 [[1 0 0 0][0 1 0 0][0 0 1 0][0 0 0 1]]\n2 [[-1 0 0 .5] [0 -1 0 0] [0 0 -1 0] [0 0 0 1]]"
    symmetry = f"loop_\n_space_group_symop.id\n_space_group_symop.RT\n{matrices}"
    assert amounts(read_quietly(cif(symmetry=symmetry, atoms=GENERAL))) == "Po2"


# -- symmetry ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("symbol", "cell", "n_sites"),
    [
        ("P 1 1 21/b", "monoclinic c", 4),
        ("P 21/b", "monoclinic c", 4),
        ("P 21/n", "monoclinic b", 4),
        ("I 2/m", "monoclinic b", 8),
        ("P 2/m", "monoclinic a", 4),
        ("A 1 2/a 1", "monoclinic b", 8),
        ("P2(1)/c", "monoclinic b", 4),
        ("P 2sub1/c", "monoclinic b", 4),
        ("P 2<sub>1</sub>/c", "monoclinic b", 4),
        ("P 21/c (#14)", "monoclinic b", 4),
        ("P 21/c (No. 14)", "monoclinic b", 4),
        ("P2(1)2(1)2(1)", "orthorhombic", 4),
        ("P b n m", "orthorhombic", 8),
        ("C m c a", "orthorhombic", 16),
        ("P 21/n 21/m 21/a", "orthorhombic", 8),
        ("P n a 2(1)", "orthorhombic", 4),
        ("F 4/m m m", "tetragonal", 64),
        ("P4/m2/m2/m", "tetragonal", 16),
        ("I 41/a 2/m 2/d :2", "tetragonal", 32),
        ("C -1", "triclinic", 4),
        ("F -1", "triclinic", 8),
        ("P \\bar{1}", "triclinic", 2),
        ("H -3", "hexagonal", 18),
        ("R -3 m {hexagonal axes}", "hexagonal", 36),
        ("R 3 m h :H", "hexagonal", 18),
        ("R -3 2/c :R", "rhombohedral", 12),
        ("P 63/m 2/m 2/c", "hexagonal", 24),
        ("F 41/d -3 2/m :1", "cubic", 192),
        ("P a 3", "cubic", 24),
    ],
)
def test_symbols_of_space_groups(symbol, cell, n_sites):
    text = cif(CELLS[cell], f"_symmetry_space_group_name_H-M '{symbol}'", GENERAL)
    crystal, _ = first_of_cif(text)  # before the gate, which notes how close atoms come that are anywhere
    assert len(crystal.frac_coords) == n_sites
    assert crystal.notes == ()


def test_unique_axis_of_a_short_symbol_is_the_one_of_the_cell():
    # The mirror of P m is normal to the axis with the skewed angle opposite to it.
    for axis, cell in enumerate(("monoclinic a", "monoclinic b", "monoclinic c")):
        text = cif(CELLS[cell], "_space_group_name_H-M_alt 'P m'", GENERAL)
        one, other = first_of_cif(text)[0].frac_coords
        assert np.flatnonzero(~np.isclose(one, other)).tolist() == [axis]


@pytest.mark.parametrize(
    "operation",
    [
        "-x,-y,-z",
        "-X, -Y, -Z",
        "1/2-x,1/2+y,z",
        "0.5-x,y,z",
        "x+.5,y,z",
        "(1/2)+x,y,z",
        "-1+x+1/2,y,z",
        "−x,−y,−z",
        "- x, - y, - z",
        "x,y,z+0.5000",
        "-1*x,-1*y,1*z",
    ],
)
def test_spellings_of_operations(operation):
    symmetry = f"loop_\n_symmetry_equiv_pos_site_id\n_symmetry_equiv_pos_as_xyz\n1 'x,y,z'\n2 '{operation}'"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ReadWarning)  # a sign outside ASCII breaks the grammar
        assert amounts(read_cif(cif("4 5 6 90 90 90", symmetry, GENERAL))) == "Po2"


def test_operations_as_the_lines_of_a_text_field():
    text = cif(symmetry="_symmetry_equiv_pos_as_xyz\n;\nx,y,z\n-x,-y,-z\n;", atoms=GENERAL)
    assert amounts(read_quietly(text)) == "Po2"


def test_generators_are_multiplied_to_the_group():
    generators = "x,y,z\n-x,-y,z+1/2\n-x,y,-z\nx+1/2,y+1/2,z"
    text = cif("4 5 6 90 90 90", f"loop_\n_space_group_symop_generator_xyz\n{generators}", GENERAL)
    assert amounts(read_quietly(text)) == "Po8"
    with pytest.raises(CrystalError, match="generate more than 192 operations"):
        read_cif(text.replace("x+1/2,y+1/2,z", "x+0.0123,y,z"))


def test_missing_identity_is_added():
    with pytest.warns(ReadWarning, match="lacks x,y,z, which was added"):
        crystal = read_cif(cif(symmetry="loop_\n_symmetry_equiv_pos_as_xyz\n-x,-y,-z", atoms=GENERAL))
    assert amounts(crystal) == "Po2"


@pytest.mark.parametrize(
    ("symmetry", "sentence", "n_sites"),
    [
        (
            "_symmetry_space_group_name_H-M 'P 21 21 21'\n_symmetry_Int_Tables_number 62",
            "number 62 contradicts the symbol 'P 21 21 21', and was not used",
            4,
        ),
        (
            "_symmetry_space_group_name_H-M 'Q 7'\n_symmetry_Int_Tables_number 19",
            "symbol 'Q 7' is not known, the space group P 21 21 21 was used",
            4,
        ),
        (
            "_symmetry_space_group_name_H-M 'P -3'",
            "cell does not have the symmetry of the space group P -3",
            6,
        ),
    ],
)
def test_contradictions_in_symmetry_are_noted(symmetry, sentence, n_sites):
    with pytest.warns(ReadWarning, match=sentence):
        assert len(read_cif(cif("4 5 6 90 90 90", symmetry, GENERAL)).frac_coords) == n_sites


# -- magnetic and modulated structures --------------------------------------------------------------


@pytest.mark.parametrize(
    "tag", ["_space_group_symop_magn_operation.xyz", "_space_group_symop.magn_operation_xyz"]
)
def test_magnetic_operations_in_old_and_new_names(tag):
    centring = tag.replace("operation", "centering")
    symmetry = (
        f"loop_\n_{'id'}\n{tag}\n1 x,y,z,+1\n2 -x,-y,-z,-1\nloop_\n{centring}\nx,y,z,+1\nx+1/2,y+1/2,z+1/2,-1"
    )
    moments = "loop_\n_atom_site_moment.label\n_atom_site_moment.crystalaxis_x\nPo1 2.5"
    assert amounts(read_quietly(cif(symmetry=symmetry, atoms=GENERAL, extra=moments))) == "Po4"


def test_operations_of_a_magnetic_group_may_name_the_moments():
    operations = "loop_\n_magnetic_space_group_symop_operation_xyz\nx,y,z,mx,my,mz\n-x,-y,-z,-mx,-my,-mz"
    assert amounts(read_quietly(cif(symmetry=operations, atoms=GENERAL))) == "Po2"


def test_magnetic_group_without_operations_is_read_as_its_space_group():
    symmetry = "_space_group_magn.name_BNS \"P n' m a'\"\n_parent_space_group.name_H-M_alt 'P m -3 m'"
    with pytest.warns(ReadWarning, match="P n' m a' are listed, the space group P n m a was used"):
        assert amounts(read_cif(cif("4 5 6 90 90 90", symmetry, GENERAL))) == "Po8"
    with pytest.raises(CrystalError, match="the space group 'P_c n m a' is not known"):
        read_cif(cif(symmetry="_space_group_magn.name_BNS 'P_c n m a'"))
    with pytest.raises(CrystalError, match=r"the space group '62\.448' is not known and no symmetry op"):
        read_cif(cif(symmetry="_space_group_magn.number_BNS 62.448"))


@pytest.mark.parametrize(
    ("operations", "n_sites"),
    [
        ("x1,x2,x3,x4\n-x1,-x2,-x3,-x4\nx1+1/2,x2,x3,1/2+x4\n-x1+1/2,-x2,-x3,1/2-x4", 4),
        ("xs1,xs2,xs3,xs4,xs5\n-xs1,-xs2,-xs3,-xs4,-xs5", 2),
        ("x1,x2,x3,x4\nx1,-x2,x3,x2-x4", 2),
    ],
)
def test_modulated_structure_is_read_as_its_average_and_noted(operations, n_sites):
    symmetry = (
        f"_cell_modulation_dimension 1\nloop_\n_space_group_symop_ssg_operation_algebraic\n{operations}"
    )
    with pytest.warns(ReadWarning, match="is modulated, its average was read"):
        assert len(read_cif(cif("4 5 6 90 90 90", symmetry, GENERAL)).frac_coords) == n_sites


def test_superspace_group_without_operations_is_read_as_its_space_group():
    symmetry = "_space_group_ssg_name 'P2/m(a0g)0s'"
    with pytest.warns(ReadWarning, match=r"P2/m\(a0g\)0s are listed, the space group P 1 2/m 1 was used"):
        assert amounts(read_cif(cif("4 5 6 90 100 90", symmetry, GENERAL))) == "Po4"


def test_composite_crystal_is_refused():
    text = cif(columns="label fract_x fract_y fract_z subsystem_code", atoms="Ba1 0 0 0 1\nS1 0 .5 0 2")
    with pytest.raises(CrystalError, match="composite crystal, in which parts have unit cells of their own"):
        read_cif(text)


# -- atoms ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("symbol", "element", "noted"),
    [
        ("Cu+2", "Cu", "sum to [+]2 in"),
        ("Fe2.5+", "Fe", "sum to [+]2.5 in"),
        ("Fe0+", "Fe", ""),
        ("CU", "Cu", "CU as Cu"),
        ("11B", "B", ""),
        ("57Fe3+", "Fe", "sum to [+]3 in"),
        ("'Al 3+'", "Al", "Al 3[+] as Al"),
        ("Siv", "Si", "Siv as Si"),
        ("OH2", "O", "OH2 as O"),
        ("H2O", "O", "H2O as O"),
        ("NH4", "N", "NH4 as N"),
        ("NO", "N", "NO as N"),
        ("D", "H", "deuterium or tritium read as hydrogen: X9"),
        ("D1+", "H", "deuterium or tritium read as hydrogen: X9"),
        ("3H", "H", "deuterium or tritium read as hydrogen: X9"),
    ],
)
def test_type_symbols(symbol, element, noted):
    text = cif(atoms=f"{symbol} X9 0 0 0")
    if noted:
        with pytest.warns(ReadWarning, match=noted):
            crystal = read_cif(text)
    else:
        crystal = read_quietly(text)
    assert amounts(crystal) == f"{element}1"


def test_deuterium_is_noted_in_every_format_that_names_it(tmp_path):
    files = {
        "x.xyz": '1\nLattice="2 0 0 0 2 0 0 0 2"\nD 0 0 0\n',
        "POSCAR": "deuterium\n1\n2 0 0\n0 2 0\n0 0 2\nD\n1\nDirect\n0 0 0\n",
        "x.json": '{"lattice": {"matrix": [[2, 0, 0], [0, 2, 0], [0, 0, 2]]}, "sites": '
        '[{"species": [{"element": "D", "occu": 1}], "abc": [0, 0, 0]}]}',
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text)
        with pytest.warns(ReadWarning, match="deuterium or tritium read as hydrogen"):
            assert read(tmp_path / name).atomic_numbers.tolist() == [1]


@pytest.mark.parametrize("before", ["", "junk\n"], ids=["strict", "lenient"])
def test_second_loop_of_atoms_is_joined_by_its_labels(before):
    atoms = "Po Po1 0 0 0\nFe Fe1 .5 .5 .5\nHe He1 .5 0 0"
    occupancies = "loop_\n_atom_site_label\n_atom_site_occupancy\nFe1 0.5\nPo1 0.25\n"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore" if before else "error", ReadWarning)
        assert amounts(read_cif(before + cif(atoms=atoms) + occupancies)) == "He1 Fe0.5 Po0.25"


def test_nothing_but_vacancies_is_no_crystal():
    columns = "type_symbol label fract_x fract_y fract_z occupancy"
    with pytest.raises(CrystalError, match="no atom has coordinates and an occupancy above 0"):
        read_cif(cif(columns=columns, atoms="Fe Fe1 0 0 0 0"))
    with pytest.raises(CrystalError, match="no atom has coordinates and an occupancy above 0"):
        read_cif(cif(columns=columns, atoms="Va Va1 0 0 0 1"))


def test_cartesian_coordinates_by_the_matrix_of_the_file():
    # x = 4 u along the first axis, y = 6 w, z = 5 v: axes that no convention has.
    matrix = np.array([[4, 0, 0], [0, 0, 6], [0, 5, 0]])
    items = "\n".join(
        f"_atom_sites_Cartn_tran_matrix_{i + 1}{j + 1} {matrix[i, j]}" for i in range(3) for j in range(3)
    )
    text = cif(
        "4 5 6 90 90 90", columns="type_symbol label Cartn_x Cartn_y Cartn_z", atoms="C C1 1 3 1", extra=items
    )
    assert read_quietly(text).frac_coords[0] == pytest.approx([0.25, 0.2, 0.5])


def test_unreadable_cell_is_shown():
    with pytest.raises(CrystalError, match="must be numbers, and are 5,43, 5, missing; correct them"):
        read_cif(cif("5,43 5 ? 90 90 90"))
