"""Electrostatic potentials of point charges in a crystal, by Ewald's split into two fast sums."""

from __future__ import annotations

from math import erfc

import numpy as np

from skcrystal.kernels.compilation import njit

# Both sums end where their terms have fallen to exp(-LIMIT) of the first: about 2e-8.
LIMIT = 18.0

# Sixth root of the time of a term in space over that of a term in reciprocal space, measured.
DIRECT_COST = 1.6


@njit(cache=True, inline="always")
def add_direct_sum(lattice, heights, coords, charges, alpha, potentials):  # type: ignore[no-untyped-def]
    """Add the sum over sites in space: charges screened by Gaussians of width 1 / alpha."""
    cutoff = np.sqrt(LIMIT) / alpha
    reach_a, reach_b, reach_c = cutoff / heights[0], cutoff / heights[1], cutoff / heights[2]
    for site in range(len(coords)):
        for other in range(site, len(coords)):
            if charges[site] == 0.0 and charges[other] == 0.0:
                continue
            dx = coords[other, 0] - coords[site, 0]
            dy = coords[other, 1] - coords[site, 1]
            dz = coords[other, 2] - coords[site, 2]
            total = 0.0
            for i in range(int(np.ceil(-reach_a - dx)), int(np.floor(reach_a - dx)) + 1):
                for j in range(int(np.ceil(-reach_b - dy)), int(np.floor(reach_b - dy)) + 1):
                    for k in range(int(np.ceil(-reach_c - dz)), int(np.floor(reach_c - dz)) + 1):
                        if other == site and i == 0 and j == 0 and k == 0:
                            continue
                        square = 0.0
                        for axis in range(3):
                            component = (
                                (dx + i) * lattice[0, axis]
                                + (dy + j) * lattice[1, axis]
                                + (dz + k) * lattice[2, axis]
                            )
                            square += component * component
                        if square <= cutoff * cutoff:
                            r = np.sqrt(square)
                            total += erfc(alpha * r) / r
            potentials[site] += charges[other] * total
            if other != site:
                potentials[other] += charges[site] * total


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
    # few of them instead of one per site and vector.
    factors = np.empty((3, 2 * highest + 1, 2, count))
    for j in range(3):
        for h in range(-top[j], top[j] + 1):
            for site in range(count):
                phase = 2.0 * np.pi * h * coords[site, j]
                factors[j, highest + h, 0, site] = np.cos(phase)
                factors[j, highest + h, 1, site] = np.sin(phase)
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
                    square += (2.0 * np.pi * component) ** 2
                if square > cutoff * cutoff:
                    continue
                factor = 8.0 * np.pi / volume * np.exp(-square / (4.0 * alpha * alpha)) / square
                add_wave(partial, factors[2, highest + m], charges, factor, waves, potentials)


@njit(cache=True, fastmath={"reassoc", "contract"})
def screened_sums(  # type: ignore[no-untyped-def]
    lattices, inverses, heights, volumes, tops, alphas, site_offsets, frac_coords, charges
):
    """Both of Ewald's sums at each site, in elementary charges per angstrom; shape (n_sites,).

    Each crystal has its own split `alpha`; with 0 it is left out. Sums may run in any order, so that the
    compiler takes several sites at a time.
    """
    potentials = np.zeros(len(frac_coords))
    for n in range(len(lattices)):
        if alphas[n] > 0.0:
            start, stop = site_offsets[n], site_offsets[n + 1]
            coords, own, found = frac_coords[start:stop], charges[start:stop], potentials[start:stop]
            add_direct_sum(lattices[n], heights[n], coords, own, alphas[n], found)
            add_reciprocal_sum(inverses[n], volumes[n], tops[n], coords, own, alphas[n], found)
    return potentials
