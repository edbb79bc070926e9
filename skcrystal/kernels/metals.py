"""Bonds in metals: shells of neighbours by the solid angles of their faces."""

from __future__ import annotations

import numpy as np

from skcrystal.kernels.compilation import njit
from skcrystal.kernels.cutoffs import smooth_step, switch_off
from skcrystal.kernels.domains import find_domains

# Up to which distance, in units of the nearest one and of the radii, faces count in full, and from where on
# not at all: second neighbours of close packings lie at sqrt(2), behind the first, and at twice the distance
# there is room for an atom between.
FULL_REACH, NO_REACH = float(np.sqrt(2.0)), 2.0

# Weights below this are rounding, and no bonds.
ROUNDING = 1e-12


@njit(cache=True, inline="always")
def weigh_faces(start, faces, planes, angles, scores, weights):  # type: ignore[no-untyped-def]
    """Sort a site's faces by solid angle, largest first, and write how likely the shell holds each pair."""
    stop = start + faces
    for face in range(start + 1, stop):
        pair, angle, place = planes[face], angles[face], face
        while place > start and angles[place - 1] < angle:
            planes[place], angles[place] = planes[place - 1], angles[place - 1]
            place -= 1
        planes[place], angles[place] = pair, angle
    covered, total = 0.0, 0.0
    for face in range(start, stop):
        covered += angles[face]
        behind = angles[face + 1] if face + 1 < stop else 0.0
        product = (angles[face] - behind) * covered
        cube = product * product * product
        fourth = (cube * cube) * (cube * cube)
        scores[face] = fourth * fourth
        total += scores[face]
    if total == 0.0:
        return
    rest = 0.0
    for face in range(stop - 1, start - 1, -1):
        rest += scores[face] / total
        weights[planes[face]] = min(rest, 1.0) if rest > ROUNDING else 0.0


@njit(cache=True, inline="always")
def same_pair(pair, back, distances, vectors):  # type: ignore[no-untyped-def]
    """Whether two pairs are one, seen from its two ends; no two images of a site lie as near each other."""
    apart = abs(distances[back] - distances[pair])
    for axis in range(3):
        apart = max(apart, abs(vectors[back, axis] + vectors[pair, axis]))
    return apart < 1e-6


def lines(offsets, neighbors, distances, vectors, radii, covalent_radii, nonmetals, metallic, *others):  # type: ignore[no-untyped-def]
    return 20.0 * len(neighbors) + 15_000.0 * metallic.sum()


@njit(cache=True, lines=lines)
def weigh_metals(  # type: ignore[no-untyped-def]
    offsets, neighbors, distances, vectors, radii, covalent_radii, nonmetals, metallic, inner, cutoff, weights
):
    """Write the weight of each pair in a metal, the larger one of those that its ends see, in place of 0.

    Planes stand halfway, but between a metal and a nonmetal atom where the radii put them. Returned are
    how far the farthest corner of each site's domain lies, and the relative distance of its nearest one.
    """
    n_pairs = len(distances)
    shares = np.empty(n_pairs)
    lengths, nearest = np.empty(n_pairs), np.full(len(metallic), np.inf)
    for site in range(len(metallic)):
        if metallic[site]:
            for pair in range(offsets[site], offsets[site + 1]):
                other = neighbors[pair]
                own, its = radii[site], radii[other]
                shares[pair] = 0.5
                if nonmetals[site] != nonmetals[other]:
                    own = covalent_radii[site] if nonmetals[site] else own
                    its = covalent_radii[other] if nonmetals[other] else its
                    shares[pair] = own / (own + its)
                lengths[pair] = distances[pair] / (own + its)
                nearest[site] = min(nearest[site], lengths[pair])
    planes, angles, faces, ends = find_domains(offsets, distances, vectors, shares, metallic, inner, cutoff)
    scores = np.empty(n_pairs)
    for site in range(len(metallic)):
        if faces[site] == 0:
            continue
        for place in range(offsets[site], offsets[site] + faces[site]):
            pair = planes[place]
            share = lengths[pair] / nearest[site] if nearest[site] > 0.0 else NO_REACH
            angles[place] *= 1.0 - smooth_step((share - FULL_REACH) / (NO_REACH - FULL_REACH))
            angles[place] *= switch_off(distances[pair], inner, cutoff)
        weigh_faces(offsets[site], faces[site], planes, angles, scores, weights)
    for site in range(len(metallic)):
        for place in range(offsets[site], offsets[site] + faces[site]):
            pair = planes[place]
            if weights[pair] == 0.0:
                continue
            other = neighbors[pair]
            first, found = offsets[other], -1
            for k in range(first, first + faces[other]):
                back = planes[k]
                if neighbors[back] == site and same_pair(pair, back, distances, vectors):
                    found = back
                    break
            if found < 0:
                # The other end has no face there.
                for back in range(first, offsets[other + 1]):
                    if neighbors[back] == site and same_pair(pair, back, distances, vectors):
                        found = back
                        break
            if found >= 0:
                weights[pair] = max(weights[pair], weights[found])
                weights[found] = weights[pair]
    return ends, nearest
