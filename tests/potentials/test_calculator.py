"""The potential in ASE: relaxation, dynamics, and the grades of the sites."""

from __future__ import annotations

import numpy as np
import pytest
from ase import units
from ase.build import bulk, molecule
from ase.filters import FrechetCellFilter
from ase.md.verlet import VelocityVerlet
from ase.optimize import BFGS

from skcrystal import CrystalError
from skcrystal.formats import ReadWarning
from skcrystal.potentials import ExtrapolationWarning
from tests.potentials.copper import as_batch, fitted_copper, rattled, thermalize

pytestmark = pytest.mark.filterwarnings("ignore::skcrystal.potentials.ExtrapolationWarning")


def test_it_gives_what_the_potential_predicts():
    atoms = rattled(n=1, seed=2)[0]
    atoms.calc = fitted_copper().as_calculator()
    labels = fitted_copper().predict_labels(as_batch([atoms]))
    assert atoms.get_potential_energy() == pytest.approx(labels.energies[0])
    np.testing.assert_allclose(atoms.get_forces(), labels.forces, atol=1e-10)
    np.testing.assert_allclose(atoms.get_stress(voigt=False), labels.stresses[0], atol=1e-12)
    assert atoms.get_potential_energies().sum() == pytest.approx(labels.energies[0])
    grades = fitted_copper().extrapolation_grades(as_batch([atoms]))[0]
    np.testing.assert_allclose(atoms.calc.results["extrapolation"], grades)


def test_a_strained_cell_relaxes_to_the_perfect_crystal():
    atoms = bulk("Cu", "fcc", a=3.7) * (2, 2, 2)
    atoms.rattle(0.05, seed=0)
    atoms.calc = fitted_copper().as_calculator()
    assert BFGS(FrechetCellFilter(atoms), logfile=None).run(fmax=1e-3, steps=100)
    edge = (atoms.get_volume() / 8 * 4) ** (1 / 3)
    # The theory's lattice constant is 3.59 angstrom.
    assert edge == pytest.approx(3.59, abs=0.02)


def test_dynamics_keep_the_energy():
    atoms = bulk("Cu", "fcc", a=3.6, cubic=True) * (2, 2, 2)
    atoms.calc = fitted_copper().as_calculator()
    thermalize(atoms, 300)
    energies = []
    dynamics = VelocityVerlet(atoms, timestep=1.0 * units.fs)
    dynamics.attach(lambda: energies.append(atoms.get_total_energy()), interval=10)
    dynamics.run(300)
    times = np.arange(len(energies)) * 10e-3  # ps
    drift = np.polyfit(times, np.array(energies) / len(atoms), 1)[0]
    assert abs(drift) < 1e-4  # eV/atom/ps


def test_new_surroundings_are_warned_of_once():
    atoms = bulk("Cu", "fcc", a=2.9) * (2, 2, 2)
    atoms.calc = fitted_copper().as_calculator()
    with pytest.warns(ExtrapolationWarning, match="32 of 32|8 of 8"):
        atoms.get_forces()
    atoms.positions[0, 0] += 0.01
    atoms.get_forces()
    assert atoms.calc.results["extrapolation"].max() > 2


def test_a_molecule_is_refused():
    atoms = molecule("H2O")
    atoms.calc = fitted_copper().as_calculator()
    with pytest.raises(CrystalError, match="H2O"):
        atoms.get_potential_energy()


def test_atoms_on_one_point_are_refused():
    atoms = bulk("Cu", "fcc", a=3.6, cubic=True)
    atoms.calc = fitted_copper().as_calculator()
    atoms.get_forces()
    atoms.positions[1] = atoms.positions[0]
    with pytest.raises(CrystalError, match="sites 0 and 1 of Cu are on one point"):
        atoms.get_forces()
    atoms.positions[0] = np.nan
    with pytest.raises(CrystalError, match="are no numbers"):
        atoms.get_forces()
    atoms.positions[0] = atoms.positions[1]
    atoms.calc = fitted_copper().as_calculator()
    with (
        pytest.warns(ReadWarning),
        pytest.raises(CrystalError, match=r"1 of 4 ASE Atoms \(Cu4\) lie on others"),
    ):
        atoms.get_forces()


def test_an_element_that_enters_later_is_refused():
    atoms = bulk("Cu", "fcc", a=3.6, cubic=True)
    atoms.calc = fitted_copper().as_calculator()
    atoms.get_forces()
    atoms.numbers[0] = 28
    with pytest.raises(CrystalError, match="holds Ni"):
        atoms.get_forces()


def test_it_follows_positions_and_cell():
    """A calculator that has seen other steps says what a new one says."""
    frames = rattled(n=3, seed=4)
    used = fitted_copper().as_calculator()
    for atoms in frames:
        used.calculate(atoms)
        new = fitted_copper().as_calculator()
        new.calculate(atoms)
        np.testing.assert_allclose(used.results["forces"], new.results["forces"], atol=1e-12)
        np.testing.assert_allclose(used.results["stress"], new.results["stress"], atol=1e-13)
