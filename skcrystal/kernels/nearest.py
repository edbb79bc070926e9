"""Distances to the nearest sites, images counted, one site after the other."""

from __future__ import annotations

import numpy as np

from skcrystal.kernels.cell import fill_order
from skcrystal.kernels.compilation import njit

# A first sphere that would hold this many times the sites asked for, were the density even.
FIRST_GUESS = 1.5
GROWTH = 1.3


@njit(cache=True, inline="always")
def insert(smallest, value):  # type: ignore[no-untyped-def]
    """Put a value into its place among the smallest, and drop the largest."""
    place = len(smallest) - 1
    while place > 0 and smallest[place - 1] > value:
        smallest[place] = smallest[place - 1]
        place -= 1
    smallest[place] = value


@njit(cache=True, inline="always")
def nearest_within(place, sites, lattice, spacing, radius, occupancies, reaches, smallest):  # type: ignore[no-untyped-def]
    """Fill in the smallest squared distances from a site to others within the radius; inf where too few.

    Sites come wrapped into the cell and sorted along c: from the place of the site the walk goes up, and
    then down, through images of the cell, until all that follow are too far away along c.
    """
    count, last = len(sites), len(smallest) - 1
    for nth in range(len(smallest)):
        smallest[nth] = np.inf
    reach_a, reach_b, reach_c = radius / spacing[0], radius / spacing[1], radius / spacing[2]
    for direction in range(1, -2, -2):
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
            if abs(dz) > reach_c:
                break
            dx = sites[other, 0] - sites[place, 0]
            dy = sites[other, 1] - sites[place, 1]
            excluded = 0.0
            if occupancies[other] + occupancies[place] <= 1.0:
                excluded = (reaches[other] + reaches[place]) ** 2
            for i in range(int(np.ceil(-reach_a - dx)), int(np.floor(reach_a - dx)) + 1):
                for j in range(int(np.ceil(-reach_b - dy)), int(np.floor(reach_b - dy)) + 1):
                    if other == place and i == 0 and j == 0 and cell == 0:
                        continue
                    square = 0.0
                    for axis in range(3):
                        component = (
                            (dx + i) * lattice[0, axis] + (dy + j) * lattice[1, axis] + dz * lattice[2, axis]
                        )
                        square += component * component
                    if square <= radius * radius and square < smallest[last] and square >= excluded:
                        insert(smallest, square)
            other += direction


@njit(cache=True)
def nearest_distances(lattices, spacings, volumes, site_offsets, coords, occupancies, reaches, k):  # type: ignore[no-untyped-def]
    """Distances from each site to the first, ..., k-th nearest one; shape (n_sites, k).

    Two sites whose occupancies sum to at most 1 do not see each other below the sum of their reaches.

    Parameters
    ----------
    lattices, spacings, volumes : ndarray of shape (n, 3, 3), (n, 3) and (n,)
        The cells, the distances between their faces, and what they hold.
    site_offsets, coords
        As of a batch.
    occupancies, reaches : ndarray of shape (n_sites,)
    k : int
    """
    found = np.empty((len(coords), k))
    smallest = np.empty(k)
    for n in range(len(lattices)):
        start, count = site_offsets[n], site_offsets[n + 1] - site_offsets[n]
        wrapped, sites = np.empty((count, 3)), np.empty((count, 3))
        own_occupancies, own_reaches = np.empty(count), np.empty(count)
        order = np.empty(count, dtype=np.int64)
        for site in range(count):
            for axis in range(3):
                value = coords[start + site, axis]
                wrapped[site, axis] = value - np.floor(value)
        fill_order(wrapped, 2, order)
        for place in range(count):
            for axis in range(3):
                sites[place, axis] = wrapped[order[place], axis]
            own_occupancies[place] = occupancies[start + order[place]]
            own_reaches[place] = reaches[start + order[place]]
        guess = (FIRST_GUESS * (k + 1) * volumes[n] / count * 3.0 / (4.0 * np.pi)) ** (1.0 / 3.0)
        for place in range(count):
            radius = guess
            smallest[k - 1] = np.inf
            while smallest[k - 1] == np.inf:
                nearest_within(
                    place, sites, lattices[n], spacings[n], radius, own_occupancies, own_reaches, smallest
                )
                radius *= GROWTH
            for nth in range(k):
                found[start + order[place], nth] = np.sqrt(smallest[nth])
    return found
