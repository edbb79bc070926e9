"""Pairs of sites that come too close."""

from __future__ import annotations

import numpy as np

from skcrystal.kernels.cell import fill_order
from skcrystal.kernels.compilation import njit


@njit(cache=True, inline="always")
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
                if square < least:
                    least = square
    return least


def lines(bases, site_offsets, *others):  # type: ignore[no-untyped-def]
    counts = np.diff(site_offsets)
    return 200.0 * (counts @ counts) + 60.0 * counts.sum()


@njit(cache=True, lines=lines)
def close_contacts(bases, site_offsets, wrapped, reaches, radii, totals, limits, given_up, pairs, distances):  # type: ignore[no-untyped-def]
    """Write down the pairs of sites of each reduced cell that are too close; return their number.

    A pair is too close within the first limit, and where both sites must be occupied at once (their totals
    sum to more than the second limit) within half the sum of their radii. Distances are those of nearest
    images.

    Sites are sorted along one axis of the reduced cell, that along which the fewest pairs are within reach,
    so that only those within the largest radius along it are compared. A distance d changes a fractional
    coordinate by at most d over the height of the cell along that axis.

    Parameters
    ----------
    bases, site_offsets : ndarray
        Reduced lattices, shape (n, 3, 3), and where the sites of each begin.
    wrapped : ndarray of shape (n_sites, 3)
        Coordinates in the reduced cells, in [0, 1).
    reaches : ndarray of shape (n, 3)
        The largest distance over the heights of each cell; cells with 0 are not looked at.
    radii, totals : ndarray of shape (n_sites,)
        Covalent radius, in angstrom, and sum of occupancies of each site.
    limits : ndarray of shape (3,)
        The two limits, and how many comparisons or pairs a site may have on average before the crystal is
        given up.
    given_up : ndarray of shape (n,)
        Takes 1 where a crystal was given up.
    pairs, distances : ndarray of shape (n, 2) and (n,)
        Take the pairs, as far as there is room.
    """
    found = 0
    for n in range(len(bases)):
        basis, reach = bases[n], reaches[n]
        start, n_sites = site_offsets[n], site_offsets[n + 1] - site_offsets[n]
        if reach[0] == 0.0 or n_sites < 2:
            continue
        sites = wrapped[start : start + n_sites]
        order = np.empty(n_sites, dtype=np.int64)
        axis, fewest = 0, np.inf
        for step in range(4):
            # The axes in turn, and then the best of them once more.
            tried = step if step < 3 else axis
            fill_order(sites, tried, order)
            within, head = 0.0, 0
            for place in range(n_sites):
                last = sites[order[place], tried] + reach[tried]
                while head < n_sites and sites[order[head], tried] <= last:
                    head += 1
                within += head - place
            if within < fewest:
                axis, fewest = tried, within
        around = reach[axis] < 0.5
        allowed = limits[2] * n_sites
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
                ahead = sites[j, axis] - sites[i, axis]
                if ahead < 0.0:
                    ahead += 1.0
                if around and ahead > reach[axis]:
                    break
                compared += 1
                dx = sites[j, 0] - sites[i, 0]
                dy = sites[j, 1] - sites[i, 1]
                dz = sites[j, 2] - sites[i, 2]
                dx -= np.rint(dx)
                dy -= np.rint(dy)
                dz -= np.rint(dz)
                if abs(dx) > reach[0] or abs(dy) > reach[1] or abs(dz) > reach[2]:
                    continue
                one, other = start + i, start + j
                limit = limits[0]
                bond = 0.5 * (radii[one] + radii[other])
                if bond > limit and totals[one] + totals[other] > limits[1]:
                    limit = bond
                square = nearest_square(dx, dy, dz, basis)
                if square >= limit * limit:
                    continue
                if found < len(distances):
                    pairs[found, 0] = min(one, other)
                    pairs[found, 1] = max(one, other)
                    distances[found] = np.sqrt(square)
                found += 1
            if compared > allowed + 1e6 or (found - first_found) * 100.0 > allowed:
                given_up[n] = 1.0
                break
    return found
