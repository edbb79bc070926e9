"""Work on the flat arrays of a batch: offsets, what owners own, what tells crystals and sites apart."""

from __future__ import annotations

from hashlib import blake2b
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "CrystalArrays",
    "content_digests",
    "counts_of",
    "gather",
    "label_sites",
    "mean_over_species",
    "offsets_of",
    "sums_of_owned",
]


class CrystalArrays(NamedTuple):
    """The arrays of a batch, as :class:`skcrystal.Crystals` describes them."""

    lattices: NDArray[np.float64]
    site_offsets: NDArray[np.int64]
    frac_coords: NDArray[np.float64]
    species_offsets: NDArray[np.int64]
    atomic_numbers: NDArray[np.int64]
    occupancies: NDArray[np.float64]
    oxidation_states: NDArray[np.float64]


def offsets_of(counts: list[int]) -> NDArray[np.int64]:
    """Return where what each one owns begins, and at last where all ends."""
    offsets = np.zeros(len(counts) + 1, dtype=np.int64)
    np.cumsum(counts, out=offsets[1:])
    return offsets


def counts_of(offsets: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return how much each one owns."""
    return offsets[1:] - offsets[:-1]


def sums_of_owned(values: NDArray[np.float64], offsets: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the sum of what each owner has, shape (n_owned, ...) to (n_owners, ...); 0 of nothing."""
    filled = offsets[1:] > offsets[:-1]
    if len(filled) and filled.all():
        return np.add.reduceat(values, offsets[:-1])
    sums = np.zeros((len(filled), *values.shape[1:]))
    if filled.any():
        sums[filled] = np.add.reduceat(values, offsets[:-1][filled])
    return sums


def mean_over_species(crystals: Any, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean of values over the species of each site, weighted by their occupancies.

    Parameters
    ----------
    crystals : CrystalArrays or Crystals
    values : ndarray of shape (n_species, ...)

    Returns
    -------
    ndarray of shape (n_sites, ...)
        What a site lacks to full occupancy does not enter.
    """
    starts = crystals.species_offsets[:-1]
    if len(starts) == len(values):
        return values
    weights = crystals.occupancies.reshape(-1, *[1] * (values.ndim - 1))
    means: NDArray[np.float64] = np.add.reduceat(values * weights, starts)
    return means / np.add.reduceat(weights, starts)


def gather(
    offsets: NDArray[np.int64], owners: NDArray[np.intp]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the indices of what `owners` own, in their order, and the new offsets."""
    counts = offsets[owners + 1] - offsets[owners]
    new_offsets = np.zeros(len(owners) + 1, dtype=np.int64)
    np.cumsum(counts, out=new_offsets[1:])
    owned = np.arange(new_offsets[-1]) + np.repeat(offsets[owners] - new_offsets[:-1], counts)
    return owned, new_offsets


def content_digests(crystals: CrystalArrays) -> list[bytes]:
    """Return a digest of each crystal's content."""
    keys = []
    sites, species = crystals.site_offsets.tolist(), crystals.species_offsets[crystals.site_offsets].tolist()
    per_site = counts_of(crystals.species_offsets)
    for i in range(len(crystals.lattices)):
        digest = blake2b(crystals.lattices[i].tobytes(), digest_size=16)
        digest.update(crystals.frac_coords[sites[i] : sites[i + 1]].tobytes())
        digest.update(per_site[sites[i] : sites[i + 1]].tobytes())
        digest.update(crystals.atomic_numbers[species[i] : species[i + 1]].tobytes())
        digest.update(crystals.occupancies[species[i] : species[i + 1]].tobytes())
        keys.append(digest.digest())
    return keys


def label_sites(crystals: CrystalArrays) -> NDArray[np.int64]:
    """Return a label of each site: equal for the same elements at the same occupancies, to 0.001."""
    n_sites = len(crystals.frac_coords)
    if len(crystals.atomic_numbers) == n_sites and (crystals.occupancies == 1).all():
        return crystals.atomic_numbers
    kinds: list[tuple[tuple[int, float], ...]] = []
    offsets = crystals.species_offsets.tolist()
    numbers, occupancies = crystals.atomic_numbers.tolist(), crystals.occupancies.tolist()
    for start, stop in pairwise(offsets):
        amounts: dict[int, float] = {}
        for k in range(start, stop):
            amounts[numbers[k]] = amounts.get(numbers[k], 0.0) + occupancies[k]
        kinds.append(tuple(sorted((number, round(amount, 3)) for number, amount in amounts.items())))
    # Labels keep the order of the atomic numbers, whatever else is in the batch: a search for symmetry
    # begins at the rarest kind of site, and of several at the one of the lowest label.
    places = {kind: place for place, kind in enumerate(sorted(set(kinds)), start=1)}
    return np.array([places[kind] for kind in kinds], dtype=np.int64)
