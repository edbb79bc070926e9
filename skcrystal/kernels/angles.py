"""Angles between the bonds of a site: their spectrum, and Steinhardt's parameters of bond order."""

from __future__ import annotations

from math import acos

import numpy as np

from skcrystal.kernels.compilation import njit


@njit(cache=True, inline="always")
def cosine(units, one, other):  # type: ignore[no-untyped-def]
    """Cosine of the angle between two bonds, within -1 to 1 in spite of rounding."""
    product = (
        units[one, 0] * units[other, 0] + units[one, 1] * units[other, 1] + units[one, 2] * units[other, 2]
    )
    return min(1.0, max(-1.0, product))


def lines(offsets, units, weights, n_angles, start):  # type: ignore[no-untyped-def]
    numbers = np.diff(offsets)
    return 5.0 * (numbers @ numbers) + 2.0 * n_angles * len(numbers)


@njit(cache=True, lines=lines)
def angle_shares(offsets, units, weights, n_angles, start):  # type: ignore[no-untyped-def]
    """Share of each site's angles between bonds at each of n angles from `start` to pi; (n_sites, n_angles).

    An angle is shared out between the two nearest ones of these by how close they are.
    """
    shares = np.zeros((len(offsets) - 1, n_angles))
    step = (np.pi - start) / (n_angles - 1)
    for site in range(len(offsets) - 1):
        row = shares[site]
        total = 0.0
        for one in range(offsets[site], offsets[site + 1]):
            for other in range(one + 1, offsets[site + 1]):
                weight = weights[one] * weights[other]
                total += weight
                place = max((acos(cosine(units, one, other)) - start) / step, 0.0)
                low = min(int(place), n_angles - 2)
                upper = weight * (place - low)
                row[low] += weight - upper
                row[low + 1] += upper
        for k in range(n_angles):
            row[k] /= max(total, 1.0)
    return shares


@njit(cache=True)
def bond_order(offsets, units, weights, numbers, largest):  # type: ignore[no-untyped-def]
    """Steinhardt's q_1 to q_largest of each site; shape (n_sites, largest).

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
                x = cosine(units, one, other)
                before, now = 1.0, x
                for order in range(largest):
                    row[order] += weight * now
                    # Bonnet's recursion: (l + 1) P_(l+1) = (2 l + 1) x P_l - l P_(l-1) at l = order + 1.
                    following = ((2 * order + 3) * x * now - (order + 1) * before) / (order + 2)
                    before, now = now, following
        for order in range(largest):
            row[order] = np.sqrt(max(row[order], 0.0)) / max(numbers[site], 1.0)
    return orders
