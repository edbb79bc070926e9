"""CIF texts damaged by structure: each ends in a crystal or one sentence, in bounded time."""

from __future__ import annotations

import random

import pytest

from tests.formats import texts
from tests.formats.mutations import check_reading, mutated
from tests.formats.texts import P1_LIST, QUARTZ, ROCK_SALT, cif

MANY_WAYS = cif(
    "9.1 6.3 7.5 90 115 90",
    "_symmetry_space_group_name_H-M 'C 1 2/m 1'\n_symmetry_Int_Tables_number 12\n_cell_volume 389.7\n"
    "_chemical_formula_sum 'Na4 Cl Wat'\n_cell_formula_units_Z 2\n_exptl_crystal_density_diffrn 2.1\n"
    "loop_\n_atom_type_symbol\n_atom_type_oxidation_number\nNa1+ 1\nCl1- -1\n"
    "loop_\n_symmetry_equiv_pos_site_id\n_symmetry_equiv_pos_as_xyz\n1 'x,y,z'\n2 '-x,y,-z'\n3 '-x,-y,-z'\n"
    "4 'x,-y,z'\n5 'x+1/2,y+1/2,z'\n6 '-x+1/2,y+1/2,-z'\n7 '-x+1/2,-y+1/2,-z'\n8 'x+1/2,-y+1/2,z'",
    "Na1+ Na1 8 0.11 0.22 0.33 0.5(1) d 0\nCl1- Cl1 2 0 0 0 1 d .\n? WatOW 4 0.333 0 0.17 1 d 2",
    "type_symbol label symmetry_multiplicity fract_x fract_y fract_z occupancy calc_flag attached_hydrogens",
)
SEEDS = [ROCK_SALT, QUARTZ, MANY_WAYS, cif(symmetry=P1_LIST), MANY_WAYS + ROCK_SALT.replace("test", "two")]


@pytest.mark.parametrize("seed", range(8))
def test_a_damaged_text_ends_in_a_crystal_or_one_sentence(seed):
    source = random.Random(seed)
    good = 0
    for _ in range(100):
        text = mutated(source.choice(SEEDS), source.choice(SEEDS), source)
        try:
            good += check_reading(text)
        except Exception:
            print(repr(text))
            raise
    assert good > 10


def test_the_seeds_are_read():
    assert [check_reading(text) for text in SEEDS] == [1, 1, 1, 1, 2]
    assert texts.CUBIC in ROCK_SALT.replace("\n", " ") or "5.6402" in ROCK_SALT
