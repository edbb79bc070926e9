"""Split sites: partly occupied sites too close to each other to be occupied at the same time."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from skcrystal.chemistry.radii import covalent_radii
from skcrystal.crystals.arrays import mean_over_species, offsets_of
from skcrystal.crystals.neighbors import NeighborTable, find_neighbors

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skcrystal.crystals.arrays import CrystalArrays

__all__ = [
    "Exclusions",
    "JoinedSites",
    "drop_excluded",
    "exclusion_limits",
    "find_exclusions",
    "join_split_sites",
    "site_occupancies",
]

# No bond is shorter than this share of the sum of the covalent radii (Cordero et al., Dalton Trans. (2008)
# 2832, doi 10.1039/b801115j): the sextuple bond of Cr2, the shortest beside it, has 1.679 angstrom of 2.78
# (Bondybey & English, Chem. Phys. Lett. 94 (1983) 443, doi 10.1016/0009-2614(83)85029-5), N2 1.098 of 1.42.
SHORTEST_BOND = 0.6

# Files give occupancies to two decimals at worst: two of them sum to 1 within this.
OCCUPANCY_ROUNDING = 0.01 + 1e-9

# The two ends of a ring of close sites lead to the same place within this, in angstrom, or to another image.
SAME_PLACE = 1e-3


class Exclusions(NamedTuple):
    """Which sites are never occupied together with which others near them.

    Attributes
    ----------
    occupancies : ndarray of shape (n_sites,)
        Of all species of a site together.
    reaches : ndarray of shape (n_sites,)
        Two sites of occupancies that sum to at most 1 exclude each other where their distance is below the
        sum of their reaches, in angstrom.
    pairs : NeighborTable
        All pairs of such sites, in both directions, with periodic images.
    """

    occupancies: NDArray[np.float64]
    reaches: NDArray[np.float64]
    pairs: NeighborTable

    def mask(self, table: NeighborTable) -> NDArray[np.bool_]:
        """Tell which pairs of a table exclude each other."""
        one, other = table.centers, table.neighbors
        fit = self.occupancies[one] + self.occupancies[other] <= 1 + OCCUPANCY_ROUNDING
        close: NDArray[np.bool_] = table.distances < self.reaches[one] + self.reaches[other]
        return fit & close


class JoinedSites(NamedTuple):
    """The arrays of a batch whose split sites are one site each, and the new site of each old one."""

    site_offsets: NDArray[np.int64]
    frac_coords: NDArray[np.float64]
    species_offsets: NDArray[np.int64]
    atomic_numbers: NDArray[np.int64]
    occupancies: NDArray[np.float64]
    oxidation_states: NDArray[np.float64]
    owners: NDArray[np.int64]


def site_occupancies(
    species_offsets: NDArray[np.int64], occupancies: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the sum of the occupancies of each site."""
    if len(species_offsets) == 1:
        return np.zeros(0)
    totals: NDArray[np.float64] = np.add.reduceat(occupancies, species_offsets[:-1])
    return totals


def find_exclusions(crystals: CrystalArrays) -> Exclusions | None:
    """Find the pairs of sites that exclude each other: too close for any bond, and never more than one atom.

    Parameters
    ----------
    crystals : CrystalArrays

    Returns
    -------
    Exclusions or None
        None where there are no such pairs, as in every ordered crystal.
    """
    totals = site_occupancies(crystals.species_offsets, crystals.occupancies)
    partial = np.flatnonzero(totals < 1 - OCCUPANCY_ROUNDING)
    if not len(partial):
        return None
    radii = mean_over_species(crystals, covalent_radii()[crystals.atomic_numbers])
    reaches = SHORTEST_BOND * radii
    owners = np.searchsorted(crystals.site_offsets, partial, side="right") - 1
    involved, places = np.unique(owners, return_inverse=True)
    largest = np.zeros(len(involved))
    np.maximum.at(largest, places, reaches[partial])
    offsets = offsets_of(np.bincount(places).tolist())
    found = find_neighbors(
        crystals.lattices[involved], offsets, crystals.frac_coords[partial], 2 * largest * (1 + 1e-9)
    )
    local = Exclusions(totals[partial], reaches[partial], found)
    kept = local.mask(found)
    if not kept.any():
        return None
    return Exclusions(totals, reaches, _spread(_keep(found, kept), partial, len(totals)))


