"""Invariants of atoms' surroundings and derivatives of each, one crystal at a time; neighbours innermost."""

from __future__ import annotations

import numpy as np

from skcrystal.kernels.compilation import njit
from skcrystal.kernels.harmonics import add_harmonic_gradients, harmonic_norms, solid_harmonics

# Sums may be taken in another order, by several lanes at once.
FAST = {"reassoc", "contract"}


@njit(cache=True)
def fill_radial(distances, n, cutoff, stretch, n_max, values, slopes):  # type: ignore[no-untyped-def]
    """Write radial functions and their derivatives: Chebyshev polynomials of a stretched distance, cut off.

    With u = r / cutoff, the argument x falls from 1 at r = 0 to -1 at the cutoff, the faster the closer, by
    exp(-stretch u). The factor (1 - u^2)^3 and its first two derivatives are 0 at the cutoff.
    """
    last = np.exp(-stretch)
    for j in range(n):
        u = distances[j] / cutoff
        decay = np.exp(-stretch * u)
        x = 2.0 * (decay - last) / (1.0 - last) - 1.0
        dx = -2.0 * stretch * decay / ((1.0 - last) * cutoff)
        near = 1.0 - u * u
        cut = near * near * near
        dcut = -6.0 * u * near * near / cutoff
        t0, t1, d0, d1 = 1.0, x, 0.0, 1.0
        for k in range(n_max):
            values[k, j] = cut * t0
            slopes[k, j] = dcut * t0 + cut * d0 * dx
            t0, t1, d0, d1 = t1, 2.0 * x * t1 - t0, d1, 2.0 * t1 + 2.0 * x * d1 - d0


@njit(cache=True)
def fill_directions(vectors, distances, n, points):  # type: ignore[no-untyped-def]
    """Write the unit vectors to the neighbours, one row an axis."""
    for j in range(n):
        for axis in range(3):
            points[axis, j] = vectors[j, axis] / distances[j]


@njit(cache=True, fastmath=FAST)
def fill_densities(n, weights, starts, radial, angular, weighted, densities):  # type: ignore[no-untyped-def]
    """Sum the neighbours' products into the densities, behind which stands a 1.

    Parameters
    ----------
    weights : ndarray of shape (n_channels, size)
        Of each neighbour in each channel.
    weighted : ndarray of shape (size,)
        Room.
    """
    n_max = len(starts) - 1
    for c in range(len(weights)):
        for k in range(n_max):
            for j in range(n):
                weighted[j] = weights[c, j] * radial[k, j]
            first = c * starts[n_max] + starts[k]
            for lm in range(starts[k + 1] - starts[k]):
                total = 0.0
                for j in range(n):
                    total += weighted[j] * angular[lm, j]
                densities[first + lm] = total
    densities[-1] = 1.0


