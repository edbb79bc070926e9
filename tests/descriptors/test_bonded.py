"""Descriptors over bonds, at their defaults: numbers from the literature, from pymatgen, and by hand."""

from __future__ import annotations

import numpy as np
import pytest
from pymatgen.analysis.local_env import LocalStructOrderParams
from pymatgen.core import Lattice, Structure

from skcrystal import Crystal, Crystals, as_crystals
from skcrystal.descriptors import (
    BondAngles,
    BondLengths,
    BondOrder,
    CoordinationStats,
    LocalDifferences,
    OrbitalFieldMatrix,
)
from tests.crystals.textbook import TEXTBOOK
from tests.prototypes import CAESIUM_CHLORIDE, DIAMOND, FCC, ROCK_SALT, ZINC_BLENDE_SIC

BONDED = [CoordinationStats, LocalDifferences, OrbitalFieldMatrix, BondAngles, BondLengths, BondOrder]
FAR_ATOMS = Crystal.ordered(20 * np.eye(3), [[0, 0, 0], [0.5, 0.5, 0.5]], [2, 8])
# Nickel and copper share the one site, three to one.
ALLOY = Crystal(
    3.54 * FCC,
    np.zeros((1, 3)),
    np.array([0, 2]),
    np.array([28, 29]),
    np.array([0.75, 0.25]),
    np.full(2, np.nan),
)
COPPER = Crystal.ordered(3.615 * FCC, [[0, 0, 0]], [29])
IRON = Crystal.ordered(2.8665 * (1 - 2 * np.eye(3)) / 2, [[0, 0, 0]], [26])
POLONIUM = Crystal.ordered(3.359 * np.eye(3), [[0, 0, 0]], [84])
# Of the ideal axial ratio, sqrt(8/3).
HEXAGONAL = Crystal.ordered(
    3.2 * np.array([[1, 0, 0], [-0.5, np.sqrt(3) / 2, 0], [0, 0, np.sqrt(8 / 3)]]),
    [[1 / 3, 2 / 3, 1 / 4], [2 / 3, 1 / 3, 3 / 4]],
    [12, 12],
)


def textbook(name):
    return next(case for case in TEXTBOOK if case.name == name).crystal()


def values(descriptor, crystal):
    names = descriptor.get_feature_names_out()
    return dict(zip(names, descriptor.transform([crystal])[0], strict=True))


@pytest.mark.parametrize(
    ("crystal", "number", "length"),
    [
        (ROCK_SALT, 6, 2.82),
        (DIAMOND, 4, 1.545),
        (ZINC_BLENDE_SIC, 4, 1.888),
        (CAESIUM_CHLORIDE, 8, 3.568),
        (COPPER, 12, 2.556),
    ],
)
def test_coordination_numbers_and_bond_lengths(crystal, number, length):
    row = values(CoordinationStats(), crystal)
    assert row["mean_coordination_number"] == pytest.approx(number, abs=0.01)
    assert row["mean_bond_length"] == pytest.approx(length, abs=0.001)
    assert row["min_nearest_distance"] == pytest.approx(length, abs=0.001)
    assert row["std_coordination_number"] == pytest.approx(0, abs=1e-9)


def test_coordination_numbers_of_a_perovskite():
    # Sr 12, Ti 6, three O of 4 + 2.
    row = values(CoordinationStats(), textbook("strontium titanate"))
    assert row["mean_coordination_number"] == pytest.approx((12 + 6 + 3 * 6) / 5)
    assert row["min_coordination_number"] == pytest.approx(6)
    assert row["max_coordination_number"] == pytest.approx(12)
    # Ti-O a half of 3.905 angstrom, Sr-O 3.905 / sqrt(2); oxygen has two of one and four of the other.
    short, long = 3.905 / 2, 3.905 / np.sqrt(2)
    assert row["min_bond_length"] == pytest.approx(short)
    assert row["mean_bond_length"] == pytest.approx((long + short + 3 * (2 * short + 4 * long) / 6) / 5)


def test_a_lone_atom_has_no_bonds():
    row = values(CoordinationStats(), Crystal.ordered(9 * np.eye(3), [[0, 0, 0]], [2]))
    assert row["mean_coordination_number"] == 0
    assert row["mean_bond_length"] == row["mean_nearest_distance"] == 8.0


