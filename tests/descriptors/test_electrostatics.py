"""Electrostatic energies against the Madelung constants of the handbooks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import erfc

from skcrystal import Crystal, Crystals, as_crystals
from skcrystal.crystals.cells import heights, inverses
from skcrystal.descriptors import MadelungEnergy
from skcrystal.descriptors.electrostatics import COULOMB, largest_waves
from skcrystal.kernels.ewald import LIMIT, add_direct_sum, add_reciprocal_sum
from tests.prototypes import CAESIUM_CHLORIDE, ROCK_SALT, ROCK_SALT_EDGE, STRONTIUM_TITANATE_POSCAR
from tests.strategies import crystals

ZINC_SULPHIDE_EDGE = 5.41
ZINC_SULPHIDE = Crystal.ordered(
    ZINC_SULPHIDE_EDGE * (1 - np.eye(3)) / 2, [[0, 0, 0], [0.25, 0.25, 0.25]], [30, 16]
)


def values(crystal):
    descriptor = MadelungEnergy()
    return dict(zip(descriptor.get_feature_names_out(), descriptor.transform([crystal])[0], strict=True))


@pytest.mark.parametrize(
    ("crystal", "charge", "distance", "constant"),
    [
        (ROCK_SALT, 1, ROCK_SALT_EDGE / 2, 1.747565),
        (CAESIUM_CHLORIDE, 1, 4.12 * np.sqrt(3) / 2, 1.762675),
        (ZINC_SULPHIDE, 2, ZINC_SULPHIDE_EDGE * np.sqrt(3) / 4, 1.638055),
    ],
)
def test_madelung_constants(crystal, charge, distance, constant):
    # The energy of a pair is -M q^2 e^2 / (4 pi epsilon_0 r), that of a site half of it.
    row = values(crystal)
    unit = COULOMB * charge**2 / distance
    assert -2 * row["madelung_energy"] / unit == pytest.approx(constant, abs=1e-6)
    potential = COULOMB * charge * constant / distance
    assert row["mean_anion_potential"] == pytest.approx(potential, rel=1e-6)
    assert row["mean_cation_potential"] == pytest.approx(-potential, rel=1e-6)
    assert row["madelung_gap"] == pytest.approx(2 * potential, rel=1e-6)


def test_reduced_energy_does_not_see_size_and_charge():
    # MgO has the structure of NaCl.
    magnesia = Crystal.ordered(4.21 * (1 - np.eye(3)) / 2, [[0, 0, 0], [0.5, 0.5, 0.5]], [12, 8])
    expected = values(ROCK_SALT)["reduced_madelung_energy"]
    assert values(magnesia)["reduced_madelung_energy"] == pytest.approx(expected)
    # (V/N)^(1/3) is the nearest distance here.
    assert expected == pytest.approx(-1.747565 / 2, abs=1e-6)


def test_a_metal_has_no_electrostatic_energy():
    iron = Crystal.ordered(2.87 * np.eye(3), [[0, 0, 0], [0.5, 0.5, 0.5]], [26, 26])
    assert not MadelungEnergy().transform([iron]).any()


def test_strontium_titanate_against_pymatgen():
    from pymatgen.analysis.ewald import EwaldSummation
    from pymatgen.core import Structure

    structure = Structure.from_str(STRONTIUM_TITANATE_POSCAR, fmt="poscar")
    structure.add_oxidation_state_by_element({"Sr": 2, "Ti": 4, "O": -2})
    reference = EwaldSummation(structure, acc_factor=12).total_energy / 5
    assert values(STRONTIUM_TITANATE_POSCAR)["madelung_energy"] == pytest.approx(reference, rel=1e-5)


def test_a_shared_site_holds_its_mean_charge():
    mixed = Crystal(
        ROCK_SALT.lattice,
        ROCK_SALT.frac_coords,
        np.array([0, 2, 3]),
        np.array([11, 19, 17]),
        np.array([0.25, 0.75, 1.0]),
        np.full(3, np.nan),
    )
    np.testing.assert_allclose(Crystals.from_crystals([mixed]).site_charges, [1, -1])


def test_a_small_displacement_changes_the_energy_smoothly():
    # To first order nothing happens at a centre of inversion: the change falls with the square.
    def energy(step):
        coords = np.array([[0, 0, 0], [0.5 + step, 0.5, 0.5]])
        return values(Crystal.ordered(ROCK_SALT.lattice, coords, [11, 17]))["madelung_energy"]

    changes = [abs(energy(step) - energy(0)) for step in (2e-3, 4e-3)]
    assert changes[1] / changes[0] == pytest.approx(4, rel=0.05)


def test_the_potential_does_not_depend_on_how_the_sum_is_split():
    cells = as_crystals([STRONTIUM_TITANATE_POSCAR])
    lattice, coords, charges = cells.lattices[0], cells.frac_coords, np.array([2.0, 4.0, -2.0, -2.0, -2.0])
    found = []
    for alpha in (0.4, 0.5, 0.7):
        potentials = -2 * alpha / np.sqrt(np.pi) * charges
        add_direct_sum(lattice, heights(cells.lattices)[0], coords, charges, alpha, potentials)
        columns, volume = inverses(cells.lattices)[0], cells.volumes[0]
        top = largest_waves(cells.lattices, np.array([alpha]))[0]
        add_reciprocal_sum(columns, volume, top, coords, charges, alpha, potentials)
        found.append(potentials)
    np.testing.assert_allclose(found[1:], [found[0]] * 2, rtol=1e-6)


def reference_sums(lattice, coords, charges, alpha):
    """Both of Ewald's sums over whole blocks of vectors, as the textbooks write them."""

    def block(reach):
        steps = [np.arange(-n, n + 1) for n in np.ceil(reach).astype(int)]
        return np.stack(np.meshgrid(*steps), axis=-1).reshape(-1, 3)

    reciprocal = 2 * np.pi * np.linalg.inv(lattice).T
    volume = abs(np.linalg.det(lattice))
    cutoff = np.sqrt(LIMIT) / alpha
    shifts = block(cutoff * np.linalg.norm(reciprocal, axis=1) / (2 * np.pi) + 1)
    waves = block(2 * alpha * np.sqrt(LIMIT) * np.linalg.norm(lattice, axis=1) / (2 * np.pi)) @ reciprocal
    squares = (waves**2).sum(axis=1)
    within = (squares > 0) & (squares <= (2 * alpha * np.sqrt(LIMIT)) ** 2)
    waves, squares = waves[within], squares[within]
    direct, fourier = np.zeros(len(coords)), np.zeros(len(coords))
    for i, site in enumerate(coords):
        for j, other in enumerate(coords):
            r = np.linalg.norm((other - site - np.rint(other - site) + shifts) @ lattice, axis=1)
            r = r[(r > 1e-9) & (r <= cutoff)]
            direct[i] += charges[j] * (erfc(alpha * r) / r).sum()
            phases = np.cos(waves @ ((other - site) @ lattice))
            damped = np.exp(-squares / (4 * alpha**2)) / squares
            fourier[i] += charges[j] * 4 * np.pi / volume * (damped * phases).sum()
    return direct, fourier


@settings(max_examples=30)
@given(crystal=crystals(max_sites=5), alpha=st.floats(0.3, 1.0), seed=st.integers(0, 2**32 - 1))
def test_kernels_give_what_the_formulas_give(crystal, alpha, seed):
    # A split of many digits: no shell lies just where a sum ends.
    alpha += np.pi * 1e-3
    charges = np.random.default_rng(seed).normal(size=crystal.n_sites)
    found = np.zeros((2, crystal.n_sites))
    lattice, coords = crystal.lattice, crystal.frac_coords
    add_direct_sum(lattice, heights(lattice[None])[0], coords, charges, alpha, found[0])
    columns, volume = inverses(lattice[None])[0], crystal.volume
    top = largest_waves(lattice[None], np.array([alpha]))[0]
    add_reciprocal_sum(columns, volume, top, coords, charges, alpha, found[1])
    expected = reference_sums(crystal.lattice, crystal.frac_coords, charges, alpha)
    scale = np.abs(expected).max()
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9 * scale)
