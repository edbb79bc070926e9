"""Every statement of invariance, held against random crystals and moves."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymatgen.core import Lattice, Structure

from skcrystal import Crystal, CrystalFeaturizer, Crystals, as_crystals
from skcrystal.descriptors import (
    SOAP,
    AlloyStats,
    AverageMinimumDistance,
    BondAngles,
    BondLengths,
    BondOrder,
    BondValences,
    CompositionStats,
    CoordinationStats,
    Density,
    Descriptor,
    DistanceStats,
    ElementFractions,
    ElementVectors,
    IonicStats,
    LatticeAngles,
    LocalDifferences,
    MadelungEnergy,
    MessagePassing,
    OrbitalFieldMatrix,
    PairSpectrum,
    PaulingEnergy,
    RadialSpectrum,
    SoftSymmetry,
    SpaceGroupOneHot,
    StoichiometryNorms,
    StretchingFrequencies,
    SymmetryFunctions,
    SymmetryStats,
    ValenceElectrons,
)
from skcrystal.descriptors.composition import STATISTICS
from skcrystal.descriptors.density import QUANTITIES
from skcrystal.descriptors.symmetry_numbers import group_table
from tests.strategies import MOVES, crystals

DESCRIPTORS = {
    "composition": CompositionStats(statistics=STATISTICS),
    "element_fractions": ElementFractions(),
    "element_vectors": ElementVectors(vectors="skipatom", statistics=("mean", "std")),
    "alloys": AlloyStats(),
    "stoichiometry": StoichiometryNorms(),
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
    "local_differences": LocalDifferences(),
    "message_passing": MessagePassing(),
    "orbital_field": OrbitalFieldMatrix(),
    "bond_valences": BondValences(),
    "bond_angles": BondAngles(),
    "bond_lengths": BondLengths(),
    "bond_order": BondOrder(),
    "stretching": StretchingFrequencies(statistics=("mean", "std", "min", "max")),
    "stretching_log10": StretchingFrequencies(statistics=("mean", "std", "min", "max"), log10=True),
    "pauling_energy": PaulingEnergy(statistics=("mean", "std", "min", "max")),
    "soft_symmetry": SoftSymmetry(),
    "soap": SOAP(n_max=3, l_max=3, cutoff=4.0, statistics=["mean", "std", "min", "max"]),
    "soap_inner": SOAP(n_max=3, l_max=2, species=list(range(1, 104)), pairs="own", average="inner"),
    "symmetry_functions": SymmetryFunctions(cutoff=4.5, statistics=["mean", "std", "min", "max"]),
    "symmetry_functions_species": SymmetryFunctions(
        cutoff=4.0,
        cutoff_function="tanh",
        g2=[(0.05, 0), (4, 2.5)],
        g3=[1.0],
        g4=[],
        g5=[(0.05, 2.5, -1)],
        species=list(range(1, 104)),
    ),
    "soap_mu1nu1": SOAP(n_max=2, l_max=3, pairs="mu1nu1", smoothing=None),
}
# Columns that can be 0, as on the flank of a Gaussian: noise is held against the largest entry of the row.
LARGEST_SHARE: dict[str, float] = {
    "coordination": 0.03,
    "local_differences": 0.03,
    "message_passing": 0.03,
    "orbital_field": 0.03,
    "bond_valences": 0.03,
    "bond_angles": 0.03,
    "bond_lengths": 0.03,
    "bond_order": 0.03,
    "stretching": 0.03,
    "stretching_log10": 0.03,
    "pauling_energy": 0.03,
    "pair_spectrum": 0.03,
    "radial_relative": 0.03,
    "radial": 0.03,
    "soap": 0.03,
    "soap_inner": 0.03,
    "symmetry_functions": 0.03,
    "symmetry_functions_species": 0.03,
}
# Shares, counts and order parameters are of order 1: a row of smaller entries is held against this.
FAINT_ROW = 0.05
# The full preset holds the default one.
PRESETS = {name: CrystalFeaturizer(name) for name in ("full", "notebook")}


# What a preset holds is held to the claims too, with the preset's own parameters.
STEPS = DESCRIPTORS | {
    f"{preset} preset: {name}": step
    for preset, featurizer in PRESETS.items()
    for name, step in featurizer.get_params().items()
    if isinstance(step, Descriptor)
}


# Without what tells the hands of a crystal apart.
REFLECTED = {
    preset: CrystalFeaturizer(
        [
            (name, step)
            for name, step in featurizer.get_params().items()
            if isinstance(step, Descriptor) and step.invariance.reflection
        ]
    )
    for preset, featurizer in PRESETS.items()
}


def rows(transformer, *batch):
    return transformer.transform(Crystals.from_crystals(batch))


def assert_all_close(pairs, rtol, largest_shares=None):
    """Compare rows before and after, descriptor by descriptor; the message names all that differ.

    One batch serves all descriptors, because they share its symmetry, primitive cells and neighbours: all
    together cost about as much as two alone.
    """
    failures = []
    for name, (before, after) in pairs.items():
        atol = 1e-6
        if largest_shares is not None:
            # A row may be all zeros (a lone atom in a large cell) or nearly so (a bond about to form).
            atol = largest_shares.get(name, 0.0) * max(np.abs(before).max(), FAINT_ROW) + 1e-9
        try:
            np.testing.assert_allclose(after, before, rtol=rtol, atol=atol)
        except AssertionError as error:
            failures.append(f"{name}: {error}")
    assert not failures, "\n".join(failures)


@pytest.mark.parametrize("move", MOVES)
def test_descriptors_keep_what_they_claim(move):
    claimed = {name: step for name, step in STEPS.items() if getattr(step.invariance, move)}

    @given(crystal=crystals(), moved=MOVES[move])
    def check(crystal, moved):
        batch = Crystals.from_crystals([crystal, moved(crystal)])
        assert_all_close({name: step.transform(batch) for name, step in claimed.items()}, rtol=1e-6)

    check()


@pytest.mark.parametrize("name", DESCRIPTORS)
def test_a_descriptor_without_a_claim_says_why(name):
    claims = DESCRIPTORS[name].invariance
    assert claims.note or (claims.continuous and all(getattr(claims, move) for move in MOVES))


@pytest.mark.parametrize("preset", PRESETS)
def test_featurizer_keeps_all_moves_at_once(preset):
    @given(crystal=crystals(max_sites=12), moves=st.tuples(*MOVES.values()))
    def check(crystal, moves):
        moved = crystal
        for move in moves:
            moved = move(moved)
        before, after = rows(REFLECTED[preset], crystal, moved)
        np.testing.assert_allclose(after, before, rtol=1e-6, atol=1e-6)

    check()


@pytest.mark.parametrize("preset", PRESETS)
def test_presets_claim_all_moves_but_the_one_hot_of_hands(preset):
    for descriptor in PRESETS[preset].get_params(deep=True).values():
        if hasattr(descriptor, "invariance"):
            unclaimed = [move for move in MOVES if not getattr(descriptor.invariance, move)]
            assert unclaimed == ["reflection"] * isinstance(descriptor, SpaceGroupOneHot)


# Quartz: Levien et al., Am. Mineral. 65 (1980) 920. P 32 2 1 is right-handed in morphology.
QUARTZ = Structure.from_spacegroup(
    "P3_221",
    Lattice.hexagonal(4.9134, 5.4052),
    ["Si", "O"],
    [[0.4697, 0, 2 / 3], [0.4135, 0.2669, 2 / 3 + 0.1191]],
)


def test_only_the_one_hot_tells_the_hands_of_quartz_apart():
    other_hand = Structure(QUARTZ.lattice, QUARTZ.species, -QUARTZ.frac_coords)
    one_hot = SpaceGroupOneHot()
    groups = one_hot.get_feature_names_out()[one_hot.transform([QUARTZ, other_hand]).argmax(axis=1)]
    assert groups.tolist() == ["space_group_154", "space_group_152"]
    batch = as_crystals([QUARTZ, other_hand])
    for name, descriptor in STEPS.items():
        if not isinstance(descriptor, SpaceGroupOneHot):
            right, left = descriptor.transform(batch)
            np.testing.assert_allclose(right, left, rtol=1e-6, atol=1e-7, err_msg=name)


def test_the_groups_of_one_hand_are_eleven_pairs_alike_in_numbers():
    # International Tables A, table 1.4.2.1, in pairs.
    first = [76, 91, 92, 144, 151, 152, 169, 171, 178, 180, 212]
    second = [78, 95, 96, 145, 153, 154, 170, 172, 179, 181, 213]
    np.testing.assert_array_equal(group_table()[first], group_table()[second])


def test_continuous_descriptors_do_not_jump_under_the_slightest_noise():
    # However steep a column is, this moves it by little; one that jumps, it moves as far as any noise would.
    noise = 1e-7
    claimed = {name: step for name, step in DESCRIPTORS.items() if step.invariance.continuous}

    @given(crystal=crystals(), seed=st.integers(0, 2**32 - 1))
    def check(crystal, seed):
        rng = np.random.default_rng(seed)
        lattice = crystal.lattice + rng.uniform(-noise, noise, (3, 3))
        coords = crystal.frac_coords + rng.uniform(-noise, noise, (crystal.n_sites, 3))
        noisy = Crystal(
            lattice,
            coords,
            crystal.species_offsets,
            crystal.atomic_numbers,
            crystal.occupancies,
            crystal.oxidation_states,
        )
        batch = Crystals.from_crystals([crystal, noisy])
        pairs = {name: step.transform(batch) for name, step in claimed.items()}
        assert_all_close(pairs, rtol=2e-3, largest_shares=LARGEST_SHARE)

    check()
