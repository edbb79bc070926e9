"""Distances to the nearest sites, images counted, one site after the other."""

from __future__ import annotations

import numpy as np
from numba import njit

from skcrystal.kernels.cell import inverse, volume

# A first sphere that would hold this many times the sites asked for, were the density even.
FIRST_GUESS = 1.5
GROWTH = 1.3


@njit(cache=True)
def heights(lattice):  # type: ignore[no-untyped-def]
    """Return the distances between opposite faces of the cell."""
    reciprocal = inverse(lattice)
    out = np.empty(3)
    for j in range(3):
        out[j] = 1.0 / np.sqrt(reciprocal[0, j] ** 2 + reciprocal[1, j] ** 2 + reciprocal[2, j] ** 2)
    return out


@njit(cache=True)
def insert(smallest, value):  # type: ignore[no-untyped-def]
    """Put a value into its place among the smallest, and drop the largest."""
    place = len(smallest) - 1
    while place > 0 and smallest[place - 1] > value:
        smallest[place] = smallest[place - 1]
        place -= 1
    smallest[place] = value


@njit(cache=True)
def nearest_within(site, lattice, spacing, coords, radius, smallest):  # type: ignore[no-untyped-def]
    """Fill in the smallest squared distances from a site to others within the radius; inf where too few."""
    smallest[:] = np.inf
    reach = radius / spacing
    for other in range(len(coords)):
        dx = coords[other, 0] - coords[site, 0]
        dy = coords[other, 1] - coords[site, 1]
        dz = coords[other, 2] - coords[site, 2]
        for i in range(int(np.ceil(-reach[0] - dx)), int(np.floor(reach[0] - dx)) + 1):
            for j in range(int(np.ceil(-reach[1] - dy)), int(np.floor(reach[1] - dy)) + 1):
                for k in range(int(np.ceil(-reach[2] - dz)), int(np.floor(reach[2] - dz)) + 1):
                    if other == site and i == 0 and j == 0 and k == 0:
                        continue
                    square = 0.0
                    for axis in range(3):
                        component = (
                            (dx + i) * lattice[0, axis]
                            + (dy + j) * lattice[1, axis]
                            + (dz + k) * lattice[2, axis]
                        )
                        square += component * component
                    if square <= radius * radius and square < smallest[-1]:
                        insert(smallest, square)


@njit(cache=True)
def average_minimum_distances(lattices, site_offsets, frac_coords, k):  # type: ignore[no-untyped-def]
    """Mean over the sites of each cell of the distances to the first, ..., k-th nearest site."""
    means = np.zeros((len(lattices), k))
    smallest = np.empty(k)
    for n in range(len(lattices)):
        lattice = lattices[n]
        spacing = heights(lattice)
        coords = frac_coords[site_offsets[n] : site_offsets[n + 1]]
        room = volume(lattice) / len(coords)
        guess = (FIRST_GUESS * (k + 1) * room * 3.0 / (4.0 * np.pi)) ** (1.0 / 3.0)
        for site in range(len(coords)):
            radius = guess
            nearest_within(site, lattice, spacing, coords, radius, smallest)
            while np.isinf(smallest[-1]):
                radius *= GROWTH
                nearest_within(site, lattice, spacing, coords, radius, smallest)
            means[n] += np.sqrt(smallest)
        means[n] /= len(coords)
    return means
