"""Columns that are said to be continuous do not jump: they move in proportion to displacements."""

from __future__ import annotations

from inspect import isabstract

import numpy as np
import pytest

import skcrystal.descriptors
from skcrystal import Crystal, Crystals
from skcrystal.datasets import load_experimental
from skcrystal.descriptors import Descriptor, Embedding, RadialSpectrum

LENGTHS = (1e-3, 1e-4, 1e-5)
N_CRYSTALS = 200

KNOWN = [
    make()
    for name in skcrystal.descriptors.__all__
    if isinstance(make := getattr(skcrystal.descriptors, name), type)
    and issubclass(make, Descriptor)
    and not isabstract(make)
    and make is not Embedding  # its function says what it is
]
KNOWN += [RadialSpectrum(units="spacing")]
CONTINUOUS = {repr(descriptor): descriptor for descriptor in KNOWN if descriptor.invariance.continuous}


@pytest.fixture(scope="module")
def measured():
    crystals = load_experimental().data
    return crystals[np.random.default_rng(0).permutation(len(crystals))[:N_CRYSTALS]]


def displaced(crystals, length):
    """The crystals with each site moved by this length in a direction of its own, the same for any length."""
    vectors = np.random.default_rng(1).normal(size=(crystals.n_sites, 3))
    vectors *= length / np.linalg.norm(vectors, axis=1)[:, None]
    owners = np.repeat(np.arange(len(crystals)), crystals.site_counts)
    return Crystals(
        crystals.lattices,
        crystals.site_offsets,
        crystals.frac_coords + np.einsum("ij,ijk->ik", vectors, np.linalg.inv(crystals.lattices)[owners]),
        crystals.species_offsets,
        crystals.atomic_numbers,
        crystals.occupancies,
    )


def jumps(before, after):
    """Where the moves per length grow more than fivefold, twice, as displacements get shorter.

    A jump moves a column as far at 1e-5 angstrom as at 1e-3, ten times the move per length each time;
    a column in proportion has the same, whatever its slope. Moves that rounding can make, below 1e-7 of a
    column's largest value, do not count.
    """
    floor = 1e-7 * np.abs(before).max(axis=0)
    rates = [
        np.maximum(np.abs(rows - before), floor) / length for rows, length in zip(after, LENGTHS, strict=True)
    ]
    moved = np.abs(after[-1] - before) > floor
    return moved & (rates[1] > 5 * rates[0]) & (rates[2] > 5 * rates[1])


@pytest.mark.parametrize("name", CONTINUOUS)
def test_columns_move_in_proportion_to_displacements(name, measured):
    descriptor = CONTINUOUS[name]
    before = descriptor.transform(measured)
    after = [descriptor.transform(displaced(measured, length)) for length in LENGTHS]
    assert np.isfinite(before).all()
    rows, columns = np.nonzero(jumps(before, after))
    names = descriptor.get_feature_names_out()
    assert not len(rows), f"{names[columns[0]]} of {measured[int(rows[0])].formula} jumps"


def test_the_rule_finds_a_column_that_jumps():
    # Whole coordination numbers within a radius, which the four neighbours of diamond straddle.
    diamond = Crystal.ordered(3.567 * (1 - np.eye(3)) / 2, [[0, 0, 0], [0.25, 0.25, 0.25]], [6, 6])
    batch = Crystals.from_crystals([diamond])
    radius = 3.567 * np.sqrt(3) / 4 - 1e-9

    def counts(crystals):
        return np.diff(crystals.neighbors(radius).offsets).mean(keepdims=True)[None]

    assert jumps(1.0 + counts(batch), [1.0 + counts(displaced(batch, length)) for length in LENGTHS]).any()
