"""Pairs of a site's neighbours, block by block: the angle at the site, the third side, the radial factors.

A block is a tuple of arrays with a column per pair: cosines of the angles, third sides in angstrom, products
of the radial factors of both neighbours (a row per factor), the one neighbour and the other.
"""

from __future__ import annotations

import numpy as np

from skcrystal.kernels.compilation import njit

FAST = {"reassoc", "contract", "nsz"}

# Pairs at a time: long loops, over what the fastest cache of a processor holds.
BLOCK = 256


@njit(cache=True, inline="always")
def empty_block(n_factors, size):  # type: ignore[no-untyped-def]
    """Return room for a block to which up to `size` pairs are added after it is full."""
    room = BLOCK + size
    ones, others = np.empty(room, dtype=np.int64), np.empty(room, dtype=np.int64)
    return np.empty(room), np.empty(room), np.empty((n_factors, room)), ones, others


@njit(cache=True, fastmath=FAST)
def add_pairs(one, first, last, around, factors, block, held):  # type: ignore[no-untyped-def]
    """Add the pairs of a neighbour with those from `first` to `last`; return how many the block now holds."""
    directions, lengths = around
    cosines, distances, products, ones, others = block
    x, y, z, length = directions[0, one], directions[1, one], directions[2, one], lengths[one]
    for k in range(first, last):
        # Numbers without a sign do not count from the end, for all that the compiler knows.
        other, p = np.uintp(k), np.uintp(held + k - first)
        cosines[p] = x * directions[0, other] + y * directions[1, other] + z * directions[2, other]
        square = (
            length * length + lengths[other] * lengths[other] - 2.0 * length * lengths[other] * cosines[p]
        )
        distances[p] = np.sqrt(max(square, 0.0))
        ones[p] = one
        others[p] = k
    for e in range(len(factors)):
        own = factors[e, one]
        for k in range(first, last):
            products[e, np.uintp(held + k - first)] = own * factors[e, np.uintp(k)]
    return held + last - first


@njit(cache=True)
def keep_close(block, held, limit):  # type: ignore[no-untyped-def]
    """Keep only the pairs whose third side is below the limit; return their number."""
    cosines, distances, products, ones, others = block
    kept = 0
    for p in range(held):
        # Written in any case, and overwritten by the next one: about half are kept, and no branch is guessed.
        cosines[kept], distances[kept] = cosines[p], distances[p]
        ones[kept], others[kept] = ones[p], others[p]
        for e in range(len(products)):
            products[e, kept] = products[e, p]
        kept += distances[p] < limit
    return kept


@njit(cache=True)
def third_sides(distances, n, cubics, step, values, slopes):  # type: ignore[no-untyped-def]
    """Fill in the factors of the third side, and their slopes over its length: a row per factor."""
    last = len(cubics) - 1
    for p in range(n):
        place = distances[p] / step
        knot = min(int(place), last)
        t, piece = place - knot, cubics[knot]
        for e in range(len(values)):
            values[e, p] = piece[0, e] + t * (piece[1, e] + t * (piece[2, e] + t * piece[3, e]))
        for e in range(len(slopes)):
            change = piece[1, e] + t * (2.0 * piece[2, e] + t * 3.0 * piece[3, e])
            slopes[e, p] = change / (step * max(distances[p], 1e-12))


@njit(cache=True, fastmath=FAST)
def angular_powers(cosines, n, zeta, sign, square, power):  # type: ignore[no-untyped-def]
    """Fill in (1 + sign cosine)^zeta, whole powers by squaring."""
    for p in range(n):
        power[p] = max(1.0 + sign * cosines[p], 0.0)
    exponent = int(zeta)
    if exponent != zeta:
        for p in range(n):
            power[p] **= zeta
        return
    if exponent == 0:
        for p in range(n):
            power[p] = 1.0
        return
    while exponent & 1 == 0:
        for p in range(n):
            power[p] *= power[p]
        exponent >>= 1
    if exponent > 1:
        for p in range(n):
            square[p] = power[p]
    while exponent > 1:
        exponent >>= 1
        for p in range(n):
            square[p] *= square[p]
        if exponent & 1:
            for p in range(n):
                power[p] *= square[p]
