"""The same crystal under other cells and names is found, and no other."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

import skcrystal
from skcrystal import Crystal
from skcrystal.datasets import load_experimental
from skcrystal.matching import mean_transport, pointwise_distance
from tests.strategies import MOVES, crystals

ROCK_SALT = Crystal.ordered(5.64 * (1 - np.eye(3)) / 2, [[0, 0, 0], [0.5, 0.5, 0.5]], [11, 17], source="salt")
ZINC_BLENDE = Crystal.ordered(5.64 * (1 - np.eye(3)) / 2, [[0, 0, 0], [0.25, 0.25, 0.25]], [11, 17])


def supercell(crystal, repeats):
    shifts = np.array([[0, 0, k] for k in range(repeats)])
    coords = (crystal.frac_coords[None] + shifts[:, None]).reshape(-1, 3) / [1, 1, repeats]
    numbers = np.tile(crystal.atomic_numbers, repeats)
    return Crystal.ordered(np.diag([1, 1, repeats]) @ crystal.lattice, coords, numbers)


@settings(max_examples=30)
@given(crystals(max_sites=8), st.tuples(*MOVES.values()))
def test_a_moved_crystal_is_a_duplicate(crystal, moves):
    moved = crystal
    for move in moves:
        moved = move(moved)
    found = skcrystal.duplicates([crystal, moved], confirm=False)
    assert found["original"].to_dict() == {1: 0}
    assert found["pointwise_distance"].iloc[0] < 1e-6


def test_built_in_crystals_are_found_again_and_only_they():
    X, _ = load_experimental(return_X_y=True)
    few = list(X[::10])
    again = [supercell(crystal, 2) for crystal in few if crystal.n_sites == len(crystal.atomic_numbers)][:20]
    before = skcrystal.duplicates(few, confirm=False)
    assert before.empty
    found = skcrystal.match(again, few, confirm=True)
    assert len(found) == len(again)
    assert [few[k].formula for k in found["known"]] == [crystal.formula for crystal in again]
    assert found["structure_matcher"].all()


def test_displacements_within_the_tolerance_are_one_crystal_and_larger_ones_are_not():
    perovskite = [[0, 0, 0], [0.5, 0.5, 0.5], [0.5, 0.5, 0], [0.5, 0, 0.5], [0, 0.5, 0.5]]
    crystal = Crystal.ordered(3.905 * np.eye(3), perovskite, [38, 22, 8, 8, 8])
    rng = np.random.default_rng(0)
    directions = rng.normal(size=(5, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    near, far = (
        Crystal.ordered(crystal.lattice, crystal.frac_coords + size * directions / 3.905, [38, 22, 8, 8, 8])
        for size in (0.04, 0.5)
    )
    found = skcrystal.match([near, far], [crystal], tolerance=0.05, confirm=False)
    assert found["known"].tolist()[0] == 0
    assert found["known"].isna().tolist() == [False, True]
    assert 0 < found["pointwise_distance"].iloc[0] <= 2 * 0.04


def test_who_sits_where_counts():
    """Normal and inverse spinel have the same distances, and the same composition."""
    from pymatgen.core import Lattice, Structure

    normal = Structure.from_spacegroup(
        "Fd-3m:2", Lattice.cubic(8.08), ["Mg", "Al", "O"], [[1 / 8] * 3, [1 / 2] * 3, [0.2624] * 3]
    )
    inverse = normal.copy()
    mg = [k for k, site in enumerate(normal) if site.specie.symbol == "Mg"]
    al = [k for k, site in enumerate(normal) if site.specie.symbol == "Al"]
    for one, other in zip(mg, al, strict=False):
        inverse[one], inverse[other] = "Al", "Mg"
    found = skcrystal.match([inverse, normal], [normal])
    assert found["known"].isna().tolist() == [True, False]


def test_other_structures_and_other_elements_are_no_duplicates():
    other = Crystal.ordered(ROCK_SALT.lattice, ROCK_SALT.frac_coords, [11, 35])
    assert skcrystal.duplicates([ROCK_SALT, ZINC_BLENDE, other]).empty


def test_names_and_positions_are_told():
    found = skcrystal.duplicates([ZINC_BLENDE, ROCK_SALT, supercell(ROCK_SALT, 3), ROCK_SALT])
    assert found.index.tolist() == [2, 3]
    assert found["original"].tolist() == [1, 1]
    assert found["original_source"].tolist() == ["salt", "salt"]
    assert found["source"].tolist() == ["", "salt"]
    assert found["structure_matcher"].tolist() == [True, True]


def test_disorder_is_compared_too():
    gold = Crystal.ordered(3.9 * (1 - np.eye(3)) / 2, [[0, 0, 0]], [79])
    alloys = [
        skcrystal.as_crystals(
            [{"lattice": {"matrix": gold.lattice.tolist()}, "sites": [site], "@class": "S"}]
        )[0]
        for site in (
            {"species": [{"element": "Cu", "occu": x}, {"element": "Au", "occu": 1 - x}], "abc": [0, 0, 0]}
            for x in (0.5, 0.5, 0.25)
        )
    ]
    found = skcrystal.duplicates(alloys)
    assert found.index.tolist() == [1]
    assert found["structure_matcher"].tolist() == [True]


def test_nothing_in_nothing():
    assert skcrystal.duplicates([]).empty
    assert skcrystal.match([], [ROCK_SALT]).empty
    assert skcrystal.match([ROCK_SALT], [])["known"].isna().all()


@pytest.mark.parametrize("shape", [(3, 3), (4, 6), (5, 7)])
def test_transport_by_assignment_and_by_programming_agree(shape, monkeypatch):
    cost = np.random.default_rng(0).random(shape)
    assigned = mean_transport(cost)
    monkeypatch.setattr("skcrystal.matching.ASSIGNED", 0)
    assert mean_transport(cost) == pytest.approx(assigned)
    if shape[0] == shape[1]:
        assert assigned == pytest.approx(cost[linear_sum_assignment(cost)].mean())


def test_distance_of_pointwise_distributions_by_hand():
    rows, kinds = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([1, 2])
    # The first row has moved by 0.5 at most; the second is there.
    assert pointwise_distance(rows, kinds, np.array([[3.0, 4.0], [1.5, 2.2]]), np.array([2, 1])) == 0.25


def test_a_wrong_parameter_is_named():
    with pytest.raises(ValueError, match="tolerance"):
        skcrystal.duplicates([ROCK_SALT], tolerance=0)