def exclusion_limits(
    exclusions: Exclusions | None, n_sites: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return what kernels compare: two sites exclude each other where the first numbers sum to at most 1 and
    the distance is below the sum of the second ones.
    """
    if exclusions is None:
        return np.ones(n_sites), np.zeros(n_sites)
    return exclusions.occupancies - OCCUPANCY_ROUNDING / 2, np.array(exclusions.reaches)


def drop_excluded(table: NeighborTable, exclusions: Exclusions | None) -> NeighborTable:
    """Return a table without the pairs that exclude each other."""
    if exclusions is None:
        return table
    excluded = exclusions.mask(table)
    return _keep(table, ~excluded) if excluded.any() else table


def _keep(table: NeighborTable, kept: NDArray[np.bool_]) -> NeighborTable:
    """Return a table of some of the pairs."""
    counts = np.bincount(table.centers[kept], minlength=len(table.offsets) - 1)
    columns = [field.name for field in fields(table) if field.name not in ("offsets", "cutoffs")]
    return replace(
        table,
        offsets=offsets_of(counts.tolist()),
        **{name: getattr(table, name)[kept] for name in columns},
    )


def _spread(table: NeighborTable, sites: NDArray[np.intp], n_sites: int) -> NeighborTable:
    """Return the table of some sites as one of all sites, the others being without neighbours."""
    counts = np.zeros(n_sites, dtype=np.int64)
    counts[sites] = np.diff(table.offsets)
    return replace(table, offsets=offsets_of(counts.tolist()), neighbors=sites[table.neighbors])


def join_split_sites(crystals: CrystalArrays, exclusions: Exclusions) -> JoinedSites | None:
    """Make one site of each group of sites that one atom is split over.

    A group is what is joined by pairs that exclude each other. It becomes one site, at the mean position
    weighted by the occupancies and with all of the species, where the occupancies sum to at most 1 and no two
    of its sites are farther apart than a bond (the sum of the covalent radii). Others stay as they are: a row
    of sites along a channel, which ends nowhere, or a group of two atoms or more.

    Parameters
    ----------
    crystals : CrystalArrays
    exclusions : Exclusions

    Returns
    -------
    JoinedSites or None
        None where no group becomes one site.
    """
    groups = [
        group for group in _groups(exclusions.pairs) if group is not None and _is_one_atom(*group, exclusions)
    ]
    if not groups:
        return None
    n_sites = len(crystals.frac_coords)
    heads = np.arange(n_sites)
    coords = crystals.frac_coords.copy()
    site_crystals = np.repeat(np.arange(len(crystals.lattices)), np.diff(crystals.site_offsets))
    for sites, places in groups:
        heads[sites] = sites[0]
        weights = exclusions.occupancies[sites]
        mean = weights @ places / weights.sum()
        coords[sites[0]] += mean @ np.linalg.inv(crystals.lattices[site_crystals[sites[0]]])
    kept = np.flatnonzero(heads == np.arange(n_sites))
    owners = (np.cumsum(heads == np.arange(n_sites)) - 1)[heads]

    # Species in the order of the new sites; equal elements of one site are added up.
    species_sites = owners[np.repeat(np.arange(n_sites), np.diff(crystals.species_offsets))]
    grouped = set(owners[[sites[0] for sites, _ in groups]].tolist())
    counts = []
    numbers: list[int] = []
    occupancies: list[float] = []
    states: list[float] = []
    order = np.argsort(species_sites, kind="stable")
    bounds = np.searchsorted(species_sites[order], np.arange(len(kept) + 1)).tolist()
    all_numbers, all_occupancies, all_states = (
        array[order].tolist()
        for array in (crystals.atomic_numbers, crystals.occupancies, crystals.oxidation_states)
    )
    for site in range(len(kept)):
        start, stop = bounds[site], bounds[site + 1]
        own = list(
            zip(all_numbers[start:stop], all_occupancies[start:stop], all_states[start:stop], strict=True)
        )
        if site in grouped:
            own = _added_up(own)
        counts.append(len(own))
        for number, occupancy, state in own:
            numbers.append(number)
            occupancies.append(occupancy)
            states.append(state)
    return JoinedSites(
        offsets_of(np.bincount(site_crystals[kept], minlength=len(crystals.lattices)).tolist()),
        coords[kept],
        offsets_of(counts),
        np.array(numbers, dtype=np.int64),
        np.array(occupancies, dtype=np.float64),
        np.array(states, dtype=np.float64),
        owners,
    )


def _groups(
    pairs: NeighborTable,
) -> list[tuple[NDArray[np.int64], NDArray[np.float64]] | None]:
    """Return sites of each group and their places, in angstrom from the first; None where it has no end."""
    found: list[tuple[NDArray[np.int64], NDArray[np.float64]] | None] = []
    starts, neighbors, vectors = pairs.offsets.tolist(), pairs.neighbors.tolist(), pairs.vectors
    seen: set[int] = set()
    for first in np.flatnonzero(np.diff(pairs.offsets)).tolist():
        if first in seen:
            continue
        places = {first: np.zeros(3)}
        endless = False
        waiting = [first]
        while waiting:
            site = waiting.pop()
            for pair in range(starts[site], starts[site + 1]):
                other, place = neighbors[pair], places[site] + vectors[pair]
                if other not in places:
                    places[other] = place
                    waiting.append(other)
                elif np.abs(places[other] - place).max() > SAME_PLACE:
                    endless = True
        seen.update(places)
        sites = np.array(sorted(places))
        found.append(None if endless else (sites, np.array([places[site] for site in sites.tolist()])))
    return found


def _is_one_atom(sites: NDArray[np.int64], places: NDArray[np.float64], exclusions: Exclusions) -> bool:
    """Tell whether one atom is split over the sites of a group."""
    if exclusions.occupancies[sites].sum() > 1 + OCCUPANCY_ROUNDING:
        return False
    radii = exclusions.reaches[sites] / SHORTEST_BOND
    distances = np.linalg.norm(places[:, None] - places, axis=2)
    return bool((distances <= radii[:, None] + radii).all())


def _added_up(species: list[tuple[int, float, float]]) -> list[tuple[int, float, float]]:
    """Add up the occupancies of equal elements; in sum they are at most 1."""
    amounts: dict[int, float] = {}
    states: dict[int, set[float]] = {}
    for number, occupancy, state in species:
        amounts[number] = amounts.get(number, 0.0) + occupancy
        states.setdefault(number, set()).add(state)
    total = max(1.0, sum(amounts.values()))
    return [
        (number, amount / total, states[number].pop() if len(states[number]) == 1 else np.nan)
        for number, amount in sorted(amounts.items())
    ]
