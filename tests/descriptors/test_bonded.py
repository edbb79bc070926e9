"""Local differences, orbital fields, bond valences, angles and bond order: values calculated by hand."""

from __future__ import annotations

import numpy as np
import pytest

from skcrystal import Crystal, Crystals, as_crystals
from skcrystal.descriptors import (
    BondAngles,
    BondLengths,
    BondOrder,
    BondValences,
    CoordinationStats,
    LocalDifferences,
    OrbitalFieldMatrix,
)
from skcrystal.descriptors.bond_valence import bond_valence_table
from tests.prototypes import (
    CAESIUM_CHLORIDE,
    DIAMOND,
    ROCK_SALT,
    ROCK_SALT_EDGE,
    STRONTIUM_TITANATE_POSCAR,
    ZINC_BLENDE_SIC,
)

BONDED = [CoordinationStats, LocalDifferences, OrbitalFieldMatrix, BondAngles, BondLengths, BondOrder]
FAR_ATOMS = Crystal.ordered(20 * np.eye(3), [[0, 0, 0], [0.5, 0.5, 0.5]], [2, 8])
# Nickel and copper share the one site, three to one.
ALLOY = Crystal(
    3.54 * (1 - np.eye(3)) / 2,
    np.zeros((1, 3)),
    np.array([0, 2]),
    np.array([28, 29]),
    np.array([0.75, 0.25]),
    np.full(2, np.nan),
)
# Weight of a bond of 2.82 angstrom at a cutoff of 8.
PLATEAU_ROCK_SALT = (1 - (ROCK_SALT_EDGE / 2 / 8) ** 6) ** 2


def values(descriptor, crystal):
    names = descriptor.get_feature_names_out()
    return dict(zip(names, descriptor.transform([crystal])[0], strict=True))


def test_bonds_of_rock_salt_join_unlike_atoms():
    # Plain distances up to 1.4 times 2.82: the six of the other kind alone. Na 0.93, group 1; Cl 3.16, 17.
    row = values(LocalDifferences(radius=None, reach=1.4), ROCK_SALT)
    share = 6 * PLATEAU_ROCK_SALT / (6 * PLATEAU_ROCK_SALT + 1)
    assert row["mean_difference_electronegativity"] == pytest.approx((3.16 - 0.93) * share)
    assert row["mean_difference_group"] == pytest.approx(16 * share)
    assert row["high_difference_group"] == pytest.approx(16 * share)
    # One site steps up by 2.23, the other down; the extreme of half of the sites is 2^(-1/6) of it.
    assert row["low_step_electronegativity"] == pytest.approx(-2.23 * share / 2 ** (1 / 6))
    assert row["high_step_electronegativity"] == pytest.approx(2.23 * share / 2 ** (1 / 6))


def test_an_element_has_no_local_differences():
    assert LocalDifferences().transform([DIAMOND]) == pytest.approx(0, abs=1e-12)


def test_a_mixed_site_has_the_mean_of_its_species_and_differs_not_from_its_images():
    assert LocalDifferences().transform([ALLOY]) == pytest.approx(0, abs=1e-12)
    # d8 and d10 of nickel and copper, s2 and s1: 3/4 of one and 1/4 of the other.
    number = Crystals.from_crystals([ALLOY]).bonds().numbers[0]
    row = values(OrbitalFieldMatrix(), ALLOY)
    assert row["orbital_field_d_d"] == pytest.approx(number / (number + 1) * 8.5**2)
    assert row["orbital_field_s_d"] == pytest.approx(number / (number + 1) * 1.75 * 8.5)


def test_orbitals_that_meet_in_silicon_carbide():
    # Both atoms are s2 p2: four bonds, 2 x 2 electrons each, and 2 x 4 electrons with free places.
    row = values(OrbitalFieldMatrix(reach=1.2), ZINC_BLENDE_SIC)
    bonds = Crystals.from_crystals([ZINC_BLENDE_SIC]).bonds(reach=1.2).numbers.mean()
    assert bonds == pytest.approx(4, abs=0.01)
    share = bonds / (bonds + 1)
    assert row["orbital_field_s_p"] == pytest.approx(share * 4, rel=1e-3)
    assert row["orbital_field_p_p_unfilled"] == pytest.approx(share * 8, rel=1e-3)
    assert row["orbital_field_p_unfilled_p_unfilled"] == pytest.approx(share * 16, rel=1e-3)
    assert row["orbital_field_p_d"] == row["orbital_field_d_d"] == 0


def test_orbitals_of_unlike_atoms_count_both_ways_round():
    # Na s1 with Cl s2 p5: s with p is the mean of 1 x 5 seen from Na and 2 x 0 seen from it, and back.
    row = values(OrbitalFieldMatrix(radius=None, reach=1.4), ROCK_SALT)
    six = 6 * PLATEAU_ROCK_SALT / (6 * PLATEAU_ROCK_SALT + 1)
    assert row["orbital_field_s_s"] == pytest.approx(six * 2)
    assert row["orbital_field_s_p"] == pytest.approx(six * 0.5 * 5)
    assert row["orbital_field_p_p"] == 0


