"""Bonds and sums over them, beside plain implementations that follow the formulas line by line."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import eval_legendre

from skcrystal import Crystal, Crystals
from skcrystal.crystals.bonds import site_radii
from skcrystal.descriptors.bond_valence import bond_valence_table
from skcrystal.descriptors.electrostatics import site_charges
from skcrystal.descriptors.site_values import site_means, site_statistics
from skcrystal.kernels.angles import bond_order, cosine_histograms, sharpness, unit_vectors
from skcrystal.kernels.bonds import bond_lengths, bonded_sums, local_differences, relative_lengths
from skcrystal.kernels.valences import bond_valences
from tests.prototypes import DIAMOND, ROCK_SALT
from tests.strategies import crystals

CUTOFF = 7.0
CLOSE = {"rtol": 1e-9, "atol": 1e-12}
batches = st.lists(crystals(max_sites=6), min_size=1, max_size=2).map(Crystals.from_crystals)
reaches = st.sampled_from([1.2, 1.5, 2.0])
few = settings(max_examples=25)


def plateau(distance):
    return (1 - (distance / CUTOFF) ** 6) ** 2


def plain_bonds(batch, reach):
    """Bonds of each site as a list of (neighbour, distance, vector, weight)."""
    table = batch.neighbors(CUTOFF)
    radii = site_radii(batch.species_offsets, batch.atomic_numbers, batch.occupancies, "covalent_radius")
    sites = []
    for site in range(batch.n_sites):
        pairs = range(table.offsets[site], table.offsets[site + 1])
        others = [table.neighbors[pair] for pair in pairs]
        distances = [table.distances[pair] for pair in pairs]
        relative = [
            (r + 0.6) / (radii[site] + radii[j] + 0.6) for r, j in zip(distances, others, strict=True)
        ]
        nearness = [plateau(r) * x**-13 for r, x in zip(distances, relative, strict=True)]
        reference = (
            sum(n * x for n, x in zip(nearness, relative, strict=True)) / sum(nearness) if others else 1
        )
        bonds = []
        for pair, j, r, x in zip(pairs, others, distances, relative, strict=True):
            share = min(max((x / reference - 1) / (reach - 1), 0), 1)
            if share < 1:
                weight = plateau(r) * (1 - 3 * share**2 + 2 * share**3)
                bonds.append((j, r, table.vectors[pair], weight))
        sites.append(bonds)
    return sites, radii


@few
@given(batch=batches, reach=reaches)
def test_bonds_follow_the_formula(batch, reach):
    bonds = batch.bonds(CUTOFF, reach=reach)
    expected, radii = plain_bonds(batch, reach)
    assert bonds.offsets.tolist() == np.cumsum([0, *map(len, expected)]).tolist()
    flat = [bond for site in expected for bond in site]
    np.testing.assert_array_equal(bonds.neighbors, [bond[0] for bond in flat])
    np.testing.assert_allclose(bonds.distances, [bond[1] for bond in flat], **CLOSE)
    np.testing.assert_allclose(bonds.weights, [bond[3] for bond in flat], **CLOSE)
    np.testing.assert_allclose(bonds.numbers, [sum(b[3] for b in site) for site in expected], **CLOSE)
    np.testing.assert_allclose(bonds.radii, radii, **CLOSE)
    assert (bonds.weights >= 0).all()
    assert (bonds.weights <= 1).all()


@few
@given(batch=batches, reach=reaches)
def test_sums_over_bonds_follow_the_formulas(batch, reach):
    bonds = batch.bonds(CUTOFF, reach=reach)
    sites, radii = plain_bonds(batch, reach)
    values = np.random.default_rng(0).normal(size=(batch.n_sites, 3))
    lengths, relative, differences, sums = [], [], [], []
    for i, site in enumerate(sites):
        weights = np.array([w for *_, w in site])
        others = np.array([j for j, *_ in site], dtype=int)
        distances = np.array([r for _, r, *_ in site])
        number = weights.sum()
        lengths.append(weights @ distances / number if number > 0 else CUTOFF)
        excess = weights @ (distances - radii[i] - radii[others])
        spread = weights @ (np.sqrt((distances - lengths[i]) ** 2 + 0.2**2) - 0.2)
        relative.append([excess / (number + 6), spread / (number + 6)])
        steps = values[others] - values[i]
        differences.append([weights @ np.abs(steps) / (number + 1), weights @ steps / (number + 1)])
        sums.append(weights @ values[others])
    head = bonds.offsets, bonds.neighbors
    np.testing.assert_allclose(
        relative_lengths(*head, bonds.distances, bonds.weights, bonds.numbers, radii, np.array(lengths)),
        relative,
        **CLOSE,
    )
    np.testing.assert_allclose(
        bond_lengths(bonds.offsets, bonds.distances, bonds.weights, bonds.numbers, CUTOFF), lengths, **CLOSE
    )
    np.testing.assert_allclose(
        local_differences(*head, bonds.weights, bonds.numbers, values), differences, **CLOSE
    )
    np.testing.assert_allclose(bonded_sums(*head, bonds.weights, values), sums, **CLOSE)


@few
@given(batch=batches, reach=reaches)
def test_angles_and_bond_order_follow_the_formulas(batch, reach):
    bonds = batch.bonds(CUTOFF, reach=reach)
    n_bins, half_pair = 33, 0.5
    histograms, orders = np.zeros((len(batch), n_bins)), np.zeros((batch.n_sites, 4))
    owners = np.repeat(np.arange(len(batch)), batch.site_counts)
    for i, site in enumerate(plain_bonds(batch, reach)[0]):
        weights = np.array([w for *_, w in site])
        directions = np.array([v / r for _, r, v, _ in site]).reshape(-1, 3)
        cosines = np.clip(directions @ directions.T, -1, 1)
        products = np.outer(weights, weights)
        for degree in range(1, 5):
            kept = np.exp(-degree * (degree + 1) / 2 * (0.2 / np.array([r for _, r, *_ in site])) ** 2)
            square = kept @ (products * eval_legendre(degree, cosines)) @ kept / (weights.sum() + 1) ** 2
            orders[i, degree - 1] = np.sqrt(max(square, 0) + 0.12**2) - 0.12
        pairs = np.triu_indices(len(weights), 1)
        places = (cosines[pairs] + 1) / 2 * (n_bins - 1)
        total = products[pairs].sum() + half_pair
        for place, product in zip(places, products[pairs], strict=True):
            tent = np.maximum(1 - np.abs(np.arange(n_bins) - place), 0)
            histograms[owners[i]] += product / total * tent / batch.site_counts[owners[i]]
    units, sharp = unit_vectors(bonds.vectors, bonds.distances), sharpness(bonds.distances, 0.2)
    np.testing.assert_allclose(
        cosine_histograms(batch.site_offsets, bonds.offsets, units, bonds.weights, n_bins, half_pair),
        histograms,
        rtol=1e-9,
        atol=1e-10,
    )
    np.testing.assert_allclose(
        bond_order(bonds.offsets, units, bonds.weights, sharp, bonds.numbers, 4),
        orders,
        rtol=1e-9,
        atol=1e-10,
    )


@few
@given(batch=batches)
def test_bond_valences_follow_the_formula(batch):
    table = batch.neighbors(CUTOFF)
    sizes, pulls = np.ascontiguousarray(site_means(batch, bond_valence_table()).T)
    charges = site_charges(batch)
    expected = np.zeros((batch.n_sites, 5))
    for i in range(batch.n_sites):
        pairs = slice(table.offsets[i], table.offsets[i + 1])
        j, r, vectors = table.neighbors[pairs], table.distances[pairs], table.vectors[pairs]
        reduction = sizes[i] * sizes[j] * (np.sqrt(pulls[i]) - np.sqrt(pulls[j])) ** 2
        lengths = sizes[i] + sizes[j] - reduction / (pulls[i] * sizes[i] + pulls[j] * sizes[j])
        s = plateau(r) * np.exp((lengths - r) / 0.37)
        asymmetry = np.linalg.norm((s / r) @ vectors) / (s.sum() + 0.01)
        opposite = s[charges[i] * charges[j] < 0]
        expected[i] = (
            opposite.sum(),
            s.sum() / np.sqrt(1 + (s.sum() / 30) ** 2),
            np.log(s @ s / (s.sum() + 0.01) + 0.01),
            np.sqrt(asymmetry**2 + 0.12**2) - 0.12,
            (opposite.sum() ** 2 + 0.01) / (opposite.sum() ** 2 + opposite @ opposite + 0.01),
        )
    found = bond_valences(
        table.offsets, table.neighbors, table.distances, table.vectors, sizes, pulls, charges, CUTOFF, 0.37
    )
    np.testing.assert_allclose(found, expected, **CLOSE)


def test_statistics_over_sites():
    # Four sites of rock salt's conventional cell: values 0, 0, 0 and 4 have the mean 1.
    batch = Crystals.from_crystals([Crystal.ordered(8 * np.eye(3), np.eye(4, 3) / 2, [11, 11, 17, 17])])
    mean, std, low, high = site_statistics(batch, np.array([[0.0], [0.0], [0.0], [4.0]]))[0]
    assert (mean, std) == (1, pytest.approx(np.sqrt((3 * 1 + 9) / 4)))
    assert low == pytest.approx(1 - (3 / 4) ** (1 / 6))
    assert high == pytest.approx(1 + 3 / 4 ** (1 / 6))


def test_plain_distances_count_six_bonds_in_rock_salt_and_four_in_diamond():
    bonds = Crystals.from_crystals([ROCK_SALT, DIAMOND]).bonds(radius=None, reach=1.4)
    assert bonds.numbers == pytest.approx([6, 6, 4, 4], abs=0.03)


def test_a_disordered_site_has_the_mean_radius_of_its_species():
    alloy = site_radii(np.array([0, 2]), np.array([28, 29]), np.array([0.6, 0.2]), "covalent_radius")
    # 1.24 and 1.32 angstrom, three to one.
    assert alloy == pytest.approx([1.26])


def test_nothing_jumps_where_a_second_shell_leaves_the_reach():
    # In a tetragonal cell the two neighbours along c leave the reach of the four in the plane.
    ratios = np.linspace(1.3, 1.7, 401)
    cells = [Crystal.ordered(3 * np.diag([1, 1, ratio]), [[0, 0, 0]], [84]) for ratio in ratios]
    numbers = Crystals.from_crystals(cells).bonds(radius=None).numbers
    assert np.abs(np.diff(numbers)).max() < 0.02
    assert numbers[0] > numbers[-1] + 0.5
