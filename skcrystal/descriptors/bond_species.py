"""Which species meet in each bond: on disordered sites, each of the one end with each of the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from skcrystal.crystals.arrays import counts_of, sums_of_owned
from skcrystal.descriptors.bond_valence import species_parameters

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skcrystal.crystals.batch import Crystals
    from skcrystal.crystals.bonds import BondTable

__all__ = ["SpeciesOfBonds", "species_of_bonds"]


class SpeciesOfBonds(NamedTuple):
    """Pairs of species at the two ends of bonds, bond by bond.

    Attributes
    ----------
    bonds : ndarray of shape (n_pairs,)
        Index of the bond.
    centers, neighbors : ndarray of shape (n_pairs,)
        Index of the species at its centre and at its other end.
    distances : ndarray of shape (n_pairs,)
        In angstrom.
    valences : ndarray of shape (n_pairs,)
        Valence of the bond if it were whole: its weight is not in it.
    shares : ndarray of shape (n_pairs,)
        How much of its bond each pair is; those of a bond sum to 1.
    n_bonds : int
    """

    bonds: NDArray[np.intp]
    centers: NDArray[np.int64]
    neighbors: NDArray[np.int64]
    distances: NDArray[np.float64]
    valences: NDArray[np.float64]
    shares: NDArray[np.float64]
    n_bonds: int

    def mean(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the mean of values over the pairs of each bond; shape (n_pairs,) to (n_bonds,)."""
        return np.bincount(self.bonds, values * self.shares, minlength=self.n_bonds).astype(np.float64)


def species_of_bonds(crystals: Crystals, bonds: BondTable) -> SpeciesOfBonds:
    """Return which species meet in the bonds of a batch, with the valence of each pair.

    Parameters
    ----------
    crystals : Crystals
    bonds : BondTable

    Returns
    -------
    SpeciesOfBonds
    """
    kinds, lengths, softness = species_parameters(crystals)
    counts = counts_of(crystals.species_offsets)
    atoms = sums_of_owned(crystals.occupancies, crystals.species_offsets)
    shares = crystals.occupancies / np.repeat(atoms, counts)
    centers, its = bonds.centers, counts[bonds.neighbors]
    number = counts[centers] * its
    bond = np.repeat(np.arange(len(number)), number)
    place = np.arange(len(bond)) - np.repeat(np.cumsum(number) - number, number)
    one = crystals.species_offsets[centers[bond]] + place // its[bond]
    other = crystals.species_offsets[bonds.neighbors[bond]] + place % its[bond]
    distances, pair = bonds.distances[bond], (kinds[one], kinds[other])
    valences = np.exp((lengths[pair] - distances) / softness[pair])
    return SpeciesOfBonds(bond, one, other, distances, valences, shares[one] * shares[other], len(number))
