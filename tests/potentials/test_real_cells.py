"""Potentials of silicon and molybdenum, fitted to calculated cells: elastic constants and dynamics."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from ase import units
from ase.build import bulk
from ase.md.verlet import VelocityVerlet

from skcrystal.datasets import read_labelled
from skcrystal.potentials import Labels, LabelWarning, LinearPotential, to_gpa
from tests.potentials.copper import as_batch, thermalize

FOLDER = Path(os.environ.get("SKCRYSTAL_SHARED", Path(__file__).parents[3] / "shared")) / "data"

pytestmark = [
    pytest.mark.skipif(
        not (FOLDER / "mlearn_Si_train.extxyz.gz").exists(),
        reason=f"the cells of mlearn are not in {FOLDER}; SKCRYSTAL_SHARED may name its folder",
    ),
    pytest.mark.filterwarnings("ignore::skcrystal.potentials.ExtrapolationWarning"),
]


@cache
def cells(symbol):
    crystals, labels = read_labelled(FOLDER / f"mlearn_{symbol}_train.extxyz.gz")
    # In these files the shear stresses yz and xz of most cells are exchanged.
    exchanged = labels.groups != ("Elastic" if symbol == "Si" else "none")
    stresses = labels.stresses.copy()
    stresses[exchanged, :2, 2] = labels.stresses[exchanged][:, [1, 0], 2]
    stresses[:, 2, :2] = stresses[:, :2, 2]
    return crystals, Labels(labels.energies, labels.forces_of(), stresses, groups=labels.groups)


@cache
def fitted(symbol):
    """A small basis: the defaults take some times as long."""
    crystals, labels = cells(symbol)
    model = LinearPotential(
        cutoff=5.0, degrees=(16, 12, 9), energy_weight=300.0, stress_weight=100.0, ridge=1e-12
    )
    return model.fit(crystals, labels)


def stress(model, symbol, structure, edge, strain):
    atoms = bulk(symbol, structure, a=edge, cubic=True)
    atoms.set_cell(atoms.cell @ (np.eye(3) + strain), scale_atoms=True)
    return to_gpa(model.predict_stress(as_batch([atoms]))[0])


def calculated(symbol, edge):
    """C11 and C12 from the cells that are stretched by 2 % along x, and squeezed by as much."""
    crystals, labels = cells(symbol)
    strains = np.diagonal(crystals.lattices, axis1=1, axis2=2) / edge - 1
    own = [
        index
        for index in np.flatnonzero(labels.groups == "Elastic")
        if np.abs(strains[index, 1:]).max() < 1e-3 and 0.015 < abs(strains[index, 0]) < 0.025
    ]
    assert len(own) == 2
    change = to_gpa(labels.stresses[own[1]] - labels.stresses[own[0]])
    step = strains[own[1], 0] - strains[own[0], 0]
    return change[0, 0] / step, (change[1, 1] + change[2, 2]) / 2 / step


def predicted(model, symbol, structure, edge):
    strain = np.zeros((3, 3))
    strain[0, 0] = 0.02
    change = stress(model, symbol, structure, edge, strain) - stress(model, symbol, structure, edge, -strain)
    return change[0, 0] / 0.04, change[1, 1] / 0.04


def relaxed_edge(model, symbol, structure, edge):
    """Where the pressure vanishes, from the pressures of three edges."""
    edges = edge * np.array([0.99, 1.0, 1.01])
    pressures = [np.trace(stress(model, symbol, structure, one, np.zeros((3, 3)))) for one in edges]
    roots = np.polynomial.Polynomial.fit(edges, pressures, 2).roots()
    return float(min(roots.real, key=lambda root: abs(root - edge)))


def test_silicon_has_the_lattice_constant_and_bulk_modulus_of_its_cells():
    # The unstrained cell of 64 atoms has no stress, and edges of 2 x 5.4686 angstrom.
    assert relaxed_edge(fitted("Si"), "Si", "diamond", 5.4686) == pytest.approx(5.4686, rel=3e-3)
    c11, c12 = calculated("Si", 2 * 5.4686)
    assert (c11 + 2 * c12) / 3 == pytest.approx(88.6, abs=0.5)
    own11, own12 = predicted(fitted("Si"), "Si", "diamond", 5.4686)
    assert (own11 + 2 * own12) / 3 == pytest.approx((c11 + 2 * c12) / 3, rel=0.05)


def test_molybdenum_has_the_elastic_constants_of_its_cells():
    c11, c12 = calculated("Mo", 3 * 3.1676)
    own11, own12 = predicted(fitted("Mo"), "Mo", "bcc", 3.1676)
    assert own11 == pytest.approx(c11, rel=0.1)
    assert own12 == pytest.approx(c12, rel=0.1)
    crystals, labels = cells("Mo")
    angles = crystals.lattices[:, 1, 0] / crystals.lattices[:, 1, 1]
    sheared = np.flatnonzero((labels.groups == "Elastic") & (np.abs(np.abs(angles) - 0.04) < 0.001))
    assert len(sheared) == 2
    c44 = to_gpa(np.diff(labels.stresses[sheared, 0, 1])) / np.diff(angles[sheared])
    strain = np.zeros((3, 3))
    strain[0, 1] = strain[1, 0] = 0.02
    change = stress(fitted("Mo"), "Mo", "bcc", 3.1676, strain) - stress(
        fitted("Mo"), "Mo", "bcc", 3.1676, -strain
    )
    assert change[0, 1] / 0.08 == pytest.approx(float(c44[0]), rel=0.1)


def test_exchanged_shear_stresses_of_the_file_are_told():
    crystals, labels = read_labelled(FOLDER / "mlearn_Mo_train.extxyz.gz")
    own = np.flatnonzero(labels.groups == "Elastic")
    model = LinearPotential(
        cutoff=5.0, degrees=(9, 6, 4), energy_weight=300.0, stress_weight=30.0, ridge=1e-9
    )
    with pytest.warns(LabelWarning, match=r"56 crystals \(Elastic\) seem to be in the order xz yz xy"):
        model.fit(crystals[own], labels[own])


def test_dynamics_of_silicon_keep_the_energy():
    atoms = bulk("Si", cubic=True, a=5.4686) * 2
    atoms.calc = fitted("Si").as_calculator()
    # Half of it goes into the springs.
    thermalize(atoms, 600)
    energies = []
    dynamics = VelocityVerlet(atoms, timestep=1.0 * units.fs)
    dynamics.attach(lambda: energies.append(atoms.get_total_energy() / len(atoms)), interval=5)
    dynamics.run(500)
    times = np.arange(len(energies)) * 5e-3  # ps
    assert abs(np.polyfit(times, energies, 1)[0]) < 1e-4  # eV/atom/ps
