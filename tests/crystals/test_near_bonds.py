"""Bonds found among near neighbours are those of all neighbours, bit for bit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skcrystal import Crystal, Crystals
from skcrystal.crystals import tables as tables_module
from skcrystal.crystals.bonding import find_bonding
from skcrystal.crystals.bonds import weigh_bonds
from skcrystal.datasets import load_experimental
from tests.crystals.textbook import TEXTBOOK
from tests.crystals.textbook_metals import METALS
from tests.strategies import crystals

COLUMNS = ("offsets", "neighbors", "distances", "vectors", "weights", "numbers")


def assert_same(crystals, cutoff=8.0):
    found = crystals.bonds(cutoff)
    bonding = find_bonding(crystals._arrays(), crystals.ions)
    whole = weigh_bonds(crystals[:].neighbors(cutoff), bonding, cutoff)
    for name in COLUMNS:
        np.testing.assert_array_equal(getattr(found, name), getattr(whole, name), err_msg=name)


@pytest.fixture
def widths(monkeypatch):
    """Of each search for neighbours, the number of crystals and the largest cutoff."""
    made: list[tuple[int, float]] = []
    plain = tables_module.find_neighbors

    def counted(lattices, site_offsets, frac_coords, cutoffs, known):
        made.append((len(lattices), float(np.max(cutoffs))))
        return plain(lattices, site_offsets, frac_coords, cutoffs, known)

    monkeypatch.setattr(tables_module, "find_neighbors", counted)
    return made


def test_measured_crystals_have_the_same_bonds():
    X = load_experimental(return_X_y=True)[0]
    assert_same(X.join_split_sites())


def test_textbook_crystals_have_the_same_bonds():
    assert_same(Crystals.from_crystals([case.crystal() for case in (*TEXTBOOK, *METALS)]))


@settings(max_examples=60)
@given(st.lists(crystals(max_sites=6), min_size=1, max_size=3), st.sampled_from([3.0, 5.0, 8.0]))
def test_any_crystals_have_the_same_bonds(some, cutoff):
    assert_same(Crystals.from_crystals(some).join_split_sites(), cutoff)


@pytest.mark.parametrize(
    ("edge", "numbers"),
    [(6.5, [55]), (7.5, [18]), (9.0, [18]), (6.2, [47, 47]), (6.6, [55, 53]), (7.9, [11, 17])],
)
def test_sparse_crystals_see_all_neighbours(edge, numbers, widths):
    coords = [[0, 0, 0], [0.5, 0.5, 0.5]][: len(numbers)]
    sparse = Crystal.ordered(edge * np.eye(3), coords, numbers)
    salt = Crystal.ordered(5.64 * (1 - np.eye(3)) / 2, [[0, 0, 0], [0.5, 0.5, 0.5]], [11, 17])
    batch = Crystals.from_crystals([salt, sparse, salt])
    batch.bonds()
    # The sparse one alone is searched a second time.
    assert widths == [(3, 6.0), (1, 8.0)]
    assert_same(batch)


def test_known_neighbours_are_not_searched_again(widths):
    salt = Crystal.ordered(5.64 * (1 - np.eye(3)) / 2, [[0, 0, 0], [0.5, 0.5, 0.5]], [11, 17])
    batch = Crystals.from_crystals([salt])
    batch.neighbors(8.0)
    batch.bonds()
    assert widths == [(1, 8.0)]


def test_a_plane_beyond_the_near_neighbours_bounds_a_domain():
    # Chains of atoms 2.5 angstrom apart, 6.6 angstrom from each other: 6.6 bounds the domain.
    chains = Crystal.ordered(np.diag([6.6, 6.6, 2.5]), [[0, 0, 0]], [26])
    assert_same(Crystals.from_crystals([chains]))


def test_no_crystal_has_no_bonds():
    assert len(Crystals.from_crystals([]).bonds().weights) == 0
