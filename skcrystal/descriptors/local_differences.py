"""Local differences: how unlike the atoms are that bond."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from skcrystal.chemistry import elements
from skcrystal.descriptors.bonded import BOND_CONSTRAINTS, BondedDescriptor
from skcrystal.descriptors.columns import Column, fate_of_unknown
from skcrystal.descriptors.site_values import STATISTICS, site_means

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from skcrystal.crystals.batch import Crystals

__all__ = ["LocalDifferences"]

# What one end of a bond steps up the other steps down: the mean is near 0.
OF_STEPS = ("min", "max")


class LocalDifferences(BondedDescriptor):
    """Differences of element properties between bonded atoms, in the units of the properties.

    With the weight w_ij of the bond from site i to its neighbour j (:meth:`skcrystal.Crystals.bonds`) and a_i
    a property at site i,

        difference(i) = sum_j w_ij abs(a_j - a_i) / sum_j w_ij
        step(i)       = sum_j w_ij (a_j - a_i)    / sum_j w_ij

    Differences tell how polar the bonds are, in electronegativity, or how unlike in size; steps keep the
    sign: the lowest step of the electronegativity belongs to the site that draws electrons most. Of the
    differences the statistics over the sites, of the steps, whose mean is near 0, minimum and maximum. A site
    without bonds has 0, and bonds that weigh less than 1 together are divided by 1; on a disordered site,
    which counts once, a_i is the mean over its species, weighted by their occupancies. An unknown property
    is estimated from the neighbours in the periodic table.

    Ward et al. weigh by the faces of Voronoi cells instead, whose number jumps under small displacements, and
    of which some crystals have none that a program can find.

    Invariant to origin, rotation, reflection, permutation, supercell and choice of cell: no cell enters the
    formula. Continuous: bonds form and break from weight 0 on.

    Parameters
    ----------
    properties : sequence of str, default=("electronegativity", "covalent_radius", "valence_electrons", \
"p_valence_electrons", "d_valence_electrons", "group", "row", "mendeleev_number", "melting_point")
        Names of :data:`skcrystal.chemistry.elements.PROPERTIES`.
    steps : sequence of str, default=("electronegativity", "covalent_radius")
        Names of properties to give the signed steps of.
    statistics : sequence of str, default=("mean", "max")
        Some of ``mean``, ``std``, ``min`` and ``max``: what to give of the differences over the sites.
    cutoff : float, default=8.0
        In angstrom; farther sites do not see each other.

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
    >>> local = LocalDifferences(properties=["electronegativity"], steps=["electronegativity"])
    >>> row = dict(zip(local.get_feature_names_out(), local.transform([carbide])[0].round(2).tolist()))
    >>> row["mean_difference_electronegativity"], row["min_step_electronegativity"]
    (0.65, -0.65)
    """

    schema_version = 5

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
        statistics: Any = ("mean", "max"),
        cutoff: float = 8.0,
    ) -> None:
        self.properties = properties
        self.steps = steps
        self.statistics = statistics
        self.cutoff = cutoff

    def _validate_params(self) -> None:
        super()._validate_params()
        for name in (*self.properties, *self.steps):
            elements.column_info(name)

    def describe_site_columns(self) -> list[Column]:
        """Describe ``difference_electronegativity`` and so on, then ``step_electronegativity``."""
        kinds = [("difference", "absolute difference", name) for name in self.properties]
        kinds += [("step", "step up", name) for name in self.steps]
        return [
            Column.of(
                f"{kind}_{name}",
                elements.column_info(name).unit,
                f"{words} to the bonded atoms, mean over the bonds: {elements.column_info(name).description}",
                f"0 at a site without bonds; {fate_of_unknown(name)}".removesuffix("; "),
            )
            for kind, words, name in kinds
        ]

    def _pooled(self) -> Mapping[str, Sequence[str]]:
        # As `describe_site_columns` names them; to make those takes as long as to describe a small crystal.
        wanted = [statistic for statistic in STATISTICS if statistic in self.statistics]
        differences = dict.fromkeys([f"difference_{name}" for name in self.properties], wanted)
        return {**differences, **dict.fromkeys([f"step_{name}" for name in self.steps], OF_STEPS)}

    def describe_sites(self, crystals: Crystals) -> NDArray[np.float64]:
        """Return differences and steps of each site."""
        bonds = crystals.bonds(self.cutoff)
        values = site_means(crystals, elements.filled_table([*self.properties, *self.steps]))
        steps = values[bonds.neighbors] - values[bonds.centers]
        n = len(self.properties)
        return bonds.mean_of_bonds(np.concatenate([np.abs(steps[:, :n]), steps[:, n:]], axis=1))
