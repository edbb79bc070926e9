"""Distances to the nearest sites, images counted, one site after the other."""

from __future__ import annotations

import numpy as np

from skcrystal.kernels.cell import inverse, order_of, volume
from skcrystal.kernels.compilation import njit

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
def nearest_within(place, sites, lattice, spacing, radius, occupancies, reaches, smallest):  # type: ignore[no-untyped-def]
    """Fill in the smallest squared distances from a site to others within the radius; inf where too few.

    Sites come wrapped into the cell and sorted along c: from the place of the site the walk goes up, and
    then down, through images of the cell, until all that follow are too far away along c.
    """
    smallest[:] = np.inf
    count = len(sites)
    reach = radius / spacing
    for direction in (1, -1):
        # The site itself, and its images in the plane of a and b, are met once.
        other, cell = place, 0
        if direction == -1:
            other -= 1
        while True:
            if other == count:
                other, cell = 0, cell + 1
            elif other == -1:
                other, cell = count - 1, cell - 1
            dz = sites[other, 2] - sites[place, 2] + cell
            if abs(dz) > reach[2]:
                break
            dx = sites[other, 0] - sites[place, 0]
            dy = sites[other, 1] - sites[place, 1]
            excluded = 0.0
            if occupancies[other] + occupancies[place] <= 1.0:
                excluded = (reaches[other] + reaches[place]) ** 2
            for i in range(int(np.ceil(-reach[0] - dx)), int(np.floor(reach[0] - dx)) + 1):
                for j in range(int(np.ceil(-reach[1] - dy)), int(np.floor(reach[1] - dy)) + 1):
                    if other == place and i == 0 and j == 0 and cell == 0:
                        continue
                    square = 0.0
                    for axis in range(3):
                        component = (
                            (dx + i) * lattice[0, axis] + (dy + j) * lattice[1, axis] + dz * lattice[2, axis]
                        )
                        square += component * component
                    if square <= radius * radius and square < smallest[-1] and square >= excluded:
                        insert(smallest, square)
            other += direction


@njit(cache=True)
def nearest_distances(lattice, coords, occupancies, reaches, k):  # type: ignore[no-untyped-def]
    """Distances from each site of a cell to the first, ..., k-th nearest one; shape (n_sites, k).

    Two sites whose occupancies sum to at most 1 do not see each other below the sum of their reaches.
    """
    spacing = heights(lattice)
    count = len(coords)
    wrapped = np.empty((count, 3))
    for site in range(count):
        for axis in range(3):
            value = coords[site, axis]
            wrapped[site, axis] = value - np.floor(value)
    order = order_of(wrapped[:, 2])
    sites, own_occupancies, own_reaches = np.empty((count, 3)), np.empty(count), np.empty(count)
    for place in range(count):
        for axis in range(3):
            sites[place, axis] = wrapped[order[place], axis]
        own_occupancies[place] = occupancies[order[place]]
        own_reaches[place] = reaches[order[place]]
    room = volume(lattice) / count
    guess = (FIRST_GUESS * (k + 1) * room * 3.0 / (4.0 * np.pi)) ** (1.0 / 3.0)
    found = np.empty((count, k))
    smallest = np.empty(k)
    for place in range(count):
        radius = guess
        nearest_within(place, sites, lattice, spacing, radius, own_occupancies, own_reaches, smallest)
        while np.isinf(smallest[-1]):
            radius *= GROWTH
            nearest_within(place, sites, lattice, spacing, radius, own_occupancies, own_reaches, smallest)
        for nth in range(k):
            found[order[place], nth] = np.sqrt(smallest[nth])
    return found


@njit(cache=True)
def all_nearest_distances(lattices, site_offsets, frac_coords, occupancies, reaches, k):  # type: ignore[no-untyped-def]
    """Distances from each site of each cell to the first, ..., k-th nearest one; shape (n_sites, k)."""
    found = np.empty((len(frac_coords), k))
    for n in range(len(lattices)):
        start, stop = site_offsets[n], site_offsets[n + 1]
        found[start:stop] = nearest_distances(
            lattices[n], frac_coords[start:stop], occupancies[start:stop], reaches[start:stop], k
        )
    return found
