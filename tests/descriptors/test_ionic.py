"""Ionic statistics and valence electrons, calculated by hand."""

from __future__ import annotations

import numpy as np
import pytest

from skcrystal import Crystal
from skcrystal.datasets import load_experimental
from skcrystal.descriptors import IonicStats, ValenceElectrons
from tests.prototypes import ROCK_SALT, STRONTIUM_TITANATE_POSCAR, ZINC_BLENDE_SIC


def values(descriptor, crystal):
    names = descriptor.get_feature_names_out()
    return dict(zip(names, descriptor.transform([crystal])[0], strict=True))


def crystal_of(*numbers):
    coords = np.arange(len(numbers))[:, None] / len(numbers) * [1, 1, 1]
    return Crystal.ordered(4.0 * len(numbers) ** (1 / 3) * np.eye(3), coords, list(numbers))


def test_charges_are_whole_or_mixed_and_not_nearly_whole():
    X = load_experimental().data
    names = IonicStats().get_feature_names_out().tolist()
    mixed = IonicStats().transform(X)[:, names.index("mixed_valence")]
    assert 0.5 < np.mean(mixed == 0) < 1
    assert mixed[mixed > 0].min() > 1e-3
    charges = np.abs(X.ions.states)
    assert 0.1 < np.mean(charges == 0) < 0.5
    assert charges[charges > 0].min() > 1e-3


def test_rock_salt_is_sodium_plus_and_chloride():
    row = values(IonicStats(), ROCK_SALT)
    assert row["mean_cation_charge"] == 1
    assert row["mean_anion_charge"] == -1
    assert row["cation_fraction"] == row["anion_fraction"] == 0.5
    assert row["residual_charge"] == row["mixed_valence"] == row["electron_parity"] == 0
    # Pauling: 3.16 - 0.93.
    assert row["mean_electronegativity_gap"] == pytest.approx(2.23)
    # NIST: Na 5.139 and 47.286 eV, Cl 12.968 eV.
    assert row["mean_cation_electron_affinity"] == pytest.approx(5.139, abs=1e-3)
    assert row["mean_cation_ionization_energy"] == pytest.approx(47.286, abs=1e-3)
    assert row["ionic_gap"] == pytest.approx(12.968 - 5.139, abs=2e-3)


def test_strontium_titanate_ions():
    row = values(IonicStats(), STRONTIUM_TITANATE_POSCAR)
    assert row["mean_cation_charge"] == pytest.approx((2 + 4) / 2)
    assert row["max_cation_charge"] == pytest.approx(4)
    assert row["min_anion_charge"] == pytest.approx(-2)
    assert row["rms_charge"] == pytest.approx(np.sqrt((2**2 + 4**2 + 3 * 2**2) / 5))
    assert row["d0_fraction"] == pytest.approx(1 / 5)
    assert row["mean_ion_d_electrons"] == pytest.approx(0, abs=1e-9)


def test_nickel_oxide_has_eight_d_electrons():
    row = values(IonicStats(), crystal_of(28, 8))
    assert row["max_ion_d_electrons"] == 8
    assert row["open_shell_d_electrons"] == pytest.approx(2 / 2)


def test_europium_oxide_has_seven_f_electrons():
    # Eu2O3: Eu3+ is f6; EuO: Eu2+ is f7.
    assert values(IonicStats(), crystal_of(63, 8))["mean_ion_f_electrons"] == pytest.approx(7 / 2)
    row = values(IonicStats(), crystal_of(63, 63, 8, 8, 8))
    assert row["mean_ion_f_electrons"] == pytest.approx(6 * 2 / 5)


def test_lead_oxide_has_lone_pairs_and_lead_dioxide_has_none():
    assert values(IonicStats(), crystal_of(82, 8))["lone_pair_fraction"] == pytest.approx(1 / 2)
    assert values(IonicStats(), crystal_of(82, 8, 8))["lone_pair_fraction"] == pytest.approx(0)


def test_sodium_has_an_odd_number_of_electrons_in_any_cell():
    assert values(IonicStats(), crystal_of(11))["electron_parity"] == 1
    assert values(IonicStats(), crystal_of(11, 11))["electron_parity"] == 1
    half = Crystal(
        3 * np.eye(3), np.zeros((1, 3)), np.array([0, 1]), np.array([11]), np.array([0.5]), [np.nan]
    )
    assert values(IonicStats(), half)["electron_parity"] == 0.5


def test_an_elements_columns_of_ions_are_zero():
    row = values(IonicStats(), crystal_of(26))
    assert row["cation_fraction"] == row["ionic_gap"] == row["radius_ratio"] == 0
    assert np.isfinite(list(row.values())).all()


@pytest.mark.parametrize("descriptor", [IonicStats(), ValenceElectrons()])
def test_every_element_has_a_finite_row(descriptor):
    rows = descriptor.transform([crystal_of(z, 8) for z in range(1, 119)])
    assert np.isfinite(rows).all()


def test_silicon_carbide_valence_electrons():
    row = values(ValenceElectrons(), ZINC_BLENDE_SIC)
    assert row["mean_s_electrons"] == row["mean_p_electrons"] == 2
    assert row["p_electron_fraction"] == 0.5
    # Two of six p places are taken on either atom.
    assert row["mean_p_holes"] == 4


def test_rock_salt_fills_chlorine_from_sodium():
    # Cl 3p (-8.7 eV) takes five of its own electrons and sodium's one: full; Na 3s (-2.8 eV) is empty.
    row = values(ValenceElectrons(), ROCK_SALT)
    assert row["highest_occupied_energy"] == pytest.approx(-8.7, abs=0.1)
    assert row["lowest_unoccupied_energy"] == pytest.approx(-2.8, abs=0.1)
    assert row["orbital_gap"] == pytest.approx(5.9, abs=0.2)


def test_anions_that_lack_electrons_have_holes():
    # Each oxygen of sodium peroxide, Na2O2, lacks one of 8 electrons; the three fluorines of CsNaF3 lack one.
    assert values(IonicStats(), crystal_of(11, 11, 8, 8))["anion_holes"] == pytest.approx(2 / 4)
    assert values(IonicStats(), crystal_of(55, 11, 9, 9, 9))["anion_holes"] == pytest.approx(1 / 5)
    assert values(IonicStats(), ROCK_SALT)["anion_holes"] == 0
    assert values(IonicStats(), crystal_of(3, 1))["anion_holes"] == 0
