"""Steinhardt's parameters of bond order: how the bonds of a site are spread over directions."""

from __future__ import annotations

from numbers import Integral
from typing import TYPE_CHECKING, Any, ClassVar

from skcrystal._sklearn import Interval
from skcrystal.descriptors.base import as_names
from skcrystal.descriptors.bonded import BOND_CONSTRAINTS, BondedDescriptor
from skcrystal.descriptors.site_values import site_statistics

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from skcrystal.crystals.batch import Crystals

__all__ = ["BondOrder"]

# Width of a neighbour, in angstrom: short bonds turn fast, and without it high l would turn with them.
BLUR = 0.2


class BondOrder(BondedDescriptor):
    """Steinhardt's bond-orientational order parameters q_2 to q_6 of the sites, in 0 to 1, without unit.

    With the weights w_ij of the bonds of site i (:meth:`skcrystal.Crystals.bonds`), their directions u_ij,
    and the Legendre polynomial P_l,

        q_l(i)^2 = sum_jk w_ij w_ik s_ij s_ik P_l(u_ij . u_ik) / (sum_j w_ij + 1)^2
        s_ij = exp(-l (l + 1) b^2 / (2 r_ij^2)),    b = 0.2 angstrom

    which, but for s and the 1, by the addition theorem equals 4 pi / (2 l + 1) times the sum over m of the
    squared moduli of sum_j w_ij Y_lm(u_ij) / sum_j w_ij. The s stand for neighbours that are no points but
    Gaussians of width b: the shorter a bond, the faster it turns. With the 1, a site loses its last bonds
    smoothly, and n bonds count by n / (n + 1). Noise raises a q_l of 0; to damp it, a site counts with
    sqrt(q_l^2 + 0.12^2) - 0.12. Of that the mean over the sites. Bonds in a plane or along a line raise q_2,
    tetrahedra q_3, octahedra and cubes q_4, close packing q_6: 0.57 for the twelve neighbours in a
    face-centred cubic metal, 0.48 in a hexagonal close-packed one, before the three dampings. A site without
    bonds has 0; a disordered site counts once.

    Invariant to origin, rotation, permutation, supercell and choice of cell. Continuous: bonds form and break
    from weight 0 on, and q_l, the length of a vector, has no steep places. High l turn fast with the bonds,
    hence the wide reach; q_1, bonds on one side of a site, varies too little between crystals.

    Parameters
    ----------
    largest : int, default=6
        The largest l; columns begin at 2.
    cutoff : float, default=8.0
        In angstrom; farther sites do not see each other.
    radius : {"covalent_radius", "atomic_radius", "average_ionic_radius"} or None, default="covalent_radius"
        Radii that distances are compared by; None compares the plain distances.
    reach : float, default=1.9
        How many times as far away as the nearest ones, in units of the radii, a neighbour ceases to be one.

    References
    ----------
    Steinhardt, Nelson & Ronchetti, Phys. Rev. B 28 (1983) 784, doi 10.1103/PhysRevB.28.784; Mickel et al.,
    J. Chem. Phys. 138 (2013) 044501, doi 10.1063/1.4774084, for smooth weights.

    Examples
    --------
    Six bonds along the axes of a cube have q_4 = sqrt(7 / 12) = 0.76 and q_6 = sqrt(1 / 8) = 0.35, less the
    dampings:

    >>> import numpy as np
    >>> from skcrystal import Crystal
    >>> from skcrystal.descriptors import BondOrder
    >>> polonium = Crystal.ordered(3.35 * np.eye(3), [[0, 0, 0]], [84])
    >>> order = BondOrder(reach=1.4)
    >>> row = dict(zip(order.get_feature_names_out(), order.transform([polonium])[0].round(2).tolist()))
    >>> row["mean_q_2"], row["mean_q_4"], row["mean_q_6"]
    (0.0, 0.44, 0.11)
    """

    schema_version = 4

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "largest": [Interval(Integral, 2, None, closed="left")],
        **BOND_CONSTRAINTS,
    }

    def __init__(
        self,
        *,
        largest: int = 6,
        cutoff: float = 8.0,
        radius: str | None = "covalent_radius",
        reach: float = 1.9,
    ) -> None:
        self.largest = largest
        self.cutoff = cutoff
        self.radius = radius
        self.reach = reach

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """Return ``mean_q_2``, ``mean_q_3`` and so on.

        Parameters
        ----------
        input_features : ignored

        Returns
        -------
        ndarray of str
        """
        return as_names([f"mean_q_{order}" for order in range(2, self.largest + 1)])

    def describe(self, crystals: Crystals) -> NDArray[np.float64]:
        """Return the statistics of each crystal."""
        from skcrystal.kernels.angles import bond_order, sharpness, unit_vectors

        bonds = self._bonds(crystals)
        units = unit_vectors(bonds.vectors, bonds.distances)
        sharp = sharpness(bonds.distances, BLUR)
        orders = bond_order(bonds.offsets, units, bonds.weights, sharp, bonds.numbers, self.largest)
        # The other statistics stand on single sites: too steep for small displacements.
        return site_statistics(crystals, orders[:, 1:], ("mean",))
