"""Electrostatic potentials of point charges in a crystal, by Ewald's split into two fast sums."""

from __future__ import annotations

from math import ceil, floor

import numpy as np

from skcrystal.kernels.compilation import njit
from skcrystal.kernels.error_function import erfc

# Both sums end where their terms have fallen to exp(-LIMIT) of the first: about 2e-8.
LIMIT = 18.0

# Sixth root of the time of a term in space over that of a term in reciprocal space, measured.
DIRECT_COST = 1.6


@njit(cache=True, inline="always")
def add_terms(site, others, squares, count, charges, alpha, terms, potentials):  # type: ignore[no-untyped-def]
    """Add the terms of a site with others, by the squares of their distances, to the potentials of both."""
    for n in range(count):
        r = np.sqrt(squares[n])
        terms[n] = erfc(alpha * r) / r
    total = 0.0
    for n in range(count):
        total += charges[others[n]] * terms[n]
        potentials[others[n]] += charges[site] * terms[n]
    potentials[site] += total


# A kernel of its own: in the other sum terms may be added in any order, which undoes the rounding of `erfc`.
@njit(cache=True, fastmath={"contract"})
def add_direct_sum(lattice, heights, coords, charges, alpha, potentials):  # type: ignore[no-untyped-def]
    """Add the sum over sites in space: charges screened by Gaussians of width 1 / alpha.

    Squares of distances are collected first: nothing tells beforehand whether a term is within the cutoff,
    and a processor that guesses wrong at every other one is slower than one that writes down all. Of a site's
    own images and their opposites, which give the same, one is taken.
    """
    cutoff = np.sqrt(LIMIT) / alpha
    reach_a, reach_b, reach_c = cutoff / heights[0], cutoff / heights[1], cutoff / heights[2]
    # As many as are looked at; what is not used of it is no memory yet.
    images = int(2.0 * reach_a + 2.0) * int(2.0 * reach_b + 2.0) * int(2.0 * reach_c + 2.0)
    room = len(coords) * images
    squares, terms, others = np.empty(room), np.empty(room), np.empty(room, dtype=np.int64)
    for site in range(len(coords)):
        count = 0
        for other in range(site, len(coords)):
            if charges[site] == 0.0 and charges[other] == 0.0:
                continue
            own = other == site
            dx = coords[other, 0] - coords[site, 0]
            dy = coords[other, 1] - coords[site, 1]
            dz = coords[other, 2] - coords[site, 2]
            first_j, last_j = ceil(-reach_b - dy), floor(reach_b - dy)
            first_k, last_k = ceil(-reach_c - dz), floor(reach_c - dz)
            for i in range(0 if own else ceil(-reach_a - dx), floor(reach_a - dx) + 1):
                for j in range(0 if own and i == 0 else first_j, last_j + 1):
                    x = (dx + i) * lattice[0, 0] + (dy + j) * lattice[1, 0]
                    y = (dx + i) * lattice[0, 1] + (dy + j) * lattice[1, 1]
                    z = (dx + i) * lattice[0, 2] + (dy + j) * lattice[1, 2]
                    for k in range(1 if own and i == 0 and j == 0 else first_k, last_k + 1):
                        w = dz + k
                        along_x, along_y, along_z = (
                            x + w * lattice[2, 0],
                            y + w * lattice[2, 1],
                            z + w * lattice[2, 2],
                        )
                        square = along_x * along_x + along_y * along_y + along_z * along_z
                        squares[count] = square
                        others[count] = other
                        count += square <= cutoff * cutoff
        add_terms(site, others, squares, count, charges, alpha, terms, potentials)


@njit(cache=True, inline="always")
def add_wave(partial, along, charges, factor, waves, potentials):  # type: ignore[no-untyped-def]
    """Add what one reciprocal lattice vector gives, its phases being products of two factors."""
    cosines, sines = 0.0, 0.0
    for site in range(len(charges)):
        cosine = partial[0, site] * along[0, site] - partial[1, site] * along[1, site]
        sine = partial[0, site] * along[1, site] + partial[1, site] * along[0, site]
        cosines += charges[site] * cosine
        sines += charges[site] * sine
        waves[0, site] = cosine
        waves[1, site] = sine
    cosines *= factor
    sines *= factor
    for site in range(len(charges)):
        potentials[site] += cosines * waves[0, site] + sines * waves[1, site]


@njit(cache=True, inline="always")
def add_reciprocal_sum(columns, volume, top, coords, charges, alpha, potentials):  # type: ignore[no-untyped-def]
    """Add the sum over reciprocal lattice vectors; g and -g give the same, so that one of them is taken.

    `columns` has the reciprocal vectors without 2 pi, `top` their largest multiples.
    """
    cutoff = 2.0 * alpha * np.sqrt(LIMIT)
    count = len(coords)
    highest = max(top[0], top[1], top[2])
    # Phases are products of one factor per axis, the cosine and the sine of 2 pi h x for h from -top to top:
    # few of them instead of one per site and vector, each the last one times the first.
    factors = np.empty((3, 2 * highest + 1, 2, count))
    for j in range(3):
        for site in range(count):
            phase = 2.0 * np.pi * coords[site, j]
            cosine, sine = np.cos(phase), np.sin(phase)
            x, y = 1.0, 0.0
            for h in range(top[j] + 1):
                factors[j, highest + h, 0, site], factors[j, highest + h, 1, site] = x, y
                factors[j, highest - h, 0, site], factors[j, highest - h, 1, site] = x, -y
                x, y = x * cosine - y * sine, x * sine + y * cosine
    partial, waves = np.empty((2, count)), np.empty((2, count))
    for h in range(top[0] + 1):
        for k in range(-top[1] if h > 0 else 0, top[1] + 1):
            one, other = factors[0, highest + h], factors[1, highest + k]
            for site in range(count):
                partial[0, site] = one[0, site] * other[0, site] - one[1, site] * other[1, site]
                partial[1, site] = one[0, site] * other[1, site] + one[1, site] * other[0, site]
            for m in range(-top[2] if h > 0 or k > 0 else 1, top[2] + 1):
                square = 0.0
                for axis in range(3):
                    component = h * columns[axis, 0] + k * columns[axis, 1] + m * columns[axis, 2]
                    square += (2.0 * np.pi * component) * (2.0 * np.pi * component)
                if square > cutoff * cutoff:
                    continue
                factor = 8.0 * np.pi / volume * np.exp(-square / (4.0 * alpha * alpha)) / square
                add_wave(partial, factors[2, highest + m], charges, factor, waves, potentials)


@njit(cache=True, fastmath={"reassoc", "contract"})
def screened_sums(  # type: ignore[no-untyped-def]
    lattices, inverses, heights, volumes, tops, alphas, site_offsets, frac_coords, charges, potentials
):
    """Add both of Ewald's sums at each site to its potential, in elementary charges per angstrom.

    Each crystal has its own split `alpha`; with 0 it is left out. Sums may run in any order, so that the
    compiler takes several sites at a time.
    """
    for n in range(len(lattices)):
        if alphas[n] > 0.0:
            start, stop = site_offsets[n], site_offsets[n + 1]
            coords, own, found = frac_coords[start:stop], charges[start:stop], potentials[start:stop]
            add_direct_sum(lattices[n], heights[n], coords, own, alphas[n], found)
            add_reciprocal_sum(inverses[n], volumes[n], tops[n], coords, own, alphas[n], found)
