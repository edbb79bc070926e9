"""Steinhardt's parameters of bond order: how the bonds of a site are spread over directions."""

from __future__ import annotations

from numbers import Integral
from typing import TYPE_CHECKING, Any, ClassVar

from skcrystal._sklearn import Interval
from skcrystal.descriptors.bonded import BOND_CONSTRAINTS, BondedDescriptor
from skcrystal.descriptors.columns import Column

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from skcrystal.crystals.batch import Crystals

__all__ = ["BondOrder"]


class BondOrder(BondedDescriptor):
    """Steinhardt's bond-orientational order parameters q_2 to q_6 of the sites, in 0 to 1, without unit.

    With the weights w_ij of the bonds of site i (:meth:`skcrystal.Crystals.bonds`), their directions u_ij,
    and the spherical harmonics Y_lm,

        q_l(i)^2 = 4 pi / (2 l + 1) sum_m abs(sum_j w_ij Y_lm(u_ij) / sum_j w_ij)^2

    which by the addition theorem is the mean of the Legendre polynomial P_l of the cosine between all pairs
    of bonds. Bonds in a plane or along a line raise q_2, tetrahedra q_3, octahedra and cubes q_4, close
    packing q_6. The mean over the sites by default. A site without bonds has 0, and bonds that weigh less
    than 1 together are divided by 1; a disordered site counts once.

    Invariant to origin, rotation, reflection, permutation, supercell and choice of cell. Continuous: bonds
    form and break from weight 0 on, and q_l is the length of a vector.

    Parameters
    ----------
    largest : int, default=6
        The largest l; columns begin at 2.
    statistics : sequence of str, default=("mean",)
        Some of ``mean``, ``std``, ``min`` and ``max``: what to give over the sites.
    cutoff : float, default=8.0
        In angstrom; farther sites do not see each other.

    References
    ----------
    Steinhardt, Nelson & Ronchetti, Phys. Rev. B 28 (1983) 784, doi 10.1103/PhysRevB.28.784; Mickel et al.,
    J. Chem. Phys. 138 (2013) 044501, doi 10.1063/1.4774084, for weights in place of a count of neighbours.

    Examples
    --------
    Copper, with its twelve neighbours:

    >>> import numpy as np
    >>> from skcrystal import Crystal
    >>> from skcrystal.descriptors import BondOrder
    >>> copper = Crystal.ordered(3.615 * (1 - np.eye(3)) / 2, [[0, 0, 0]], [29])
    >>> order = BondOrder()
    >>> row = dict(zip(order.get_feature_names_out(), order.transform([copper])[0].round(3).tolist()))
    >>> row["mean_q_4"], row["mean_q_6"]
    (0.191, 0.575)
    """

    schema_version = 6

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "largest": [Interval(Integral, 2, None, closed="left")],
        **BOND_CONSTRAINTS,
    }

    def __init__(self, *, largest: int = 6, statistics: Any = ("mean",), cutoff: float = 8.0) -> None:
        self.largest = largest
        self.statistics = statistics
        self.cutoff = cutoff

    def describe_site_columns(self) -> list[Column]:
        """Describe ``q_2``, ``q_3`` and so on."""
        return [
            Column.of(
                f"q_{order}",
                "1",
                f"Steinhardt's order parameter of degree {order} of the directions of the bonds",
                "0 at a site without bonds",
            )
            for order in range(2, self.largest + 1)
        ]

    def describe_sites(self, crystals: Crystals) -> NDArray[np.float64]:
        """Return the q_l of each site."""
        from skcrystal.kernels.angles import bond_order

        bonds = crystals.bonds(self.cutoff)
        orders: NDArray[np.float64] = bond_order(
            bonds.offsets, bonds.directions, bonds.weights, bonds.numbers, self.largest
        )
        return orders[:, 1:]