@njit(cache=True, nogil=True)
def design_of_crystal(  # type: ignore[no-untyped-def]
    kinds,
    offsets,
    neighbors,
    distances,
    vectors,
    cutoff,
    stretch,
    starts,
    l_max,
    channels,
    functions,
    factors,
    coefficients,
    sites,
    forces,
    strains,
):
    """Write what each coefficient adds to the energies, forces and strain derivatives of one crystal.

    Parameters
    ----------
    kinds : ndarray of shape (n_sites,)
        Number of each site's element.
    offsets : ndarray of shape (n_sites + 1,)
        Pairs of each site; neighbors, distances and vectors as in the table of a batch of one crystal.
    starts : ndarray of shape (n_max + 1,)
        Of :class:`skcrystal.potentials.basis.Basis`.
    channels : ndarray of shape (n_elements, n_channels)
    functions, factors, coefficients
        Of :class:`skcrystal.potentials.basis.Terms`.
    sites : ndarray of shape (n_sites, n_functions)
        Receives the invariants of each site.
    forces : ndarray of shape (n_elements, n_functions, n_sites, 3)
        Receives minus the derivative of the sum over the sites of each element; zeros before.
    strains : ndarray of shape (n_elements, n_functions, 6)
        Receives the derivative with respect to strain, in the order xx yy zz yz xz xy; zeros before.
    """
    n_channels, n_max, width = channels.shape[1], len(starts) - 1, (l_max + 1) ** 2
    n_densities = n_channels * starts[n_max]
    norms = harmonic_norms(l_max)
    densities, pulls = np.empty(n_densities + 1), np.zeros(n_densities + 1)
    touched, places = np.empty(len(functions) * 3, dtype=np.int64), np.empty(n_densities, dtype=np.int64)
    shares = np.empty(n_densities)
    for site in range(len(kinds)):
        first, last = offsets[site], offsets[site + 1]
        n = last - first
        points, weighted = np.empty((3, n)), np.empty(n)
        radial, slopes = np.empty((n_max, n)), np.empty((n_max, n))
        legendre, waves = np.empty(((l_max + 1) * (l_max + 2) // 2, n)), np.empty((2, l_max + 1, n))
        angular, weights = np.empty((width, n)), np.empty((n_channels, n))
        fill_directions(vectors[first:last], distances[first:last], n, points)
        fill_radial(distances[first:last], n, cutoff, stretch, n_max, radial, slopes)
        solid_harmonics(points, n, norms, l_max, legendre, waves, angular)
        for j in range(n):
            for c in range(n_channels):
                weights[c, j] = channels[kinds[neighbors[first + j]], c]
        fill_densities(n, weights, starts, radial, angular, weighted, densities)

        # How each harmonic turns with the neighbour: its gradient across the direction, over the distance.
        turns, one = np.zeros((width, 3, n)), np.zeros((width, n))
        for lm in range(width):
            one[lm] = 1.0
            add_harmonic_gradients(points, n, norms, l_max, legendre, waves, one, turns[lm])
            one[lm] = 0.0
            for j in range(n):
                along = 0.0
                for axis in range(3):
                    along += turns[lm, axis, j] * points[axis, j]
                for axis in range(3):
                    turns[lm, axis, j] = (turns[lm, axis, j] - along * points[axis, j]) / distances[first + j]
        moves = np.empty((n_densities, 3 * n))
        for c in range(n_channels):
            for k in range(n_max):
                row = c * starts[n_max] + starts[k]
                for lm in range(starts[k + 1] - starts[k]):
                    for axis in range(3):
                        for j in range(n):
                            moves[row + lm, axis * n + j] = weights[c, j] * (
                                slopes[k, j] * angular[lm, j] * points[axis, j]
                                + radial[k, j] * turns[lm, axis, j]
                            )

        kind = kinds[site]
        gradient = np.empty(3 * n)
        term = 0
        while term < len(functions):
            function = functions[term]
            n_touched = 0
            value = 0.0
            while term < len(functions) and functions[term] == function:
                a, b, c = factors[term, 0], factors[term, 1], factors[term, 2]
                ka, kb, kc = densities[a], densities[b], densities[c]
                coefficient = coefficients[term]
                value += coefficient * ka * kb * kc
                pulls[a] += coefficient * kb * kc
                pulls[b] += coefficient * ka * kc
                pulls[c] += coefficient * ka * kb
                touched[n_touched], touched[n_touched + 1], touched[n_touched + 2] = a, b, c
                n_touched += 3
                term += 1
            sites[site, function] = value
            # The place behind the last density, which holds 1, does not move.
            pulls[n_densities] = 0.0
            n_places = 0
            for t in range(n_touched):
                place = touched[t]
                if pulls[place] != 0.0:
                    places[n_places], shares[n_places] = place, pulls[place]
                    pulls[place] = 0.0
                    n_places += 1
            sum_moves(n_places, places, shares, moves, gradient)
            share_gradients(
                site,
                first,
                n,
                neighbors,
                vectors,
                gradient.reshape(3, n),
                forces[kind, function],
                strains[kind, function],
            )


@njit(cache=True, fastmath=FAST)
def sum_moves(n_places, places, shares, moves, gradient):  # type: ignore[no-untyped-def]
    """Write the sum of some rows, each times its share; four at a time, which spares reading the sum."""
    gradient[:] = 0.0
    t = 0
    while t + 3 < n_places:
        one, two = moves[places[t]], moves[places[t + 1]]
        three, four = moves[places[t + 2]], moves[places[t + 3]]
        p, q, r, s = shares[t], shares[t + 1], shares[t + 2], shares[t + 3]
        for j in range(len(gradient)):
            gradient[j] += p * one[j] + q * two[j] + r * three[j] + s * four[j]
        t += 4
    while t < n_places:
        one, p = moves[places[t]], shares[t]
        for j in range(len(gradient)):
            gradient[j] += p * one[j]
        t += 1


@njit(cache=True)
def share_gradients(site, first, n, neighbors, vectors, gradient, forces, strain):  # type: ignore[no-untyped-def]
    """Add a derivative with respect to the neighbours' positions to forces and strain derivative."""
    for j in range(n):
        other = neighbors[first + j]
        gx, gy, gz = gradient[0, j], gradient[1, j], gradient[2, j]
        x, y, z = vectors[first + j, 0], vectors[first + j, 1], vectors[first + j, 2]
        forces[other, 0] -= gx
        forces[other, 1] -= gy
        forces[other, 2] -= gz
        forces[site, 0] += gx
        forces[site, 1] += gy
        forces[site, 2] += gz
        strain[0] += gx * x
        strain[1] += gy * y
        strain[2] += gz * z
        strain[3] += 0.5 * (gy * z + gz * y)
        strain[4] += 0.5 * (gx * z + gz * x)
        strain[5] += 0.5 * (gx * y + gy * x)
