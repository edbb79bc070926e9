"""Bond valences: how much of a bond each contact is, from its length."""

from __future__ import annotations

import numpy as np

from skcrystal.kernels.compilation import njit

# A site with much less than this sum of valences counts as a site without any.
FAINT = 0.01

# Lengths of mean vectors of length 0 to 1 count from this one on.
SHORT = 0.12

# A sum of valences this large counts as 1/sqrt(2) of itself: atoms that are squeezed together have steep
# ones.
LARGE = 30.0


@njit(cache=True)
def plateau(distance, cutoff):  # type: ignore[no-untyped-def]
    """Stay near 1 up to half the cutoff, and fall smoothly to 0 at it, with slope 0 there."""
    if distance >= cutoff:
        return 0.0
    rest = 1.0 - (distance / cutoff) ** 6
    return rest * rest


@njit(cache=True)
def soft_length(square):  # type: ignore[no-untyped-def]
    """Length of a vector from its square, less 0.12 where it is long, and flat where it is 0.

    A length is a cone around 0, where symmetric sites are: noise of any direction raises it.
    """
    return np.sqrt(square + SHORT * SHORT) - SHORT


@njit(cache=True)
def bond_valences(offsets, neighbors, distances, vectors, sizes, pulls, charges, cutoff, softness):  # type: ignore[no-untyped-def]
    """Sum the valences of the contacts of each site; shape (n_sites, 5).

    Over contacts of opposite charges, over all contacts, the logarithm of the mean weighted by themselves,
    how far the valences, as vectors along the contacts, are from cancelling: 0 to 1, and n / (n + 1) of the
    effective number n of contacts of opposite charges: 1/2 for a single one, 1 for many or none.
    """
    sums = np.zeros((len(offsets) - 1, 5))
    for site in range(len(offsets) - 1):
        opposite, opposite_squares = 0.0, 0.0
        total, squares = 0.0, 0.0
        x, y, z = 0.0, 0.0, 0.0
        root = np.sqrt(pulls[site])
        for pair in range(offsets[site], offsets[site + 1]):
            other = neighbors[pair]
            distance = distances[pair]
            gap = root - np.sqrt(pulls[other])
            weights = pulls[site] * sizes[site] + pulls[other] * sizes[other]
            length = sizes[site] + sizes[other] - sizes[site] * sizes[other] * gap * gap / weights
            valence = np.exp((length - distance) / softness) * plateau(distance, cutoff)
            total += valence
            squares += valence * valence
            if charges[site] * charges[other] < 0.0:
                opposite += valence
                opposite_squares += valence * valence
            if distance > 0.0:
                x += valence * vectors[pair, 0] / distance
                y += valence * vectors[pair, 1] / distance
                z += valence * vectors[pair, 2] / distance
        sums[site, 0] = opposite
        sums[site, 1] = total / np.sqrt(1.0 + (total / LARGE) ** 2)
        sums[site, 2] = np.log(squares / (total + FAINT) + FAINT)
        sums[site, 3] = soft_length((x * x + y * y + z * z) / (total + FAINT) ** 2)
        square = opposite * opposite + FAINT
        sums[site, 4] = square / (square + opposite_squares)
    return sums
