"""Electrostatic potentials of point charges in a crystal, by Ewald's split into two fast sums."""

from __future__ import annotations

from math import erfc

import numpy as np

from skcrystal.kernels.cell import inverse, volume
from skcrystal.kernels.compilation import njit
from skcrystal.kernels.nearest import heights

# Both sums end where their terms have fallen to exp(-LIMIT) of the first: about 2e-8.
LIMIT = 18.0

# Sixth root of the time of a term in space over that of a term in reciprocal space, measured.
DIRECT_COST = 1.6


@njit(cache=True)
def add_direct_sum(lattice, coords, charges, alpha, potentials):  # type: ignore[no-untyped-def]
    """Add the sum over sites in space: charges screened by Gaussians of width 1 / alpha."""
    cutoff = np.sqrt(LIMIT) / alpha
    reach = heights(lattice)
    for axis in range(3):
        reach[axis] = cutoff / reach[axis]
    for site in range(len(coords)):
        for other in range(site, len(coords)):
            if charges[site] == 0.0 and charges[other] == 0.0:
                continue
            dx = coords[other, 0] - coords[site, 0]
            dy = coords[other, 1] - coords[site, 1]
            dz = coords[other, 2] - coords[site, 2]
            total = 0.0
            for i in range(int(np.ceil(-reach[0] - dx)), int(np.floor(reach[0] - dx)) + 1):
                for j in range(int(np.ceil(-reach[1] - dy)), int(np.floor(reach[1] - dy)) + 1):
                    for k in range(int(np.ceil(-reach[2] - dz)), int(np.floor(reach[2] - dz)) + 1):
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


@njit(cache=True)
def phase_factors(coords, top):  # type: ignore[no-untyped-def]
    """Cosine and sine of 2 pi h x for h from -top (row 0) to top, and each coordinate x."""
    factors = np.empty((2 * top + 1, 2, len(coords)))
    for h in range(-top, top + 1):
        for site in range(len(coords)):
            phase = 2.0 * np.pi * h * coords[site]
            factors[top + h, 0, site] = np.cos(phase)
            factors[top + h, 1, site] = np.sin(phase)
    return factors


@njit(cache=True, fastmath={"reassoc", "contract"})
def add_wave(partial, along, charges, factor, waves, potentials):  # type: ignore[no-untyped-def]
    """Add what one reciprocal lattice vector gives, its phases being products of two factors.

    Sums may run in any order, so that the compiler takes several sites at a time.
    """
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


@njit(cache=True)
def add_reciprocal_sum(lattice, coords, charges, alpha, potentials):  # type: ignore[no-untyped-def]
    """Add the sum over reciprocal lattice vectors; g and -g give the same, so that one of them is taken."""
    cutoff = 2.0 * alpha * np.sqrt(LIMIT)
    cell_volume = volume(lattice)
    columns = inverse(lattice)
    top = np.empty(3, dtype=np.int64)
    for j in range(3):
        length = np.sqrt(lattice[j, 0] ** 2 + lattice[j, 1] ** 2 + lattice[j, 2] ** 2)
        top[j] = int(cutoff * length / (2.0 * np.pi))
    # Phases are products of one factor per axis: few sines instead of one per site and vector.
    along_a = phase_factors(coords[:, 0], top[0])
    along_b = phase_factors(coords[:, 1], top[1])
    along_c = phase_factors(coords[:, 2], top[2])
    partial, waves = np.empty((2, len(coords))), np.empty((2, len(coords)))
    for h in range(top[0] + 1):
        for k in range(-top[1] if h > 0 else 0, top[1] + 1):
            one, other = along_a[top[0] + h], along_b[top[1] + k]
            for site in range(len(coords)):
                partial[0, site] = one[0, site] * other[0, site] - one[1, site] * other[1, site]
                partial[1, site] = one[0, site] * other[1, site] + one[1, site] * other[0, site]
            for m in range(-top[2] if h > 0 or k > 0 else 1, top[2] + 1):
                square = 0.0
                for axis in range(3):
                    component = h * columns[axis, 0] + k * columns[axis, 1] + m * columns[axis, 2]
                    square += (2.0 * np.pi * component) ** 2
                if square > cutoff * cutoff:
                    continue
                factor = 8.0 * np.pi / cell_volume * np.exp(-square / (4.0 * alpha * alpha)) / square
                add_wave(partial, along_c[top[2] + m], charges, factor, waves, potentials)


@njit(cache=True)
def site_potentials(lattices, site_offsets, frac_coords, charges):  # type: ignore[no-untyped-def]
    """Potential at each site, of all charges but its own, in elementary charges per angstrom.

    A net charge of the cell is balanced by an even background.
    """
    potentials = np.zeros(len(frac_coords))
    for n in range(len(lattices)):
        lattice = lattices[n]
        start, stop = site_offsets[n], site_offsets[n + 1]
        own = charges[start:stop]
        charge, any_charge = 0.0, False
        for site in range(stop - start):
            charge += own[site]
            any_charge |= own[site] != 0.0
        if not any_charge:
            continue
        coords, found = frac_coords[start:stop], potentials[start:stop]
        cell_volume = volume(lattice)
        # Both sums then take about the same time: Perram, Petersen & de Leeuw 1988,
        # doi 10.1080/00268978800101471, with the measured cost of their terms.
        alpha = DIRECT_COST * np.sqrt(np.pi) * ((stop - start) / cell_volume**2) ** (1.0 / 6.0)
        add_direct_sum(lattice, coords, own, alpha, found)
        add_reciprocal_sum(lattice, coords, own, alpha, found)
        background = np.pi * charge / (cell_volume * alpha * alpha)
        for site in range(stop - start):
            found[site] -= 2.0 * alpha / np.sqrt(np.pi) * own[site] + background
    return potentials
