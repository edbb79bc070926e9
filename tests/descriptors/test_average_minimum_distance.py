"""Average minimum distances of lattices whose neighbour shells are known, and against brute force."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skcrystal import Crystal, Crystals
from skcrystal.descriptors import AverageMinimumDistance
from tests.prototypes import CAESIUM_CHLORIDE, ROCK_SALT, ROCK_SALT_EDGE
from tests.strategies import MOVES, crystals, without_vacancies


def test_simple_cubic_shells():
    # 6 neighbours at a, 12 at a sqrt(2), 8 at a sqrt(3).
    crystal = Crystal.ordered(3 * np.eye(3), [[0, 0, 0]], [84])
    expected = [3.0] * 6 + [3 * np.sqrt(2)] * 12 + [3 * np.sqrt(3)] * 8
    np.testing.assert_allclose(AverageMinimumDistance(k=26).transform([crystal])[0], expected)


def test_rock_salt_and_caesium_chloride_shells():
    amd = AverageMinimumDistance(k=18)
    a = ROCK_SALT_EDGE
    np.testing.assert_allclose(amd.transform([ROCK_SALT])[0], [a / 2] * 6 + [a / np.sqrt(2)] * 12)
    a = 4.12
    expected = [a * np.sqrt(3) / 2] * 8 + [a] * 6 + [a * np.sqrt(2)] * 4
    np.testing.assert_allclose(amd.transform([CAESIUM_CHLORIDE])[0], expected)


def test_relative_distances_do_not_see_the_size():
    amd = AverageMinimumDistance(k=8, units="spacing")
    large = Crystal.ordered(2 * ROCK_SALT.lattice, ROCK_SALT.frac_coords, ROCK_SALT.atomic_numbers)
    one, other = amd.transform([ROCK_SALT, large])
    np.testing.assert_allclose(one, other)
    # Eight sites in a^3: (V/N)^(1/3) is a/2.
    assert one[0] == pytest.approx(1)


@given(crystal=crystals(max_sites=6), k=st.integers(1, 12))
def test_the_kernel_finds_what_brute_force_finds(crystal, k):
    crystal = without_vacancies(crystal)
    cells = Crystals.from_crystals([crystal]).primitive()
    lattice, coords = cells.lattices[0], cells.frac_coords
    steps = np.arange(-5, 6)
    shifts = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(-1, 3)
    nearest = []
    for one in coords:
        difference = coords - one
        difference -= np.rint(difference)
        distances = np.linalg.norm((difference[:, None] + shifts) @ lattice, axis=2).ravel()
        nearest.append(np.sort(distances)[1 : k + 1])
    found = AverageMinimumDistance(k=k).transform([crystal])[0]
    np.testing.assert_allclose(found, np.mean(nearest, axis=0), rtol=1e-9)


@given(
    crystal=crystals(max_sites=12),
    moved=MOVES["supercell"],
    exponent=st.floats(-7, -2),
    seed=st.integers(0, 2**32 - 1),
)
def test_no_distance_moves_by_more_than_twice_the_displacement(crystal, moved, exponent, seed):
    # Supercells have translations that noise around the tolerance of the symmetry search breaks.
    crystal, largest = moved(without_vacancies(crystal)), 10**exponent
    noise = np.random.default_rng(seed).normal(size=crystal.frac_coords.shape)
    noise *= largest / np.linalg.norm(noise, axis=1).max()
    coords = crystal.frac_coords + noise @ np.linalg.inv(crystal.lattice)
    moved = Crystal(
        crystal.lattice,
        coords,
        crystal.species_offsets,
        crystal.atomic_numbers,
        crystal.occupancies,
        crystal.oxidation_states,
    )
    before, after = AverageMinimumDistance(k=30).transform(Crystals.from_crystals([crystal, moved]))
    assert np.abs(after - before).max() <= 2 * largest + 1e-12


@pytest.mark.parametrize("factor", [0.9, 0.999999, 1.000001, 1.1])
def test_the_tolerance_of_the_symmetry_search_is_no_step(factor):
    # Every second atom of a row moved by about the usual symprec: the bound holds beside the straight row.
    def row(shift):
        return Crystal.ordered(np.diag([3.0, 3.0, 6.0]), [[0, 0, 0], [0, 0, 0.5 + shift / 6]], [84, 84])

    straight, bent = AverageMinimumDistance(k=30).transform([row(0.0), row(0.01 * factor)])
    assert np.abs(bent - straight).max() <= 0.02 * factor + 1e-12
    near = AverageMinimumDistance(k=30).transform([row(0.01), row(0.01 + 2e-6)])
    assert np.abs(near[1] - near[0]).max() <= 4e-6


def test_k_is_a_whole_number_from_one():
    with pytest.raises(ValueError, match="k"):
        AverageMinimumDistance(k=0).fit()
