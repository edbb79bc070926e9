"""Local differences: how unlike the atoms are that bond."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from skcrystal.chemistry import elements
from skcrystal.descriptors.base import as_names
from skcrystal.descriptors.bonded import BOND_CONSTRAINTS, BondedDescriptor
from skcrystal.descriptors.site_values import site_means, site_statistics

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skcrystal.crystals.batch import Crystals

__all__ = ["LocalDifferences"]

# The other statistics stand on single sites: too steep for small displacements. The mean step is near 0.
OF_DIFFERENCES = ("mean", "high")
OF_STEPS = ("low", "high")


class LocalDifferences(BondedDescriptor):
    """Differences of element properties between bonded atoms, in the units of the properties.

    With the weight w_ij of the bond from site i to its neighbour j and a_i a property at site i,

        difference(i) = sum_j w_ij abs(a_j - a_i) / (sum_j w_ij + 1)
        step(i)       = sum_j w_ij (a_j - a_i)    / (sum_j w_ij + 1)

    Differences tell how polar the bonds are, in electronegativity, or how unlike in size; steps keep the
    sign: the lowest step of the electronegativity belongs to the site that draws electrons most. Of each
    difference the mean and the soft extreme ``high`` over the sites
    (:func:`skcrystal.descriptors.site_values.site_statistics`), of each step, whose mean is near 0, the
    extremes ``low`` and ``high``. The weights are those of :meth:`skcrystal.Crystals.bonds`. With the 1 in
    the denominator these are nearly means over the bonds, and hardly move where bonds fade. A site without
    bonds has 0; on a disordered site, which counts once, a_i is the mean over its species, weighted by their
    occupancies. An unknown property counts as the mean over the table.

    Ward et al. weigh by the faces of Voronoi cells instead, whose number jumps under small displacements, and
    of which some crystals have none that a program can find.

    Invariant to origin, rotation, permutation, supercell and choice of cell: no cell enters the formula.
    Continuous: bonds form and break from weight 0 on.

    Parameters
    ----------
    properties : sequence of str, default=("electronegativity", "covalent_radius", "valence_electrons", \
"p_valence_electrons", "d_valence_electrons", "group", "row", "mendeleev_number", "melting_point")
        Names of :data:`skcrystal.chemistry.elements.PROPERTIES`.
    steps : sequence of str, default=("electronegativity", "covalent_radius")
        Names of properties to give the signed steps of.
    cutoff : float, default=8.0
        In angstrom; farther sites do not see each other.
    radius : {"covalent_radius", "atomic_radius", "average_ionic_radius"} or None, default="covalent_radius"
        Radii that distances are compared by; None compares the plain distances.
    reach : float, default=1.5
        How many times as far away as the nearest ones, in units of the radii, a neighbour ceases to be one.

    References
    ----------
    Ward, Liu, Krishna, Hegde, Agrawal, Choudhary & Wolverton, Phys. Rev. B 96 (2017) 024104,
    doi 10.1103/PhysRevB.96.024104.

    Examples
    --------
    All bonds of silicon carbide join 1.90 to 2.55 on Pauling's scale, a step up from silicon and one down
    from carbon:

    >>> import numpy as np
    >>> from skcrystal import Crystal
    >>> from skcrystal.descriptors import LocalDifferences
    >>> carbide = Crystal.ordered(4.36 * (1 - np.eye(3)) / 2, [[0, 0, 0], [0.25, 0.25, 0.25]], [14, 6])
    >>> local = LocalDifferences(properties=["electronegativity"], steps=["electronegativity"], radius=None)
    >>> row = dict(zip(local.get_feature_names_out(), local.transform([carbide])[0].round(2).tolist()))
    >>> row["mean_difference_electronegativity"], row["high_step_electronegativity"]
    (0.52, 0.46)
    """

    schema_version = 3

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "properties": [list, tuple, np.ndarray],
        "steps": [list, tuple, np.ndarray],
        **BOND_CONSTRAINTS,
    }

    def __init__(
        self,
        *,
        properties: Any = (
            "electronegativity",
            "covalent_radius",
            "valence_electrons",
            "p_valence_electrons",
            "d_valence_electrons",
            "group",
            "row",
            "mendeleev_number",
            "melting_point",
        ),
        steps: Any = ("electronegativity", "covalent_radius"),
        cutoff: float = 8.0,
        radius: str | None = "covalent_radius",
        reach: float = 1.5,
    ) -> None:
        self.properties = properties
        self.steps = steps
        self.cutoff = cutoff
        self.radius = radius
        self.reach = reach

    def _validate_params(self) -> None:
        super()._validate_params()
        for name in (*self.properties, *self.steps):
            elements.column_info(name)

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """Return ``mean_difference_electronegativity`` and so on, then ``low_step_electronegativity``.

        Parameters
        ----------
        input_features : ignored

        Returns
        -------
        ndarray of str
        """
        differences = [f"{stat}_difference_{name}" for name in self.properties for stat in OF_DIFFERENCES]
        steps = [f"{stat}_step_{name}" for name in self.steps for stat in OF_STEPS]
        return as_names(differences + steps)

    def describe(self, crystals: Crystals) -> NDArray[np.float64]:
        """Return the statistics of each crystal."""
        from skcrystal.kernels.bonds import local_differences

        bonds = self._bonds(crystals)
        names = [*self.properties, *self.steps]
        values = site_means(crystals, elements.filled_table(names))
        means = local_differences(bonds.offsets, bonds.neighbors, bonds.weights, bonds.numbers, values)
        n = len(self.properties)
        differences = site_statistics(crystals, means[:, 0, :n], OF_DIFFERENCES)
        steps = site_statistics(crystals, means[:, 1, n:], OF_STEPS)
        return np.concatenate([differences, steps], axis=1)
