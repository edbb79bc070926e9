"""Relative bond lengths: how long the bonds of the sites are beside the covalent radii."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from skcrystal.chemistry.radii import covalent_radii
from skcrystal.descriptors.bonded import BondedDescriptor
from skcrystal.descriptors.columns import Column
from skcrystal.descriptors.coordination import mean_lengths
from skcrystal.descriptors.site_values import site_means

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skcrystal.crystals.batch import Crystals

__all__ = ["BondLengths"]


class BondLengths(BondedDescriptor):
    """Lengths of the bonds beside the covalent radii, and beside each other, in angstrom.

    With the weights w_ij of the bonds of site i (:meth:`skcrystal.Crystals.bonds`), their lengths r_ij, the
    mean m_i of these weighted by w, and the covalent radii R,

    - ``bond_length_excess``: sum_j w_ij (r_ij - R_i - R_j) / sum_j w_ij, how much longer the bonds are than
      single covalent ones: below 0 for multiple bonds, near 0 for single ones, above 0 for ions with many
      neighbours
    - ``bond_length_deviation``: sum_j w_ij abs(r_ij - m_i) / sum_j w_ij, how unlike each other the bonds of a
      site are

    and the statistics of both over the sites. A site without bonds has 0, and bonds that weigh less than 1
    together are divided by 1; a disordered site counts once, with the mean radius of its species.

    Invariant to origin, rotation, reflection, permutation, supercell and choice of cell: no cell enters the
    formula. Continuous: bonds form and break from weight 0 on.

    Parameters
    ----------
    statistics : sequence of str, default=("mean", "min", "max")
        Some of ``mean``, ``std``, ``min`` and ``max``: what to give over the sites.
    cutoff : float, default=8.0
        In angstrom; farther sites do not see each other.

    References
    ----------
    Radii of Cordero et al., Dalton Trans. (2008) 2832, doi 10.1039/b801115j; Baur, Acta Cryst. B30 (1974)
    1195, doi 10.1107/S0567740874004560, for mean deviations of bond lengths.

    Examples
    --------
    The four bonds of silicon carbide, 1.888 angstrom, are 0.048 longer than its covalent radii together, 1.11
    and 0.73:

    >>> import numpy as np
    >>> from skcrystal import Crystal
    >>> from skcrystal.descriptors import BondLengths
    >>> carbide = Crystal.ordered(4.36 * (1 - np.eye(3)) / 2, [[0, 0, 0], [0.25, 0.25, 0.25]], [14, 6])
    >>> lengths = BondLengths()
    >>> row = lengths.transform([carbide])[0].round(3)
    >>> dict(zip(lengths.get_feature_names_out().tolist(), row.tolist()))["mean_bond_length_excess"]
    0.048
    """

    schema_version = 4

    def __init__(self, *, statistics: Any = ("mean", "min", "max"), cutoff: float = 8.0) -> None:
        self.statistics = statistics
        self.cutoff = cutoff

    def describe_site_columns(self) -> list[Column]:
        """Describe ``bond_length_excess`` and ``bond_length_deviation``."""
        return [
            Column.of(
                "bond_length_excess",
                "angstrom",
                "how much longer the bonds are than the covalent radii of their atoms together",
                "0 at a site without bonds",
            ),
            Column.of(
                "bond_length_deviation",
                "angstrom",
                "mean absolute deviation of the bonds of a site from their mean length",
                "0 at a site without bonds",
            ),
        ]

    def describe_sites(self, crystals: Crystals) -> NDArray[np.float64]:
        """Return excess and deviation of each site."""
        bonds = crystals.bonds(self.cutoff)
        radii = site_means(crystals, covalent_radii()[:, None])[:, 0]
        excess = bonds.distances - radii[bonds.centers] - radii[bonds.neighbors]
        deviations = np.abs(bonds.distances - mean_lengths(bonds, self.cutoff)[bonds.centers])
        return bonds.mean_of_bonds(np.column_stack([excess, deviations]))
