"""Pairs of sites that come too close, and the size of the reduced cell they lie in."""

from __future__ import annotations

import numpy as np

from skcrystal.kernels.cell import inverse, order_of, volume
from skcrystal.kernels.compilation import njit
from skcrystal.kernels.nearest import heights
from skcrystal.kernels.niggli import reduce_one


@njit(cache=True)
def nearest_square(dx, dy, dz, basis):  # type: ignore[no-untyped-def]
    """Squared distance to the nearest image of a difference within half a reduced cell: one cell away.

    Nguyen & Stehle, doi 10.1145/1597036.1597050.
    """
    least = np.inf
    for i in range(-1, 2):
        for j in range(-1, 2):
            for k in range(-1, 2):
                square = 0.0
                for axis in range(3):
                    component = (
                        (dx + i) * basis[0, axis] + (dy + j) * basis[1, axis] + (dz + k) * basis[2, axis]
                    )
                    square += component * component
                least = min(least, square)
    return least


@njit(cache=True)
def sweep_order(wrapped, reach):  # type: ignore[no-untyped-def]
    """Return the axis along which the fewest pairs are within reach, and the order of the sites along it."""
    best = np.arange(len(wrapped))
    chosen, fewest = 0, np.inf
    for axis in range(3):
        order = order_of(wrapped[:, axis])
        pairs, head = 0.0, 0
        for place in range(len(order)):
            while head < len(order) and (
                wrapped[order[head], axis] - wrapped[order[place], axis] <= reach[axis]
            ):
                head += 1
            pairs += head - place
        if pairs < fewest:
            chosen, fewest, best = axis, pairs, order
    return chosen, best


@njit(cache=True)
def close_contacts(lattices, site_offsets, frac_coords, radii, totals, limits, cells, pairs, distances):  # type: ignore[no-untyped-def]
    """Reduce each cell, and write down the pairs of its sites that are too close; return their number.

    A pair is too close within the first limit, and where both sites must be occupied at once (their totals
    sum to more than the second limit) within half the sum of their radii. Distances are those of nearest
    images; a site and its own image are a pair, too.

    Sites are sorted along one axis of the reduced cell, so that only those within the largest radius along it
    are compared. A distance d changes a fractional coordinate by at most d over the height of the cell along
    that axis.

    Parameters
    ----------
    lattices, site_offsets, frac_coords
        As of a batch; finite.
    radii, totals : ndarray of shape (n_sites,)
        Covalent radius, in angstrom, and sum of occupancies of each site.
    limits : tuple of four float
        The two limits, the least edge of a cell whose sites are looked at, and how many comparisons or pairs
        a site may have on average before the crystal is given up.
    cells : ndarray of shape (n_crystals, 4)
        Takes the shortest and longest edge and the volume of the reduced cell, and 1 if it was given up.
    pairs, distances : ndarray of shape (n, 2) and (n,)
        Take the pairs, as far as there is room.
    """
    same_point, together, least_edge, most = limits
    found = 0
    for n in range(len(lattices)):
        basis, transform = lattices[n].copy(), np.zeros((3, 3))
        reduce_one(basis, transform, 1e-5)
        shortest, longest = np.inf, 0.0
        for i in range(3):
            edge = np.sqrt(basis[i, 0] ** 2 + basis[i, 1] ** 2 + basis[i, 2] ** 2)
            if not edge < np.inf:
                edge = 0.0  # two vectors were parallel to the last digit
            shortest, longest = min(shortest, edge), max(longest, edge)
        cells[n, 0], cells[n, 1], cells[n, 2], cells[n, 3] = shortest, longest, volume(basis), 0.0
        start, stop = site_offsets[n], site_offsets[n + 1]
        n_sites = stop - start
        if shortest < least_edge or cells[n, 2] <= 0.0 or n_sites == 0:
            continue
        largest = 0.0
        for site in range(start, stop):
            largest = max(largest, radii[site])
            if shortest < radii[site] and 2.0 * totals[site] > together:
                if found < len(distances):
                    pairs[found, 0], pairs[found, 1], distances[found] = site, site, shortest
                found += 1
        if n_sites == 1:
            continue
        # Fractional coordinates in the reduced cell; the change of basis is one of whole numbers.
        back = inverse(basis)
        wrapped = np.empty((n_sites, 3))
        for k in range(3):
            for i in range(3):
                change = 0.0
                for j in range(3):
                    change += lattices[n, i, j] * back[j, k]
                transform[i, k] = np.rint(change)
            for site in range(n_sites):
                value = 0.0
                for i in range(3):
                    value += frac_coords[start + site, i] * transform[i, k]
                wrapped[site, k] = value - np.floor(value)
        reach = heights(basis)
        for k in range(3):
            reach[k] = max(largest, same_point) / reach[k]
        axis, order = sweep_order(wrapped, reach)
        around = reach[axis] < 0.5
        allowed = most * n_sites
        compared, first_found = 0, found
        for place in range(n_sites):
            i = order[place]
            for step in range(1, n_sites):
                there = place + step
                if there >= n_sites:
                    if not around:
                        break
                    there -= n_sites
                j = order[there]
                ahead = wrapped[j, axis] - wrapped[i, axis]
                if ahead < 0.0:
                    ahead += 1.0
                if around and ahead > reach[axis]:
                    break
                compared += 1
                dx, dy, dz = (
                    wrapped[j, 0] - wrapped[i, 0],
                    wrapped[j, 1] - wrapped[i, 1],
                    wrapped[j, 2] - wrapped[i, 2],
                )
                dx, dy, dz = dx - np.rint(dx), dy - np.rint(dy), dz - np.rint(dz)
                if abs(dx) > reach[0] or abs(dy) > reach[1] or abs(dz) > reach[2]:
                    continue
                one, other = start + min(i, j), start + max(i, j)
                limit = same_point
                if totals[one] + totals[other] > together:
                    limit = max(limit, 0.5 * (radii[one] + radii[other]))
                square = nearest_square(dx, dy, dz, basis)
                if square >= limit * limit:
                    continue
                if found < len(distances):
                    pairs[found, 0], pairs[found, 1], distances[found] = one, other, np.sqrt(square)
                found += 1
            if compared > allowed + 1e6 or (found - first_found) * 100.0 > allowed:
                cells[n, 3] = 1.0
                break
    return found
