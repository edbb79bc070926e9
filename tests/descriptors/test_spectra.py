"""Radial and pair spectra: shells counted by hand, and small noise."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skcrystal import Crystal, Crystals
from skcrystal.chemistry.elements import property_table
from skcrystal.descriptors import PairSpectrum, RadialSpectrum
from skcrystal.descriptors.site_values import site_means, standardized_table
from skcrystal.kernels.spectra import pair_spectra, radial_spectra
from tests.prototypes import CAESIUM_CHLORIDE, DIAMOND, ROCK_SALT, ROCK_SALT_EDGE
from tests.strategies import crystals

HALF = ROCK_SALT_EDGE / 2


def weight(distance, cutoff):
    return (1 - (distance / cutoff) ** 2) ** 2


@pytest.mark.parametrize(("shell", "count"), [(1, 6), (2, 12), (3, 8), (4, 6)])
def test_shells_of_rock_salt(shell, count):
    # Neighbours are at sqrt(1), sqrt(2), sqrt(3), sqrt(4) halves of the edge; 0.05 angstrom keeps them apart.
    distance = HALF * np.sqrt(shell)
    spectrum = RadialSpectrum(start=distance, step=10, width=0.05)
    assert spectrum.transform([ROCK_SALT])[0] == pytest.approx(count * weight(distance, 8.0))


def test_gaussian_one_width_off_a_shell():
    spectrum = RadialSpectrum(start=HALF - 0.1, step=10, width=0.1)
    assert spectrum.transform([ROCK_SALT])[0] == pytest.approx(6 * weight(HALF, 8.0) * np.exp(-0.5), rel=1e-6)


def test_spectrum_is_the_sum_over_all_pairs():
    table = Crystals.from_crystals([CAESIUM_CHLORIDE]).neighbors(8.0)
    names = RadialSpectrum().get_feature_names_out()
    centers = np.array([float(name.removeprefix("neighbors_at_").replace("_", ".")) for name in names])
    gaussians = np.exp(-0.5 * ((table.distances[:, None] - centers) / 0.22) ** 2)
    expected = (weight(table.distances, 8.0)[:, None] * gaussians).sum(axis=0) / 2
    np.testing.assert_allclose(RadialSpectrum().transform([CAESIUM_CHLORIDE])[0], expected, atol=1e-5)
    assert centers[0] == 1.75
    assert 8.0 - centers[-1] >= 10 / 3 * 0.22 - 1e-9


def reference_spectra(batch, values, cutoff, first, step, count, width):
    """The formulas of both docstrings, pair by pair; a Gaussian ends six widths away from its centre."""
    table = batch.neighbors(cutoff)
    centers = first + step * np.arange(count)
    off = (table.distances[:, None] - centers) / width
    gaussians = (
        np.where(np.abs(off) <= 6, np.exp(-0.5 * off**2), 0) * weight(table.distances, cutoff)[:, None]
    )
    one, other = values[table.centers], values[table.neighbors]
    radial = gaussians.sum(axis=0)
    pairs = [(table_values.T @ gaussians) for table_values in (one * other, np.abs(one - other))]
    return radial / batch.n_sites, np.array(pairs) / batch.n_sites


@settings(max_examples=30)
@given(
    crystal=crystals(max_sites=8), cutoff=st.floats(2, 6), step=st.floats(0.05, 1), width=st.floats(0.05, 1)
)
def test_kernels_give_what_the_formulas_give(crystal, cutoff, step, width):
    batch = Crystals.from_crystals([crystal])
    values = site_means(batch, standardized_table(["electronegativity", "group"]))
    table = batch.neighbors(cutoff)
    offsets, pairs = batch.site_offsets, (table.offsets, table.neighbors, table.distances)
    grid = (cutoff, 0.5, step, 9, width)
    radial, pair = reference_spectra(batch, values, *grid)
    found = radial_spectra(offsets, *pairs, np.ones(1), *grid)[0]
    np.testing.assert_allclose(found, radial, rtol=1e-9, atol=1e-9 * radial.max())
    found = pair_spectra(offsets, *pairs, values, *grid)[0]
    np.testing.assert_allclose(found, pair, rtol=1e-9, atol=1e-9 * np.abs(pair).max())


def test_spectrum_in_units_of_the_spacing_ignores_expansion():
    larger = Crystal.ordered(1.7 * DIAMOND.lattice, DIAMOND.frac_coords, [6, 6])
    before, after = RadialSpectrum(units="spacing").transform(Crystals.from_crystals([DIAMOND, larger]))
    np.testing.assert_allclose(after, before, atol=1e-9)


def test_pairs_of_rock_salt():
    # At half the edge every contact joins Na to Cl, at the edge over sqrt(2) like to like.
    sodium, chlorine = standardized_table(["electronegativity"])[[11, 17], 0]
    first, second = HALF, HALF * np.sqrt(2)
    near = PairSpectrum(properties=["electronegativity"], start=first, step=second - first, width=0.05)
    product_1, product_2, *_ = near.transform([ROCK_SALT])[0]
    difference_1, difference_2 = near.transform([ROCK_SALT])[0][len(near.get_feature_names_out()) // 2 :][:2]
    assert product_1 == pytest.approx(6 * weight(first, 6.0) * sodium * chlorine)
    assert product_2 == pytest.approx(12 * weight(second, 6.0) * (sodium**2 + chlorine**2) / 2)
    assert difference_1 == pytest.approx(6 * weight(first, 6.0) * (chlorine - sodium))
    assert difference_2 == pytest.approx(0, abs=1e-6)


def test_a_disordered_site_holds_the_mean_of_its_species():
    alloy = Crystal(
        3 * np.eye(3),
        np.zeros((1, 3)),
        np.array([0, 2]),
        np.array([28, 29]),
        np.array([0.75, 0.25]),
        np.full(2, np.nan),
    )
    spectrum = PairSpectrum(properties=["group"], start=3.0, step=10, width=0.05)
    group = property_table(["group"])[1:, 0]
    mean = (0.75 * 10 + 0.25 * 11 - np.nanmean(group)) / np.nanstd(group)
    np.testing.assert_allclose(spectrum.transform([alloy])[0], [6 * weight(3.0, 6.0) * mean**2, 0], atol=1e-9)


def test_an_unknown_property_is_named():
    with pytest.raises(ValueError, match="did you mean 'row'"):
        PairSpectrum(properties=["rows"]).fit()


@pytest.mark.parametrize("descriptor", [RadialSpectrum(), RadialSpectrum(units="spacing"), PairSpectrum()])
def test_noise_of_a_thousandth_angstrom_moves_populated_columns_by_little_of_their_spread(descriptor):
    from skcrystal.datasets import load_experimental

    batch = load_experimental().data
    rng = np.random.default_rng(0)
    noisy = Crystals(
        batch.lattices,
        batch.site_offsets,
        batch.frac_coords + displacements(batch, rng),
        batch.species_offsets,
        batch.atomic_numbers,
        batch.occupancies,
    )
    before, after = descriptor.transform(batch), descriptor.transform(noisy)
    # Columns that hardly any crystal reaches have next to no spread to compare with.
    spread = before.std(axis=0)
    populated = spread > 0.05 * spread.max()
    assert populated.mean() > 0.5
    change = np.abs(after - before)[:, populated] / spread[populated]
    assert change.max() <= 0.03
    assert (change.max(axis=1) <= 0.01).mean() >= 0.95


def displacements(batch, rng):
    """Random vectors of 0.001 angstrom, in fractional coordinates of each crystal."""
    vectors = rng.normal(size=(batch.n_sites, 3))
    vectors *= 1e-3 / np.linalg.norm(vectors, axis=1, keepdims=True)
    owners = np.repeat(np.arange(len(batch)), batch.site_counts)
    return np.einsum("si,sij->sj", vectors, np.linalg.inv(batch.lattices)[owners])
