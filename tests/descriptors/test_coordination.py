"""Coordination numbers and bond lengths of crystals that everybody knows."""

from __future__ import annotations

import numpy as np
import pytest

from skcrystal import Crystal, Crystals
from skcrystal.descriptors import CoordinationStats
from tests.prototypes import CAESIUM_CHLORIDE, DIAMOND, ROCK_SALT, ROCK_SALT_EDGE, ZINC_BLENDE_SIC


def values(crystal, **parameters):
    descriptor = CoordinationStats(**parameters)
    names = descriptor.get_feature_names_out()
    return dict(zip(names, descriptor.transform([crystal])[0], strict=True))


@pytest.mark.parametrize(
    ("crystal", "number"), [(ROCK_SALT, 6), (DIAMOND, 4), (ZINC_BLENDE_SIC, 4), (CAESIUM_CHLORIDE, 8)]
)
def test_coordination_number_of_a_prototype(crystal, number):
    # A reach of 1.1 ends before the second shell of caesium chloride, 15.5 % farther away than the first.
    row = values(crystal, radius=None, reach=1.1)
    assert row["mean_coordination_number"] == pytest.approx(number, rel=0.02)
    assert row["std_coordination_number"] == pytest.approx(0, abs=1e-9)


def test_default_bonds_of_diamond_are_four():
    assert values(DIAMOND)["mean_coordination_number"] == pytest.approx(4, abs=0.01)


def test_bond_lengths_of_rock_salt():
    row = values(ROCK_SALT, radius=None, reach=1.4)
    assert row["mean_nearest_distance"] == pytest.approx(ROCK_SALT_EDGE / 2)
    assert row["mean_bond_length"] == pytest.approx(ROCK_SALT_EDGE / 2, abs=1e-3)


def test_bonds_of_two_lengths_count_by_their_weights():
    # A square net under another one, stretched: four bonds of 3 angstrom and two of 3.3 along c.
    crystal = Crystal.ordered(np.diag([3.0, 3.0, 3.3]), [[0, 0, 0]], [84])
    row = values(crystal, radius=None, reach=1.2)
    bonds = Crystals.from_crystals([crystal]).bonds(radius=None, reach=1.2)
    assert row["mean_bond_length"] == pytest.approx(np.average(bonds.distances, weights=bonds.weights))
    # At half the reach the two weigh a half: between 3 and the plain mean, 3.1.
    assert 3.04 < row["mean_bond_length"] < 3.08


def test_a_site_without_neighbours_has_no_bonds():
    row = values(Crystal.ordered(9 * np.eye(3), [[0, 0, 0]], [2]))
    assert row["mean_coordination_number"] == 0
    assert row["mean_bond_length"] == row["mean_nearest_distance"] == 8.0


def test_nothing_jumps_where_the_last_neighbour_leaves_the_cutoff():
    edges = np.linspace(7.5, 8.1, 601)
    rows = CoordinationStats(cutoff=8.0).transform(
        [Crystal.ordered(edge * np.eye(3), [[0, 0, 0]], [2]) for edge in edges]
    )
    assert np.abs(np.diff(rows, axis=0)).max() < 0.03
