"""Soft bonds: which pairs of a neighbour table are bonds, how much so, and sums over them, site by site."""

from __future__ import annotations

import numpy as np
from numba import njit

# The reference length of a site is the mean of its relative distances x weighted by x to the minus this.
NEAREST_POWER = 12

# A site with much less than this many bonds counts as a site without any, and tends smoothly to its values.
FAINT = 0.01

# Sums over the bonds of a site are divided by their number and this: means that hardly move where bonds fade,
# and tend to 0 on a site that loses its last one.
LOOSE = 1.0

# The same for lengths beside the radii, which differ so little between crystals that they need more of it.
LOOSE_LENGTHS = 6.0

# Deviations of bond lengths count from this one on, in angstrom.
EVEN = 0.2

# Lengths of mean vectors of length 0 to 1 count from this one on.
SHORT = 0.12


@njit(cache=True)
def plateau(distance, cutoff):  # type: ignore[no-untyped-def]
    """Stay near 1 up to half the cutoff, and fall smoothly to 0 at it, with slope 0 there."""
    if distance >= cutoff:
        return 0.0
    rest = 1.0 - (distance / cutoff) ** 6
    return rest * rest


@njit(cache=True)
def soft_length(square):  # type: ignore[no-untyped-def]
    """Length of a vector from its square, less 0.12 where it is long, and flat where it is 0.

    A length is a cone around 0, where symmetric sites are: noise of any direction raises it.
    """
    return np.sqrt(square + SHORT * SHORT) - SHORT


@njit(cache=True)
def bond_weight(length, reach):  # type: ignore[no-untyped-def]
    """Stay at 1 up to length 1, and fall to 0 at the reach, with slope 0 at both ends."""
    if length <= 1.0:
        return 1.0
    if length >= reach:
        return 0.0
    share = (length - 1.0) / (reach - 1.0)
    return 1.0 - share * share * (3.0 - 2.0 * share)


@njit(cache=True)
def find_bonds(offsets, neighbors, distances, radii, cutoff, reach, margin):  # type: ignore[no-untyped-def]
    """Return bond offsets by centre, the pair of each bond, its weight, and each site's sum of weights."""
    n_sites = len(offsets) - 1
    starts = np.zeros(n_sites + 1, dtype=np.int64)
    pairs = np.empty(len(distances), dtype=np.int64)
    weights = np.empty(len(distances))
    numbers = np.zeros(n_sites)
    count = 0
    for site in range(n_sites):
        total, inverse = 0.0, 0.0
        for pair in range(offsets[site], offsets[site + 1]):
            length = (distances[pair] + margin) / (radii[site] + radii[neighbors[pair]] + margin)
            nearness = plateau(distances[pair], cutoff) / length**NEAREST_POWER
            total += nearness
            inverse += nearness / length
        if total > 0.0:
            reference = total / inverse
            for pair in range(offsets[site], offsets[site + 1]):
                length = (distances[pair] + margin) / (radii[site] + radii[neighbors[pair]] + margin)
                if length < reach * reference:
                    weight = bond_weight(length / reference, reach) * plateau(distances[pair], cutoff)
                    pairs[count] = pair
                    weights[count] = weight
                    numbers[site] += weight
                    count += 1
        starts[site + 1] = count
    return starts, pairs[:count].copy(), weights[:count].copy(), numbers


@njit(cache=True)
def bond_lengths(offsets, distances, weights, numbers, cutoff):  # type: ignore[no-untyped-def]
    """Mean bond length of each site, the cutoff without bonds."""
    lengths = np.full(len(offsets) - 1, cutoff)
    for site in range(len(offsets) - 1):
        if numbers[site] > 0.0:
            total = 0.0
            for bond in range(offsets[site], offsets[site + 1]):
                total += weights[bond] * distances[bond]
            lengths[site] = total / numbers[site]
    return lengths


@njit(cache=True)
def relative_lengths(offsets, neighbors, distances, weights, numbers, radii, means):  # type: ignore[no-untyped-def]
    """Mean excess of the bond lengths of each site over the radii, and mean deviation from their means."""
    lengths = np.zeros((len(offsets) - 1, 2))
    for site in range(len(offsets) - 1):
        for bond in range(offsets[site], offsets[site + 1]):
            excess = distances[bond] - radii[site] - radii[neighbors[bond]]
            difference = distances[bond] - means[site]
            deviation = np.sqrt(difference * difference + EVEN * EVEN) - EVEN
            share = weights[bond] / (numbers[site] + LOOSE_LENGTHS)
            lengths[site, 0] += share * excess
            lengths[site, 1] += share * deviation
    return lengths


@njit(cache=True)
def local_differences(offsets, neighbors, weights, numbers, values):  # type: ignore[no-untyped-def]
    """Mean over the bonds of each site of |a_j - a_i| and of a_j - a_i; shape (n_sites, 2, n_values)."""
    n_values = values.shape[1]
    means = np.zeros((len(offsets) - 1, 2, n_values))
    for site in range(len(offsets) - 1):
        for bond in range(offsets[site], offsets[site + 1]):
            share = weights[bond] / (numbers[site] + LOOSE)
            for v in range(n_values):
                step = values[neighbors[bond], v] - values[site, v]
                means[site, 0, v] += share * abs(step)
                means[site, 1, v] += share * step
    return means


@njit(cache=True)
def bonded_sums(offsets, neighbors, weights, values):  # type: ignore[no-untyped-def]
    """Sum over the bonds of each site of the values of the other site; shape (n_sites, n_values)."""
    n_values = values.shape[1]
    sums = np.zeros((len(offsets) - 1, n_values))
    for site in range(len(offsets) - 1):
        for bond in range(offsets[site], offsets[site + 1]):
            for v in range(n_values):
                sums[site, v] += weights[bond] * values[neighbors[bond], v]
    return sums
