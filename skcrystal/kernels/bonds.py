"""Soft bonds: weights of the pairs of a neighbour table, and sums over them, site by site."""

from __future__ import annotations

import numpy as np
from numba import njit

# A weight below exp(1 - 40) is none.
NEGLIGIBLE = 40.0

# A site with much less than this many bonds counts as a site without any, and tends smoothly to its values.
FAINT = 0.01


@njit(cache=True)
def plateau(distance, cutoff):  # type: ignore[no-untyped-def]
    """Stay near 1 up to half the cutoff, and fall smoothly to 0 at it, with slope 0 there."""
    if distance >= cutoff:
        return 0.0
    rest = 1.0 - (distance / cutoff) ** 6
    return rest * rest


@njit(cache=True)
def bond_weights(offsets, neighbors, distances, radii, cutoff, sharpness):  # type: ignore[no-untyped-def]
    """Return the weight of each pair, and for each site their sum: its effective coordination number."""
    weights = np.zeros(len(distances))
    numbers = np.zeros(len(offsets) - 1)
    reach = NEGLIGIBLE ** (1.0 / sharpness)
    for site in range(len(offsets) - 1):
        first, last = offsets[site], offsets[site + 1]
        shortest = np.inf
        for pair in range(first, last):
            shortest = min(shortest, distances[pair] / (radii[site] + radii[neighbors[pair]]))
        total = 0.0
        mean = 0.0
        for pair in range(first, last):
            length = distances[pair] / (radii[site] + radii[neighbors[pair]])
            if length < reach * shortest:
                weight = np.exp(1.0 - (length / shortest) ** sharpness) * plateau(distances[pair], cutoff)
                total += weight
                mean += weight * length
        if total == 0.0:
            continue
        mean /= total
        for pair in range(first, last):
            length = distances[pair] / (radii[site] + radii[neighbors[pair]])
            if length < reach * mean:
                weight = np.exp(1.0 - (length / mean) ** sharpness) * plateau(distances[pair], cutoff)
                weights[pair] = weight
                numbers[site] += weight
    return weights, numbers


@njit(cache=True)
def bond_lengths(offsets, neighbors, distances, weights, numbers, radii, cutoff):  # type: ignore[no-untyped-def]
    """Mean and variance of the bond lengths of each site, radii over lengths, shortest distance."""
    lengths = np.zeros((len(offsets) - 1, 4))
    for site in range(len(offsets) - 1):
        first, last = offsets[site], offsets[site + 1]
        mean = cutoff
        relative = 0.0
        shortest = cutoff
        if numbers[site] > 0.0:
            mean = 0.0
            for pair in range(first, last):
                mean += weights[pair] * distances[pair]
                relative += weights[pair] * (radii[site] + radii[neighbors[pair]]) / distances[pair]
            mean /= numbers[site]
        squares = 0.0
        for pair in range(first, last):
            shortest = min(shortest, distances[pair])
            squares += weights[pair] * (distances[pair] - mean) ** 2
        lengths[site, 0] = mean
        lengths[site, 1] = squares / (numbers[site] + FAINT)
        lengths[site, 2] = relative / (numbers[site] + FAINT)
        lengths[site, 3] = shortest
    return lengths
