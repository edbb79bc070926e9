"""No continuous column moves by more than 1 % of its spread where each site moves by 0.001 angstrom."""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skcrystal import Crystal, Crystals
from skcrystal.datasets import load_experimental
from skcrystal.descriptors import (
    AverageMinimumDistance,
    BondAngles,
    BondLengths,
    BondOrder,
    BondValences,
    CoordinationStats,
    LocalDifferences,
    OrbitalFieldMatrix,
    PairSpectrum,
    RadialSpectrum,
)

NOISE = 0.001
ALLOWED = 0.01

SPREADS = Path(__file__).parent / "column_spreads.csv"
DESCRIPTORS = {
    "average_minimum_distance": AverageMinimumDistance(),
    "bond_angles": BondAngles(),
    "bond_lengths": BondLengths(),
    "bond_order": BondOrder(),
    "bond_valence": BondValences(),
    "coordination": CoordinationStats(),
    "local_differences": LocalDifferences(),
    "orbital_field": OrbitalFieldMatrix(),
    "pair_spectrum": PairSpectrum(),
    "radial": RadialSpectrum(),
    "relative_radial": RadialSpectrum(units="spacing"),
}


def read_spreads():
    """Standard deviation of each column over 17,413 crystals of the Materials Project, by descriptor."""
    found = defaultdict(dict)
    with SPREADS.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            found[row["descriptor"]][row["column"]] = float(row["spread"])
    return found


def displaced(crystal, seed):
    """The crystal with each site moved by the same length in a direction of its own."""
    vectors = np.random.default_rng(seed).normal(size=(crystal.n_sites, 3))
    vectors *= NOISE / np.linalg.norm(vectors, axis=1)[:, None]
    return Crystal(
        crystal.lattice,
        crystal.frac_coords + vectors @ np.linalg.inv(crystal.lattice),
        crystal.species_offsets,
        crystal.atomic_numbers,
        crystal.occupancies,
        crystal.oxidation_states,
    )


def test_spreads_are_those_of_the_present_columns():
    spreads = read_spreads()
    for name, descriptor in DESCRIPTORS.items():
        assert list(spreads[name]) == descriptor.get_feature_names_out().tolist(), (
            "run python tools/build_column_spreads.py"
        )


@pytest.mark.parametrize("name", DESCRIPTORS)
def test_small_displacements_move_no_column_much(name):
    descriptor = DESCRIPTORS[name]
    assert descriptor.invariance.continuous
    crystals = load_experimental().data
    spreads = read_spreads()[name]

    @settings(max_examples=40)
    @given(index=st.integers(0, len(crystals) - 1), seed=st.integers(0, 2**32 - 1))
    def check(index, seed):
        crystal = crystals[index]
        before, after = descriptor.transform(Crystals.from_crystals([crystal, displaced(crystal, seed)]))
        moves = np.abs(after - before)
        limits = ALLOWED * np.array(list(spreads.values()))
        worst = int((moves / limits).argmax())
        assert moves[worst] <= limits[worst], (
            f"{list(spreads)[worst]} of {crystal.formula} moves {moves[worst] / limits[worst]:.2f} limits"
        )

    check()


def test_the_rule_finds_a_column_that_jumps():
    # Whole coordination numbers within a radius, which the four neighbours of diamond straddle.
    crystal = Crystal.ordered(3.567 * (1 - np.eye(3)) / 2, [[0, 0, 0], [0.25, 0.25, 0.25]], [6, 6])
    radius = 3.567 * np.sqrt(3) / 4
    counts = [
        np.diff(Crystals.from_crystals([c]).neighbors(radius).offsets).mean()
        for c in (crystal, displaced(crystal, 0))
    ]
    # The number of bonds varies by about 4 between crystals.
    assert abs(counts[1] - counts[0]) > 4 * ALLOWED
