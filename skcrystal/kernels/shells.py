"""How far the nearest neighbours of each site reach."""

from __future__ import annotations

import numpy as np

from skcrystal.kernels.compilation import njit


@njit(cache=True)
def nth_distances(offsets, distances, n):  # type: ignore[no-untyped-def]
    """Return the n-th smallest distance of each site, infinite where it has fewer; shape (n_sites,)."""
    found = np.full(len(offsets) - 1, np.inf)
    nearest = np.empty(n)
    for site in range(len(found)):
        count = 0
        for pair in range(offsets[site], offsets[site + 1]):
            distance = distances[pair]
            if count == n and distance >= nearest[n - 1]:
                continue
            place = count if count < n else n - 1
            while place > 0 and nearest[place - 1] > distance:
                nearest[place] = nearest[place - 1]
                place -= 1
            nearest[place] = distance
            count = min(count + 1, n)
        if count == n:
            found[site] = nearest[n - 1]
    return found
