"""What one crystal answers, against pymatgen and against arithmetic."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from skcrystal import Crystal
from tests.prototypes import DIAMOND, ROCK_SALT
from tests.strategies import crystals

QUARTER_GOLD = Crystal(
    3.75 * np.eye(3),
    np.zeros((1, 3)),
    np.array([0, 2]),
    np.array([29, 79]),
    np.array([0.75, 0.25]),
    np.array([1.0, 3.0]),
)


@settings(max_examples=25)
@given(crystal=crystals(max_sites=8))
def test_answers_are_pymatgens(crystal):
    structure = crystal.to_structure()
    np.testing.assert_allclose(crystal.cart_coords, structure.cart_coords, atol=1e-9)
    np.testing.assert_allclose(crystal.distance_matrix, structure.distance_matrix, atol=1e-6)
    np.testing.assert_allclose(crystal.lattice_parameters, structure.lattice.parameters, rtol=1e-6)
    assert crystal.volume == pytest.approx(structure.volume)
    # Atomic masses have been revised since.
    assert crystal.density == pytest.approx(structure.density, rel=1e-3)


def test_rock_salt():
    # Four formula units of 58.443 u in a cube of 5.64 angstrom weigh 2.164 g/cm^3.
    assert ROCK_SALT.density == pytest.approx(2.164, abs=2e-3)
    assert ROCK_SALT.space_group() == (225, "Fm-3m")
    assert DIAMOND.space_group() == (227, "Fd-3m")
    assert set(ROCK_SALT.species) == {"Na", "Cl"}
    assert ROCK_SALT.charge == 0


def test_a_shared_site():
    assert QUARTER_GOLD.species == ("Cu0.75Au0.25",)
    assert QUARTER_GOLD.charge == pytest.approx(0.75 * 1 + 0.25 * 3)
    assert QUARTER_GOLD.space_group().number == 221


def test_a_thin_cell_has_its_nearest_images_far_along_the_lattice():
    # The cell (a, b + 5 a) of a square lattice: sites half an edge apart along b.
    lattice = np.array([[4.0, 0, 0], [20.0, 4, 0], [0, 0, 4]])
    crystal = Crystal.ordered(lattice, [[0, 0, 0], [0.5, 0.5, 0]], [11, 17])
    # 0.5 (4 + 20, 4) = (12, 2) is (0, 2) but for whole edges.
    assert crystal.distance_matrix[0, 1] == pytest.approx(2)


def test_print_shows_a_table_of_the_sites():
    lines = str(ROCK_SALT).splitlines()
    assert lines[0].startswith("NaCl")
    assert len(lines) == 1 + ROCK_SALT.n_sites
    chain = Crystal.ordered(np.diag([300.0, 3, 3]), np.arange(100)[:, None] / 100 * [1, 0, 0], [6] * 100)
    assert len(str(chain).splitlines()) == 22
    assert "80 more" in str(chain)
