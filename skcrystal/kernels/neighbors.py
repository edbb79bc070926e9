"""All pairs of sites within a cutoff, one centre after the other."""

from __future__ import annotations

import numpy as np

from skcrystal.kernels.cell import triangular
from skcrystal.kernels.compilation import njit

# Bounds are wider by this share of the cutoff, so that rounding loses no pair; each pair is measured anyway.
SLACK = 1e-9


@njit(cache=True)
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
                        distance = np.sqrt(square)
                        place = places[site]
                        neighbors[place] = base + other
                        distances[place] = distance
                        vectors[place, 0] = x
                        vectors[place, 1] = y
                        vectors[place, 2] = z
                        shifts[place, 0] = i
                        shifts[place, 1] = j
                        shifts[place, 2] = k
                        places[site] += 1
                        if other != site:
                            place = places[other]
                            neighbors[place] = base + site
                            distances[place] = distance
                            vectors[place, 0] = -x
                            vectors[place, 1] = -y
                            vectors[place, 2] = -z
                            shifts[place, 0] = -i
                            shifts[place, 1] = -j
                            shifts[place, 2] = -k
                            places[other] += 1


@njit(cache=True)
def pairs_of_table(first, last, cutoff, known, places, write, neighbors, distances, vectors, shifts):  # type: ignore[no-untyped-def]
    """Do the same from a table of a larger cutoff, for the sites from `first` to before `last`."""
    known_offsets, known_neighbors, known_distances, known_vectors, known_shifts = known
    for site in range(first, last):
        place = places[site - first]
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
        places[site - first] = place


@njit(cache=True)
def close_gaps(offsets, stops, neighbors, distances, vectors, shifts):  # type: ignore[no-untyped-def]
    """Move the pairs of each site, which end at its stop, up to those before; return how many there are."""
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
    return n_pairs


@njit(cache=True)
def neighbor_pairs(lattices, site_offsets, frac_coords, cutoffs, known, known_cutoffs, most):  # type: ignore[no-untyped-def]
    """Return pair offsets by centre, neighbours, distances, vectors and cell shifts: count first, then fill.

    A known table (offsets, neighbours, distances, vectors, shifts) saves the search in those crystals whose
    known cutoff is no smaller; without one, the known cutoffs are 0. Where some crystal has more pairs than
    `most`, there are none but the offsets.
    """
    offsets = np.zeros(len(frac_coords) + 1, dtype=np.int64)
    neighbors = np.empty(0, dtype=np.int64)
    distances = np.empty(0)
    vectors = np.empty((0, 3))
    shifts = np.empty((0, 3), dtype=np.int32)
    for write in (False, True):
        places = np.zeros(len(frac_coords), dtype=np.int64)
        if write:
            for site in range(len(places)):
                places[site] = offsets[site]
            neighbors = np.empty(offsets[-1], dtype=np.int64)
            distances = np.empty(offsets[-1])
            vectors = np.empty((offsets[-1], 3))
            shifts = np.empty((offsets[-1], 3), dtype=np.int32)
        for n in range(len(lattices)):
            start, stop = site_offsets[n], site_offsets[n + 1]
            own = places[start:stop]
            if known_cutoffs[n] >= cutoffs[n]:
                pairs_of_table(
                    start, stop, cutoffs[n], known, own, write, neighbors, distances, vectors, shifts
                )
                continue
            pairs_of_cell(
                lattices[n],
                triangular(lattices[n]),
                frac_coords[start:stop],
                cutoffs[n],
                start,
                own,
                write,
                neighbors,
                distances,
                vectors,
                shifts,
            )
        if not write:
            for site in range(len(places)):
                offsets[site + 1] = offsets[site] + places[site]
            for n in range(len(lattices)):
                if offsets[site_offsets[n + 1]] - offsets[site_offsets[n]] > most:
                    return offsets, neighbors, distances, vectors, shifts
            continue
        n_pairs = close_gaps(offsets, places, neighbors, distances, vectors, shifts)
        neighbors, distances = neighbors[:n_pairs], distances[:n_pairs]
        vectors, shifts = vectors[:n_pairs], shifts[:n_pairs]
    return offsets, neighbors, distances, vectors, shifts
