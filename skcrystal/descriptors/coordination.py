"""Coordination: how many bonds the sites have, and how long they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from skcrystal.descriptors.bonded import BondedDescriptor
from skcrystal.descriptors.columns import Column

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skcrystal.crystals.batch import Crystals
    from skcrystal.crystals.bonds import BondTable

__all__ = ["CoordinationStats", "mean_lengths"]


def mean_lengths(bonds: BondTable, cutoff: float) -> NDArray[np.float64]:
    """Return the mean bond length of each site; what it lacks to one bond is as long as the cutoff."""
    return bonds.mean_of_bonds(bonds.distances) + np.maximum(1.0 - bonds.numbers, 0.0) * cutoff


class CoordinationStats(BondedDescriptor):
    """Coordination numbers, bond lengths and nearest distances of the sites; lengths in angstrom.

    The bonds of a site are its neighbours with the weights w of :meth:`skcrystal.Crystals.bonds`, which are 1
    for the atoms that crystallography counts as bonded, between 0 and 1 where a shell is not clearly set off
    from the next, and 0 beyond. Mean, standard deviation, minimum and maximum over the sites of the cell of

    - ``coordination_number``: the sum of the weights
    - ``bond_length``: mean distance weighted by w, in angstrom; the cutoff where there are no bonds
    - ``nearest_distance``: to the nearest site, bonded or not, in angstrom; at most the cutoff

    A disordered site counts once, with the mean charge and radius of its species.

    Invariant to origin, rotation, reflection, permutation, supercell and choice of cell: no cell enters the
    formula. Continuous: bonds form and break from weight 0 on, and a site whose last neighbour leaves the
    cutoff tends smoothly to the values of one without any.

    Parameters
    ----------
    statistics : sequence of str, default=("mean", "std", "min", "max")
        Which of these to give over the sites.
    cutoff : float, default=8.0
        In angstrom; farther sites do not see each other.

    References
    ----------
    Brunner, Acta Cryst. A33 (1977) 226, doi 10.1107/S0567739477000461, for shells that end at a gap;
    O'Keeffe, Acta Cryst. A35 (1979) 772, doi 10.1107/S0567739479001765, for solid angles; Pan et al., Inorg.
    Chem. 60 (2021) 1590, doi 10.1021/acs.inorgchem.0c02996, for the judgement of such methods.

    Examples
    --------
    Each site of rock salt has six bonds to the other kind, of 2.82 angstrom:

    >>> import numpy as np
    >>> from skcrystal import Crystal
    >>> from skcrystal.descriptors import CoordinationStats
    >>> rock_salt = Crystal.ordered(5.64 * (1 - np.eye(3)) / 2, [[0, 0, 0], [0.5, 0.5, 0.5]], [11, 17])
    >>> row = CoordinationStats().transform([rock_salt])[0]
    >>> names = CoordinationStats().get_feature_names_out().tolist()
    >>> for name in ("mean_coordination_number", "mean_bond_length"):
    ...     print(name, round(float(row[names.index(name)]), 2))
    mean_coordination_number 6.0
    mean_bond_length 2.82
    """

    schema_version = 5

    def __init__(self, *, statistics: Any = ("mean", "std", "min", "max"), cutoff: float = 8.0) -> None:
        self.statistics = statistics
        self.cutoff = cutoff

    def describe_site_columns(self) -> list[Column]:
        """Describe ``coordination_number``, ``bond_length`` and ``nearest_distance``."""
        return [
            Column.of("coordination_number", "1", "number of bonds, by their weights"),
            Column.of(
                "bond_length", "angstrom", "mean length of the bonds", "the cutoff at a site without bonds"
            ),
            Column.of(
                "nearest_distance",
                "angstrom",
                "distance to the nearest site, bonded or not",
                "the cutoff at a site without neighbours",
            ),
        ]

    def describe_sites(self, crystals: Crystals) -> NDArray[np.float64]:
        """Return the three numbers of each site."""
        bonds = crystals.bonds(self.cutoff)
        lengths = mean_lengths(bonds, self.cutoff)
        return np.column_stack([bonds.numbers, lengths, crystals.nearest_distances(self.cutoff)])
