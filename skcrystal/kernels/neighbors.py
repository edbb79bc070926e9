"""All pairs of sites within a cutoff, one centre after the other."""

from __future__ import annotations

import numpy as np

from skcrystal.kernels.compilation import njit

# Bounds are wider by this share of the cutoff, so that rounding loses no pair; each pair is measured anyway.
SLACK = 1e-9


@njit(cache=True, inline="always")
def search_cell(lattice, lower, coords, cutoff, counts, ends, vectors, shifts):  # type: ignore[no-untyped-def]
    """Write down the pairs of a cell, each once, and count them at both ends; return their number.

    In the triangular lattice the coordinate z of an image depends on its step along c alone, y on those along
    b and c: each loop runs over just the steps that can still be within the cutoff, however skewed the
    cell is. What finds no room is counted only.
    """
    found = 0
    room = len(ends)
    reach2 = cutoff * (1.0 + SLACK) * (cutoff * (1.0 + SLACK))
    reach = np.sqrt(reach2) / lower[2, 2]
    for site in range(len(coords)):
        for other in range(site, len(coords)):
            du = coords[other, 0] - coords[site, 0]
            dv = coords[other, 1] - coords[site, 1]
            dw = coords[other, 2] - coords[site, 2]
            before = found
            for k in range(int(np.ceil(-reach - dw)), int(np.floor(reach - dw)) + 1):
                w = dw + k
                height = w * lower[2, 2]
                left2 = reach2 - height * height
                if left2 < 0.0:
                    continue
                half = np.sqrt(left2) / lower[1, 1]
                middle = -w * lower[2, 1] / lower[1, 1] - dv
                for j in range(int(np.ceil(middle - half)), int(np.floor(middle + half)) + 1):
                    v = dv + j
                    depth = v * lower[1, 1] + w * lower[2, 1]
                    left = left2 - depth * depth
                    if left < 0.0:
                        continue
                    width = np.sqrt(left) / lower[0, 0]
                    centre = -(v * lower[1, 0] + w * lower[2, 0]) / lower[0, 0] - du
                    for i in range(int(np.ceil(centre - width)), int(np.floor(centre + width)) + 1):
                        if other == site and i == 0 and j == 0 and k == 0:
                            continue
                        u = du + i
                        x = u * lattice[0, 0] + v * lattice[1, 0] + w * lattice[2, 0]
                        y = u * lattice[0, 1] + v * lattice[1, 1] + w * lattice[2, 1]
                        z = u * lattice[0, 2] + v * lattice[1, 2] + w * lattice[2, 2]
                        if x * x + y * y + z * z >= cutoff * cutoff:
                            continue
                        if found < room:
                            ends[found, 0] = site
                            ends[found, 1] = other
                            vectors[found, 0] = x
                            vectors[found, 1] = y
                            vectors[found, 2] = z
                            shifts[found, 0] = i
                            shifts[found, 1] = j
                            shifts[found, 2] = k
                        found += 1
            counts[site] += found - before
            if other != site:
                counts[other] += found - before
    return found


def lines(lattices, lowers, site_offsets, *others):  # type: ignore[no-untyped-def]
    counts, room = np.diff(site_offsets), len(others[-4])
    return 60.0 * (counts @ counts) + 30.0 * room


@njit(cache=True, lines=lines)
def neighbor_pairs(  # type: ignore[no-untyped-def]
    lattices,
    lowers,
    site_offsets,
    frac_coords,
    cutoffs,
    known_offsets,
    known_neighbors,
    known_distances,
    known_vectors,
    known_shifts,
    known_cutoffs,
    half_room,
    offsets,
    neighbors,
    distances,
    vectors,
    shifts,
):
    """Fill in pair offsets by centre, neighbours, distances, vectors and cell shifts.

    The pairs of a crystal are written down as they are found, and then put to both of their ends. `lowers`
    has the lattices in triangular form. A known table (offsets, neighbours, distances, vectors, shifts) saves
    the search in those crystals whose known cutoff is no smaller; without one, the known cutoffs are 0.
    Returned is the largest number of pairs found in one crystal: where it is above `half_room`, or the last
    offset above the room of the arrays, these hold nothing that is of use.
    """
    ends = np.empty((half_room, 2), dtype=np.int64)
    half_vectors = np.empty((half_room, 3))
    half_shifts = np.empty((half_room, 3), dtype=np.int32)
    places = np.zeros(len(frac_coords), dtype=np.int64)
    n_pairs, most = 0, 0
    for n in range(len(lattices)):
        start, stop = site_offsets[n], site_offsets[n + 1]
        searched = known_cutoffs[n] < cutoffs[n]
        found = 0
        if searched:
            found = search_cell(
                lattices[n],
                lowers[n],
                frac_coords[start:stop],
                cutoffs[n],
                places[start:stop],
                ends,
                half_vectors,
                half_shifts,
            )
            most = max(most, found)
        for site in range(start, stop):
            if not searched:
                for pair in range(known_offsets[site], known_offsets[site + 1]):
                    places[site] += known_distances[pair] < cutoffs[n]
            count = places[site]
            places[site] = n_pairs
            n_pairs += count
            offsets[site + 1] = n_pairs
        if found > half_room or n_pairs > len(neighbors):
            continue
        for pair in range(found):
            x, y, z = half_vectors[pair, 0], half_vectors[pair, 1], half_vectors[pair, 2]
            distance = np.sqrt(x * x + y * y + z * z)
            # As the one site sees the pair, and as the other does.
            site, other = start + ends[pair, 0], start + ends[pair, 1]
            for sign in range(1, -2 if other != site else 0, -2):
                place = places[site]
                places[site] += 1
                neighbors[place] = other
                distances[place] = distance
                vectors[place, 0] = sign * x
                vectors[place, 1] = sign * y
                vectors[place, 2] = sign * z
                for axis in range(3):
                    shifts[place, axis] = sign * half_shifts[pair, axis]
                site, other = other, site
        if searched:
            continue
        for site in range(start, stop):
            for pair in range(known_offsets[site], known_offsets[site + 1]):
                if known_distances[pair] < cutoffs[n]:
                    place = places[site]
                    places[site] += 1
                    neighbors[place] = known_neighbors[pair]
                    distances[place] = known_distances[pair]
                    for axis in range(3):
                        vectors[place, axis] = known_vectors[pair, axis]
                        shifts[place, axis] = known_shifts[pair, axis]
    return most
