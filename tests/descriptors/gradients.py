"""Derivatives of site descriptors beside central differences."""

from __future__ import annotations

import numpy as np

from skcrystal import Crystal, Crystals

# Small, as second derivatives of radial functions in pieces have jumps: an atom rarely crosses one.
STEP = 1e-5

# Four points: the error is of the fourth order in the step.
SHIFTS = np.array([-2, -1, 1, 2])
FACTORS = np.array([1, -8, 8, -1]) / 12


def changed(crystal, lattice, frac_coords):
    return Crystal(
        lattice,
        frac_coords,
        crystal.species_offsets,
        crystal.atomic_numbers,
        crystal.occupancies,
        crystal.oxidation_states,
    )


def assert_gradients_are_those_of_differences(descriptor, crystal, rng, rtol=1e-7):
    """One random direction of all positions, and one random strain: each is a sum of all derivatives."""
    values = descriptor.transform_sites([crystal])
    weights = rng.normal(size=values.shape) / max(np.abs(values).max(), 1e-3)
    # The descriptor as it is, at the noise of rattled sites, so that no derivative is 0 by symmetry.
    noise = rng.normal(scale=0.05, size=crystal.frac_coords.shape) @ np.linalg.inv(crystal.lattice)
    crystal = changed(crystal, crystal.lattice, crystal.frac_coords + noise)
    found = descriptor.site_gradients([crystal], weights)
    steps = rng.normal(size=crystal.frac_coords.shape)
    strain = rng.normal(size=(3, 3))
    inverse = np.linalg.inv(crystal.lattice)
    moved = [
        changed(crystal, crystal.lattice, crystal.frac_coords + shift * STEP * steps @ inverse)
        for shift in SHIFTS
    ]
    strained = [
        changed(crystal, crystal.lattice @ (np.eye(3) + shift * STEP * strain).T, crystal.frac_coords)
        for shift in SHIFTS
    ]
    rows = descriptor.transform_sites(Crystals.from_crystals(moved + strained))
    sums = np.einsum("kij,ij->k", rows.reshape(8, *values.shape), weights).reshape(2, 4)
    differences = sums @ FACTORS / STEP
    analytic = [(found.positions * steps).sum(), (found.strains[0] * strain).sum()]
    scale = max(np.abs(found.positions).sum(), np.abs(found.strains).sum(), 1e-3)
    rounding = 1e-15 * np.abs(values * weights).sum() / STEP
    np.testing.assert_allclose(analytic, differences, rtol=0, atol=rtol * scale + rounding)
