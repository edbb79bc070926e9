"""Every statement of invariance, held against random crystals and moves."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skcrystal import Crystal, CrystalFeaturizer, Crystals
from skcrystal.descriptors import (
    AverageMinimumDistance,
    CompositionStats,
    CoordinationStats,
    Density,
    DistanceStats,
    IonicStats,
    LatticeAngles,
    MadelungEnergy,
    PairSpectrum,
    RadialSpectrum,
    SpaceGroupOneHot,
    SymmetryStats,
    ValenceElectrons,
)
from skcrystal.descriptors.composition import STATISTICS
from skcrystal.descriptors.density import QUANTITIES
from tests.strategies import MOVES, crystals

DESCRIPTORS = {
    "composition": CompositionStats(statistics=STATISTICS),
    "density": Density(),
    "density_reduced": Density(quantities=QUANTITIES),
    "lattice": LatticeAngles(),
    "distance": DistanceStats(),
    "distance_matrix": DistanceStats(self_distance="zero"),
    "space_group": SpaceGroupOneHot(),
    "ionic": IonicStats(),
    "valence": ValenceElectrons(),
    "symmetry": SymmetryStats(),
    "average_minimum_distance": AverageMinimumDistance(),
    "average_minimum_distance_relative": AverageMinimumDistance(k=8, units="spacing"),
    "madelung": MadelungEnergy(),
    "radial": RadialSpectrum(),
    "radial_relative": RadialSpectrum(units="spacing"),
    "pair_spectrum": PairSpectrum(),
    "coordination": CoordinationStats(),
    "coordination_plain": CoordinationStats(radius=None),
}
# Columns that can be 0, as on the flank of a Gaussian: noise is held against the largest entry of the row.
LARGEST_SHARE: dict[str, float] = {
    "coordination_plain": 0.03,
    "coordination": 0.03,
    "pair_spectrum": 0.03,
    "radial_relative": 0.03,
    "radial": 0.03,
}
PRESETS = {"default": CrystalFeaturizer(), "notebook": CrystalFeaturizer("notebook")}


def rows(transformer, *batch):
    return transformer.transform(Crystals.from_crystals(batch))


@pytest.mark.parametrize("move", MOVES)
@pytest.mark.parametrize("name", DESCRIPTORS)
def test_descriptor_keeps_what_it_claims(name, move):
    descriptor = DESCRIPTORS[name]
    if not getattr(descriptor.invariance, move):
        pytest.skip(f"{name} makes no claim of {move}: {descriptor.invariance.note}")

    @given(crystal=crystals(), moved=MOVES[move])
    def check(crystal, moved):
        before, after = rows(descriptor, crystal, moved(crystal))
        np.testing.assert_allclose(after, before, rtol=1e-6, atol=1e-6)

    check()


@pytest.mark.parametrize("move", MOVES)
@pytest.mark.parametrize("preset", PRESETS)
def test_featurizer_keeps_all_five(preset, move):
    @given(crystal=crystals(), moved=MOVES[move])
    def check(crystal, moved):
        before, after = rows(PRESETS[preset], crystal, moved(crystal))
        np.testing.assert_allclose(after, before, rtol=1e-6, atol=1e-6)

    check()


@pytest.mark.parametrize("preset", PRESETS)
def test_featurizer_keeps_all_moves_at_once(preset):
    @given(crystal=crystals(max_sites=12), moves=st.tuples(*MOVES.values()))
    def check(crystal, moves):
        moved = crystal
        for move in moves:
            moved = move(moved)
        before, after = rows(PRESETS[preset], crystal, moved)
        np.testing.assert_allclose(after, before, rtol=1e-6, atol=1e-6)

    check()


@pytest.mark.parametrize("preset", PRESETS)
def test_presets_claim_the_five_moves(preset):
    for name, descriptor in PRESETS[preset].get_params(deep=True).items():
        if hasattr(descriptor, "invariance"):
            assert all(getattr(descriptor.invariance, move) for move in MOVES), name


@pytest.mark.parametrize("name", [n for n, d in DESCRIPTORS.items() if d.invariance.continuous])
def test_continuous_descriptor_moves_little_under_noise(name):
    @given(crystal=crystals(), seed=st.integers(0, 2**32 - 1))
    def check(crystal, seed):
        rng = np.random.default_rng(seed)
        lattice = crystal.lattice + rng.uniform(-1e-4, 1e-4, (3, 3))
        coords = crystal.frac_coords + rng.uniform(-1e-4, 1e-4, (crystal.n_sites, 3))
        noisy = Crystal(
            lattice,
            coords,
            crystal.species_offsets,
            crystal.atomic_numbers,
            crystal.occupancies,
            crystal.oxidation_states,
        )
        before, after = rows(DESCRIPTORS[name], crystal, noisy)
        atol = LARGEST_SHARE.get(name, 0.0) * np.abs(before).max()
        np.testing.assert_allclose(after, before, rtol=2e-3, atol=atol)

    check()


def test_a_descriptor_that_makes_no_claim_of_continuity_says_why():
    for descriptor in DESCRIPTORS.values():
        assert descriptor.invariance.continuous or descriptor.invariance.note
