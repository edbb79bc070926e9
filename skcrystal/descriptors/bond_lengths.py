"""Relative bond lengths: how long the bonds of the sites are beside their radii."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from skcrystal.descriptors.base import as_names
from skcrystal.descriptors.bonded import BondedDescriptor
from skcrystal.descriptors.site_values import select_statistics, site_statistics

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from skcrystal.crystals.batch import Crystals

__all__ = ["BondLengths"]

QUANTITIES = {
    "bond_length_excess": ("mean", "low", "high"),
    "bond_length_deviation": ("mean",),
}
NAMES, KEPT = select_statistics(QUANTITIES)

# Extremes of higher powers stand on so few sites that small displacements show in them.
POWER = 2


class BondLengths(BondedDescriptor):
    """Lengths of the bonds beside the sum of the radii, and beside each other, in angstrom.

    With the weights w_ij of the bonds of site i (:meth:`skcrystal.Crystals.bonds`), their lengths r_ij, the
    mean m_i of these weighted by w, the radii R, and

        excess(i)    = sum_j w_ij (r_ij - R_i - R_j)                    / (sum_j w_ij + 6)
        deviation(i) = sum_j w_ij (sqrt((r_ij - m_i)^2 + 0.2^2) - 0.2)  / (sum_j w_ij + 6)

    the columns are

    - ``bond_length_excess``: how long the bonds are beside the radii; mean and soft extremes over the
      sites, ``low`` and ``high`` lying one semideviation below and above the mean
    - ``bond_length_deviation``: how unlike each other the bonds of a site are; mean over the sites

    Both are means over the bonds, brought nearer to 0 where these are few: with the 6 they hardly move where
    bonds fade, and 0.2 angstrom keeps small displacements of even bonds from showing. A site without bonds
    has 0; a disordered one counts once, with the mean radius of its species.

    Invariant to origin, rotation, permutation, supercell and choice of cell: no cell enters the formula.
    Continuous: bonds form and break from weight 0 on.

    Parameters
    ----------
    cutoff : float, default=8.0
        In angstrom; farther sites do not see each other.
    radius : {"covalent_radius", "atomic_radius", "average_ionic_radius"} or None, default="covalent_radius"
        Radii R; an unknown one counts as the mean of the table. None gives 0.5 to all.
    reach : float, default=2.0
        How many times as far away as the nearest ones, in units of the radii, a neighbour ceases to be one.
        Wide, since lengths vary little between crystals.

    References
    ----------
    Radii of Cordero et al., Dalton Trans. (2008) 2832, doi 10.1039/b801115j.

    Examples
    --------
    The four bonds of silicon carbide, 1.888 angstrom, are 0.048 longer than its covalent radii together, 1.11
    and 0.73. Of that, 4 / (4 + 6) counts:

    >>> import numpy as np
    >>> from skcrystal import Crystal
    >>> from skcrystal.descriptors import BondLengths
    >>> carbide = Crystal.ordered(4.36 * (1 - np.eye(3)) / 2, [[0, 0, 0], [0.25, 0.25, 0.25]], [14, 6])
    >>> lengths = BondLengths(reach=1.2)
    >>> row = lengths.transform([carbide])[0].round(3)
    >>> dict(zip(lengths.get_feature_names_out().tolist(), row.tolist()))["mean_bond_length_excess"]
    0.019
    """

    schema_version = 2

    def __init__(
        self, *, cutoff: float = 8.0, radius: str | None = "covalent_radius", reach: float = 2.0
    ) -> None:
        self.cutoff = cutoff
        self.radius = radius
        self.reach = reach

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """Return ``mean_bond_length_excess``, ``low_bond_length_excess`` and so on.

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
        from skcrystal.kernels.bonds import bond_lengths, relative_lengths

        bonds = self._bonds(crystals)
        weighed = bonds.distances, bonds.weights, bonds.numbers
        means = bond_lengths(bonds.offsets, *weighed, float(self.cutoff))
        lengths = relative_lengths(bonds.offsets, bonds.neighbors, *weighed, bonds.radii, means)
        return site_statistics(crystals, lengths, power=POWER)[:, KEPT]
