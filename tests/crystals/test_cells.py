"""The arithmetic of many cells, against numpy's."""

from __future__ import annotations

import numpy as np
from hypothesis import given

from skcrystal.crystals.cells import heights, inverses, triangular, volumes
from tests.strategies import crystals


@given(crystal=crystals())
def test_volume_inverse_and_heights_are_numpys(crystal):
    lattices = np.stack([crystal.lattice, crystal.lattice[::-1]])
    expected = np.linalg.inv(lattices)
    np.testing.assert_allclose(volumes(lattices), abs(np.linalg.det(lattices)), rtol=1e-9)
    np.testing.assert_allclose(inverses(lattices), expected, rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(heights(lattices), 1 / np.linalg.norm(expected, axis=1), rtol=1e-7)


def test_flat_cells_have_no_volume_and_raise_nothing():
    flat = np.array([[[1.0, 0, 0], [0, 1, 0], [1, 1, 0]], np.eye(3)])
    assert volumes(flat).tolist() == [0, 1]
    assert heights(flat)[1].tolist() == [1, 1, 1]
    assert not np.isfinite(inverses(flat)[0]).all()


@given(crystal=crystals())
def test_the_triangular_form_keeps_lengths_and_angles(crystal):
    lattice = np.asarray(crystal.lattice)
    lower = triangular(lattice[None])[0]
    np.testing.assert_allclose(lower @ lower.T, lattice @ lattice.T, rtol=1e-9, atol=1e-9)
    np.testing.assert_array_equal(np.triu(lower, 1), 0)
    assert (np.diag(lower) > 0).all()
