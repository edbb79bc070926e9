"""Neighbour tables, against a slow and independent count of images."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skcrystal import Crystal, Crystals
from skcrystal.crystals.neighbors import find_neighbors
from tests.prototypes import CAESIUM_CHLORIDE, DIAMOND, ROCK_SALT, ROCK_SALT_EDGE
from tests.strategies import MOVES, crystals, without_vacancies


def table_of(crystal, cutoff):
    return Crystals.from_crystals([crystal]).neighbors(cutoff)


def every_image(crystal, cutoff):
    """Sorted (centre, neighbour, distance), from all images in a block that holds the sphere."""
    coords = crystal.frac_coords % 1
    heights = 1 / np.linalg.norm(np.linalg.inv(crystal.lattice), axis=0)
    steps = [np.arange(-n, n + 1) for n in np.ceil(cutoff / heights).astype(int) + 1]
    shifts = np.stack(np.meshgrid(*steps), axis=-1).reshape(-1, 3)
    found = []
    for i, center in enumerate(coords):
        for j, other in enumerate(coords):
            lengths = np.linalg.norm((other - center + shifts) @ crystal.lattice, axis=1)
            kept = (lengths < cutoff) & ((i != j) | shifts.any(axis=1))
            found += [(i, j, length) for length in lengths[kept]]
    return np.array(sorted(found)).reshape(-1, 3)


@given(
    crystal=crystals(max_sites=5), moved=MOVES["cell_choice"], shifted=MOVES["origin"], cutoff=st.floats(1, 5)
)
def test_table_holds_every_image_and_no_other(crystal, moved, shifted, cutoff):
    # A cutoff of many digits: no shell lies just on it.
    cutoff = cutoff + np.pi * 1e-3
    crystal = without_vacancies(crystal)
    table = table_of(shifted(moved(crystal)), cutoff)
    found = np.stack([table.centers, table.neighbors, table.distances], axis=1)
    found = found[np.lexsort(found.T[::-1])]
    wanted = every_image(crystal, cutoff)
    np.testing.assert_array_equal(found[:, :2], wanted[:, :2])
    np.testing.assert_allclose(found[:, 2], wanted[:, 2], atol=1e-8)


@given(crystal=crystals(max_sites=5), moved=MOVES["permutation"])
def test_vectors_lead_from_centre_to_the_image_that_the_shift_names(crystal, moved):
    # Moved, the sites lie in cells of their own: shifts count from the coordinates as they are given.
    crystal = moved(crystal)
    table = table_of(crystal, 4.0)
    np.testing.assert_allclose(np.linalg.norm(table.vectors, axis=1), table.distances)
    ends = crystal.frac_coords[table.neighbors] + table.shifts
    vectors = (ends - crystal.frac_coords[table.centers]) @ crystal.lattice
    np.testing.assert_allclose(vectors, table.vectors, atol=1e-10)


@given(crystal=crystals(max_sites=5))
def test_each_pair_comes_back_from_its_other_end(crystal):
    table = table_of(crystal, 4.0)
    there = np.column_stack([table.centers, table.neighbors, table.shifts])
    back = np.column_stack([table.neighbors, table.centers, -table.shifts])
    assert len(np.unique(there, axis=0)) == len(there)
    np.testing.assert_array_equal(np.unique(there, axis=0), np.unique(back, axis=0))


@given(crystal=crystals(max_sites=8), cutoffs=st.tuples(st.floats(1, 6), st.floats(1, 6)))
def test_a_table_picked_from_a_larger_one_is_the_one_searched(crystal, cutoffs):
    batch = Crystals.from_crystals([crystal, ROCK_SALT])
    # Of the second crystal the known table holds too little: it is searched.
    arrays = batch.lattices, batch.site_offsets, batch.frac_coords
    known = find_neighbors(*arrays, [max(cutoffs), 2.0])
    picked, searched = (
        find_neighbors(*arrays, min(cutoffs) + 1, known),
        find_neighbors(*arrays, min(cutoffs) + 1),
    )
    for name in ("offsets", "neighbors", "distances", "vectors", "shifts", "cutoffs"):
        np.testing.assert_array_equal(getattr(picked, name), getattr(searched, name))


def test_a_smaller_cutoff_is_picked_from_the_table_that_is_there(monkeypatch):
    import skcrystal.crystals.tables as tables_module

    known = []
    find = tables_module.find_neighbors
    monkeypatch.setattr(tables_module, "find_neighbors", lambda *a: known.append(a[-1]) or find(*a))
    batch = Crystals.from_crystals([ROCK_SALT])
    table = batch.neighbors(8.0)
    batch.neighbors(2.0, units="spacing")
    assert known[0] is None
    assert known[1] is table


def test_shells_of_rock_salt():
    half = ROCK_SALT_EDGE / 2
    table = table_of(ROCK_SALT, 2.1 * half)
    shells = half * np.sqrt([1] * 6 + [2] * 12 + [3] * 8 + [4] * 6)
    for start in table.offsets[:-1]:
        np.testing.assert_allclose(np.sort(table.distances[start : start + 32]), shells)
    assert len(table.distances) == 64


@pytest.mark.parametrize(
    ("crystal", "cutoff", "count"), [(DIAMOND, 2.0, 4), (CAESIUM_CHLORIDE, 3.7, 8), (ROCK_SALT, 3.0, 6)]
)
def test_number_of_nearest_neighbours(crystal, cutoff, count):
    np.testing.assert_array_equal(np.diff(table_of(crystal, cutoff).offsets), count)


def test_a_shell_on_the_cutoff_leaves_no_gaps_in_the_table():
    # Bounds are a little wider than the cutoff, and count the six sites on it, which are not closer.
    polonium = Crystal.ordered(3 * np.eye(3), [[0, 0, 0]], [84])
    table = Crystals.from_crystals([polonium, DIAMOND]).neighbors(3.0)
    # Diamond has shells of 4, 12 and 12.
    np.testing.assert_array_equal(np.diff(table.offsets), [0, 28, 28])
    assert len(table.distances) == len(table.shifts) == 56


def test_pairs_stay_within_their_crystal():
    table = Crystals.from_crystals([ROCK_SALT, DIAMOND]).neighbors(5.0)
    np.testing.assert_array_equal(table.centers // 2, table.neighbors // 2)


def test_each_crystal_can_have_its_own_cutoff():
    batch = Crystals.from_crystals([ROCK_SALT, DIAMOND])
    table = find_neighbors(batch.lattices, batch.site_offsets, batch.frac_coords, [3.0, 1.0])
    np.testing.assert_array_equal(np.diff(table.offsets), [6, 6, 0, 0])


def test_a_sparse_crystal_and_an_empty_batch_have_empty_tables():
    assert len(table_of(Crystal.ordered(9 * np.eye(3), [[0, 0, 0]], [2]), 8.0).distances) == 0
    assert len(Crystals.from_crystals([]).neighbors(8.0).distances) == 0


def test_table_is_made_once_per_cutoff():
    batch = Crystals.from_crystals([ROCK_SALT])
    assert batch.neighbors(4.0) is batch.neighbors(4.0)
    assert batch.neighbors(4.0) is not batch.neighbors(3.0)


def test_large_cell_has_as_many_pairs_as_its_small_cell():
    n = 14
    steps = np.stack(np.meshgrid(*[np.arange(n)] * 3), axis=-1).reshape(-1, 1, 3)
    coords = (ROCK_SALT.frac_coords + steps).reshape(-1, 3) / n
    large = Crystal.ordered(ROCK_SALT.lattice * n, coords, np.tile([11, 17], n**3))
    table = table_of(large, 6.0)
    np.testing.assert_array_equal(np.diff(table.offsets), np.diff(table_of(ROCK_SALT, 6.0).offsets)[0])
