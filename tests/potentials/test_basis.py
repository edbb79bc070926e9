"""Invariants of surroundings: harmonics, coupling, and which products are taken."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special

from skcrystal.potentials.basis import make_basis
from skcrystal.potentials.harmonics import gaunt_coefficients, harmonics


def directions(n, seed=0):
    found = np.random.default_rng(seed).normal(size=(n, 3))
    return found / np.linalg.norm(found, axis=1)[:, None]


def test_harmonics_are_scipys_made_real():
    if not hasattr(special, "sph_harm_y"):
        pytest.skip("scipy before 1.15 has other conventions")
    points = directions(50)
    theta, phi = np.arccos(points[:, 2]), np.arctan2(points[:, 1], points[:, 0])
    values = harmonics(points, 5)
    for degree in range(6):
        for m in range(-degree, degree + 1):
            whole = special.sph_harm_y(degree, abs(m), theta, phi) * (-1) ** m
            expected = whole.real if m == 0 else np.sqrt(2) * (whole.real if m > 0 else whole.imag)
            np.testing.assert_allclose(values[:, degree**2 + degree + m], expected, atol=1e-12)


def test_integrals_of_three_harmonics_expand_products_of_two():
    """Y_a Y_b = sum over c of G_abc Y_c, where c goes up to the sum of the degrees."""
    points = directions(20)
    values, gaunt = harmonics(points, 4), gaunt_coefficients(4)
    low = 9  # l up to 2, so that products have l up to 4
    products = np.einsum("abc,pc->pab", gaunt[:low, :low], values)
    np.testing.assert_allclose(products, values[:, :low, None] * values[:, None, :low], atol=1e-12)


@pytest.mark.parametrize(
    ("degrees", "expected"),
    [
        # n = 0 to 3 of one density
        ((3,), {1: 4}),
        # of two besides: (n, n') with n + n' <= 2 at l = 0: 00 01 02 11; at l = 1: 00
        ((3, 2), {1: 4, 2: 5}),
        # of three besides: sum <= 2: (0,0,0 | n) 000 001 002 011, and l, l', l'' = 0 1 1 at n = 0
        ((3, 2, 2), {1: 4, 2: 5, 3: 5}),
    ],
)
def test_invariants_are_counted_by_hand(degrees, expected):
    basis = make_basis(degrees, n_max=10, l_max=4)
    assert {order: int((basis.orders == order).sum()) for order in expected} == expected
    assert basis.n_functions == sum(expected.values())


def test_a_smaller_basis_is_part_of_a_larger_one():
    large, small = (make_basis(degrees, n_max=9, l_max=4) for degrees in ((8, 6, 5), (7, 5, 4)))
    allowed = large.allowed((7, 5, 4))
    assert allowed.sum() == small.n_functions
    np.testing.assert_array_equal(large.subset(allowed).degrees, small.degrees)
    np.testing.assert_array_equal(large.subset(allowed).terms.coefficients, small.terms.coefficients)
