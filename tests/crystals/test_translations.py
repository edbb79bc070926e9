"""Symmetry of large cells: folded by their translations, and searched whole by moyo, it is the same."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import skcrystal.crystals.symmetry as symmetry
from skcrystal import Crystal, Crystals
from skcrystal.crystals.displaced import fold_displaced, has_operation
from skcrystal.crystals.symmetry import find_symmetry
from skcrystal.crystals.translations import fold_translations, split_kinds
from tests.prototypes import ROCK_SALT
from tests.strategies import crystals


def repeated(crystal, repeats, noise=0.0, seed=0):
    """Arrays of a supercell in a random order, with each site moved by up to `noise` angstrom."""
    repeats = np.array(repeats)
    rng = np.random.default_rng(seed)
    cells = np.stack(np.meshgrid(*(np.arange(n) for n in repeats)), axis=-1).reshape(-1, 3)
    kinds = Crystals.from_crystals([crystal]).site_kinds
    coords = ((crystal.frac_coords[:, None, :] + cells) / repeats).reshape(-1, 3)
    kinds = np.repeat(kinds, len(cells))
    lattice = crystal.lattice * repeats[:, None]
    order = rng.permutation(len(kinds))
    steps = rng.normal(size=coords.shape)
    steps *= noise * rng.random((len(coords), 1)) / np.linalg.norm(steps, axis=1)[:, None]
    return lattice, (coords + steps @ np.linalg.inv(lattice))[order], kinds[order]


def searched(lattice, coords, kinds, symprec=0.01):
    return find_symmetry(lattice[None], np.array([0, len(kinds)]), coords, kinds, symprec)


def searched_whole(lattice, coords, kinds):
    return symmetry._search_whole(lattice.tolist(), coords.tolist(), kinds.tolist(), 0.01)


@given(
    crystal=crystals(max_sites=8),
    repeats=st.tuples(*[st.integers(1, 4)] * 3),
    noise=st.sampled_from([0.0, 1e-4, 2e-3, 4e-3]) | st.floats(0, 0.04),
    seed=st.integers(0, 2**32 - 1),
)
def test_a_folded_cell_has_the_symmetry_that_moyo_finds_in_the_whole(crystal, repeats, noise, seed):
    cell = repeated(crystal, repeats, noise, seed)
    whole = searched_whole(*cell)
    folded = symmetry._search_folded(*cell, 0.01)
    # Some distorted supercells make moyo change its tolerance, up or down, and those lose symmetry that the
    # folded cell shows at the tolerance asked for: 4 x 4 x 1 cells of a simple cubic lattice, sites moved by
    # 0.002, are one cell of P m to it, at 0.005.
    assume(whole.symprec == 0.01)
    # In a few skewed cells with sites on their faces it misses translations; it finds them from elsewhere.
    lattice, coords, kinds = cell
    moved = searched_whole(lattice, coords + np.array([0.1, 0.2, 0.3]), kinds)
    assume((moved.number, moved.multiplicity) == (whole.number, whole.multiplicity))
    assert folded.number == whole.number
    assert folded.multiplicity == whole.multiplicity
    assert folded.symprec == 0.01
    np.testing.assert_array_equal(folded.orbits, whole.orbits)
    # The same sites are images of one site of the primitive cell, and its lattice is the same.
    for one in (folded, whole):
        assert np.bincount(one.images).tolist() == [one.multiplicity] * (len(cell[2]) // one.multiplicity)
    pairs = {*zip(folded.images, whole.images, strict=True)}
    assert len(pairs) == len(cell[2]) // whole.multiplicity
    change = np.transpose(whole.linear) @ np.linalg.inv(np.transpose(folded.linear))
    np.testing.assert_allclose(change, np.rint(change), atol=1e-9)
    assert abs(np.linalg.det(change)) == pytest.approx(1)


@pytest.mark.parametrize("noise", [0.0, 0.001])
def test_a_large_supercell_is_searched_in_seconds(noise):
    start = time.process_time()
    table = searched(*repeated(ROCK_SALT, (20, 20, 20), noise))
    # moyo alone takes minutes.
    assert time.process_time() - start < 20
    assert (table.numbers[0], table.multiplicities[0]) == (225, 8000)
    assert len(np.unique(table.orbits)) == 2


def test_sites_displaced_by_about_the_tolerance_do_not_make_the_search_long():
    # moyo alone takes 14 s for 1,728 of these sites, and twenty times as long for these.
    polonium = Crystal.ordered(2.5 * np.eye(3), [[0, 0, 0]], [84])
    rng = np.random.default_rng(0)
    lattice, coords, kinds = repeated(polonium, (20, 20, 20))
    coords += rng.normal(size=coords.shape) * 0.002 / 50
    start = time.process_time()
    table = searched(lattice, coords, kinds)
    assert time.process_time() - start < 10
    assert (table.numbers[0], table.multiplicities[0], table.symprecs[0]) == (1, 1, 0.001)


@pytest.mark.parametrize(
    ("repeats", "sigma", "answer"),
    [
        # moyo doubles the tolerance where translations form no group, which chance decides.
        (8, 0.0010, (221, 512, 0.01)),
        (8, 0.0016, (221, 512, 0.02)),
        (8, 0.0020, (221, 512, 0.02)),
        (11, 0.0019, (221, 1331, 0.02)),
        (8, 0.0030, (1, 1, None)),
    ],
)
def test_what_moyo_keeps_of_a_displaced_supercell_is_kept(monkeypatch, repeats, sigma, answer):
    monkeypatch.setattr(symmetry, "LARGEST_WHOLE", 300)
    polonium = Crystal.ordered(2.5 * np.eye(3), [[0, 0, 0]], [84])
    lattice, coords, kinds = repeated(polonium, (repeats,) * 3)
    coords += np.random.default_rng(1).normal(size=coords.shape) * sigma / (2.5 * repeats)
    whole = searched_whole(lattice, coords, kinds)
    folded = symmetry._search_folded(lattice, coords, kinds, 0.01)
    assert (folded.number, folded.multiplicity) == (whole.number, whole.multiplicity) == answer[:2]
    if answer[2] is not None:
        assert folded.symprec == whole.symprec == answer[2]
    np.testing.assert_array_equal(folded.orbits, whole.orbits)


def test_translations_that_displacements_leave_divide_the_cell_in_part():
    # Each second layer is displaced along z: steps of two layers are left, and the whole group at twice that.
    lattice, coords, kinds = repeated(ROCK_SALT, (4, 4, 4))
    layer = np.rint(coords @ (lattice / 5.64) @ [0, 0, 2]).astype(int)
    coords = coords + ((layer % 4) < 2)[:, None] * np.array([0, 0, 0.012]) @ np.linalg.inv(lattice)
    folded, tolerance = fold_displaced(lattice, coords, kinds, 0.01, 0.1)
    assert tolerance == 0.01
    whole = searched_whole(lattice, coords, kinds)
    assert len(folded.kinds) == len(kinds) // whole.multiplicity
    assert whole.multiplicity < 64


def test_no_operation_is_overlooked():
    lattice, coords, kinds = repeated(ROCK_SALT, (2, 2, 2), 0.001)
    assert has_operation(lattice, coords, kinds, 0.01)
    assert not has_operation(lattice, coords, kinds, 1e-5)
    # One inversion is left of two cells about a centre.
    pair = np.random.default_rng(0).random((20, 3))
    both = np.concatenate([pair, -pair])
    skewed = np.array([[9.0, 0, 0], [1.3, 8, 0], [0.7, 2.1, 7]])
    assert has_operation(skewed, both, np.ones(40, dtype=int), 0.01)
    assert not has_operation(skewed, both[:39], np.ones(39, dtype=int), 0.01)


def test_a_primitive_cell_from_a_folded_one_is_that_of_the_small_cell():
    lattice, coords, kinds = repeated(ROCK_SALT, (7, 7, 7), 0.002)
    numbers = np.where(kinds == ROCK_SALT.atomic_numbers[0], 11, 17)
    batch = Crystals.from_crystals([Crystal.ordered(lattice, coords, numbers), ROCK_SALT])
    cells = batch.primitive()
    assert cells.site_counts.tolist() == [2, 2]
    np.testing.assert_allclose(
        np.linalg.norm(cells.lattices[0], axis=1), np.linalg.norm(cells.lattices[1], axis=1), atol=1e-9
    )
    assert cells.atomic_numbers.tolist()[:2] in ([11, 17], [17, 11])


def test_a_vacancy_leaves_no_translation_and_few_candidates():
    lattice, coords, kinds = repeated(ROCK_SALT, (10, 10, 10))
    keep = np.arange(len(kinds)) != 5
    split = split_kinds(lattice, coords[keep], kinds[keep], 0.01)
    # Its six neighbours lack one of six nearest sites.
    assert np.bincount(split)[1:].min() <= 6
    cell = fold_translations(lattice, coords[keep], split, 0.01)
    assert len(cell.kinds) == keep.sum()
    assert cell.is_clear
    start = time.process_time()
    assert searched(lattice, coords[keep], kinds[keep]).numbers[0] == 225
    assert time.process_time() - start < 20


def test_sites_that_an_operation_maps_onto_each_other_stay_alike():
    lattice, coords, kinds = repeated(ROCK_SALT, (4, 4, 4), 0.02, seed=3)
    assert len(np.unique(split_kinds(lattice, coords, kinds, 0.01))) == 2


def test_every_search_lowers_a_tolerance_that_is_too_large():
    # At 0.5 angstrom, a seventh of the shortest vector, moyo may not return.
    dataset = symmetry.search(3.35 * np.eye(3), np.zeros((1, 3)), np.array([84]), 0.5)
    assert dataset.symprec <= 0.335
    assert dataset.number == 221
