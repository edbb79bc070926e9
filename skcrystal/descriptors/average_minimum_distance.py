"""Average minimum distances: how far the k-th nearest site is, on average over the sites."""

from __future__ import annotations

from numbers import Integral
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from skcrystal._sklearn import Interval, StrOptions
from skcrystal.crystals.nearest_sites import nearest_site_distances
from skcrystal.descriptors.base import Invariance
from skcrystal.descriptors.columns import Column
from skcrystal.descriptors.site_descriptor import SiteDescriptor

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from skcrystal.crystals.batch import Crystals

__all__ = ["AverageMinimumDistance"]


class AverageMinimumDistance(SiteDescriptor):
    """Average minimum distances AMD_1 to AMD_k, in angstrom.

    With d_k(i), the distance from site i to its k-th nearest site (periodic images counted, site i itself
    not), AMD_k is the mean of d_k(i) over the sites i of the unit cell. Rows of sites are the d_k(i)
    themselves. It does not see which species the sites hold; a disordered site counts once, and an atom that
    is split over several sites (:meth:`skcrystal.Crystals.join_split_sites`) as one.

    Invariant to origin, rotation, reflection, permutation, supercell and choice of cell. Continuous: AMD_k
    changes by at most 2 e where no site moves by more than e (Widdowson et al. 2022), however small e is: no
    cell enters the definition, and no symmetry is searched, so that sites stay where they are. With
    ``units="spacing"``, distances are divided by (V/N)^(1/3), the edge of a cube with the volume V/N per
    site, and the row is invariant to uniform expansion as well.

    Parameters
    ----------
    k : int, default=20
        Number of neighbours and of columns. The first ten or so tell the coordination apart, the later ones
        tend to the curve of a gas of the same density.
    units : {"angstrom", "spacing"}, default="angstrom"
        Whether distances are in angstrom or in units of (V/N)^(1/3).

    References
    ----------
    Widdowson, Mosca, Pulido, Cooper & Kurlin, MATCH Commun. Math. Comput. Chem. 87 (2022) 529,
    doi 10.46793/match.87-3.529W; Widdowson & Kurlin, NeurIPS 35 (2022) 24625, arXiv:2108.04798.

    Examples
    --------
    In a simple cubic lattice of edge a, six neighbours are at a, and the next at a sqrt(2):

    >>> import numpy as np
    >>> from skcrystal import Crystal
    >>> from skcrystal.descriptors import AverageMinimumDistance
    >>> polonium = Crystal.ordered(3.35 * np.eye(3), [[0, 0, 0]], [84])
    >>> AverageMinimumDistance(k=7).transform([polonium]).round(3)
    array([[3.35 , 3.35 , 3.35 , 3.35 , 3.35 , 3.35 , 4.738]])
    """

    schema_version = 2

    invariance = Invariance(
        origin=True,
        rotation=True,
        reflection=True,
        permutation=True,
        supercell=True,
        cell_choice=True,
        continuous=True,
        note="a change is at most twice the largest displacement",
    )
    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "k": [Interval(Integral, 1, None, closed="left")],
        "units": [StrOptions({"angstrom", "spacing"})],
    }

    def __init__(self, *, k: int = 20, units: str = "angstrom") -> None:
        self.k = k
        self.units = units

    def _scale(self) -> tuple[str, str, str]:
        """Return what stands before names, the unit, and words on it."""
        if self.units == "spacing":
            return "relative_", "1", ", in units of the cube root of the volume per site"
        return "", "angstrom", ""

    def describe_site_columns(self) -> list[Column]:
        """Describe ``minimum_distance_1`` and so on, ``relative_...`` in units of the spacing."""
        prefix, unit, scale = self._scale()
        return [
            Column.of(
                f"{prefix}minimum_distance_{n}", unit, f"distance to the nearest site number {n}{scale}"
            )
            for n in range(1, self.k + 1)
        ]

    def describe_columns(self) -> list[Column]:
        """Describe ``average_minimum_distance_1`` and so on, ``relative_...`` in units of the spacing."""
        prefix, unit, scale = self._scale()
        return [
            Column.of(
                f"{prefix}average_minimum_distance_{n}",
                unit,
                f"distance to the nearest site number {n}{scale}; mean over the sites",
            )
            for n in range(1, self.k + 1)
        ]

    def _pooled(self) -> Mapping[str, Sequence[str]]:
        return dict.fromkeys(self.get_site_feature_names_out().tolist(), ("mean",))

    def describe_sites(self, crystals: Crystals) -> NDArray[np.float64]:
        """Return the distances from each site to the nearest ones, ascending."""
        distances = nearest_site_distances(crystals, self.k)
        if self.units == "spacing":
            distances /= np.cbrt(crystals.volumes / crystals.site_counts)[crystals.site_index[:, 0], None]
        return distances