@pytest.mark.parametrize(("crystal", "first", "second"), [(ROCK_SALT, 11, 17), (CAESIUM_CHLORIDE, 55, 17)])
def test_bond_valence_sum_of_a_salt(crystal, first, second):
    size_1, pull_1, size_2, pull_2 = bond_valence_table()[[first, second]].ravel()
    gap = (np.sqrt(pull_1) - np.sqrt(pull_2)) ** 2
    length = size_1 + size_2 - size_1 * size_2 * gap / (pull_1 * size_1 + pull_2 * size_2)
    # The nearest neighbours, and the next ones of the other kind: those at sqrt(3) halves of the edge of rock
    # salt, at sqrt(11) halves of that of caesium chloride. The third shell is below 1e-3.
    if first == 11:
        shells = [(6, ROCK_SALT_EDGE / 2), (8, ROCK_SALT_EDGE / 2 * np.sqrt(3))]
    else:
        shells = [(8, 4.12 / 2 * np.sqrt(3)), (24, 4.12 / 2 * np.sqrt(11))]
    expected = sum(n * np.exp((length - r) / 0.37) * (1 - (r / 8) ** 6) ** 2 for n, r in shells)
    row = values(BondValences(), crystal)
    assert row["mean_bond_valence_sum"] == pytest.approx(expected, abs=1e-3)
    # Both ions have the charge 1.
    valences = np.concatenate(
        [np.full(n, np.exp((length - r) / 0.37) * (1 - (r / 8) ** 6) ** 2) for n, r in shells]
    )
    many = expected**2 / (expected**2 + valences @ valences)
    deviation = many * np.log((expected + 0.25) / (1 + 0.25))
    assert row["mean_bond_valence_deviation"] == pytest.approx(deviation, abs=2e-3)
    assert row["instability_index"] == pytest.approx(abs(row["mean_bond_valence_deviation"]))
    assert row["mean_cation_deviation"] == pytest.approx(row["mean_anion_deviation"])
    assert row["mean_bond_valence_asymmetry"] == pytest.approx(0, abs=1e-6)


def test_perovskite_titanium_is_near_its_charge():
    row = values(BondValences(), as_crystals([STRONTIUM_TITANATE_POSCAR])[0])
    assert row["mean_bond_valence_deviation"] == pytest.approx(0, abs=0.1)
    assert row["instability_index"] < 0.15


def test_a_metal_has_contacts_and_no_charges():
    row = values(BondValences(), ALLOY)
    assert row["mean_bond_valence_sum"] == row["instability_index"] == 0
    assert row["mean_contact_valence_sum"] > 1


def test_a_site_off_the_centre_is_asymmetric():
    def polonium(z):
        # Two equal atoms in a long cell; the second one in the middle, or off it.
        return Crystal.ordered(np.diag([3, 3, 6.0]), [[0, 0, 0], [0, 0, z]], [84, 84])

    straight, off = (values(BondValences(), polonium(z)) for z in (0.5, 0.45))
    assert straight["mean_bond_valence_asymmetry"] == pytest.approx(0, abs=1e-9)
    assert off["mean_bond_valence_asymmetry"] > 0.02


def test_elements_without_tabulated_size_have_an_estimate():
    table = bond_valence_table()
    assert np.isfinite(table[1:]).all()
    assert (table[1:, 0] > 0.2).all()
    # Gold has none; its estimate lies between those of silver, 1.12, and thallium, 1.62 angstrom.
    assert 1.12 < table[79, 0] < 1.62


def test_lengths_of_bonds_beside_the_radii():
    # Both sites have the same bonds, and covalent radii of 1.11 and 0.73 angstrom.
    row = values(BondLengths(reach=1.2), ZINC_BLENDE_SIC)
    number = Crystals.from_crystals([ZINC_BLENDE_SIC]).bonds(reach=1.2).numbers[0]
    excess = number * (4.36 * np.sqrt(3) / 4 - 1.11 - 0.73) / (number + 6)
    for statistic in ("mean", "low", "high"):
        assert row[f"{statistic}_bond_length_excess"] == pytest.approx(excess, abs=1e-6)
    assert row["mean_bond_length_deviation"] == pytest.approx(0, abs=1e-6)


