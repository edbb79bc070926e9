"""Pauling's energy of formation: what bonds between unlike elements set free."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from skcrystal.chemistry import elements
from skcrystal.descriptors.bond_species import species_of_bonds
from skcrystal.descriptors.bonded import BondedDescriptor
from skcrystal.descriptors.columns import Column
from skcrystal.descriptors.site_values import site_means

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skcrystal.crystals.batch import Crystals

__all__ = ["PaulingEnergy"]

# The triple bond of N2 and the double one of O2 are stronger than as many single bonds: Pauling's 55.4 and
# 26.0 kcal/mol for an atom, in eV.
MULTIPLE_BONDS = {7: 2.40, 8: 1.13}


class PaulingEnergy(BondedDescriptor):
    """Energy of formation from the elements by Pauling's rule, in eV per atom, with its parts.

    A single bond between atoms of the electronegativities x_i and x_j is stronger than the mean of the bonds
    of the two elements among themselves by (x_i - x_j)^2 in eV: that is how Pauling's scale is made. A bond
    has as many single ones as its valence s (as in :class:`~skcrystal.descriptors.BondValences`) says, and
    its weight w among the bonds (:meth:`skcrystal.Crystals.bonds`). Half of each bond belongs to site i:

    - ``ionic_bond_energy``: -1/2 sum_j w_ij s_ij (x_i - x_j)^2
    - ``pauling_energy``: the same, and 2.40 eV for an atom of nitrogen and 1.13 eV for one of oxygen, whose
      elements have multiple bonds to be broken
    - ``single_bonds``: sum_j w_ij s_ij, how many single bonds the site has

    and the statistics of each over the sites, the mean of the first two being an energy of formation per
    atom. The rule is for bonds of two elements, not for metals: an alloy has about the energy of its elements
    here, and :class:`~skcrystal.descriptors.AlloyStats` says more.

    A site without bonds has 0. A disordered site counts once, with the means over its species.

    Invariant to origin, rotation, reflection, permutation, supercell and choice of cell: no cell enters the
    formula. Continuous: bonds form and break from weight 0 on.

    Parameters
    ----------
    statistics : sequence of str, default=("mean",)
        Some of ``mean``, ``std``, ``min`` and ``max``: what to give over the sites.
    cutoff : float, default=8.0
        In angstrom; farther sites do not see each other.

    References
    ----------
    Pauling, J. Am. Chem. Soc. 54 (1932) 3570, doi 10.1021/ja01348a011, and The Nature of the Chemical Bond,
    3rd ed. (1960), chapter 3.

    Examples
    --------
    Magnesium oxide, measured at -3.12 eV per atom:

    >>> import numpy as np
    >>> from skcrystal import Crystal
    >>> from skcrystal.descriptors import PaulingEnergy
    >>> magnesia = Crystal.ordered(4.212 * (1 - np.eye(3)) / 2, [[0, 0, 0], [0.5, 0.5, 0.5]], [12, 8])
    >>> energy = PaulingEnergy()
    >>> dict(zip(energy.get_feature_names_out().tolist(), energy.transform([magnesia])[0].round(2).tolist()))
    {'mean_ionic_bond_energy': -4.46, 'mean_pauling_energy': -3.89, 'mean_single_bonds': 1.97}
    """

    schema_version = 1

    def __init__(self, *, statistics: Any = ("mean",), cutoff: float = 8.0) -> None:
        self.statistics = statistics
        self.cutoff = cutoff

    def describe_site_columns(self) -> list[Column]:
        """Describe the columns, in the order of the docstring."""
        alone = "0 at a site without bonds"
        return [
            Column.of(
                "ionic_bond_energy",
                "eV",
                "what the difference of electronegativities adds to half of the bonds, negative",
                alone,
            ),
            Column.of(
                "pauling_energy",
                "eV",
                "the ionic energy of half of the bonds, less what the multiple bonds of N2 and O2 hold",
                f"{alone} but for N and O",
            ),
            Column.of("single_bonds", "1", "how many single bonds the valences of the bonds make", alone),
        ]

    def describe_sites(self, crystals: Crystals) -> NDArray[np.float64]:
        """Return the energies of each site, and the valence of its bonds."""
        if not crystals.n_sites:
            return np.zeros((0, 3))
        bonds = crystals.bonds(self.cutoff)
        pulls = elements.filled_table(["electronegativity"])[crystals.atomic_numbers, 0]
        pairs = species_of_bonds(crystals, bonds)
        differences = pulls[pairs.centers] - pulls[pairs.neighbors]
        of_bonds = [pairs.mean(pairs.valences * differences**2), pairs.mean(pairs.valences)]
        ionic, valence = bonds.sum_of_bonds(np.column_stack(of_bonds)).T
        broken = np.zeros((119, 1))
        broken[[*MULTIPLE_BONDS], 0] = [*MULTIPLE_BONDS.values()]
        return np.column_stack([-0.5 * ionic, -0.5 * ionic + site_means(crystals, broken)[:, 0], valence])
