"""The table of sites, and their Wyckoff positions."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings

from skcrystal import Crystal, Crystals, as_crystals, site_table
from skcrystal.crystals.wyckoff import find_wyckoff_positions
from tests.prototypes import DIAMOND, ROCK_SALT, SILICON_POSCAR, STRONTIUM_TITANATE_POSCAR
from tests.strategies import MOVES, crystals


def test_perovskite_by_textbook():
    # Pm-3m with strontium at 0 0 0: 1a, 1b and 3c (International Tables A, no. 221), O at 4/mm.m. Twelve, six
    # and two plus four neighbours; charges 2, 4 and -2; Ti-O half of 3.905 angstrom.
    table = site_table([STRONTIUM_TITANATE_POSCAR])
    assert table.index.tolist() == [(0, k) for k in range(5)]
    assert table["element"].tolist() == ["Sr", "Ti", "O", "O", "O"]
    assert table["oxidation_state"].tolist() == [2, 4, -2, -2, -2]
    assert (table["wyckoff_multiplicity"].astype(str) + table["wyckoff_letter"]).tolist() == [
        "1a",
        "1b",
        *["3c"] * 3,
    ]
    assert table["site_symmetry"].tolist() == ["m-3m", "m-3m", *["4/mm.m"] * 3]
    np.testing.assert_allclose(table["coordination_number"], [12, 6, 6, 6, 6], atol=0.3)
    np.testing.assert_allclose(table["nearest_distance"], [3.905 / np.sqrt(2), *[3.905 / 2] * 4])
    # Within 15 % of the charges, as in the test of oxides.
    np.testing.assert_allclose(table["bond_valence_sum"], [2, 4, 2, 2, 2], rtol=0.15)
    # Cations sit where the potential is low.
    assert (table["madelung_potential"] * table["oxidation_state"] < 0).all()


def test_the_madelung_potential_is_that_of_the_constant():
    # Rock salt: 1.747565 e^2 / (4 pi epsilon_0) over 2.82 angstrom.
    expected = 1.747565 * 14.39964548 / 2.82
    table = site_table([ROCK_SALT])
    np.testing.assert_allclose(table["madelung_potential"], [-expected, expected], rtol=1e-6)
    # 3.16 - 0.93 on Pauling's scale.
    np.testing.assert_allclose(table["difference_electronegativity"], 2.23, atol=1e-9)


def test_conventional_and_primitive_cells_have_the_same_positions():
    # Diamond, 8a of Fd-3m: -43m.
    found = find_wyckoff_positions(Crystals.from_crystals([DIAMOND, as_crystals([SILICON_POSCAR])[0]]))
    assert set(found.letters) == {"a"}
    assert set(found.multiplicities) == {8}
    assert set(found.symmetries) == {"-43m"}


@pytest.mark.parametrize("move", ["supercell", "cell_choice", "rotation"])
def test_moves_leave_multiplicity_and_site_symmetry_alone(move):
    @settings(max_examples=30)
    @given(crystal=crystals(max_sites=8), moved=MOVES[move])
    def check(crystal, moved):
        other = moved(crystal)
        repeat = other.n_sites // crystal.n_sites
        found = find_wyckoff_positions(Crystals.from_crystals([crystal, other]))
        n = crystal.n_sites
        np.testing.assert_array_equal(np.repeat(found.multiplicities[:n], repeat), found.multiplicities[n:])

    check()


def test_a_shared_site_is_named_by_its_content():
    shared = Crystal(
        3.8 * np.eye(3),
        np.zeros((1, 3)),
        np.array([0, 2]),
        np.array([29, 79]),
        np.array([0.5, 0.25]),
        np.full(2, np.nan),
    )
    table = site_table([shared, ROCK_SALT])
    assert table["element"].tolist() == ["0.5 Cu + 0.25 Au", "Na", "Cl"]
    assert isinstance(table.index, pd.MultiIndex)
    assert table.index.names == ["crystal", "site"]


def test_no_crystals_make_an_empty_table():
    table = site_table(Crystals.from_crystals([]))
    assert table.shape[0] == 0
    assert list(table.columns) == list(site_table([DIAMOND]).columns)
