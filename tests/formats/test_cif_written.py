"""The fastest path of CIF gives what the general path gives, or declines."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skcrystal import Crystals
from skcrystal.formats.cif_written import read_written
from skcrystal.kernels.atom_rows import decimal
from tests.formats.test_cif_plain import assert_same, general
from tests.strategies import crystals

ROCK_SALT = """# generated using pymatgen
data_NaCl
_symmetry_space_group_name_H-M   'P 1'
_cell_length_a   3.98808000
_cell_length_b   3.98808000
_cell_length_c   3.98808000
_cell_angle_alpha   60.00000000
_cell_angle_beta   60.00000000
_cell_angle_gamma   60.00000000
_symmetry_Int_Tables_number   1
_chemical_formula_structural   NaCl
_chemical_formula_sum   'Na1 Cl1'
_cell_volume   44.85150000
_cell_formula_units_Z   1
loop_
 _symmetry_equiv_pos_site_id
 _symmetry_equiv_pos_as_xyz
  1  'x, y, z'
loop_
 _atom_site_type_symbol
 _atom_site_label
 _atom_site_symmetry_multiplicity
 _atom_site_fract_x
 _atom_site_fract_y
 _atom_site_fract_z
 _atom_site_occupancy
  Na  Na0  1  0.00000000  0.00000000  0.00000000  1
  Cl  Cl1  1  0.50000000  0.50000000  0.50000000  1
"""


def written(text):
    return read_written(text, "", 0.01, 100_000)


def test_rock_salt_is_read_the_same_on_both_paths():
    assert_same(written(ROCK_SALT), general(ROCK_SALT))


@pytest.mark.filterwarnings("ignore:No Pauling electronegativity")  # pymatgen, of noble gases
@settings(max_examples=40)
@given(crystal=crystals(max_sites=12))
def test_what_pymatgen_writes_is_read_the_same_on_both_paths(crystal):
    from pymatgen.io.cif import CifWriter

    text = str(CifWriter(crystal.to_structure()))
    found = written(text)
    if found is None:
        # Only disorder is not plain.
        assert len(crystal.atomic_numbers) > crystal.n_sites or (crystal.occupancies < 1).any()
    else:
        assert_same(found, general(text))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("'P 1'", "'P -1'"),
        ("data_NaCl\n", "data_NaCl\n_atom_type_oxidation_number 1\n"),
        ("60.00000000", "60.00000000(3)"),
        ("'x, y, z'", "'x, y, z'\n  2  '-x, -y, -z'"),
        ("'Na1 Cl1'", "'Na1 Cl2'"),
        ("'Na1 Cl1'", "'Na1 H1'"),
        ("  Na  Na0", "  Na+  Na0"),
        ("  Na  Na0", "  Xx  Na0"),
        ("  Na  Na0", "  D  Na0"),
        ("  Na  Na0", "  Na  'Na 0'"),
        ("0.50000000  1\n", "0.50000000  0.5\n"),
        ("0.50000000  1\n", "0.50000000  1  1\n"),
        ("0.50000000  1\n", "0.50000000\n"),
        ("0.50000000  1\n", "0.50000000  1\ndata_two\n"),
        ("0.50000000  1\n", "0.50000000  1\n# a remark\n"),
        ("0.50000000  0.50000000  1", "?  0.50000000  1"),
        ("0.50000000  0.50000000  1", "5e-1  0.50000000  1"),
        ("0.50000000  0.50000000  1", "0.5000000000000000000001  0.50000000  1"),
        ("  Cl  Cl1  1  0.50000000  0.50000000  0.50000000  1", "  Cl  Cl1  1  0.0  0.0  0.0001  1"),
        ("  Na  Na0  1  0.00000000  0.00000000  0.00000000  1\n", ""),
        ("NaCl\n_sym", "NäCl\n_sym"),
        ("3.98808000", "0.00000000"),
        ("3.98808000", "3.9.8"),
    ],
)
def test_a_text_that_departs_from_the_layout_is_declined(old, new):
    assert old in ROCK_SALT
    assert written(ROCK_SALT.replace(old, new)) is None


def test_too_many_sites_are_left_to_the_general_path():
    assert read_written(ROCK_SALT, "", 0.01, 1) is None


@given(value=st.floats(-1e5, 1e5), digits=st.integers(0, 9))
def test_decimals_are_those_of_python(value, digits):
    text = f"{value:.{digits}f}"
    if len(text.replace("-", "").replace(".", "")) <= 15:
        assert decimal(np.frombuffer(text.encode(), np.uint8), 0, len(text)) == float(text)


@pytest.mark.parametrize("text", ["", "-", ".", "1.2.3", "--1", "1-", "nan", "inf", "1e3", "9" * 16])
def test_what_is_no_plain_decimal_is_nan(text):
    assert np.isnan(decimal(np.frombuffer((text + " ").encode(), np.uint8), 0, len(text)))


def test_crystals_of_this_path_can_be_joined_and_taken_apart():
    batch = Crystals.from_crystals([written(ROCK_SALT)] * 2)
    assert batch[1].occupancies.tolist() == [1, 1]
