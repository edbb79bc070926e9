"""Statistics of minimum-image distances, one crystal after the other, without a matrix."""

from __future__ import annotations

import numpy as np

from skcrystal.kernels.compilation import njit


@njit(cache=True, inline="always")
def nearest_image_squares(site, stop, coords, lattice, vectors, halves, work, squares):  # type: ignore[no-untyped-def]
    """Fill in squared distances from a site to the nearest images of those behind it, in a reduced cell.

    In a Minkowski-reduced cell the nearest image of a difference wrapped to [-1/2, 1/2] is at most one
    cell away (Nguyen & Stehle, doi 10.1145/1597036.1597050). Of the two images v + t and v - t the nearer one
    has the square v.v + t.t - 2 abs(v.t): one product for two images. It is nearer than v only if t is
    shorter than 2 v. Sites lie side by side in memory (shape (3, n_sites)), and each loop over them is short
    and without branches: the compiler takes several sites at a time.
    """
    count, behind = stop - site - 1, site + 1
    longest = 0.0
    for j in range(count):
        dx = coords[0, behind + j] - coords[0, site]
        dy = coords[1, behind + j] - coords[1, site]
        dz = coords[2, behind + j] - coords[2, site]
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
    for j in range(count):
        longest = max(longest, squares[j])
    for n in range(len(halves)):
        half = halves[n]
        if longest <= 0.5 * half:
            break
        a, b, c = vectors[n, 0], vectors[n, 1], vectors[n, 2]
        for j in range(count):
            projection = abs(work[0, j] * a + work[1, j] * b + work[2, j] * c)
            # |v - t|^2 or |v + t|^2, whichever is smaller.
            image = work[3, j] + 2.0 * (half - projection)
            squares[j] = image if image < squares[j] else squares[j]


def lines(lattices, vectors, halves, site_offsets, *others):  # type: ignore[no-untyped-def]
    counts = np.diff(site_offsets)
    return 40.0 * (counts @ counts) + 60.0 * counts.sum()


@njit(cache=True, lines=lines)
def distance_statistics(lattices, vectors, halves, site_offsets, coords, occupancies, reaches, own):  # type: ignore[no-untyped-def]
    """Mean, maximum, minimum and population standard deviation of all entries of the distance matrices.

    Two sites whose occupancies sum to at most 1 have no entry below the sum of their reaches.

    Parameters
    ----------
    lattices : ndarray of shape (n, 3, 3)
        Reduced.
    vectors, halves : ndarray of shape (n, 13, 3) and (n, 13)
        One of each pair of opposite vectors to the 26 neighbouring cells, the shortest first, and half their
        squares.
    site_offsets : ndarray of shape (n + 1,)
    coords : ndarray of shape (3, n_sites)
        Fractional.
    occupancies, reaches : ndarray of shape (n_sites,)
    own : ndarray of shape (n,)
        What stands on the diagonal.
    """
    statistics = np.empty((len(lattices), 4))
    for n in range(len(lattices)):
        start, stop = site_offsets[n], site_offsets[n + 1]
        count = stop - start
        # Sums run over differences to one of the entries: no digits are lost where all are alike.
        anchor = own[n]
        total, squares = 0.0, 0.0
        largest, smallest = anchor, anchor
        entries = count * count
        work, image_squares = np.empty((4, count)), np.empty(count)
        for one in range(start, stop):
            nearest_image_squares(one, stop, coords, lattices[n], vectors[n], halves[n], work, image_squares)
            for other in range(one + 1, stop):
                d = np.sqrt(max(image_squares[other - one - 1], 0.0))  # rounding
                if occupancies[one] + occupancies[other] <= 1.0 and d < reaches[one] + reaches[other]:
                    entries -= 2
                    continue
                total += d - anchor
                squares += (d - anchor) * (d - anchor)
                largest = max(largest, d)
                smallest = min(smallest, d)
        excess = 2.0 * total / entries
        statistics[n, 0] = anchor + excess
        statistics[n, 1] = largest
        statistics[n, 2] = smallest
        statistics[n, 3] = np.sqrt(max(2.0 * squares / entries - excess * excess, 0.0))
    return statistics
