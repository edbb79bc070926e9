"""Bond valences: how much of a bond each contact is, from its length."""

from __future__ import annotations

from math import exp

import numpy as np

from skcrystal.kernels.compilation import njit
from skcrystal.kernels.exponential import exponential


def lines(offsets, neighbors, *others):  # type: ignore[no-untyped-def]
    return 100.0 * len(neighbors)


@njit(cache=True, lines=lines)
def bond_valences(  # type: ignore[no-untyped-def]
    offsets, neighbors, distances, vectors, species, kinds, occupancies, charges, lengths, softness, cutoff
):
    """Sum the valences of the contacts of each site; shape (n_sites, 4).

    The sum over contacts of opposite charges, the length of its vector along the contacts, the sum over all
    contacts, and the largest valence of one. Site i owns the species ``species[i]:species[i + 1]``, whose
    kinds index `lengths` and `softness`. A valence is less that at the cutoff, so that it vanishes there.
    """
    # Between the same two kinds it is the same, wherever they are.
    last = np.empty(lengths.shape)
    for k in range(len(lengths)):
        for m in range(len(lengths)):
            last[k, m] = exp((lengths[k, m] - cutoff) / softness[k, m])
    steepness = 1.0 / softness
    most = 0
    for site in range(len(offsets) - 1):
        most = max(most, offsets[site + 1] - offsets[site])
    exponents, ends, shares, valences = np.empty(most), np.empty(most), np.empty(most), np.empty(most)
    sums = np.zeros((len(offsets) - 1, 4))
    for site in range(len(offsets) - 1):
        start, count = offsets[site], offsets[site + 1] - offsets[site]
        full = 0.0
        for k in range(species[site], species[site + 1]):
            full += occupancies[k]
        valences[:count] = 0.0
        for k in range(species[site], species[site + 1]):
            own_lengths, own_steepness, own_last = lengths[kinds[k]], steepness[kinds[k]], last[kinds[k]]
            share = occupancies[k] / full
            turn, left = 0, True
            while left:
                # With the first species of each neighbour, the second where there is one, and so on. What the
                # exponential function is taken of is written down first: a loop over it alone takes several
                # contacts at a time.
                left = False
                for n in range(count):
                    other = neighbors[start + n]
                    m = species[other] + turn
                    left |= m + 1 < species[other + 1]
                    present = m < species[other + 1]
                    m = min(m, species[other + 1] - 1)
                    its = kinds[m]
                    exponents[n] = (own_lengths[its] - distances[start + n]) * own_steepness[its]
                    ends[n] = own_last[its]
                    shares[n] = share * occupancies[m] if present else 0.0
                for n in range(count):
                    valences[n] += shares[n] * (exponential(exponents[n]) - ends[n])
                turn += 1
        opposite, total, strongest = 0.0, 0.0, 0.0
        x, y, z = 0.0, 0.0, 0.0
        for n in range(count):
            pair = start + n
            total += valences[n]
            strongest = max(strongest, valences[n])
            facing = valences[n] if charges[site] * charges[neighbors[pair]] < 0.0 else 0.0
            opposite += facing
            # Two sites in one place have no direction, but a vector of zeros.
            facing /= max(distances[pair], 1e-300)
            x += facing * vectors[pair, 0]
            y += facing * vectors[pair, 1]
            z += facing * vectors[pair, 2]
        sums[site, 0] = opposite
        sums[site, 1] = np.sqrt(x * x + y * y + z * z)
        sums[site, 2] = total
        sums[site, 3] = strongest
    return sums
