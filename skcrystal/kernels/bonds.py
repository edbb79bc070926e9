"""Bonds: which pairs of a neighbour table are bonded and how much so, and sums over them, site by site."""

from __future__ import annotations

import numpy as np
from numba import njit

from skcrystal.kernels.cutoffs import smooth_step, switch_off

# Bonds between like charges have their full weight up to this share of the limit: 1.15 of 1.25 times the
# covalent radii, which holds the O-O bond of a peroxide, 1.13.
FULL_SHARE = 0.92


@njit(cache=True)
def relative_distance(distance, site, other, radii, covalent_radii, nonmetals, cutoff):  # type: ignore[no-untyped-def]
    """Distance over the sum of the radii, stretched without end where it comes near the cutoff."""
    if nonmetals[site] and nonmetals[other]:
        size = covalent_radii[site] + covalent_radii[other]
    else:
        size = radii[site] + radii[other]
    # Below half an angstrom no two atoms touch: H+ has a radius below 0.
    return distance / (max(size, 0.5) * max(switch_off(distance, 0.8 * cutoff, cutoff), 1e-9))


@njit(cache=True)
def close_weight(distance, site, other, limits):  # type: ignore[no-untyped-def]
    """Weight of a bond between like charges: above 0 below the limit of the two, if both have electrons."""
    limit = limits[site] + limits[other]
    if min(limits[site], limits[other]) <= 0.0 or distance >= limit:
        return 0.0
    return 1.0 - smooth_step((distance / limit - FULL_SHARE) / (1.0 - FULL_SHARE))


@njit(cache=True)
def shell_weights(lengths, end, weights):  # type: ignore[no-untyped-def]
    """Weigh neighbours at ascending lengths up to `end` times the first: how likely the shell holds them."""
    n = len(lengths)
    unit = max(lengths[0], 1e-9)
    before, total = 0.0, 0.0
    for k in range(n):
        after = 1.0
        if k + 1 < n:
            after = smooth_step((lengths[k + 1] / unit - 1.0) / (end - 1.0))
        square = (after - before) * (after - before)
        weights[k] = square * square * square
        total += weights[k]
        before = after
    rest = 0.0
    for k in range(n - 1, -1, -1):
        rest += weights[k] / total
        weights[k] = min(rest, 1.0)


@njit(cache=True)
def seen_weight(length, first, last, lengths, weights):  # type: ignore[no-untyped-def]
    """Weight of a neighbour at this length in the list of one end, 0 beyond the list."""
    for k in range(first, last):
        if lengths[k] >= length:
            return weights[k]
    return 0.0


@njit(cache=True)
def find_shells(
    offsets, neighbors, distances, charges, radii, covalent_radii, nonmetals, limits, ends, cutoff
):  # type: ignore[no-untyped-def]
    """List the relative distances that can belong to each site's shell, ascending, with their weights.

    The list of a site begins at its offset and ends where the third array says. Like charges are in it where
    they are bonded: beside the nitrogen atoms of an azide, its middle one has no shell of cations.
    """
    n_sites = len(offsets) - 1
    lengths = np.empty(len(distances))
    weights = np.empty(len(distances))
    stops = np.empty(n_sites, dtype=np.int64)
    for site in range(n_sites):
        start = offsets[site]
        stop = start
        for pair in range(start, offsets[site + 1]):
            other = neighbors[pair]
            length = relative_distance(distances[pair], site, other, radii, covalent_radii, nonmetals, cutoff)
            if charges[site] * charges[other] > 0.0:
                weight = close_weight(distances[pair], site, other, limits)
                if weight <= 0.0:
                    continue
                # A bond that breaks leaves the list at its far end.
                length /= weight
            if stop > start and length >= ends[site] * lengths[start]:
                continue
            place = stop
            while place > start and lengths[place - 1] > length:
                lengths[place] = lengths[place - 1]
                place -= 1
            lengths[place] = length
            stop += 1
            # A nearer one than all before may put the last ones out of reach.
            while lengths[stop - 1] >= ends[site] * lengths[start] and stop - 1 > start:
                stop -= 1
        if stop > start:
            shell_weights(lengths[start:stop], ends[site], weights[start:stop])
        stops[site] = stop
    return lengths, weights, stops


@njit(cache=True)
def find_bonds(
    offsets, neighbors, distances, charges, radii, covalent_radii, nonmetals, limits, ends, cutoff
):  # type: ignore[no-untyped-def]
    """Return bond offsets by centre, the pair of each bond, its weight, and each site's sum of weights."""
    n_sites = len(offsets) - 1
    lengths, seen, stops = find_shells(
        offsets, neighbors, distances, charges, radii, covalent_radii, nonmetals, limits, ends, cutoff
    )
    starts = np.zeros(n_sites + 1, dtype=np.int64)
    pairs = np.empty(len(distances), dtype=np.int64)
    weights = np.empty(len(distances))
    numbers = np.zeros(n_sites)
    count = 0
    for site in range(n_sites):
        for pair in range(offsets[site], offsets[site + 1]):
            other = neighbors[pair]
            weight = 0.0
            like = charges[site] * charges[other] > 0.0
            if not like:
                length = relative_distance(
                    distances[pair], site, other, radii, covalent_radii, nonmetals, cutoff
                )
                for end in (site, other):
                    if stops[end] > offsets[end] and length <= lengths[stops[end] - 1]:
                        weight = max(weight, seen_weight(length, offsets[end], stops[end], lengths, seen))
            if like or (nonmetals[site] and nonmetals[other]):
                weight = max(weight, close_weight(distances[pair], site, other, limits))
            if weight > 0.0:
                weight *= switch_off(distances[pair], 0.8 * cutoff, cutoff)
                pairs[count] = pair
                weights[count] = weight
                numbers[site] += weight
                count += 1
        starts[site + 1] = count
    return starts, pairs[:count].copy(), weights[:count].copy(), numbers


@njit(cache=True)
def bond_lengths(offsets, distances, weights, numbers, cutoff):  # type: ignore[no-untyped-def]
    """Mean bond length of each site; what it lacks to one bond counts as a bond as long as the cutoff."""
    lengths = np.empty(len(offsets) - 1)
    for site in range(len(offsets) - 1):
        total = max(1.0 - numbers[site], 0.0) * cutoff
        for bond in range(offsets[site], offsets[site + 1]):
            total += weights[bond] * distances[bond]
        lengths[site] = total / max(numbers[site], 1.0)
    return lengths


@njit(cache=True)
def relative_lengths(offsets, neighbors, distances, weights, numbers, radii, means):  # type: ignore[no-untyped-def]
    """Mean excess of the bond lengths of each site over the radii, and mean deviation from their means."""
    lengths = np.zeros((len(offsets) - 1, 2))
    for site in range(len(offsets) - 1):
        for bond in range(offsets[site], offsets[site + 1]):
            share = weights[bond] / max(numbers[site], 1.0)
            lengths[site, 0] += share * (distances[bond] - radii[site] - radii[neighbors[bond]])
            lengths[site, 1] += share * abs(distances[bond] - means[site])
    return lengths


@njit(cache=True)
def local_differences(offsets, neighbors, weights, numbers, values):  # type: ignore[no-untyped-def]
    """Mean over the bonds of each site of |a_j - a_i| and of a_j - a_i; shape (n_sites, 2, n_values)."""
    n_values = values.shape[1]
    means = np.zeros((len(offsets) - 1, 2, n_values))
    for site in range(len(offsets) - 1):
        for bond in range(offsets[site], offsets[site + 1]):
            share = weights[bond] / max(numbers[site], 1.0)
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
