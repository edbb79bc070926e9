"""Energy, forces and strain derivative of one crystal by learned coefficients; neighbours innermost."""

from __future__ import annotations

import numpy as np

from skcrystal.kernels.cluster_expansion import (
    FAST,
    fill_densities,
    fill_directions,
    fill_radial,
    share_gradients,
)
from skcrystal.kernels.compilation import njit
from skcrystal.kernels.harmonics import add_harmonic_gradients, harmonic_norms, solid_harmonics


@njit(cache=True, fastmath=FAST)
def contract_polynomial(pairs, starts, thirds, values, densities, pulls):  # type: ignore[no-untyped-def]
    """Return the energy of a site, and add its derivative with respect to each density to the pulls.

    Parameters
    ----------
    pairs, starts, thirds
        Of :class:`skcrystal.potentials.energy_surface.Polynomial`.
    values : ndarray of shape (n_terms,)
        Of the site's element.
    densities, pulls : ndarray of shape (n_densities + 1,)
    """
    energy = 0.0
    for pair in range(len(pairs)):
        a, b = pairs[pair, 0], pairs[pair, 1]
        both = densities[a] * densities[b]
        total = 0.0
        for term in range(starts[pair], starts[pair + 1]):
            c = thirds[term]
            total += values[term] * densities[c]
            pulls[c] += values[term] * both
        energy += both * total
        pulls[a] += densities[b] * total
        pulls[b] += densities[a] * total
    return energy


@njit(cache=True)
def sum_invariants(functions, factors, coefficients, densities, site):  # type: ignore[no-untyped-def]
    """Add the products of the densities to the invariants that they belong to."""
    for term in range(len(functions)):
        a, b, c = factors[term, 0], factors[term, 1], factors[term, 2]
        site[functions[term]] += coefficients[term] * densities[a] * densities[b] * densities[c]


@njit(cache=True, fastmath=FAST)
def pull_neighbors(n, weights, starts, radial, slopes, angular, pulls, room, across, along):  # type: ignore[no-untyped-def]
    """Contract the pulls on the densities with the radial functions, neighbour by neighbour.

    Parameters
    ----------
    room : ndarray of shape (2, size)
        Overwritten.
    across : ndarray of shape (width, size)
        Receives what each harmonic of each neighbour is multiplied with.
    along : ndarray of shape (size,)
        Receives the derivative with respect to the distance.
    """
    n_max = len(starts) - 1
    across[:] = 0.0
    along[:] = 0.0
    for c in range(len(weights)):
        for lm in range(len(angular)):
            place = c * starts[n_max] + lm
            room[:] = 0.0
            # Four radial functions at a time: sums over the neighbours stay in registers.
            k = 0
            while k + 3 < n_max and lm < starts[k + 4] - starts[k + 3]:
                p, q = pulls[place + starts[k]], pulls[place + starts[k + 1]]
                r, s = pulls[place + starts[k + 2]], pulls[place + starts[k + 3]]
                for j in range(n):
                    room[0, j] += (
                        p * radial[k, j] + q * radial[k + 1, j] + r * radial[k + 2, j] + s * radial[k + 3, j]
                    )
                    room[1, j] += (
                        p * slopes[k, j] + q * slopes[k + 1, j] + r * slopes[k + 2, j] + s * slopes[k + 3, j]
                    )
                k += 4
            while k < n_max and lm < starts[k + 1] - starts[k]:
                p = pulls[place + starts[k]]
                for j in range(n):
                    room[0, j] += p * radial[k, j]
                    room[1, j] += p * slopes[k, j]
                k += 1
            for j in range(n):
                across[lm, j] += weights[c, j] * room[0, j]
                along[j] += weights[c, j] * room[1, j] * angular[lm, j]


@njit(cache=True)
def evaluate_crystal(  # type: ignore[no-untyped-def]
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
    polynomial,
    compared,
    sites,
    energies,
    forces,
    strain,
):
    """Write energies, forces, strain derivative, and the invariants by which sites are compared.

    Derivatives are contracted density by density, so that their cost grows with the neighbours once.

    Parameters
    ----------
    kinds, offsets, neighbors, distances, vectors, cutoff, stretch, starts, l_max, channels
        As in :func:`skcrystal.kernels.cluster_expansion.design_of_crystal`.
    polynomial : tuple of arrays
        Pairs, starts, thirds and values of :class:`skcrystal.potentials.energy_surface.Polynomial`.
    compared : tuple of arrays
        Functions, factors and coefficients of :class:`skcrystal.potentials.basis.Terms`.
    sites : ndarray of shape (n_sites, n_compared)
        Added to, as the others.
    energies : ndarray of shape (n_sites,)
    forces : ndarray of shape (n_sites, 3)
    strain : ndarray of shape (6,)
        In the order xx yy zz yz xz xy.
    """
    pairs, pair_starts, thirds, values = polynomial
    functions, factors, coefficients = compared
    n_channels, n_max, width = channels.shape[1], len(starts) - 1, (l_max + 1) ** 2
    n_densities = n_channels * starts[n_max]
    norms = harmonic_norms(l_max)
    densities, pulls = np.empty(n_densities + 1), np.empty(n_densities + 1)
    most = 0
    for site in range(len(kinds)):
        most = max(most, offsets[site + 1] - offsets[site])
    points, weighted, along, room = np.empty((3, most)), np.empty(most), np.empty(most), np.empty((2, most))
    radial, slopes = np.empty((n_max, most)), np.empty((n_max, most))
    legendre, waves = np.empty(((l_max + 1) * (l_max + 2) // 2, most)), np.empty((2, l_max + 1, most))
    angular, across, weights = np.empty((width, most)), np.empty((width, most)), np.empty((n_channels, most))
    gradient = np.empty((3, most))
    for site in range(len(kinds)):
        first, last = offsets[site], offsets[site + 1]
        n = last - first
        fill_directions(vectors[first:last], distances[first:last], n, points)
        fill_radial(distances[first:last], n, cutoff, stretch, n_max, radial, slopes)
        solid_harmonics(points, n, norms, l_max, legendre, waves, angular)
        for j in range(n):
            for c in range(n_channels):
                weights[c, j] = channels[kinds[neighbors[first + j]], c]
        fill_densities(n, weights, starts, radial, angular, weighted, densities)
        sum_invariants(functions, factors, coefficients, densities, sites[site])
        pulls[:] = 0.0
        energies[site] += contract_polynomial(
            pairs, pair_starts, thirds, values[kinds[site]], densities, pulls
        )
        pull_neighbors(n, weights, starts, radial, slopes, angular, pulls, room, across, along)
        gradient[:] = 0.0
        add_harmonic_gradients(points, n, norms, l_max, legendre, waves, across, gradient)
        for j in range(n):
            # Harmonics depend on the direction alone: what their polynomials change along it does not count.
            radially = 0.0
            for axis in range(3):
                radially += gradient[axis, j] * points[axis, j]
            for axis in range(3):
                turned = (gradient[axis, j] - radially * points[axis, j]) / distances[first + j]
                gradient[axis, j] = turned + along[j] * points[axis, j]
        share_gradients(site, first, n, neighbors, vectors, gradient, forces, strain)
