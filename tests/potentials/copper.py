"""Copper and gold cells with the energies, forces and stresses of ASE's effective medium theory."""

from __future__ import annotations

from functools import cache

import numpy as np
from ase import units
from ase.build import bulk
from ase.calculators.emt import EMT

from skcrystal import Crystal, Crystals
from skcrystal.potentials import Labels


def as_batch(frames):
    return Crystals.from_crystals(
        Crystal.ordered(np.array(a.cell), a.cell.scaled_positions(a.positions), a.numbers) for a in frames
    )


def thermalize(atoms, temperature):
    """Draw Maxwell's momenta at a temperature in kelvin; ASE's function for it has changed its name."""
    draws = np.random.default_rng(0).normal(size=(len(atoms), 3))
    atoms.set_momenta(draws * np.sqrt(atoms.get_masses() * units.kB * temperature)[:, None])


def labels_of(frames, groups=None):
    for atoms in frames:
        atoms.calc = EMT()
    return Labels(
        [atoms.get_potential_energy() for atoms in frames],
        [atoms.get_forces() for atoms in frames],
        [atoms.get_stress() for atoms in frames],
        groups=groups,
    )


def rattled(symbol="Cu", *, n=40, seed=0, edge=3.61):
    """Cells of 8 atoms, strained by up to 4 % and rattled by up to 0.2 angstrom."""
    rng = np.random.default_rng(seed)
    frames = []
    for k in range(n):
        atoms = bulk(symbol, "fcc", a=edge) * (2, 2, 2)
        strain = rng.uniform(-0.04, 0.04, (3, 3))
        atoms.set_cell(atoms.cell @ (np.eye(3) + (strain + strain.T) / 2), scale_atoms=True)
        atoms.positions += rng.normal(scale=0.2 * k / n, size=atoms.positions.shape)
        frames.append(atoms)
    return frames


def alloys(n=40, seed=0):
    """The same of copper and gold, mixed at random."""
    rng = np.random.default_rng(seed)
    frames = rattled(n=n, seed=seed, edge=3.85)
    for atoms in frames:
        atoms.numbers[:] = rng.choice([29, 79], len(atoms))
    return frames


@cache
def fitted_copper():
    from skcrystal.potentials import LinearPotential

    frames = rattled()
    return LinearPotential(cutoff=5.0, degrees=(10, 7, 5)).fit(as_batch(frames), labels_of(frames))


@cache
def fitted_alloy():
    from skcrystal.potentials import LinearPotential

    frames = alloys()
    return LinearPotential(cutoff=5.0, degrees=(8, 6, 4)).fit(as_batch(frames), labels_of(frames))