def test_extremes_of_bond_lengths_are_semideviations():
    # Xenon far from a nitrogen molecule has no bonds, and so 0. The radius of nitrogen is 0.71 angstrom.
    side = 30.0
    molecule = [[0, 0, 0], [1.3 / side, 0, 0]]
    crystal = Crystal.ordered(side * np.eye(3), [*molecule, [0.5, 0.5, 0.5], [0, 0.5, 0]], [7, 7, 54, 54])
    row = values(BondLengths(), crystal)
    number = Crystals.from_crystals([crystal]).bonds(reach=2.0).numbers[0]
    excess = number * (1.3 - 2 * 0.71) / (number + 6)
    assert excess < -0.01
    assert row["mean_bond_length_excess"] == pytest.approx(excess / 2)
    # Two of four sites lie |excess| / 2 below the mean, the others as far above it.
    deviation = abs(excess) / 2 / np.sqrt(2)
    assert row["low_bond_length_excess"] == pytest.approx(excess / 2 - deviation)
    assert row["high_bond_length_excess"] == pytest.approx(excess / 2 + deviation)


def test_uneven_bonds_deviate():
    lengths = BondLengths(radius=None, reach=1.3)
    even, uneven = (
        values(lengths, Crystal.ordered(np.diag([3.0, 3.0, c]), [[0, 0, 0]], [84])) for c in (3.0, 3.3)
    )
    assert even["mean_bond_length_deviation"] == pytest.approx(0, abs=1e-9)
    assert uneven["mean_bond_length_deviation"] > 0.005


@pytest.mark.parametrize(
    ("crystal", "order", "expected"),
    [
        # Legendre polynomials at the angles of a tetrahedron, an octahedron and a cube: q_l^2 is their mean.
        (DIAMOND, 3, np.sqrt(5 / 9)),
        (DIAMOND, 4, np.sqrt(7 / 27)),
        (ROCK_SALT, 4, np.sqrt(7 / 12)),
        (ROCK_SALT, 6, np.sqrt(1 / 8)),
        (CAESIUM_CHLORIDE, 4, np.sqrt(7 / 27)),
        (CAESIUM_CHLORIDE, 6, np.sqrt(32 / 81)),
    ],
)
def test_bond_order_of_a_prototype(crystal, order, expected):
    row = values(BondOrder(radius=None, reach=1.1), crystal)
    bonds = Crystals.from_crystals([crystal]).bonds(radius=None, reach=1.1)
    blurred = expected * np.exp(-order * (order + 1) / 2 * (0.2 / bonds.distances[0]) ** 2)
    damped = np.sqrt((blurred * bonds.numbers[0] / (bonds.numbers[0] + 1)) ** 2 + 0.12**2) - 0.12
    assert row[f"mean_q_{order}"] == pytest.approx(damped, abs=3e-3)
    assert row["mean_q_2"] == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize(
    ("crystal", "shares"),
    [
        (ROCK_SALT, {90: 12 / 15, 180: 3 / 15}),
        (DIAMOND, {109.4712206: 1}),
        (CAESIUM_CHLORIDE, {70.5287794: 12 / 28, 109.4712206: 12 / 28, 180: 4 / 28}),
    ],
)
def test_bond_angles_of_a_prototype(crystal, shares):
    descriptor = BondAngles(radius=None, reach=1.1)
    row = values(descriptor, crystal)
    bonds = Crystals.from_crystals([crystal]).bonds(radius=None, reach=1.1)
    # All bonds weigh the same; a pair of them less than 1 by the plateau alone.
    weights = bonds.weights[: bonds.offsets[1]]
    pairs = (weights.sum() ** 2 - (weights**2).sum()) / 2
    for name, value in row.items():
        center = float(name.removeprefix("bond_angle_"))
        expected = sum(
            share * np.exp(-0.5 * ((angle - image) / descriptor.width) ** 2)
            for angle, share in shares.items()
            for image in (center, 360 - center)
        )
        assert value == pytest.approx(expected * pairs / (pairs + 16.0), abs=1e-3)


@pytest.mark.parametrize("make", [*BONDED, BondValences])
def test_far_atoms_have_finite_values(make):
    rows = make().transform([FAR_ATOMS])
    assert np.isfinite(rows).all()


@pytest.mark.parametrize("make", [LocalDifferences, OrbitalFieldMatrix, BondAngles, BondLengths, BondOrder])
def test_without_neighbours_there_is_nothing_to_sum(make):
    assert make().transform([FAR_ATOMS]) == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("make", [*BONDED, BondValences])
def test_an_empty_batch_gives_no_rows(make):
    descriptor = make()
    assert descriptor.transform(Crystals.from_crystals([])).shape == (
        0,
        len(descriptor.get_feature_names_out()),
    )


def test_an_unknown_property_is_named():
    with pytest.raises(ValueError, match="unknown element property 'elektronegativity'"):
        LocalDifferences(properties=["elektronegativity"]).transform([DIAMOND])


def test_descriptors_of_one_batch_share_bonds():
    batch = Crystals.from_crystals([DIAMOND])
    assert batch.bonds() is batch.bonds(8.0, radius="covalent_radius", reach=1.5)
