"""Soft coordination: how many bonds the sites have, and how long they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from skcrystal.descriptors.base import as_names
from skcrystal.descriptors.bonded import BondedDescriptor
from skcrystal.descriptors.site_values import STATISTICS, select_statistics, site_statistics

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skcrystal.crystals.batch import Crystals
    from skcrystal.crystals.neighbors import NeighborTable

__all__ = ["CoordinationStats"]

# Each with its statistics over the sites. Those that vary so little between crystals that noise of single
# sites shows in them are left out.
QUANTITIES = {
    "coordination_number": STATISTICS,
    "bond_length": ("mean", "high"),
    "nearest_distance": ("mean", "low", "high"),
}
NAMES, KEPT = select_statistics(QUANTITIES)


def nearest_distances(table: NeighborTable, cutoff: float) -> NDArray[np.float64]:
    """Return the distance from each site to the nearest one, in angstrom, at most the cutoff."""
    # One more entry at the end, so that a last site without neighbours has a place to start at.
    distances = np.append(table.distances, cutoff)
    nearest = np.minimum.reduceat(distances, table.offsets[:-1]) if len(table.offsets) > 1 else distances[:0]
    return np.where(np.diff(table.offsets) > 0, nearest, cutoff)


class CoordinationStats(BondedDescriptor):
    """Effective coordination numbers and bond lengths of the sites, in angstrom.

    The bonds of a site are its neighbours j with the weights w_ij of :meth:`skcrystal.Crystals.bonds`: 1 for
    the nearest ones, falling smoothly to 0 where the distance over the sum of the radii, both with 0.6
    angstrom more, is `reach` times theirs. No shell has an edge. Over the sites of the cell, the mean, std
    and soft extremes ``low`` and ``high`` (:func:`skcrystal.descriptors.site_values.site_statistics`) of

    - ``coordination_number``: CN, the sum of the weights
    - ``bond_length``: mean distance weighted by w, in angstrom; the cutoff where there are no neighbours;
      ``mean`` and ``high``
    - ``nearest_distance``: to the nearest site, in angstrom, at most the cutoff; without ``std``

    Left out is what differs so little between crystals that a small displacement of one site shows in it. A
    disordered site counts once, with the mean radius of its species. Covalent radii let the large cations of
    a salt see each other.

    Invariant to origin, rotation, permutation, supercell and choice of cell: no cell enters the formula.
    Continuous: bonds form and break from weight 0 on, and a site whose last neighbour leaves the cutoff tends
    smoothly to the values of one without any.

    Parameters
    ----------
    cutoff : float, default=8.0
        In angstrom; farther sites do not see each other.
    radius : {"covalent_radius", "atomic_radius", "average_ionic_radius"} or None, default="covalent_radius"
        Radii R that distances are compared by; an unknown one counts as the mean of the table. None compares
        the plain distances, which gives Hoppe's effective coordination number.
    reach : float, default=1.4
        How many times as far away as the nearest ones, in units of the radii, a neighbour ceases to be one.
        Smaller ones tell shells apart more strictly, and react more to small displacements. Descriptors whose
        columns are steeper in the weights have larger ones.

    References
    ----------
    Hoppe, Z. Kristallogr. 150 (1979) 23, doi 10.1524/zkri.1979.150.14.23; radii of Cordero et al., Dalton
    Trans. (2008) 2832, doi 10.1039/b801115j.

    Examples
    --------
    Each site of diamond has four bonds of 1.54 angstrom, and no trace of the next sites, at 2.52:

    >>> import numpy as np
    >>> from skcrystal import Crystal
    >>> from skcrystal.descriptors import CoordinationStats
    >>> diamond = Crystal.ordered(3.567 * (1 - np.eye(3)) / 2, [[0, 0, 0], [0.25, 0.25, 0.25]], [6, 6])
    >>> row = CoordinationStats().transform([diamond])[0]
    >>> names = CoordinationStats().get_feature_names_out().tolist()
    >>> for name in ("mean_coordination_number", "mean_bond_length"):
    ...     print(name, round(float(row[names.index(name)]), 2))
    mean_coordination_number 4.0
    mean_bond_length 1.54
    """

    schema_version = 3

    def __init__(
        self, *, cutoff: float = 8.0, radius: str | None = "covalent_radius", reach: float = 1.4
    ) -> None:
        self.cutoff = cutoff
        self.radius = radius
        self.reach = reach

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """Return ``mean_coordination_number``, ``std_coordination_number`` and so on.

        Parameters
        ----------
        input_features : ignored

        Returns
        -------
        ndarray of str
        """
        return as_names([*NAMES])

    def describe(self, crystals: Crystals) -> NDArray[np.float64]:
        """Return the statistics of each crystal."""
        from skcrystal.kernels.bonds import bond_lengths

        bonds = self._bonds(crystals)
        lengths = bond_lengths(
            bonds.offsets, bonds.distances, bonds.weights, bonds.numbers, float(self.cutoff)
        )
        nearest = nearest_distances(crystals.neighbors(self.cutoff), self.cutoff)
        statistics = site_statistics(crystals, np.column_stack([bonds.numbers, lengths, nearest]))
        return statistics[:, KEPT]
