"""Bond valences: how much of a bond each contact is, from its length."""

from __future__ import annotations

from math import exp

import numpy as np

from skcrystal.kernels.compilation import njit


def lines(offsets, neighbors, *others):  # type: ignore[no-untyped-def]
    return 20.0 * len(neighbors)


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
    sums = np.zeros((len(offsets) - 1, 4))
    for site in range(len(offsets) - 1):
        full = 0.0
        for k in range(species[site], species[site + 1]):
            full += occupancies[k]
        opposite, total, strongest = 0.0, 0.0, 0.0
        x, y, z = 0.0, 0.0, 0.0
        for pair in range(offsets[site], offsets[site + 1]):
            other = neighbors[pair]
            distance = distances[pair]
            valence = 0.0
            for k in range(species[site], species[site + 1]):
                for m in range(species[other], species[other + 1]):
                    one, its = kinds[k], kinds[m]
                    share = occupancies[k] / full * occupancies[m]
                    here = exp((lengths[one, its] - distance) / softness[one, its])
                    valence += share * (here - last[one, its])
            total += valence
            strongest = max(strongest, valence)
            if charges[site] * charges[other] < 0.0:
                opposite += valence
                if distance > 0.0:
                    x += valence * vectors[pair, 0] / distance
                    y += valence * vectors[pair, 1] / distance
                    z += valence * vectors[pair, 2] / distance
        sums[site, 0] = opposite
        sums[site, 1] = np.sqrt(x * x + y * y + z * z)
        sums[site, 2] = total
        sums[site, 3] = strongest
    return sums
