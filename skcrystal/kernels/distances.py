"""Statistics of minimum-image distances, one crystal after the other, without a matrix."""

from __future__ import annotations

import numpy as np

from skcrystal.kernels.compilation import njit


@njit(cache=True, inline="always")
def neighbour_cells(lattice):  # type: ignore[no-untyped-def]
    """Return one of each pair of opposite vectors to the 26 neighbouring cells, and half their squares.

    The shortest comes first. Sorted as they come, because numba takes seconds to compile a sort.
    """
    vectors = np.empty((13, 3))
    halves = np.empty(13)
    count = 0
    for i in range(2):
        for j in range(-1, 2):
            for k in range(-1, 2):
                if i == 0 and (j < 0 or (j == 0 and k <= 0)):
                    continue
                x = i * lattice[0, 0] + j * lattice[1, 0] + k * lattice[2, 0]
                y = i * lattice[0, 1] + j * lattice[1, 1] + k * lattice[2, 1]
                z = i * lattice[0, 2] + j * lattice[1, 2] + k * lattice[2, 2]
                half = 0.5 * (x * x + y * y + z * z)
                place = count
                while place > 0 and halves[place - 1] > half:
                    halves[place] = halves[place - 1]
                    for axis in range(3):
                        vectors[place, axis] = vectors[place - 1, axis]
                    place -= 1
                halves[place] = half
                vectors[place, 0], vectors[place, 1], vectors[place, 2] = x, y, z
                count += 1
    return vectors, halves


@njit(cache=True, inline="always")
def nearest_image_squares(site, others, lattice, vectors, halves, work, squares):  # type: ignore[no-untyped-def]
    """Fill in squared distances from a site to the nearest images of others, coordinates in a reduced cell.

    In a Minkowski-reduced cell the nearest image of a difference wrapped to [-1/2, 1/2] is at most one
    cell away (Nguyen & Stehle, doi 10.1145/1597036.1597050). Of the two images v + t and v - t the nearer one
    has the square v.v + t.t - 2 abs(v.t): one product for two images. It is nearer than v only if t is
    shorter than 2 v. Sites lie side by side in memory (shape (3, n_others)), and each loop over them is short
    and without branches: the compiler takes several sites at a time.
    """
    longest = 0.0
    for j in range(others.shape[1]):
        dx = others[0, j] - site[0]
        dy = others[1, j] - site[1]
        dz = others[2, j] - site[2]
        dx -= np.rint(dx)
        dy -= np.rint(dy)
        dz -= np.rint(dz)
        x = dx * lattice[0, 0] + dy * lattice[1, 0] + dz * lattice[2, 0]
        y = dx * lattice[0, 1] + dy * lattice[1, 1] + dz * lattice[2, 1]
        z = dx * lattice[0, 2] + dy * lattice[1, 2] + dz * lattice[2, 2]
        work[0, j] = x
        work[1, j] = y
        work[2, j] = z
        own = x * x + y * y + z * z
        work[3, j] = own
        squares[j] = own
    for j in range(others.shape[1]):
        longest = max(longest, squares[j])
    for n in range(13):
        if longest <= 0.5 * halves[n]:
            break
        a, b, c, half = vectors[n, 0], vectors[n, 1], vectors[n, 2], halves[n]
        for j in range(others.shape[1]):
            projection = abs(work[0, j] * a + work[1, j] * b + work[2, j] * c)
            # |v - t|^2 or |v + t|^2, whichever is smaller.
            image = work[3, j] + 2.0 * (half - projection)
            squares[j] = image if image < squares[j] else squares[j]


@njit(cache=True, inline="always")
def shortest_lattice_vector2(lattice):  # type: ignore[no-untyped-def]
    """Squared length of the shortest vector of a reduced lattice: one of its rows."""
    shortest = np.inf
    for i in range(3):
        length = lattice[i, 0] ** 2 + lattice[i, 1] ** 2 + lattice[i, 2] ** 2
        shortest = min(shortest, length)
    return shortest


@njit(cache=True)
def distance_statistics(lattices, site_offsets, frac_coords, occupancies, reaches, count_images):  # type: ignore[no-untyped-def]
    """Mean, maximum, minimum and population standard deviation of all entries of the distance matrices.

    A diagonal entry is zero, or with `count_images` the distance from a site to its own nearest image. Two
    sites whose occupancies sum to at most 1 have no entry below the sum of their reaches.
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
        entries = count * count
        sites = np.ascontiguousarray(frac_coords[start:stop].T)
        work, image_squares = np.empty((4, count)), np.empty(count)
        for i in range(count - 1):
            others = sites[:, i + 1 :]
            nearest_image_squares(sites[:, i], others, lattice, vectors, halves, work, image_squares)
            for j in range(count - i - 1):
                d = np.sqrt(max(image_squares[j], 0.0))  # rounding
                one, other = start + i, start + i + 1 + j
                if occupancies[one] + occupancies[other] <= 1.0 and d < reaches[one] + reaches[other]:
                    entries -= 2
                    continue
                total += d - anchor
                squares += (d - anchor) ** 2
                largest = max(largest, d)
                smallest = min(smallest, d)
        excess = 2.0 * total / entries
        statistics[n, 0] = anchor + excess
        statistics[n, 1] = largest
        statistics[n, 2] = smallest
        statistics[n, 3] = np.sqrt(max(2.0 * squares / entries - excess * excess, 0.0))
    return statistics
