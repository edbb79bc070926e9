"""Kernels of crystals and of sites."""

from __future__ import annotations

import sys
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings

from skcrystal import Crystal, Crystals
from skcrystal.descriptors import SOAP, SymmetryFunctions, similarity
from skcrystal.descriptors.similarity import match
from tests.prototypes import CAESIUM_CHLORIDE, DIAMOND, ROCK_SALT, ZINC_BLENDE_SIC
from tests.strategies import MOVES, crystals

BATCH = [DIAMOND, ZINC_BLENDE_SIC, ROCK_SALT, CAESIUM_CHLORIDE]
SMALL = SOAP(n_max=2, l_max=2)


@pytest.mark.parametrize("kernel", ["average", "best_match"])
def test_a_crystal_is_like_itself_alone(kernel):
    table = similarity(BATCH, kernel=kernel)
    np.testing.assert_allclose(np.diag(table), 1.0, rtol=1e-12)
    np.testing.assert_allclose(table, table.T, rtol=1e-12)
    assert (table[~np.eye(4, dtype=bool)] < 0.999).all()
    assert (table > 0).all()
    np.testing.assert_allclose(similarity(BATCH[:2], BATCH, kernel=kernel), table[:2], rtol=1e-12)


def test_the_average_kernel_is_positive_definite():
    assert np.linalg.eigvalsh(similarity(BATCH, descriptor=SymmetryFunctions())).min() > -1e-12


def test_sites_are_compared_each_with_each():
    table = similarity([DIAMOND, ROCK_SALT], of="sites")
    assert table.shape == (4, 4)
    # The sites of diamond are alike; sodium and chlorine are not.
    assert table[0, 1] == pytest.approx(1.0, abs=1e-12)
    assert table[2, 3] < 0.99


def test_the_best_match_is_the_best_of_all():
    rng = np.random.default_rng(0)
    kernel = rng.random((4, 4))
    best = max(kernel[range(4), order].mean() for order in permutations(range(4)))
    assert match(kernel) == pytest.approx(best)
    # Cells of two and three sites, repeated to six.
    kernel = rng.random((2, 3))
    large = np.repeat(np.repeat(kernel, 3, axis=0), 2, axis=1)
    best = max(large[range(6), order].mean() for order in permutations(range(6)))
    assert match(kernel) == pytest.approx(best)


@pytest.mark.parametrize("move", MOVES)
@pytest.mark.parametrize("kernel", ["average", "best_match"])
def test_moves_leave_the_similarity_alone(move, kernel):
    @settings(max_examples=10)
    @given(crystal=crystals(max_sites=6), moved=MOVES[move], other=crystals(max_sites=5))
    def check(crystal, moved, other):
        pair = Crystals.from_crystals([crystal, moved(crystal)])
        before, after = similarity(pair, [other], descriptor=SMALL, kernel=kernel)[:, 0]
        assert after == pytest.approx(before, abs=1e-7)
        assert similarity(pair[:1], pair[1:], descriptor=SMALL, kernel=kernel)[0, 0] == pytest.approx(1.0)

    check()


@pytest.mark.parametrize("block", [1, 8, 20])
def test_blocks_of_sites_change_nothing(block, monkeypatch):
    expected = similarity(BATCH, descriptor=SMALL)
    monkeypatch.setattr(sys.modules["skcrystal.descriptors.similarity"], "BLOCK", block)
    np.testing.assert_allclose(similarity(BATCH, descriptor=SMALL), expected, rtol=1e-12)


def test_the_kernel_of_sites_is_the_overlap_of_densities_over_all_rotations():
    # An atom beside the centre, both Gaussians 0.5 angstrom wide. Gaussians at r and r' overlap by
    # exp(-(r - r')^2 / 4 sigma^2), so that the integral over rotations is one over the cosine between the
    # two atoms. The sum over enough radial functions and degrees has nothing in common with that.
    def pair(distance):
        return Crystal.ordered(np.diag([40.0, 40.0, 40.0]), [[0, 0, 0], [distance / 40, 0, 0]], [6, 6])

    def overlap(one, other):
        cosines, weights = np.polynomial.legendre.leggauss(60)
        squares = one**2 + other**2 - 2 * one * other * cosines
        density = sum(np.exp(-s / 4 / 0.5**2) for s in (0.0, one**2, other**2)) + np.exp(
            -squares / 4 / 0.5**2
        )
        return (weights * density**2).sum()

    soap = SOAP(cutoff=5.0, smoothing=0.5, n_max=12, l_max=12, properties=["one"])
    found = similarity([pair(1.4)], [pair(1.9)], descriptor=soap, of="sites", zeta=1.0)[0, 0]
    expected = overlap(1.4, 1.9) / np.sqrt(overlap(1.4, 1.4) * overlap(1.9, 1.9))
    assert found == pytest.approx(expected, abs=2e-4)


def test_an_atom_without_neighbours_is_like_no_other():
    lonely = Crystal.ordered(20.0 * np.eye(3), [[0, 0, 0]], [79])
    table = similarity([lonely, DIAMOND], descriptor=SymmetryFunctions())
    assert np.isfinite(table).all()
    assert table[0, 1] == 0.0


def test_mistakes_are_told():
    with pytest.raises(ValueError, match="of='atoms': give 'crystals' or 'sites'"):
        similarity(BATCH, of="atoms")
    with pytest.raises(ValueError, match="kernel='rematch': give 'average' or 'best_match'"):
        similarity(BATCH, kernel="rematch")
    with pytest.raises(ValueError, match="zeta=0 must be above 0"):
        similarity(BATCH, zeta=0)
