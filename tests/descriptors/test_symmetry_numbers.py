"""The symmetry of well-known crystals in numbers, calculated by hand."""

from __future__ import annotations

import gemmi
import numpy as np
import pytest
from hypothesis import given

from skcrystal import Crystals
from skcrystal.descriptors import SymmetryStats
from skcrystal.descriptors.symmetry_numbers import CENTRINGS, CRYSTAL_SYSTEMS, GROUP_NAMES, group_table
from tests.prototypes import CAESIUM_CHLORIDE, DIAMOND, ROCK_SALT, STRONTIUM_TITANATE_POSCAR, ZINC_BLENDE_SIC
from tests.strategies import MOVES, crystals


def values(crystal):
    descriptor = SymmetryStats()
    return dict(zip(descriptor.get_feature_names_out(), descriptor.transform([crystal])[0], strict=True))


@pytest.mark.parametrize(
    ("crystal", "order", "inversion", "centring"),
    [
        (ROCK_SALT, 48, 1, "F"),
        (DIAMOND, 48, 1, "F"),
        (CAESIUM_CHLORIDE, 48, 1, "P"),
        (ZINC_BLENDE_SIC, 24, 0, "F"),
    ],
)
def test_point_groups_of_cubic_crystals(crystal, order, inversion, centring):
    row = values(crystal)
    assert row["is_cubic"] == row[f"centring_{centring.lower()}"] == 1
    assert row["point_group_order"] == order
    assert row["has_inversion"] == inversion
    assert row["is_polar"] == row["is_sohncke"] == 0


def test_strontium_titanate_orbits():
    # Sr and Ti on sites of the full symmetry m-3m (48), three O on sites of 4/mmm (16).
    row = values(STRONTIUM_TITANATE_POSCAR)
    assert row["orbits"] == 3
    assert row["orbits_per_site"] == pytest.approx(3 / 5)
    assert row["mean_site_symmetry_order"] == pytest.approx((48 + 48 + 3 * 16) / 5)
    assert row["min_site_symmetry_order"] == 16
    assert row["structural_complexity"] == pytest.approx(2 / 5 * np.log2(5) + 3 / 5 * np.log2(5 / 3))
    assert row["log_primitive_sites"] == pytest.approx(np.log(5))


def test_diamond_has_one_orbit_of_site_symmetry_24_and_no_complexity():
    row = values(DIAMOND)
    assert row["orbits"] == 1
    assert row["mean_site_symmetry_order"] == 48 / 2
    assert row["structural_complexity"] == 0


@given(crystal=crystals(max_sites=10), moved=MOVES["supercell"])
def test_a_supercell_gives_the_same_numbers_to_the_last_but_rounding(crystal, moved):
    one, other = SymmetryStats().transform(Crystals.from_crystals([crystal, moved(crystal)]))
    np.testing.assert_allclose(other, one, rtol=1e-12, atol=1e-12)


def test_the_table_of_groups_counts_as_the_international_tables_do():
    table = dict(zip(GROUP_NAMES, group_table()[1:].T, strict=True))
    systems = [int(table[f"is_{system}"].sum()) for system in CRYSTAL_SYSTEMS]
    assert systems == [2, 13, 59, 68, 25, 27, 36]
    assert table["is_sohncke"].sum() == 65
    assert table["is_polar"].sum() == 68
    assert table["has_inversion"].sum() == 92
    assert sum(table[f"centring_{letter.lower()}"].sum() for letter in CENTRINGS) == 230
    assert table["centring_r"].sum() == 7
    assert table["point_group_order"][[0, 1, 61, 224]].tolist() == [1, 2, 8, 48]


def test_centring_times_point_group_is_the_number_of_operations():
    points = {"P": 1, "C": 2, "I": 2, "F": 4, "R": 3}
    for number in range(1, 231):
        row = dict(zip(GROUP_NAMES, group_table()[number], strict=True))
        (letter,) = [c for c in CENTRINGS if row[f"centring_{c.lower()}"]]
        operations = list(gemmi.find_spacegroup_by_number(number).operations())
        assert row["point_group_order"] * points[letter] == len(operations)
