"""Bond valences: values calculated by hand."""

from __future__ import annotations

import numpy as np
import pytest

from skcrystal import Crystal, Crystals, as_crystals
from skcrystal.descriptors import BondValences
from skcrystal.descriptors.bond_valence import bond_valence_table
from tests.prototypes import CAESIUM_CHLORIDE, ROCK_SALT, ROCK_SALT_EDGE, STRONTIUM_TITANATE_POSCAR

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


def values(descriptor, crystal):
    names = descriptor.get_feature_names_out()
    return dict(zip(names, descriptor.transform([crystal])[0], strict=True))


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


def test_far_atoms_have_finite_values():
    assert np.isfinite(BondValences().transform([FAR_ATOMS])).all()


def test_an_empty_batch_gives_no_rows():
    descriptor = BondValences()
    rows = descriptor.transform(Crystals.from_crystals([]))
    assert rows.shape == (0, len(descriptor.get_feature_names_out()))
