"""How close the sites of a cell come to each other, as far as that is closer than atoms can be."""

from __future__ import annotations

import numpy as np

from skcrystal.kernels.cell import fill_heights, fill_order
from skcrystal.kernels.compilation import njit

# Cells away from the origin: farther out, wrapping costs digits that the tolerance needs.
FARTHEST = 1e4


def lines(frac_coords, lattice, radii, occupancies, share):  # type: ignore[no-untyped-def]
    return 100.0 * len(frac_coords) ** 2 + 100.0


@njit(cache=True, lines=lines)
def closest_contact(frac_coords, lattice, radii, occupancies, share):  # type: ignore[no-untyped-def]
    """Return the shortest distance of two sites, and the smallest ratio of one to the sum of their radii.

    The third number is the least height of the cell: no lattice vector is shorter. The fourth is the largest
    radius.

    Only pairs closer than `share` times the sum of the largest radii are looked at: without any, the first
    two are infinite. The ratio is that of pairs which cannot be alternatives of a disordered crystal: whose
    occupancies sum to more than 1. Images of other sites count, a site's own images do not. All are 0
    where a coordinate is NaN or beyond `FARTHEST`.

    A distance d changes a fractional coordinate by at most d over the height of the cell along that axis:
    sorted along the axis where that is least, few pairs are left in large cells.

    Parameters
    ----------
    frac_coords : ndarray of shape (n_sites, 3)
    lattice : ndarray of shape (3, 3)
        Rows in angstrom.
    radii, occupancies : ndarray of shape (n_sites,)
    share : float
    """
    n_sites = len(frac_coords)
    wrapped = np.empty((n_sites, 3))
    largest = 0.0
    for i in range(n_sites):
        largest = max(largest, radii[i])
        for axis in range(3):
            value = frac_coords[i, axis]
            if not abs(value) <= FARTHEST:
                return 0.0, 0.0, 0.0, 0.0
            wrapped[i, axis] = value - np.floor(value)
    limit = 2.0 * share * largest
    reach = np.empty(3)
    fill_heights(lattice, reach)
    first, least = 0, np.inf
    for axis in range(3):
        least = min(least, reach[axis])
        reach[axis] = limit / reach[axis]
        if reach[axis] < reach[first]:
            first = axis
    order = np.empty(n_sites, dtype=np.int64)
    fill_order(wrapped, first, order)
    # Images along each axis that a difference wrapped to half a cell leaves within reach.
    far = np.empty(3, dtype=np.int64)
    for axis in range(3):
        far[axis] = min(int(reach[axis] + 0.5), 5)
    step_to = np.empty(3)
    shortest2, smallest2 = limit * limit, share * share
    found_shortest, found_smallest = np.inf, np.inf
    for place in range(n_sites):
        i = order[place]
        for step in range(1, n_sites):
            if far[first] == 0:
                j = order[(place + step) % n_sites]
                ahead = wrapped[j, first] - wrapped[i, first]
                if ahead < 0.0:
                    ahead += 1.0
                if ahead > reach[first]:
                    break
            else:
                if place + step >= n_sites:
                    break
                j = order[place + step]
            for axis in range(3):
                step_to[axis] = wrapped[j, axis] - wrapped[i, axis]
                step_to[axis] -= np.rint(step_to[axis])
            dx, dy, dz = step_to[0], step_to[1], step_to[2]
            for a in range(-far[0], far[0] + 1):
                if abs(dx + a) > reach[0]:
                    continue
                for b in range(-far[1], far[1] + 1):
                    if abs(dy + b) > reach[1]:
                        continue
                    for c in range(-far[2], far[2] + 1):
                        if abs(dz + c) > reach[2]:
                            continue
                        u, v, w = dx + a, dy + b, dz + c
                        square = 0.0
                        for axis in range(3):
                            component = u * lattice[0, axis] + v * lattice[1, axis] + w * lattice[2, axis]
                            square += component * component
                        if square < shortest2:
                            shortest2 = square
                            found_shortest = np.sqrt(square)
                        if occupancies[i] + occupancies[j] > 1.01:
                            ratio2 = square / ((radii[i] + radii[j]) * (radii[i] + radii[j]))
                            if ratio2 < smallest2:
                                smallest2 = ratio2
                                found_smallest = np.sqrt(ratio2)
    return found_shortest, found_smallest, least, largest
