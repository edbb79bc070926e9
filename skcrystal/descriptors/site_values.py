"""Properties of the elements at the sites of a batch."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from skcrystal.chemistry import elements
from skcrystal.crystals.arrays import mean_over_species

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from skcrystal.crystals.batch import Crystals

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
    return mean_over_species(crystals, table[crystals.atomic_numbers])


def standardized_table(properties: Any) -> NDArray[np.float64]:
    """Return element properties in standard deviations from their mean over the periodic table.

    Mean and deviation run over the elements with a known value; an unknown one is estimated from the
    neighbours in the periodic table (:func:`skcrystal.chemistry.elements.filled_table`). Row 0 is 0: there is
    no element 0.
    """
    return _standardized(tuple(properties))


@lru_cache(maxsize=32)
def _standardized(properties: tuple[str, ...]) -> NDArray[np.float64]:
    known, table = elements.property_table(properties), elements.filled_table(properties)
    scaled = np.nan_to_num((table - np.nanmean(known, axis=0)) / np.nanstd(known, axis=0))
    scaled.flags.writeable = False
    return scaled


def site_statistics(
    crystals: Crystals,
    values: NDArray[np.float64],
    wanted: Sequence[str] = STATISTICS,
) -> NDArray[np.float64]:
    """Return mean, standard deviation, minimum and maximum over the sites of each crystal.

    Parameters
    ----------
    crystals : Crystals
    values : ndarray of shape (n_sites, n_values)
    wanted : sequence of str
        Some of the four :data:`STATISTICS`, in any order.

    Returns
    -------
    ndarray of shape (n_crystals, len(wanted) * n_values)
        Those of the first value, then those of the second, and so on.
    """
    starts, counts = crystals.site_offsets[:-1], crystals.site_counts[:, None]
    if not len(starts):
        return np.zeros((0, len(wanted) * values.shape[1]))

    def deviation() -> NDArray[np.float64]:
        deviations = values - np.repeat(mean, crystals.site_counts, axis=0)
        spread: NDArray[np.float64] = np.sqrt(np.add.reduceat(deviations**2, starts) / counts)
        return spread

    mean = np.add.reduceat(values, starts) / counts
    make = {
        "mean": lambda: mean,
        "std": deviation,
        "min": lambda: np.minimum.reduceat(values, starts),
        "max": lambda: np.maximum.reduceat(values, starts),
    }
    found = np.empty((len(crystals), values.shape[1], len(wanted)))
    for k, name in enumerate(wanted):
        found[:, :, k] = make[name]()
    return found.reshape(len(crystals), -1)
