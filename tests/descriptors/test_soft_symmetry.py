"""Symmetry at several tolerances of crystals that are nearly symmetric, counted by hand."""

from __future__ import annotations

import numpy as np
import pytest

from skcrystal import Crystal, as_crystals
from skcrystal.descriptors import SoftSymmetry, SymmetryStats
from skcrystal.descriptors.base import decimal
from tests.prototypes import ROCK_SALT, STRONTIUM_TITANATE_POSCAR


def values(crystal, **parameters):
    descriptor = SoftSymmetry(**parameters)
    return dict(zip(descriptor.get_feature_names_out(), descriptor.transform([crystal])[0], strict=True))


def perovskite(shift):
    """Strontium titanate with titanium moved along c, by so many angstrom."""
    cubic = as_crystals([STRONTIUM_TITANATE_POSCAR])[0]
    coords = cubic.frac_coords.copy()
    coords[1, 2] += shift / 3.905
    return Crystal.ordered(cubic.lattice, coords, cubic.atomic_numbers)


def test_an_exact_crystal_hides_nothing():
    row = values(ROCK_SALT)
    assert [row[f"log2_point_group_order_at_{decimal(symprec)}"] for symprec in (0.001, 0.01, 0.05)] == [
        np.log2(48)
    ] * 3
    assert row["hidden_log2_order"] == row["hidden_log2_site_symmetry"] == 0


def test_a_polar_shift_shows_at_the_tolerances_below_it():
    # 4mm has 8 operations, m-3m has 48: log2 of 6 is hidden.
    row = values(perovskite(0.02))
    assert [row[f"is_polar_at_{decimal(symprec)}"] for symprec in (0.001, 0.01, 0.05)] == [1, 1, 0]
    assert [row[f"has_inversion_at_{decimal(symprec)}"] for symprec in (0.001, 0.01, 0.05)] == [0, 0, 1]
    assert row["log2_point_group_order_at_0_01"] == pytest.approx(3)
    assert row["hidden_log2_order"] == pytest.approx(np.log2(6))
    assert row["hidden_log2_site_symmetry"] > 1


def test_a_supercell_that_is_nearly_a_cell_hides_translations():
    # Two atoms along c, the second one 0.02 angstrom off the middle: one atom in half of the cell. Both cells
    # have inversion between the atoms and all operations of 4/mmm; the halving is what hides.
    row = values(Crystal.ordered(np.diag([3, 3, 7.0]), [[0, 0, 0], [0, 0, 0.5 + 0.02 / 7]], [84, 84]))
    assert row["log2_point_group_order_at_0_001"] == row["log2_point_group_order_at_0_05"] == 4
    assert row["log_primitive_sites_at_0_001"] == pytest.approx(np.log(2))
    assert row["log_primitive_sites_at_0_05"] == pytest.approx(0)
    assert row["hidden_log2_order"] == pytest.approx(1)


def test_each_tolerance_gives_what_symmetry_stats_gives():
    crystal = perovskite(0.02)
    for symprec in (0.001, 0.05):
        stats = SymmetryStats(symprec=symprec)
        expected = dict(zip(stats.get_feature_names_out(), stats.transform([crystal])[0], strict=True))
        row = values(crystal)
        assert row[f"orbits_per_site_at_{decimal(symprec)}"] == expected["orbits_per_site"]
        assert row[f"log2_point_group_order_at_{decimal(symprec)}"] == np.log2(expected["point_group_order"])


@pytest.mark.parametrize(
    ("symprecs", "message"),
    [((), "symprecs is empty"), ((0.01, 0.5), "symprecs holds 0.5"), ((0.01, "x"), "symprecs holds 'x'")],
)
def test_a_tolerance_that_cannot_be_is_named(symprecs, message):
    with pytest.raises(ValueError, match=message):
        SoftSymmetry(symprecs=symprecs).transform([ROCK_SALT])
