"""Do two sites of a cell come very close: a quick test that errs on the safe side."""

from __future__ import annotations

import numpy as np
from numba import njit

from skcrystal.kernels.cell import order_of
from skcrystal.kernels.nearest import heights

# Cells away from the origin: farther out, wrapping costs digits that the tolerance needs.
FARTHEST = 1e4


@njit(cache=True)
def may_touch(frac_coords, lattice, tolerance):  # type: ignore[no-untyped-def]
    """Tell whether two sites, or a site and an image of another, may be closer than the tolerance.

    True, too, where a coordinate is NaN or beyond `FARTHEST`.

    A distance d changes a fractional coordinate by at most d over the height of the cell along that axis.
    Sites that differ by more along any axis are apart; the others may touch. Sorting along the first axis
    keeps the number of pairs small in large cells.

    Parameters
    ----------
    frac_coords : ndarray of shape (n_sites, 3)
    lattice : ndarray of shape (3, 3)
    tolerance : float
        In angstrom, like the lattice.
    """
    n_sites = len(frac_coords)
    wrapped = np.empty((n_sites, 3))
    for i in range(n_sites):
        for axis in range(3):
            value = frac_coords[i, axis]
            if not abs(value) <= FARTHEST:
                return True
            wrapped[i, axis] = value - np.floor(value)
    reach = heights(lattice)
    for axis in range(3):
        reach[axis] = tolerance / reach[axis]
    order = order_of(wrapped[:, 0])
    for place in range(n_sites):
        i = order[place]
        for step in range(1, n_sites):
            j = order[(place + step) % n_sites]
            ahead = wrapped[j, 0] - wrapped[i, 0]
            if ahead < 0.0:
                ahead += 1.0
            if ahead > reach[0]:
                break
            apart = False
            for k in range(1, 3):
                difference = wrapped[j, k] - wrapped[i, k]
                if abs(difference - np.rint(difference)) > reach[k]:
                    apart = True
            if not apart:
                return True
    return False
