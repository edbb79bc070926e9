"""Pauling's energies of formation: measured enthalpies, and what bonds must obey."""

from __future__ import annotations

import numpy as np
import pytest

from skcrystal import Crystal, Crystals
from skcrystal.descriptors import PaulingEnergy
from tests.prototypes import DIAMOND, FCC

HALF, QUARTER = 0.5, 0.25
# kJ/mol of a formula of two atoms, in eV per atom.
KILOJOULES = 1 / (2 * 96.485)


def binary(edge, first, second, place):
    return Crystal.ordered(edge * FCC, [[0, 0, 0], [place] * 3], [first, second])


def values(crystal):
    descriptor = PaulingEnergy()
    return dict(zip(descriptor.get_feature_names_out(), descriptor.transform([crystal])[0], strict=True))


@pytest.mark.parametrize(
    ("crystal", "enthalpy"),
    [
        # At 298 K in kJ/mol: CRC Handbook of Chemistry and Physics.
        pytest.param(binary(5.64, 11, 17, HALF), -411.2, id="NaCl"),
        pytest.param(binary(6.60, 19, 35, HALF), -393.8, id="KBr"),
        pytest.param(binary(5.55, 47, 17, HALF), -127.0, id="AgCl"),
        pytest.param(binary(5.41, 30, 16, QUARTER), -206.0, id="ZnS"),
        pytest.param(binary(4.38, 13, 7, QUARTER), -318.0, id="AlN"),
        pytest.param(binary(5.653, 31, 33, QUARTER), -71.0, id="GaAs"),
        pytest.param(binary(6.479, 49, 51, QUARTER), -30.5, id="InSb"),
    ],
)
def test_energies_are_near_measured_enthalpies(crystal, enthalpy):
    assert values(crystal)["mean_pauling_energy"] == pytest.approx(enthalpy * KILOJOULES, abs=0.45)


def test_an_element_has_no_energy_and_its_bonds():
    row = values(DIAMOND)
    assert row["mean_ionic_bond_energy"] == row["mean_pauling_energy"] == 0.0
    # Four single bonds.
    assert row["mean_single_bonds"] == pytest.approx(4.0, abs=0.3)


def test_a_molecule_has_what_the_rule_says():
    # One bond, whose valence both sites see, between electronegativities of 2.20 and 3.16.
    chloride = Crystal.ordered(14.0 * np.eye(3), [[0, 0, 0], [1.275 / 14.0, 0, 0]], [1, 17])
    row = values(chloride)
    expected = -0.5 * row["mean_single_bonds"] * (3.16 - 2.20) ** 2
    assert row["mean_single_bonds"] > 0.5
    assert row["mean_ionic_bond_energy"] == pytest.approx(expected)
    assert row["mean_pauling_energy"] == row["mean_ionic_bond_energy"]


def test_nitrogen_and_oxygen_pay_for_the_bonds_of_their_elements():
    nitride, oxide = values(binary(4.38, 13, 7, QUARTER)), values(binary(4.212, 12, 8, HALF))
    assert nitride["mean_pauling_energy"] - nitride["mean_ionic_bond_energy"] == pytest.approx(2.40 / 2)
    assert oxide["mean_pauling_energy"] - oxide["mean_ionic_bond_energy"] == pytest.approx(1.13 / 2)
    alone = Crystal.ordered(20.0 * np.eye(3), [[0, 0, 0]], [8])
    assert list(values(alone).values()) == [0.0, 1.13, 0.0]


def test_a_disordered_site_lies_between_its_species():
    chloride, bromide = (binary(5.8, 19, halogen, HALF) for halogen in (17, 35))
    mixed = Crystal(
        5.8 * FCC,
        np.array([[0, 0, 0], [HALF] * 3]),
        np.array([0, 1, 3]),
        np.array([19, 17, 35]),
        np.array([1.0, 0.5, 0.5]),
        np.full(3, np.nan),
    )
    bonds = [values(crystal)["mean_single_bonds"] for crystal in (chloride, mixed, bromide)]
    assert bonds[0] < bonds[1] < bonds[2]
    assert bonds[1] == pytest.approx((bonds[0] + bonds[2]) / 2)


def test_no_crystals_have_no_rows():
    assert PaulingEnergy().describe(Crystals.from_crystals([])).shape == (0, 3)
