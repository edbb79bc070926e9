"""Base of the descriptors that say something about each site: a row per site, and its pooling to crystals."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from skcrystal._sklearn import output_config
from skcrystal.crystals.crystal import CrystalError
from skcrystal.descriptors.base import Descriptor, as_names
from skcrystal.descriptors.columns import Column, describe_names, name_units
from skcrystal.descriptors.site_values import STATISTICS, site_statistics
from skcrystal.inputs import as_crystals

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    from skcrystal.crystals.batch import Crystals

__all__ = ["SiteDescriptor", "SiteGradients", "site_factors", "whole_atoms"]


class SiteGradients(NamedTuple):
    """Derivatives of a weighted sum over sites and columns.

    Attributes
    ----------
    positions : ndarray of shape (n_sites, 3)
        By the positions, per angstrom.
    strains : ndarray of shape (n_crystals, 3, 3)
        By a strain e that turns positions and lattice vectors into (1 + e) times themselves.
    """

    positions: NDArray[np.float64]
    strains: NDArray[np.float64]


def whole_atoms(crystals: Crystals) -> Crystals:
    """Return the crystals, or refuse one whose atoms are split over several sites."""
    joined = crystals.join_split_sites()
    split = np.flatnonzero(joined.site_counts < crystals.site_counts)
    if len(split):
        index = int(split[0])
        raise CrystalError(
            f"crystal {index} ({crystals[index].formula}): an atom is split over several sites, and "
            "derivatives belong to whole atoms; order it first"
        )
    return crystals


def site_factors(weights: Any, n_sites: int, n_features: int) -> NDArray[np.float64]:
    """Return weights of sites and columns as an array of their shape, or say what shape they should have."""
    factors = np.ascontiguousarray(weights, dtype=np.float64)
    if factors.shape != (n_sites, n_features):
        raise ValueError(
            f"weights have the shape {factors.shape}; give one per site and column, {(n_sites, n_features)}"
        )
    return factors


def check_statistics(statistics: Sequence[str]) -> None:
    """Refuse what is no statistic over sites."""
    unknown = [name for name in statistics if name not in STATISTICS]
    if unknown or not len(statistics) or len(set(statistics)) < len(statistics):
        raise ValueError(
            f"statistics={list(statistics)!r}: give some of {', '.join(STATISTICS)}, each at most once"
        )


def pool_sparse(crystals: Crystals, values: csr_array, wanted: Sequence[str]) -> csr_array:
    """Return statistics over the sites of each crystal, of a sparse table of sites.

    Sites of one crystal share their columns, so that each crystal is a small dense table.
    """
    from scipy.sparse import csr_array

    data, indices, offsets = [], [], [0]
    for number, (first, last) in enumerate(
        zip(crystals.site_offsets[:-1], crystals.site_offsets[1:], strict=True)
    ):
        block = values[first:last]
        columns = np.unique(block.indices)
        dense = np.zeros((last - first, len(columns)))
        rows = np.repeat(np.arange(last - first), np.diff(block.indptr))
        dense[rows, np.searchsorted(columns, block.indices)] = block.data
        data.append(site_statistics(crystals[number : number + 1], dense, wanted).ravel())
        indices.append((columns[:, None] * len(wanted) + np.arange(len(wanted))).ravel())
        offsets.append(offsets[-1] + len(indices[-1]))
    shape = (len(crystals), values.shape[1] * len(wanted))
    if not data:
        return csr_array(shape, dtype=np.float64)
    return csr_array((np.concatenate(data), np.concatenate(indices), np.array(offsets)), shape=shape)


class SiteDescriptor(Descriptor):
    """A descriptor with a row for each site; a row of a crystal pools those of its sites.

    A subclass gives ``describe_sites``, ``describe_site_columns``, and which statistics of each are pooled:
    those of its parameter ``statistics``, or, where the columns differ, ``_pooled``. The rows of
    :meth:`transform_sites` are equivariant: they are listed in the order of the sites.
    """

    statistics: Any

    def _validate_params(self) -> None:
        super()._validate_params()
        if hasattr(self, "statistics"):
            check_statistics(self.statistics)

    @abstractmethod
    def describe_sites(self, crystals: Crystals) -> NDArray[np.float64] | csr_array:
        """Compute one row per site of a batch: the hook that holds the science.

        Parameters
        ----------
        crystals : Crystals

        Returns
        -------
        ndarray or csr_array of shape (n_sites, n_site_features)
        """

    def describe_site_columns(self) -> list[Column]:
        """Say of each column of a site's row what it means, in which unit: the hook that names them.

        A class that gives ``get_site_feature_names_out`` instead has columns of which nothing but the name
        is known.

        Returns
        -------
        list of :class:`~skcrystal.descriptors.Column`
        """
        if type(self).get_site_feature_names_out is SiteDescriptor.get_site_feature_names_out:
            raise NotImplementedError(
                f"{type(self).__name__} has no describe_site_columns to name its columns"
            )
        return [Column(str(name)) for name in self.get_site_feature_names_out()]

    def get_site_feature_names_out(self) -> NDArray[np.object_]:
        """Return the names of the columns of a site's row, in the order of :meth:`describe_site_columns`.

        Returns
        -------
        ndarray of str
        """
        return as_names([column.name for column in self.describe_site_columns()])

    def site_columns(self) -> list[Column]:
        """Return the columns of a site's row, whichever way the class names them."""
        return describe_names(self.get_site_feature_names_out(), self.describe_site_columns())

    def multiplicities(self) -> NDArray[np.float64]:
        """Return how many equal columns each column of a site's row stands for, in a kernel of two rows.

        Returns
        -------
        ndarray of shape (n_site_features,)
        """
        return np.ones(len(self.get_site_feature_names_out()))

    def _pooled(self) -> Mapping[str, Sequence[str]]:
        """Return the statistics to pool of each column of a site's row, in the order of their list."""
        wanted = [statistic for statistic in STATISTICS if statistic in self.statistics]
        return dict.fromkeys(self.get_site_feature_names_out().tolist(), wanted)

    def site_rows(self, crystals: Crystals) -> NDArray[np.float64] | csr_array:
        """Return one row per site; sites that an atom is split over have that atom's row each.

        Parameters
        ----------
        crystals : Crystals

        Returns
        -------
        ndarray or csr_array of shape (n_sites, n_site_features)
        """
        joined = crystals.join_split_sites()
        rows = self.describe_sites(joined)
        return rows if joined is crystals else rows[crystals.joined_sites]

    def transform_sites(self, X: Any) -> Any:
        """Compute one row per site, in the order of the sites.

        Where an atom is split over several sites (:meth:`skcrystal.Crystals.join_split_sites`), each of them
        has the row of that atom.

        Parameters
        ----------
        X : Crystals or a collection of crystals
            Anything that :func:`skcrystal.as_crystals` takes.

        Returns
        -------
        ndarray of shape (n_sites, n_site_features), float64
            Crystal and number of each row are ``as_crystals(X).site_index``. After
            ``set_output(transform="pandas")`` a DataFrame with both as its index, named ``crystal`` and
            ``site``, and the units of the columns as ``attrs["units"]``; after ``"polars"`` one with both as
            its first columns. Sparse where the descriptor is.
        """
        self._validate_params()
        crystals = as_crystals(X)
        values = self.site_rows(crystals)
        container = output_config("transform", self)["dense"]
        if container == "default":
            return values
        if not isinstance(values, np.ndarray):
            raise ValueError(
                f"{container} output holds no sparse table: set sparse_output=False, or 'default' output"
            )
        names = self.get_site_feature_names_out()
        owners, numbers = crystals.site_index.T
        if container == "polars":
            import polars

            return polars.DataFrame(
                {"crystal": owners, "site": numbers, **dict(zip(names, values.T, strict=True))}
            )
        import pandas as pd

        index = pd.MultiIndex.from_arrays([owners, numbers], names=["crystal", "site"])
        table = pd.DataFrame(values, index=index, columns=names)
        table.attrs["units"] = name_units(self.site_columns())
        return table

    def describe_columns(self) -> list[Column]:
        """Describe the columns of a crystal's row: ``mean_`` and so on before those of the sites."""
        pooled = self._pooled()
        return [
            column.over(statistic, "the sites")
            for column in self.site_columns()
            for statistic in pooled[column.name]
        ]

    def describe(self, crystals: Crystals) -> NDArray[np.float64] | csr_array:
        """Return statistics over the sites of each crystal."""
        return self._pool(crystals, self.describe_sites(crystals))

    def _pool(
        self, crystals: Crystals, values: NDArray[np.float64] | csr_array
    ) -> NDArray[np.float64] | csr_array:
        if isinstance(values, np.ndarray) and type(self)._pooled is SiteDescriptor._pooled:
            # All columns have the same statistics: no need to name them.
            alike = [statistic for statistic in STATISTICS if statistic in self.statistics]
            return site_statistics(crystals, values, alike)
        pooled = self._pooled()
        used = {statistic for kept in pooled.values() for statistic in kept}
        wanted = [statistic for statistic in STATISTICS if statistic in used]
        if not isinstance(values, np.ndarray):
            return pool_sparse(crystals, values, wanted)
        kept = np.array([statistic in own for own in pooled.values() for statistic in wanted])
        return site_statistics(crystals, values, wanted)[:, kept]
