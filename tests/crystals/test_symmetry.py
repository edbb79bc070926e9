"""Reduced cells and minimum images, against slow and independent ways to find them."""

from __future__ import annotations

import gemmi
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skcrystal import Crystal, Crystals
from skcrystal.crystals.reduction import niggli_reduce
from skcrystal.crystals.symmetry import find_symmetry
from skcrystal.descriptors import DistanceStats
from tests.prototypes import ROCK_SALT
from tests.strategies import MOVES, crystals, lattices, nearest_image_distance, without_vacancies


def parameters(lattice):
    lengths = np.linalg.norm(lattice, axis=1)
    cosines = [lattice[i] @ lattice[j] / lengths[i] / lengths[j] for i, j in ((1, 2), (0, 2), (0, 1))]
    return [*lengths, *np.degrees(np.arccos(cosines))]


@given(lattice=lattices(), moved=MOVES["cell_choice"])
def test_niggli_cell_is_that_of_gemmi(lattice, moved):
    skewed = moved(Crystal.ordered(lattice, [[0, 0, 0]], [26])).lattice
    reduced, transforms = niggli_reduce(skewed[None])
    cell = gemmi.UnitCell(*parameters(lattice))
    gruber = gemmi.GruberVector(cell, "P")
    gruber.niggli_reduce(epsilon=1e-5 * cell.volume ** (1 / 3))
    np.testing.assert_allclose(parameters(reduced[0]), gruber.get_cell().parameters, rtol=1e-9)
    np.testing.assert_allclose(transforms[0] @ skewed, reduced[0], atol=1e-9)
    np.testing.assert_array_equal(transforms, np.rint(transforms))
    assert abs(np.linalg.det(transforms[0])) == pytest.approx(1)


def test_lattice_of_grosse_kunstleve():
    # The example of Krivy & Gruber 1976, table 1: 3, 5.196, 2, 103.92, 109.47, 134.88 reduces to 2, 3, 3, 60,
    # 75.52, 70.53.
    lengths = 3, np.sqrt(27), 2
    xi, eta, zeta = -5, -4, -22
    cosines = (
        xi / 2 / lengths[1] / lengths[2],
        eta / 2 / lengths[0] / lengths[2],
        zeta / 2 / lengths[0] / lengths[1],
    )
    cell = gemmi.UnitCell(*lengths, *np.degrees(np.arccos(cosines)))
    reduced, _ = niggli_reduce(np.array(cell.orth.mat.tolist()).T[None])
    np.testing.assert_allclose(parameters(reduced[0])[:3], [2, 3, 3], rtol=1e-9)
    np.testing.assert_allclose(parameters(reduced[0])[3:], [60, 75.522488, 70.528779], rtol=1e-6)


@given(crystal=crystals(max_sites=8))
def test_distances_are_those_of_brute_force_over_many_images(crystal):
    batch = Crystals.from_crystals([without_vacancies(crystal)])
    cell = batch.primitive()[0]
    own = np.linalg.norm(cell.lattice, axis=1).min()
    entries = [
        own if i == j else nearest_image_distance(one - other, cell.lattice, reach=3)
        for i, one in enumerate(cell.frac_coords)
        for j, other in enumerate(cell.frac_coords)
    ]
    expected = [np.mean(entries), np.max(entries), np.min(entries), np.std(entries)]
    np.testing.assert_allclose(DistanceStats().transform(batch)[0], expected, rtol=1e-9, atol=1e-7)


def test_a_supercell_holds_as_many_primitive_cells_as_it_is_large():
    batch = Crystals.from_crystals([ROCK_SALT])
    table = batch.symmetry()
    assert (table.numbers.tolist(), table.multiplicities.tolist()) == ([225], [1])
    face_centred = np.array([[0, 0, 0], [0, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0]])
    coords = np.concatenate([face_centred, face_centred + 0.5])
    conventional = Crystal.ordered(5.64 * np.eye(3), coords, [11] * 4 + [17] * 4)
    assert Crystals.from_crystals([conventional]).symmetry().multiplicities.tolist() == [4]


def test_supercells_leave_standard_error_empty(capfd):
    lattice = 3.0 * np.eye(3) * [1, 1, 2]
    Crystals.from_crystals([Crystal.ordered(lattice, [[0, 0, 0], [0, 0, 0.5]], [26, 26])]).symmetry()
    assert capfd.readouterr().err == ""


@given(seed=st.integers(0, 2**32 - 1), size=st.floats(0.1, 30), symprec=st.floats(1e-6, 0.2))
def test_no_tolerance_and_no_crowd_of_sites_makes_the_search_fail(seed, size, symprec):
    rng = np.random.default_rng(seed)
    lattice = rng.normal(size=(3, 3))
    lattice *= np.cbrt(6 * size / abs(np.linalg.det(lattice)))
    # Searched as it is: most of these cells pass no gate.
    coords, kinds = rng.random((6, 3)), np.full(6, 26)
    table = find_symmetry(lattice[None], np.array([0, 6]), coords, kinds, symprec)
    assert 1 <= table.numbers[0] <= 230
    assert 6 % table.multiplicities[0] == 0


def test_the_tolerance_is_less_than_what_tells_a_thin_cell_from_a_sheared_one():
    # With a tolerance of 0.1 angstrom, adding a to c would count as symmetry, and the search take all memory.
    lattice = np.array([[1.0, 0, 0], [0.3, 1.2, 0], [0, 3, 30]])
    thin = Crystals.from_crystals([Crystal.ordered(lattice, [[0, 0, 0], [0.1, 0.2, 0.3]], [1, 9])])
    table = thin.symmetry(0.1)
    assert table.numbers.tolist() == [1]
    assert table.symprecs[0] < 1 / 30
    # A sheet of atoms in 100 angstrom of vacuum keeps the usual tolerance.
    sheet = Crystal.ordered(np.diag([2.5, 2.5, 100.0]), [[0, 0, 0], [0.5, 0.5, 0.02]], [26, 26])
    assert Crystals.from_crystals([sheet]).symmetry(0.01).symprecs.tolist() == [0.01]


def test_a_crystal_that_no_tolerance_fits_counts_as_p1():
    # Two atoms on one spot: no search can tell which is which.
    offsets, kinds = np.array([0, 2]), np.array([26, 26])
    table = find_symmetry(3.0 * np.eye(3)[None], offsets, np.zeros((2, 3)), kinds, 0.01)
    assert table.numbers.tolist() == [1]
    assert np.isnan(table.symprecs[0])