def test_bonds_of_rock_salt_join_unlike_atoms():
    # Na 0.93, group 1; Cl 3.16, group 17.
    row = values(LocalDifferences(), ROCK_SALT)
    assert row["mean_difference_electronegativity"] == pytest.approx(3.16 - 0.93)
    assert row["mean_difference_group"] == row["max_difference_group"] == pytest.approx(16)
    assert row["min_step_electronegativity"] == pytest.approx(-2.23)
    assert row["max_step_electronegativity"] == pytest.approx(2.23)


def test_differences_at_the_oxygen_of_a_perovskite():
    # Sr 0.95, Ti 1.54, O 3.44: oxygen has four bonds to Sr and two to Ti.
    row = values(LocalDifferences(), textbook("strontium titanate"))
    oxygen = (4 * 2.49 + 2 * 1.90) / 6
    assert row["mean_difference_electronegativity"] == pytest.approx((2.49 + 1.90 + 3 * oxygen) / 5)
    assert row["min_step_electronegativity"] == pytest.approx(-oxygen)


def test_an_element_has_no_local_differences():
    assert LocalDifferences().transform([DIAMOND]) == pytest.approx(0, abs=1e-12)


def test_a_mixed_site_has_the_mean_of_its_species_and_differs_not_from_its_images():
    assert LocalDifferences().transform([ALLOY]) == pytest.approx(0, abs=1e-12)
    # d8 and d10 of nickel and copper, s2 and s1: 3/4 of one and 1/4 of the other; twelve bonds.
    row = values(OrbitalFieldMatrix(), ALLOY)
    assert row["mean_orbital_field_d_d"] == pytest.approx(12 * 8.5**2)
    assert row["mean_orbital_field_s_d"] == pytest.approx(12 * 1.75 * 8.5)


def test_orbitals_that_meet_in_silicon_carbide():
    # Both atoms are s2 p2: four bonds, 2 x 2 electrons each, and 2 x 4 electrons with free places.
    row = values(OrbitalFieldMatrix(), ZINC_BLENDE_SIC)
    assert row["mean_orbital_field_s_p"] == pytest.approx(16, rel=1e-3)
    assert row["mean_orbital_field_p_p_unfilled"] == pytest.approx(32, rel=1e-3)
    assert row["mean_orbital_field_p_unfilled_p_unfilled"] == pytest.approx(64, rel=1e-3)
    assert row["mean_orbital_field_p_d"] == row["mean_orbital_field_d_d"] == 0


def test_orbitals_of_unlike_atoms_count_both_ways_round():
    # Six bonds of Na s1 with Cl s2 p5: s with p is the mean of 1 x 5 seen from Na and 2 x 0 from Cl.
    row = values(OrbitalFieldMatrix(), ROCK_SALT)
    assert row["mean_orbital_field_s_s"] == pytest.approx(12)
    assert row["mean_orbital_field_s_p"] == pytest.approx(15)
    assert row["mean_orbital_field_p_p"] == 0


def test_lengths_of_bonds_beside_the_radii():
    # Both sites have the same bonds, of 1.888 angstrom, and covalent radii of 1.11 and 0.73 angstrom.
    row = values(BondLengths(), ZINC_BLENDE_SIC)
    for statistic in ("mean", "min", "max"):
        assert row[f"{statistic}_bond_length_excess"] == pytest.approx(0.048, abs=5e-4)
    assert row["mean_bond_length_deviation"] == pytest.approx(0, abs=1e-6)


def test_bonds_of_quartz_are_short_and_nearly_even():
    # Levien et al. give 1.605 and 1.614 angstrom, twice each; the radii of Si and O are 1.11 and 0.66.
    row = values(BondLengths(), textbook("quartz"))
    assert row["mean_bond_length_excess"] == pytest.approx(1.6095 - 1.77, abs=1e-3)
    assert row["mean_bond_length_deviation"] == pytest.approx(0.0045, abs=5e-4)


def test_a_multiple_bond_is_shorter_than_the_radii():
    cell = np.diag([5.0, 5, 5])
    row = values(BondLengths(), Crystal.ordered(cell, [[0, 0, 0], [0, 0, 1.098 / 5]], [7, 7]))
    assert row["mean_bond_length_excess"] == pytest.approx(1.098 - 2 * 0.71)


