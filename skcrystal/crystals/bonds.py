"""Bonds without an edge: neighbours weighted by how close they are beside the nearest ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from skcrystal.chemistry import elements

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skcrystal.crystals.neighbors import NeighborTable

__all__ = ["MARGIN", "BondTable", "site_radii", "weigh_bonds"]

# What is added to distances and to the radii that they are compared by, in angstrom.
MARGIN = 0.6


@dataclass(frozen=True, slots=True, eq=False)
class BondTable:
    """The bonds of all sites of a batch, centre by centre; each comes once from either end.

    Attributes
    ----------
    offsets : ndarray of shape (n_sites + 1,)
        Site i is the centre of the bonds ``offsets[i]:offsets[i + 1]``.
    neighbors : ndarray of shape (n_bonds,)
        Index, in the batch, of the other site.
    distances : ndarray of shape (n_bonds,)
        In angstrom.
    vectors : ndarray of shape (n_bonds, 3)
        From the centre to the neighbour, in angstrom.
    weights : ndarray of shape (n_bonds,)
        How much of a bond this is to its centre, 0 to 1; from the other end it may be another number.
    numbers : ndarray of shape (n_sites,)
        Sum of the weights of each site: its coordination number.
    radii : ndarray of shape (n_sites,)
        The radii that distances were compared by, in angstrom.
    """

    offsets: NDArray[np.int64]
    neighbors: NDArray[np.int64]
    distances: NDArray[np.float64]
    vectors: NDArray[np.float64]
    weights: NDArray[np.float64]
    numbers: NDArray[np.float64]
    radii: NDArray[np.float64]


def site_radii(
    species_offsets: NDArray[np.int64],
    atomic_numbers: NDArray[np.int64],
    occupancies: NDArray[np.float64],
    radius: str | None,
) -> NDArray[np.float64]:
    """Return the mean radius of the species of each site, in angstrom.

    Parameters
    ----------
    species_offsets : ndarray of shape (n_sites + 1,)
    atomic_numbers : ndarray of shape (n_species,)
    occupancies : ndarray of shape (n_species,)
    radius : str or None
        A property of the table of the elements, an unknown value counting as the mean of the table. None
        gives 1/2 to all, so that the sum of two radii is 1.

    Returns
    -------
    ndarray of shape (n_sites,)
    """
    starts = species_offsets[:-1]
    if radius is None or not len(starts):
        return np.full(len(starts), 0.5)
    radii = elements.filled_table([radius])[atomic_numbers, 0]
    totals = np.add.reduceat(occupancies, starts)
    means: NDArray[np.float64] = np.add.reduceat(radii * occupancies, starts) / totals
    return means


def weigh_bonds(
    table: NeighborTable, radii: NDArray[np.float64], cutoff: float, reach: float, margin: float
) -> BondTable:
    """Weigh each pair of neighbours as a bond, and keep those of weight above 0.

    With x_ij = (r_ij + d) / (R_i + R_j + d), the distance over the sum of the radii, both with a margin d
    more, so that short bonds are not too steep, and the reference x_i, the mean of x_ij over the neighbours
    weighted by f(r_ij) x_ij^-13, which is hardly more than the smallest one,

        w_ij = f(r_ij) s((x_ij / x_i - 1) / (reach - 1)),     f(r) = (1 - (r / cutoff)^6)^2

    where s(t) = 1 - 3 t^2 + 2 t^3 falls from 1 at t = 0 to 0 at t = 1, with slope 0 at both.

    Parameters
    ----------
    table : NeighborTable
        All pairs closer than the cutoff.
    radii : ndarray of shape (n_sites,)
    cutoff : float
        In angstrom.
    reach : float
        Above 1: a neighbour this many times as far away as the nearest ones, in units of the radii, is none.
    margin : float
        In angstrom.

    Returns
    -------
    BondTable
    """
    from skcrystal.kernels.bonds import find_bonds

    offsets, pairs, weights, numbers = find_bonds(
        table.offsets, table.neighbors, table.distances, radii, float(cutoff), float(reach), float(margin)
    )
    return BondTable(
        offsets,
        table.neighbors[pairs],
        table.distances[pairs],
        table.vectors[pairs],
        weights,
        numbers,
        radii,
    )
