"""What the descriptors over bonds share: their parameters, and how rows of sites become rows of crystals."""

from __future__ import annotations

from abc import abstractmethod
from numbers import Real
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from skcrystal._sklearn import Interval
from skcrystal.descriptors.base import Descriptor, Invariance, as_names
from skcrystal.descriptors.site_values import STATISTICS, select_statistics, site_statistics

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from skcrystal.crystals.batch import Crystals

__all__ = ["BOND_CONSTRAINTS", "BondedDescriptor"]

BOND_CONSTRAINTS: dict[str, list[Any]] = {
    "statistics": [list, tuple, np.ndarray],
    "cutoff": [Interval(Real, 0, None, closed="neither")],
}


class BondedDescriptor(Descriptor):
    """A descriptor of each site's bonds, ``crystals.bonds(cutoff)``; the base class of several.

    A subclass gives ``describe_sites`` and the names of its columns; a crystal's row pools those of its sites
    by the statistics of the parameter of that name, or of ``_pooled``.

    Rows are invariant to the five moves, since no cell enters a sum over bonds, and continuous, since a bond
    that forms or breaks does so from weight 0 on.
    """

    invariance = Invariance(
        origin=True,
        rotation=True,
        permutation=True,
        supercell=True,
        cell_choice=True,
        continuous=True,
    )
    _parameter_constraints: ClassVar[dict[str, list[Any]]] = BOND_CONSTRAINTS
    statistics: Any
    cutoff: float

    def _validate_params(self) -> None:
        super()._validate_params()
        names = list(self.statistics)
        if not names or len(set(names)) < len(names) or not set(names) <= set(STATISTICS):
            raise ValueError(f"statistics={names!r}: give some of {', '.join(STATISTICS)}, each at most once")

    @abstractmethod
    def describe_sites(self, crystals: Crystals) -> NDArray[np.float64]:
        """Compute one row per site of a batch: the hook that holds the science."""

    @abstractmethod
    def get_site_feature_names_out(self) -> NDArray[np.object_]:
        """Return the names of the columns of a site's row."""

    def _pooled(self) -> Mapping[str, Sequence[str]]:
        """Return the statistics to pool of each column of a site's row."""
        wanted = [statistic for statistic in STATISTICS if statistic in self.statistics]
        return dict.fromkeys(self.get_site_feature_names_out().tolist(), wanted)

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """Return the names of the columns: a statistic, and what it is of.

        Parameters
        ----------
        input_features : ignored

        Returns
        -------
        ndarray of str
        """
        return as_names(select_statistics(self._pooled())[0])

    def describe(self, crystals: Crystals) -> NDArray[np.float64]:
        """Return statistics over the sites of each crystal."""
        pooled = self._pooled()
        used = {statistic for kept in pooled.values() for statistic in kept}
        wanted = [statistic for statistic in STATISTICS if statistic in used]
        kept = np.array([statistic in own for own in pooled.values() for statistic in wanted])
        return site_statistics(crystals, self.describe_sites(crystals), wanted)[:, kept]
