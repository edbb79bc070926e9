"""All pairs of sites within a cutoff, one centre after the other."""

from __future__ import annotations

import numpy as np
from numba import njit

from skcrystal.kernels.cell import triangular

# Bounds are wider by this share of the cutoff, so that rounding loses no pair; each pair is measured anyway.
SLACK = 1e-9


@njit(cache=True)
def pairs_of_cell(lattice, lower, coords, cutoff, base, places, write, neighbors, distances, vectors):  # type: ignore[no-untyped-def]
    """Count the neighbours of each site of a cell in `places`, or write them from these places on.

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
                    for i in range(int(np.ceil(centre - width)), int(np.floor(centre + width)) + 1):
                        if other == site and i == 0 and j == 0 and k == 0:
                            continue
                        u = du + i
                        x = u * lattice[0, 0] + v * lattice[1, 0] + w * lattice[2, 0]
                        y = u * lattice[0, 1] + v * lattice[1, 1] + w * lattice[2, 1]
                        z = u * lattice[0, 2] + v * lattice[1, 2] + w * lattice[2, 2]
                        square = x * x + y * y + z * z
                        if square >= cutoff * cutoff:
                            continue
                        if write:
                            distance = np.sqrt(square)
                            place = places[site]
                            neighbors[place] = base + other
                            distances[place] = distance
                            vectors[place, 0] = x
                            vectors[place, 1] = y
                            vectors[place, 2] = z
                            if other != site:
                                place = places[other]
                                neighbors[place] = base + site
                                distances[place] = distance
                                vectors[place, 0] = -x
                                vectors[place, 1] = -y
                                vectors[place, 2] = -z
                        places[site] += 1
                        if other != site:
                            places[other] += 1


@njit(cache=True)
def pairs_of_table(first, last, cutoff, known, places, write, neighbors, distances, vectors):  # type: ignore[no-untyped-def]
    """Do the same from a table of a larger cutoff, for the sites from `first` to before `last`."""
    known_offsets, known_neighbors, known_distances, known_vectors = known
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
            place += 1
        places[site - first] = place


@njit(cache=True)
def neighbor_pairs(lattices, site_offsets, frac_coords, cutoffs, known, known_cutoffs):  # type: ignore[no-untyped-def]
    """Return pair offsets by centre, neighbour sites, distances and vectors: count first, then fill.

    A known table (offsets, neighbours, distances, vectors) saves the search in those crystals whose known
    cutoff is no smaller; without one, the known cutoffs are 0.
    """
    offsets = np.zeros(len(frac_coords) + 1, dtype=np.int64)
    neighbors = np.empty(0, dtype=np.int64)
    distances = np.empty(0)
    vectors = np.empty((0, 3))
    for write in (False, True):
        places = np.zeros(len(frac_coords), dtype=np.int64)
        if write:
            for site in range(len(places)):
                places[site] = offsets[site]
            neighbors = np.empty(offsets[-1], dtype=np.int64)
            distances = np.empty(offsets[-1])
            vectors = np.empty((offsets[-1], 3))
        for n in range(len(lattices)):
            start, stop = site_offsets[n], site_offsets[n + 1]
            own = places[start:stop]
            if known_cutoffs[n] >= cutoffs[n]:
                pairs_of_table(start, stop, cutoffs[n], known, own, write, neighbors, distances, vectors)
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
            )
        if not write:
            for site in range(len(places)):
                offsets[site + 1] = offsets[site] + places[site]
    return offsets, neighbors, distances, vectors
