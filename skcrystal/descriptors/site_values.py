"""Properties of the elements at the sites of a batch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from skcrystal import elements

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skcrystal.crystals import Crystals

__all__ = ["STATISTICS", "site_means", "site_statistics", "standardized_table"]

STATISTICS = ("mean", "std", "min", "max")


def site_means(crystals: Crystals, table: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean of element values over the species of each site, weighted by their occupancies.

    Parameters
    ----------
    crystals : Crystals
    table : ndarray of shape (119, n_values)
        Row Z belongs to the atomic number Z.

    Returns
    -------
    ndarray of shape (n_sites, n_values)
        What a site lacks to full occupancy does not enter.
    """
    starts = crystals.species_offsets[:-1]
    if not len(starts):
        return np.zeros((0, table.shape[1]))
    weighted = table[crystals.atomic_numbers] * crystals.occupancies[:, None]
    totals = np.add.reduceat(crystals.occupancies, starts)
    means: NDArray[np.float64] = np.add.reduceat(weighted, starts, axis=0) / totals[:, None]
    return means


def standardized_table(properties: Any) -> NDArray[np.float64]:
    """Return element properties in standard deviations from their mean over the periodic table.

    Mean and deviation run over the elements with a known value; an unknown one counts as the mean, 0.
    """
    table = elements.property_table(properties)
    scaled = (table - np.nanmean(table, axis=0)) / np.nanstd(table, axis=0)
    return np.where(np.isnan(scaled), 0.0, scaled)


def site_statistics(crystals: Crystals, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return mean, standard deviation, minimum and maximum over the sites of each crystal, value by value.

    Parameters
    ----------
    crystals : Crystals
    values : ndarray of shape (n_sites, n_values)

    Returns
    -------
    ndarray of shape (n_crystals, 4 * n_values)
        The four :data:`STATISTICS` of the first value, then those of the second, and so on.
    """
    starts, counts = crystals.site_offsets[:-1], crystals.site_counts[:, None]
    if not len(starts):
        return np.zeros((0, 4 * values.shape[1]))
    mean = np.add.reduceat(values, starts) / counts
    squares = (values - np.repeat(mean, crystals.site_counts, axis=0)) ** 2
    std = np.sqrt(np.add.reduceat(squares, starts) / counts)
    lowest, highest = np.minimum.reduceat(values, starts), np.maximum.reduceat(values, starts)
    return np.stack([mean, std, lowest, highest], axis=2).reshape(len(crystals), -1)
