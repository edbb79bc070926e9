"""Bonds: which pairs of a neighbour table are bonded, and how much so."""

from __future__ import annotations

import numpy as np

from skcrystal.kernels.compilation import njit
from skcrystal.kernels.cutoffs import smooth_step, switch_off

# Bonds between like charges have their full weight up to this share of the limit: 1.15 of 1.25 times the
# covalent radii, which holds the O-O bond of a peroxide, 1.13.
FULL_SHARE = 0.92

# Neighbours count in full up to this share of the cutoff: 6.4 of 8 angstrom, which holds both shells of
# caesium, the largest metal atom.
FULL_RANGE = 0.8

# Least sum of two radii that a distance is compared with, in angstrom: H+ has a radius below 0, and no two
# atoms touch this close.
LEAST_SIZE = 0.5


@njit(cache=True, inline="always")
def close_weight(distance, site, other, limits):  # type: ignore[no-untyped-def]
    """Weight of a bond between like charges: above 0 below the limit of the two, if both have electrons."""
    limit = limits[site] + limits[other]
    if min(limits[site], limits[other]) <= 0.0 or distance >= limit:
        return 0.0
    return 1.0 - smooth_step((distance / limit - FULL_SHARE) / (1.0 - FULL_SHARE))


@njit(cache=True, inline="always")
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


@njit(cache=True, inline="always")
def seen_weight(length, first, last, lengths, weights):  # type: ignore[no-untyped-def]
    """Weight of a neighbour at this length in the list of one end, 0 beyond the list."""
    for k in range(first, last):
        if lengths[k] >= length:
            return weights[k]
    return 0.0


@njit(cache=True, inline="always")
def relative_lengths_of_pairs(  # type: ignore[no-untyped-def]
    offsets, neighbors, distances, charges, radii, covalent_radii, nonmetals, limits, metallic, cutoff
):
    """Distance of each pair over the sum of the radii, infinite where charges keep them apart.

    Near the cutoff it is stretched without end. Like charges that are bonded have theirs over the weight of
    the bond: one that breaks leaves all lists at their far end. Those in metals are left out.
    """
    lengths = np.empty(len(distances))
    inner = FULL_RANGE * cutoff
    for site in range(len(offsets) - 1):
        if metallic[site]:
            continue
        for pair in range(offsets[site], offsets[site + 1]):
            other, distance = neighbors[pair], distances[pair]
            share = 1.0
            if charges[site] * charges[other] > 0.0:
                share = close_weight(distance, site, other, limits)
                if share <= 0.0:
                    lengths[pair] = np.inf
                    continue
            if nonmetals[site] and nonmetals[other]:
                size = covalent_radii[site] + covalent_radii[other]
            else:
                size = max(radii[site] + radii[other], LEAST_SIZE)
            if distance > inner:
                share *= max(switch_off(distance, inner, cutoff), 1e-9)
            lengths[pair] = distance / (size * share)
    return lengths


@njit(cache=True, inline="always")
def find_shells(offsets, lengths, metallic, ends):  # type: ignore[no-untyped-def]
    """List the relative distances that can belong to each site's shell, ascending, with their weights.

    The list of a site begins at its offset and ends where the third array says; the fourth has the relative
    distance that ends it, infinite where nothing is listed.
    """
    n_sites = len(offsets) - 1
    bounds = np.full(n_sites, np.inf)
    listed = np.empty(len(lengths))
    weights = np.empty(len(lengths))
    stops = np.empty(n_sites, dtype=np.int64)
    for site in range(n_sites):
        start = offsets[site]
        stops[site] = start
        if metallic[site]:
            continue
        nearest = np.inf
        for pair in range(start, offsets[site + 1]):
            nearest = min(nearest, lengths[pair])
        farthest = ends[site] * nearest
        bounds[site] = farthest
        stop = start
        for pair in range(start, offsets[site + 1]):
            length = lengths[pair]
            if length < farthest or (length == nearest and nearest < np.inf):
                place = stop
                while place > start and listed[place - 1] > length:
                    listed[place] = listed[place - 1]
                    place -= 1
                listed[place] = length
                stop += 1
        if stop > start:
            shell_weights(listed[start:stop], ends[site], weights[start:stop])
        stops[site] = stop
    return listed, weights, stops, bounds


def lines(offsets, neighbors, *others):  # type: ignore[no-untyped-def]
    return 40.0 * len(neighbors)


@njit(cache=True, lines=lines)
def find_bonds(  # type: ignore[no-untyped-def]
    offsets,
    neighbors,
    distances,
    charges,
    radii,
    covalent_radii,
    nonmetals,
    limits,
    metallic,
    ends,
    in_metals,
    cutoff,
):
    """Return bond offsets by centre, the pair of each bond, its weight, and each site's sum of weights.

    What pairs weigh in metals is given. The last entry of the offsets is the number of bonds; pairs and
    weights may be longer. Last comes the relative distance from which on pairs are no bonds of a site but
    those that are close, infinite in metals.
    """
    n_sites = len(offsets) - 1
    inner = FULL_RANGE * cutoff
    lengths = relative_lengths_of_pairs(
        offsets, neighbors, distances, charges, radii, covalent_radii, nonmetals, limits, metallic, cutoff
    )
    listed, seen, stops, bounds = find_shells(offsets, lengths, metallic, ends)
    farthest = np.zeros(n_sites)
    for site in range(n_sites):
        if stops[site] > offsets[site]:
            farthest[site] = listed[stops[site] - 1]
    starts = np.zeros(n_sites + 1, dtype=np.int64)
    pairs = np.empty(len(distances), dtype=np.int64)
    weights = np.empty(len(distances))
    numbers = np.zeros(n_sites)
    count = 0
    for site in range(n_sites):
        for pair in range(offsets[site], offsets[site + 1]):
            weight = in_metals[pair] if metallic[site] else 0.0
            if not metallic[site]:
                other, length = neighbors[pair], lengths[pair]
                close = distances[pair] < limits[site] + limits[other]
                if not close and length > farthest[site] and length > farthest[other]:
                    continue
                like = charges[site] * charges[other] > 0.0
                if not like:
                    weight = max(
                        seen_weight(length, offsets[site], stops[site], listed, seen),
                        seen_weight(length, offsets[other], stops[other], listed, seen),
                    )
                if close and (like or (nonmetals[site] and nonmetals[other])):
                    weight = max(weight, close_weight(distances[pair], site, other, limits))
            if weight > 0.0:
                weight *= switch_off(distances[pair], inner, cutoff)
                pairs[count] = pair
                weights[count] = weight
                numbers[site] += weight
                count += 1
        starts[site + 1] = count
    return starts, pairs, weights, numbers, bounds