@pytest.mark.parametrize(
    ("crystal", "expected"),
    [
        # Steinhardt et al. 1983 and Mickel et al. 2013, table I: fcc, hcp, bcc with 8 neighbours, sc.
        (COPPER, {4: 0.191, 6: 0.575}),
        (HEXAGONAL, {4: 0.097, 6: 0.485}),
        (IRON, {4: 0.509, 6: 0.629}),
        (POLONIUM, {4: 0.764, 6: 0.354}),
        # By hand, from Legendre polynomials at the angles of a tetrahedron, an octahedron and a cube.
        (DIAMOND, {3: np.sqrt(5 / 9), 4: np.sqrt(7 / 27)}),
        (ROCK_SALT, {4: np.sqrt(7 / 12), 6: np.sqrt(1 / 8)}),
        (CAESIUM_CHLORIDE, {4: np.sqrt(7 / 27), 6: np.sqrt(32 / 81)}),
    ],
)
def test_bond_order_as_published(crystal, expected):
    row = values(BondOrder(), crystal)
    for order, value in expected.items():
        assert row[f"mean_q_{order}"] == pytest.approx(value, abs=3e-3)
    assert row["mean_q_2"] == pytest.approx(0, abs=5e-3)


def test_bond_order_of_rutile_is_pymatgens():
    structure = Structure.from_spacegroup(
        "P4_2/mnm", Lattice.tetragonal(4.5937, 2.9587), ["Ti", "O"], [[0, 0, 0], [0.3053, 0.3053, 0]]
    )
    parameters = LocalStructOrderParams(["q2", "q4", "q6"])
    found = []
    for site in structure:
        # Ti-O are 1.95 and 1.98 angstrom, and the next oxygen 3.49 away.
        around = [n for n in structure.get_neighbors(site, 2.5) if n.specie != site.specie]
        local = Structure.from_sites([site, *around])
        found.append(
            parameters.get_order_parameters(local, 0, indices_neighs=list(range(1, len(around) + 1)))
        )
    row = values(BondOrder(), as_crystals([structure])[0])
    assert [row["mean_q_2"], row["mean_q_4"], row["mean_q_6"]] == pytest.approx(np.mean(found, axis=0))


@pytest.mark.parametrize(
    ("crystal", "shares"),
    [
        # 12 angles of 90 degrees and 3 of 180.
        (ROCK_SALT, {"90": 12 / 15, "180": 3 / 15}),
        # 109.4712 degrees lies between 105 and 120.
        (DIAMOND, {"105": 0.70192, "120": 0.29808}),
        # Of the 28 angles of a cube 12 are of 70.5288 degrees, 12 of 109.4712, 4 of 180.
        (
            CAESIUM_CHLORIDE,
            {
                "60": 0.29808 * 12 / 28,
                "75": 0.70192 * 12 / 28,
                "105": 0.70192 * 12 / 28,
                "120": 0.29808 * 12 / 28,
                "180": 4 / 28,
            },
        ),
        # Of the 66 angles of a cuboctahedron 24 are of 60 degrees, 12 of 90, 24 of 120, 6 of 180.
        (COPPER, {"60": 24 / 66, "90": 12 / 66, "120": 24 / 66, "180": 6 / 66}),
    ],
)
def test_bond_angles_of_a_prototype(crystal, shares):
    row = values(BondAngles(), crystal)
    for name, value in row.items():
        expected = shares.get(name.removeprefix("mean_bond_angle_"), 0)
        assert value == pytest.approx(expected, abs=1e-4)


def test_statistics_are_a_choice():
    descriptor = BondOrder(statistics=["max", "min"])
    assert descriptor.get_feature_names_out().tolist()[:2] == ["min_q_2", "max_q_2"]
    with pytest.raises(ValueError, match="statistics=\\['low'\\]: give some of mean, std, min, max"):
        CoordinationStats(statistics=["low"]).transform([DIAMOND])


@pytest.mark.parametrize("make", BONDED)
def test_far_atoms_have_finite_values(make):
    rows = make().transform([FAR_ATOMS])
    assert np.isfinite(rows).all()


@pytest.mark.parametrize("make", [LocalDifferences, OrbitalFieldMatrix, BondAngles, BondLengths, BondOrder])
def test_without_neighbours_there_is_nothing_to_sum(make):
    assert make().transform([FAR_ATOMS]) == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("make", BONDED)
def test_an_empty_batch_gives_no_rows(make):
    descriptor = make()
    assert descriptor.transform(Crystals.from_crystals([])).shape == (
        0,
        len(descriptor.get_feature_names_out()),
    )


def test_an_unknown_property_is_named():
    with pytest.raises(ValueError, match="unknown element property 'elektronegativity'"):
        LocalDifferences(properties=["elektronegativity"]).transform([DIAMOND])
