"""Statistics of minimum-image distances, one crystal after the other, without a matrix."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True)
def neighbour_cells(lattice):  # type: ignore[no-untyped-def]
    """Return one of each pair of opposite vectors to the 26 neighbouring cells, and half their squares.

    The shortest comes first.
    """
    vectors = np.empty((13, 3))
    halves = np.empty(13)
    count = 0
    for i in range(2):
        for j in range(-1, 2):
            for k in range(-1, 2):
                if (i, j, k) <= (0, 0, 0):
                    continue
                square = 0.0
                for axis in range(3):
                    component = i * lattice[0, axis] + j * lattice[1, axis] + k * lattice[2, axis]
                    vectors[count, axis] = component
                    square += component * component
                halves[count] = 0.5 * square
                count += 1
    order = np.argsort(halves)
    return vectors[order], halves[order]


@njit(cache=True)
def minimum_image_distance2(dx, dy, dz, lattice, vectors, halves):  # type: ignore[no-untyped-def]
    """Squared distance to the nearest image, the fractional difference given in a reduced cell.

    In a Minkowski-reduced cell the nearest image of a difference wrapped to [-1/2, 1/2] is at most one
    cell away (Nguyen & Stehle, doi 10.1145/1597036.1597050). Of the two images v + t and v - t the nearer one
    has the square v.v + t.t - 2 abs(v.t): one product for two images. It is nearer than v only if t is
    shorter than 2 v.
    """
    dx -= np.rint(dx)
    dy -= np.rint(dy)
    dz -= np.rint(dz)
    x = dx * lattice[0, 0] + dy * lattice[1, 0] + dz * lattice[2, 0]
    y = dx * lattice[0, 1] + dy * lattice[1, 1] + dz * lattice[2, 1]
    z = dx * lattice[0, 2] + dy * lattice[1, 2] + dz * lattice[2, 2]
    best = x * x + y * y + z * z
    own = best
    for n in range(13):
        if own <= 0.5 * halves[n]:
            break
        projection = abs(x * vectors[n, 0] + y * vectors[n, 1] + z * vectors[n, 2])
        # |v - t|^2 or |v + t|^2, whichever is smaller.
        best = min(best, own + 2.0 * (halves[n] - projection))
    return max(best, 0.0)  # rounding


@njit(cache=True)
def shortest_lattice_vector2(lattice):  # type: ignore[no-untyped-def]
    """Squared length of the shortest vector of a reduced lattice: one of its rows."""
    shortest = np.inf
    for i in range(3):
        length = lattice[i, 0] ** 2 + lattice[i, 1] ** 2 + lattice[i, 2] ** 2
        shortest = min(shortest, length)
    return shortest


@njit(cache=True)
def distance_statistics(lattices, site_offsets, frac_coords, count_images):  # type: ignore[no-untyped-def]
    """Mean, maximum, minimum and population standard deviation of all entries of the distance matrices.

    A diagonal entry is zero, or with `count_images` the distance from a site to its own nearest image.
    """
    statistics = np.empty((len(lattices), 4))
    for n in range(len(lattices)):
        lattice = lattices[n]
        start, stop = site_offsets[n], site_offsets[n + 1]
        count = stop - start
        shortest2 = shortest_lattice_vector2(lattice)
        vectors, halves = neighbour_cells(lattice)
        own = np.sqrt(shortest2) if count_images else 0.0
        # Sums run over differences to one of the entries: no digits are lost where all are alike.
        anchor = own
        total = 0.0
        squares = 0.0
        largest = own
        smallest = own
        for i in range(start, stop):
            for j in range(i + 1, stop):
                d2 = minimum_image_distance2(
                    frac_coords[j, 0] - frac_coords[i, 0],
                    frac_coords[j, 1] - frac_coords[i, 1],
                    frac_coords[j, 2] - frac_coords[i, 2],
                    lattice,
                    vectors,
                    halves,
                )
                d = np.sqrt(d2)
                total += d - anchor
                squares += (d - anchor) ** 2
                largest = max(largest, d)
                smallest = min(smallest, d)
        excess = 2.0 * total / count**2
        statistics[n, 0] = anchor + excess
        statistics[n, 1] = largest
        statistics[n, 2] = smallest
        statistics[n, 3] = np.sqrt(max(2.0 * squares / count**2 - excess * excess, 0.0))
    return statistics
