"""Electrons poured into the orbitals of free atoms, from the lowest up."""

from __future__ import annotations

import numpy as np

from skcrystal.kernels.cell import fill_order
from skcrystal.kernels.compilation import njit


def lines(starts, numbers, shares, energies, *others):  # type: ignore[no-untyped-def]
    return 50.0 * len(numbers) * energies.shape[1]


@njit(cache=True, lines=lines)
def pour_electrons(starts, numbers, shares, energies, capacities, electrons, filled):  # type: ignore[no-untyped-def]
    """Return the energies of the highest orbital with electrons and of the lowest with room; inf for none.

    Crystal i owns the elements ``starts[i]:starts[i + 1]``, whose orbitals hold `capacities` times the share
    of the element. Less than `filled` electrons are rounding.
    """
    edges = np.empty((len(starts) - 1, 2))
    n_orbitals = energies.shape[1]
    for crystal in range(len(starts) - 1):
        first, last = starts[crystal], starts[crystal + 1]
        size = (last - first) * n_orbitals
        levels, rooms = np.empty((size, 1)), np.empty(size)
        order = np.empty(size, dtype=np.int64)
        poured = 0.0
        for k in range(first, last):
            poured += shares[k] * electrons[numbers[k]]
            for orbital in range(n_orbitals):
                place = (k - first) * n_orbitals + orbital
                levels[place, 0] = energies[numbers[k], orbital]
                rooms[place] = capacities[numbers[k], orbital] * shares[k]
        highest, lowest, full = -np.inf, np.inf, 0.0
        fill_order(levels, 0, order)
        for rank in range(size):
            place = order[rank]
            if rooms[place] > 0:
                if full < poured - filled:
                    highest = levels[place, 0]
                full += rooms[place]
                if full > poured + filled:
                    lowest = levels[place, 0]
                    break
        edges[crystal, 0], edges[crystal, 1] = highest, lowest
    return edges
