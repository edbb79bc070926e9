"""The arithmetic of one cell, against numpy's."""

from __future__ import annotations

import numpy as np
from hypothesis import given

from skcrystal.kernels.cell import inverse, triangular, volume
from tests.strategies import crystals


@given(crystal=crystals())
def test_volume_and_inverse_are_numpys(crystal):
    lattice = np.asarray(crystal.lattice)
    np.testing.assert_allclose(volume(lattice), abs(np.linalg.det(lattice)), rtol=1e-9)
    np.testing.assert_allclose(inverse(lattice) @ lattice, np.eye(3), atol=1e-9)
    np.testing.assert_allclose(
        inverse(lattice[::-1].copy()), np.linalg.inv(lattice[::-1]), rtol=1e-7, atol=1e-9
    )


@given(crystal=crystals())
def test_the_triangular_form_keeps_lengths_and_angles(crystal):
    lattice = np.asarray(crystal.lattice)
    lower = triangular(lattice)
    np.testing.assert_allclose(lower @ lower.T, lattice @ lattice.T, rtol=1e-9, atol=1e-9)
    np.testing.assert_array_equal(np.triu(lower, 1), 0)
    assert (np.diag(lower) > 0).all()
