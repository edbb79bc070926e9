"""All pairs of sites within a cutoff, one centre after the other."""

from __future__ import annotations

import numpy as np
from numba import njit

# Bounds are wider by this share of the cutoff, so that rounding loses no pair; each pair is measured anyway.
SLACK = 1e-9


@njit(cache=True)
def triangular(lattice):  # type: ignore[no-untyped-def]
    """Return the lattice rotated so that a lies along x and b in the plane of x and y, diagonal positive."""
    _, upper = np.linalg.qr(lattice.T.copy())
    lower = np.ascontiguousarray(upper.T)
    for axis in range(3):
        if lower[axis, axis] < 0:
            lower[:, axis] *= -1.0
    return lower


@njit(cache=True)
def pairs_of_site(site, lattice, lower, coords, cutoff, base, first, write, neighbors, distances, vectors):  # type: ignore[no-untyped-def]
    """Count the neighbours of a site, and write them from place `first` on if asked to.

    In the triangular lattice the coordinate z of an image depends on its step along c alone, y on those along
    b and c: each loop runs over just the steps that can still be within the cutoff, however skewed the
    cell is.
    """
    reach2 = (cutoff * (1.0 + SLACK)) ** 2
    place = first
    for other in range(len(coords)):
        du = coords[other, 0] - coords[site, 0]
        dv = coords[other, 1] - coords[site, 1]
        dw = coords[other, 2] - coords[site, 2]
        reach = np.sqrt(reach2) / lower[2, 2]
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
                        neighbors[place] = base + other
                        distances[place] = np.sqrt(square)
                        vectors[place, 0] = x
                        vectors[place, 1] = y
                        vectors[place, 2] = z
                    place += 1
    return place - first


@njit(cache=True)
def neighbor_pairs(lattices, site_offsets, frac_coords, cutoffs):  # type: ignore[no-untyped-def]
    """Return pair offsets by centre, neighbour sites, distances and vectors: count first, then fill."""
    offsets = np.zeros(len(frac_coords) + 1, dtype=np.int64)
    neighbors = np.empty(0, dtype=np.int64)
    distances = np.empty(0)
    vectors = np.empty((0, 3))
    for write in (False, True):
        if write:
            for site in range(len(frac_coords)):
                offsets[site + 1] += offsets[site]
            neighbors = np.empty(offsets[-1], dtype=np.int64)
            distances = np.empty(offsets[-1])
            vectors = np.empty((offsets[-1], 3))
        for n in range(len(lattices)):
            start, stop = site_offsets[n], site_offsets[n + 1]
            coords = frac_coords[start:stop]
            lower = triangular(lattices[n])
            for site in range(stop - start):
                first = offsets[start + site] if write else 0
                count = pairs_of_site(
                    site,
                    lattices[n],
                    lower,
                    coords,
                    cutoffs[n],
                    start,
                    first,
                    write,
                    neighbors,
                    distances,
                    vectors,
                )
                if not write:
                    offsets[start + site + 1] = count
    return offsets, neighbors, distances, vectors
