"""Message passing: element properties averaged over bonds, again and again."""

from __future__ import annotations

from numbers import Integral
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from skcrystal._sklearn import Interval
from skcrystal.chemistry import elements
from skcrystal.descriptors.bonded import BOND_CONSTRAINTS, BondedDescriptor
from skcrystal.descriptors.columns import Column, fate_of_unknown
from skcrystal.descriptors.site_values import site_means

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skcrystal.crystals.batch import Crystals
    from skcrystal.crystals.bonds import BondTable

__all__ = ["MessagePassing", "pass_messages"]


def pass_messages(bonds: BondTable, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean of the values of each site and of its bonded neighbours, weighted by the bonds.

    Parameters
    ----------
    bonds : BondTable
    values : ndarray of shape (n_sites, n_values)

    Returns
    -------
    ndarray of shape (n_sites, n_values)
    """
    return (values + bonds.sum_of_neighbors(values)) / (1.0 + bonds.numbers)[:, None]


class MessagePassing(BondedDescriptor):
    """What a graph network sees before anything is learnt: properties averaged over the bonds in rounds.

    Each site begins with a property of its element, a_i, and in each round takes the mean of its own value
    and those of its neighbours, weighted by the bonds w_ij of :meth:`skcrystal.Crystals.bonds`,

        h_i(0) = a_i,    h_i(k + 1) = (h_i(k) + sum_j w_ij h_j(k)) / (1 + sum_j w_ij)

    so that h_i(k) tells of what lies up to k bonds away. Of each round and property the statistics over the
    sites, in the unit of the property. This is the propagation of a graph convolution without its weights:
    Wu et al. found that a linear model on it does nearly as well as the network. The rounds converge to one
    value for all sites that are connected; how fast their spread falls tells how well the elements are mixed.

    Invariant to origin, rotation, reflection, permutation, supercell and choice of cell: no cell enters a sum
    over bonds. Continuous: bonds form and break from weight 0 on. A site without bonds keeps its value. On a
    disordered site a_i is the mean over its species, weighted by their occupancies; an unknown property is
    estimated from the neighbours in the periodic table.

    Parameters
    ----------
    depth : int, default=3
        Number of rounds.
    properties : sequence of str, default=("electronegativity", "covalent_radius", "valence_electrons", \
"mendeleev_number")
        Names of :data:`skcrystal.chemistry.elements.PROPERTIES`.
    statistics : sequence of {"mean", "std", "min", "max"}, default=("mean", "std", "min", "max")
        Over the sites.
    cutoff : float, default=8.0
        In angstrom; farther sites do not see each other.

    References
    ----------
    Wu, Zhang, Souza, Fifty, Yu & Weinberger, Proc. Mach. Learn. Res. 97 (2019) 6861,
    doi 10.48550/arXiv.1902.07153; Kipf & Welling, ICLR (2017), doi 10.48550/arXiv.1609.02907.

    Examples
    --------
    A molecule of carbon dioxide: 3.44, 2.55 and 3.44 on Pauling's scale become (3.44 + 2.55) / 2 at both ends
    and (2.55 + 2 * 3.44) / 3 in the middle.

    >>> import numpy as np
    >>> from skcrystal import Crystal
    >>> from skcrystal.descriptors import MessagePassing
    >>> dioxide = Crystal.ordered(12 * np.eye(3), [[0, 0, 0], [0.0967, 0, 0], [-0.0967, 0, 0]], [6, 8, 8])
    >>> passing = MessagePassing(depth=1, properties=["electronegativity"])
    >>> row = passing.transform([dioxide])[0].round(2).tolist()
    >>> dict(zip(passing.get_feature_names_out()[:2].tolist(), row))
    {'mean_round_1_electronegativity': 3.04, 'std_round_1_electronegativity': 0.07}
    """

    schema_version = 2

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "depth": [Interval(Integral, 1, None, closed="left")],
        "properties": [list, tuple, np.ndarray],
        **BOND_CONSTRAINTS,
    }

    def __init__(
        self,
        *,
        depth: int = 3,
        properties: Any = (
            "electronegativity",
            "covalent_radius",
            "valence_electrons",
            "mendeleev_number",
        ),
        statistics: Any = ("mean", "std", "min", "max"),
        cutoff: float = 8.0,
    ) -> None:
        self.depth = depth
        self.properties = properties
        self.statistics = statistics
        self.cutoff = cutoff

    def _validate_params(self) -> None:
        super()._validate_params()
        for name in self.properties:
            elements.column_info(name)

    def describe_site_columns(self) -> list[Column]:
        """Describe ``round_1_electronegativity`` and so on, round by round."""
        return [
            Column.of(
                f"round_{number}_{name}",
                elements.column_info(name).unit,
                f"after {number} rounds of averaging over bonds: {elements.column_info(name).description}",
                fate_of_unknown(name),
            )
            for number in range(1, self.depth + 1)
            for name in self.properties
        ]

    def describe_sites(self, crystals: Crystals) -> NDArray[np.float64]:
        """Return the values of each site after each round."""
        bonds = crystals.bonds(self.cutoff)
        rounds = [site_means(crystals, elements.filled_table(self.properties))]
        for _ in range(self.depth):
            rounds.append(pass_messages(bonds, rounds[-1]))
        return np.concatenate(rounds[1:], axis=1)
