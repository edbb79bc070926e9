"""All pairs of sites within a cutoff, one centre after the other."""

from __future__ import annotations

import numpy as np

from skcrystal.kernels.compilation import njit

# Bounds are wider by this share of the cutoff, so that rounding loses no pair; each pair is measured anyway.
SLACK = 1e-9


@njit(cache=True, inline="always")
def pairs_of_cell(lattice, lower, coords, cutoff, base, places, write, neighbors, distances, vectors, shifts):  # type: ignore[no-untyped-def]
    """Count the neighbours of each site of a cell in `places`, or write them from these places on.

    The count is that of the bounds below, without measuring a pair: now and then it is a little too large.

    In the triangular lattice the coordinate z of an image depends on its step along c alone, y on those along
    b and c: each loop runs over just the steps that can still be within the cutoff, however skewed the
    cell is. Each pair of sites is looked at once, and counts for both.
    """
    reach2 = (cutoff * (1.0 + SLACK)) ** 2
    reach = np.sqrt(reach2) / lower[2, 2]
    for site in range(len(coords)):
        for other in range(site, len(coords)):
            du = coords[other, 0] - coords[site, 0]
            dv = coords[other, 1] - coords[site, 1]
            dw = coords[other, 2] - coords[site, 2]
            for k in range(int(np.ceil(-reach - dw)), int(np.floor(reach - dw)) + 1):
                w = dw + k
                left2 = reach2 - (w * lower[2, 2]) ** 2
                if left2 < 0.0:
                    continue
                half = np.sqrt(left2) / lower[1, 1]
                middle = -w * lower[2, 1] / lower[1, 1] - dv
                for j in range(int(np.ceil(middle - half)), int(np.floor(middle + half)) + 1):
                    v = dv + j
                    left = left2 - (v * lower[1, 1] + w * lower[2, 1]) ** 2
                    if left < 0.0:
                        continue
                    width = np.sqrt(left) / lower[0, 0]
                    centre = -(v * lower[1, 0] + w * lower[2, 0]) / lower[0, 0] - du
                    low, high = int(np.ceil(centre - width)), int(np.floor(centre + width))
                    if not write:
                        count = high - low + 1
                        if other == site and j == 0 and k == 0 and low <= 0 <= high:
                            count -= 1
                        places[site] += count
                        if other != site:
                            places[other] += count
                        continue
                    for i in range(low, high + 1):
                        if other == site and i == 0 and j == 0 and k == 0:
                            continue
                        u = du + i
                        x = u * lattice[0, 0] + v * lattice[1, 0] + w * lattice[2, 0]
                        y = u * lattice[0, 1] + v * lattice[1, 1] + w * lattice[2, 1]
                        z = u * lattice[0, 2] + v * lattice[1, 2] + w * lattice[2, 2]
                        square = x * x + y * y + z * z
                        if square >= cutoff * cutoff:
                            continue
                        # The pair as the one site sees it, and as the other does.
                        centre_site, neighbor, sign = site, other, 1
                        for _ in range(1 if other == site else 2):
                            place = places[centre_site]
                            places[centre_site] += 1
                            neighbors[place] = base + neighbor
                            distances[place] = np.sqrt(square)
                            vectors[place, 0] = sign * x
                            vectors[place, 1] = sign * y
                            vectors[place, 2] = sign * z
                            shifts[place, 0] = sign * i
                            shifts[place, 1] = sign * j
                            shifts[place, 2] = sign * k
                            centre_site, neighbor, sign = other, site, -1


@njit(cache=True, inline="always")
def pairs_of_table(  # type: ignore[no-untyped-def]
    first,
    last,
    cutoff,
    known_offsets,
    known_neighbors,
    known_distances,
    known_vectors,
    known_shifts,
    places,
    write,
    neighbors,
    distances,
    vectors,
    shifts,
):
    """Do the same from a table of a larger cutoff, for the sites from `first` to before `last`."""
    for site in range(first, last):
        place = places[site]
        for pair in range(known_offsets[site], known_offsets[site + 1]):
            if known_distances[pair] >= cutoff:
                continue
            if write:
                neighbors[place] = known_neighbors[pair]
                distances[place] = known_distances[pair]
                for axis in range(3):
                    vectors[place, axis] = known_vectors[pair, axis]
                    shifts[place, axis] = known_shifts[pair, axis]
            place += 1
        places[site] = place


@njit(cache=True, inline="always")
def close_gaps(offsets, stops, neighbors, distances, vectors, shifts):  # type: ignore[no-untyped-def]
    """Move the pairs of each site, which end at its stop, up to those before."""
    n_pairs = 0
    for site in range(len(stops)):
        start = offsets[site]
        offsets[site] = n_pairs
        for pair in range(start, stops[site]):
            if n_pairs != pair:
                neighbors[n_pairs] = neighbors[pair]
                distances[n_pairs] = distances[pair]
                for axis in range(3):
                    vectors[n_pairs, axis] = vectors[pair, axis]
                    shifts[n_pairs, axis] = shifts[pair, axis]
            n_pairs += 1
    offsets[len(stops)] = n_pairs


@njit(cache=True)
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
    most,
):
    """Return pair offsets by centre, neighbours, distances, vectors and cell shifts: count first, then fill.

    `lowers` has the lattices in triangular form. The last entry of the offsets is the number of pairs; the
    arrays may be longer. A known table (offsets, neighbours, distances, vectors, shifts) saves the search in
    those crystals whose known cutoff is no smaller; without one, the known cutoffs are 0. Where some crystal
    has more pairs than `most`, there are none but the offsets.
    """
    n_sites = len(frac_coords)
    offsets = np.zeros(n_sites + 1, dtype=np.int64)
    places = np.zeros(n_sites, dtype=np.int64)
    room = 0
    while True:
        write = room > 0
        neighbors = np.empty(room, dtype=np.int64)
        distances = np.empty(room)
        vectors = np.empty((room, 3))
        shifts = np.empty((room, 3), dtype=np.int32)
        for n in range(len(lattices)):
            start, stop = site_offsets[n], site_offsets[n + 1]
            if known_cutoffs[n] >= cutoffs[n]:
                pairs_of_table(
                    start,
                    stop,
                    cutoffs[n],
                    known_offsets,
                    known_neighbors,
                    known_distances,
                    known_vectors,
                    known_shifts,
                    places,
                    write,
                    neighbors,
                    distances,
                    vectors,
                    shifts,
                )
            else:
                pairs_of_cell(
                    lattices[n],
                    lowers[n],
                    frac_coords[start:stop],
                    cutoffs[n],
                    start,
                    places[start:stop],
                    write,
                    neighbors,
                    distances,
                    vectors,
                    shifts,
                )
        if write:
            close_gaps(offsets, places, neighbors, distances, vectors, shifts)
            break
        for site in range(n_sites):
            offsets[site + 1] = offsets[site] + places[site]
            places[site] = offsets[site]
        room = offsets[n_sites]
        for n in range(len(lattices)):
            if offsets[site_offsets[n + 1]] - offsets[site_offsets[n]] > most:
                room = 0
        if room == 0:
            break
    return offsets, neighbors, distances, vectors, shifts
