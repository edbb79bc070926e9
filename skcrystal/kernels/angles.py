"""Angles between the bonds of a site: their spectrum, and Steinhardt's parameters of bond order."""

from __future__ import annotations

import numpy as np
from numba import njit

from skcrystal.kernels.bonds import LOOSE, soft_length


@njit(cache=True)
def unit_vectors(vectors, distances):  # type: ignore[no-untyped-def]
    """Divide the bond vectors by their lengths; two sites in one place have no direction."""
    units = np.zeros_like(vectors)
    for bond in range(len(distances)):
        if distances[bond] > 0.0:
            for axis in range(3):
                units[bond, axis] = vectors[bond, axis] / distances[bond]
    return units


@njit(cache=True)
def cosine(units, one, other):  # type: ignore[no-untyped-def]
    """Cosine of the angle between two bonds, within -1 to 1 in spite of rounding."""
    product = (
        units[one, 0] * units[other, 0] + units[one, 1] * units[other, 1] + units[one, 2] * units[other, 2]
    )
    return min(1.0, max(-1.0, product))


@njit(cache=True)
def cosine_histograms(site_offsets, offsets, units, weights, n_bins, half_pair):  # type: ignore[no-untyped-def]
    """Mean over the sites of each crystal of the share of bond angles by their cosine.

    Each angle is shared out between the two nearest of `n_bins` points from -1 to 1 by how close they are, so
    that the histogram is continuous. A site whose pairs of bonds weigh `half_pair` together counts half.
    """
    n_crystals = len(site_offsets) - 1
    histograms = np.zeros((n_crystals, n_bins))
    for n in range(n_crystals):
        start, stop = site_offsets[n], site_offsets[n + 1]
        row = histograms[n]
        for site in range(start, stop):
            total, squares = 0.0, 0.0
            for bond in range(offsets[site], offsets[site + 1]):
                total += weights[bond]
                squares += weights[bond] ** 2
            # The sum of w_j w_k over the pairs j < k.
            pairs = 0.5 * (total * total - squares)
            scale = 1.0 / ((max(pairs, 0.0) + half_pair) * (stop - start))
            for one in range(offsets[site], offsets[site + 1]):
                weight = scale * weights[one]
                for other in range(one + 1, offsets[site + 1]):
                    place = 0.5 * (n_bins - 1) * (cosine(units, one, other) + 1.0)
                    low = min(int(place), n_bins - 2)
                    upper = weight * weights[other] * (place - low)
                    row[low] += weight * weights[other] - upper
                    row[low + 1] += upper
    return histograms


@njit(cache=True)
def sharpness(distances, blur):  # type: ignore[no-untyped-def]
    """What a harmonic of degree l keeps of a bond when the neighbour is a Gaussian `blur` wide.

    Given for l (l + 1) = 1: that power of it is what the harmonic keeps. On the unit sphere the Gaussian is
    about blur / distance wide, and the harmonics are those of the heat equation.
    """
    kept = np.zeros(len(distances))
    for bond in range(len(distances)):
        if distances[bond] > 0.0:
            kept[bond] = np.exp(-0.5 * (blur / distances[bond]) ** 2)
    return kept


@njit(cache=True)
def bond_order(offsets, units, weights, sharp, numbers, largest):  # type: ignore[no-untyped-def]
    """Steinhardt's q_1 to q_largest of each site, of blurred neighbours; shape (n_sites, largest).

    By the addition theorem of the spherical harmonics, the sum of their squared moduli is a sum of Legendre
    polynomials over pairs of bonds, and needs no axes.
    """
    n_sites = len(offsets) - 1
    orders = np.zeros((n_sites, largest))
    for site in range(n_sites):
        row = orders[site]
        for one in range(offsets[site], offsets[site + 1]):
            for other in range(one, offsets[site + 1]):
                weight = weights[one] * weights[other]
                if other > one:
                    weight *= 2.0
                # From l - 1 to l, l (l + 1) grows by 2 l.
                step = (sharp[one] * sharp[other]) ** 2
                kept, growth = 1.0, 1.0
                x = cosine(units, one, other)
                before, now = 1.0, x
                for order in range(largest):
                    growth *= step
                    kept *= growth
                    row[order] += weight * kept * now
                    # Bonnet's recursion: (l + 1) P_(l+1) = (2 l + 1) x P_l - l P_(l-1) at l = order + 1.
                    following = ((2 * order + 3) * x * now - (order + 1) * before) / (order + 2)
                    before, now = now, following
        for order in range(largest):
            row[order] = soft_length(max(row[order], 0.0) / (numbers[site] + LOOSE) ** 2)
    return orders
