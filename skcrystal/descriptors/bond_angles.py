"""The spectrum of bond angles."""

from __future__ import annotations

from numbers import Integral, Real
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from skcrystal._sklearn import Interval
from skcrystal.descriptors.bonded import BOND_CONSTRAINTS, BondedDescriptor
from skcrystal.descriptors.columns import Column

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skcrystal.crystals.batch import Crystals

__all__ = ["BondAngles"]


class BondAngles(BondedDescriptor):
    """Shares of the angles between the bonds of a site around each of a row of angles, without unit.

    With the weights w_ij of the bonds of site i (:meth:`skcrystal.Crystals.bonds`) and the angle t_jik
    between the bonds to j and to k, the column of the angle t_n holds

        a_n(i) = sum_(j<k) w_ij w_ik h_n(t_jik) / sum_(j<k) w_ij w_ik

    where the hat function h_n falls linearly from 1 at t_n to 0 at the angles before and after it; what lies
    below the first angle counts there. A row sums to 1: six bonds of an octahedron have 12 angles of 90
    degrees, a share of 0.8, and 3 of 180; four of a tetrahedron have all at 109.5, 0.70 of it at 105 and 0.30
    at 120. The mean over the sites by default. A site with one bond has no angle and 0 throughout; pairs of
    bonds that weigh less than 1 together are divided by 1.

    Invariant to origin, rotation, reflection, permutation, supercell and choice of cell: angles do not depend
    on them. Continuous: bonds form and break from weight 0 on.

    Parameters
    ----------
    n_angles : int, default=10
        Number of angles, and of columns per statistic.
    start : float, default=45.0
        The first angle, in degrees. The last one is 180.
    statistics : sequence of str, default=("mean",)
        Some of ``mean``, ``std``, ``min`` and ``max``: what to give over the sites.
    cutoff : float, default=8.0
        In angstrom; farther sites do not see each other.

    Examples
    --------
    The six bonds of sodium and of chlorine in rock salt:

    >>> import numpy as np
    >>> from skcrystal import Crystal
    >>> from skcrystal.descriptors import BondAngles
    >>> rock_salt = Crystal.ordered(5.64 * (1 - np.eye(3)) / 2, [[0, 0, 0], [0.5, 0.5, 0.5]], [11, 17])
    >>> angles = BondAngles()
    >>> row = dict(zip(angles.get_feature_names_out(), angles.transform([rock_salt])[0].round(3).tolist()))
    >>> row["mean_bond_angle_90"], row["mean_bond_angle_180"]
    (0.8, 0.2)
    """

    schema_version = 5

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "n_angles": [Interval(Integral, 2, None, closed="left")],
        "start": [Interval(Real, 0, 180, closed="left")],
        **BOND_CONSTRAINTS,
    }

    def __init__(
        self,
        *,
        n_angles: int = 10,
        start: float = 45.0,
        statistics: Any = ("mean",),
        cutoff: float = 8.0,
    ) -> None:
        self.n_angles = n_angles
        self.start = start
        self.statistics = statistics
        self.cutoff = cutoff

    def describe_site_columns(self) -> list[Column]:
        """Describe ``bond_angle_45``, ``bond_angle_60`` and so on."""
        return [
            Column.of(
                f"bond_angle_{angle:.4g}",
                "1",
                f"share of the angles between bonds around {angle:.4g} degrees",
                "0 at a site with fewer than two bonds",
            )
            for angle in np.linspace(self.start, 180.0, self.n_angles)
        ]

    def describe_sites(self, crystals: Crystals) -> NDArray[np.float64]:
        """Return the shares of each site."""
        from skcrystal.kernels.angles import angle_shares

        bonds = crystals.bonds(self.cutoff)
        shares: NDArray[np.float64] = angle_shares(
            bonds.offsets, bonds.directions, bonds.weights, self.n_angles, float(np.radians(self.start))
        )
        return shares
