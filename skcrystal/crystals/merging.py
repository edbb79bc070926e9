"""Sites on one point into one site: an atom given twice, or the parts of a shared site."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from skcrystal.chemistry.elements import symbols
from skcrystal.crystals.arrays import CrystalArrays, offsets_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

__all__ = ["Merger", "Species", "merge_sites"]

Species = tuple[int, float, float]
"""Atomic number, oxidation state (NaN where none is stated) and occupancy."""

# Occupancies are refined or rounded numbers: 0.67 + 0.34 is a full site.
FULL = 1.01 + 1e-9

# In angstrom: what a group of sites on one point can span.
NEARBY = 0.05


@dataclass
class Merger:
    """What becomes of the sites of one crystal that lie on each other.

    Attributes
    ----------
    index : int
        The crystal.
    groups : dict
        First site of a group, counted within the crystal -> the species that it holds from now on.
    owner : dict
        Every site of a group -> its first site.
    positions : dict
        First site of a group -> its fractional coordinates: the mean of the group's, by occupancy.
    twice, parts : list of list of int
        The groups that are one atom given several times, and those that are parts of an atom. Different
        elements that share a point are neither: so disordered sites are written.
    fault : str
        What is wrong where they can be neither; else empty.
    """

    index: int
    groups: dict[int, list[Species]] = field(default_factory=dict)
    owner: dict[int, int] = field(default_factory=dict)
    positions: dict[int, NDArray[np.float64]] = field(default_factory=dict)
    twice: list[list[int]] = field(default_factory=list)
    parts: list[list[int]] = field(default_factory=list)
    fault: str = ""

    @classmethod
    def of_crystal(cls, arrays: CrystalArrays, index: int, pairs: Iterable[Sequence[int]]) -> Merger:
        """Decide about the sites of one crystal, of which pairs lie on one point.

        Parameters
        ----------
        arrays : CrystalArrays
        index : int
        pairs : iterable of (int, int)
            Sites counted within the crystal.
        """
        merger = cls(index)
        for group in _groups(pairs):
            rows = [_species_of(arrays, int(arrays.site_offsets[index]) + site) for site in group]
            species = _summed(rows)
            total = sum(occupancy for _, _, occupancy in species)
            if total > FULL:
                species = _largest(rows)
                total = sum(occupancy for _, _, occupancy in species)
                merger.twice.append(group)
            elif len({number for own in rows for number, _, _ in own}) < sum(
                len({number for number, _, _ in own}) for own in rows
            ):
                merger.parts.append(group)
            if total > FULL:
                names = " and ".join(
                    f"{site} ({'/'.join(symbols()[number] for number, _, _ in own)})"
                    for site, own in zip(group, rows, strict=True)
                )
                merger.fault = (
                    f"its sites {names} lie on one point with occupancies that sum to {total:g}; remove one, "
                    "or share the site between them"
                )
                return merger
            if total > 1.0:
                species = [(number, state, occupancy / total) for number, state, occupancy in species]
            merger.groups[group[0]] = species
            merger.positions[group[0]] = _middle(arrays, index, group, rows)
            merger.owner.update(dict.fromkeys(group, group[0]))
        return merger


def _groups(pairs: Iterable[Sequence[int]]) -> list[list[int]]:
    """Return the sites that pairs hold together, in ascending order."""
    owner: dict[int, int] = {}

    def first_of(site: int) -> int:
        while owner.setdefault(site, site) != site:
            site = owner[site]
        return site

    for one, other in pairs:
        low, high = sorted((first_of(one), first_of(other)))
        owner[high] = low
    members: dict[int, list[int]] = defaultdict(list)
    for site in sorted(owner):
        members[first_of(site)].append(site)
    return [group for group in members.values() if len(group) > 1]


def _middle(
    arrays: CrystalArrays, index: int, group: list[int], rows: list[list[Species]]
) -> NDArray[np.float64]:
    """Return the mean position of a group, so that it does not depend on the order of the sites."""
    coords = arrays.frac_coords[arrays.site_offsets[index] + np.array(group)]
    shifts = coords - coords[0]
    shifts -= np.rint(shifts)
    if np.abs(shifts @ arrays.lattices[index]).max() > NEARBY:
        # In a very skewed cell the nearest image is another one.
        return coords[0]
    weights = np.array([sum(occupancy for _, _, occupancy in own) for own in rows])
    middle: NDArray[np.float64] = coords[0] + weights @ shifts / weights.sum()
    return middle


def _species_of(arrays: CrystalArrays, site: int) -> list[Species]:
    rows = slice(*arrays.species_offsets[site : site + 2].tolist())
    return list(
        zip(
            arrays.atomic_numbers[rows].tolist(),
            arrays.oxidation_states[rows].tolist(),
            arrays.occupancies[rows].tolist(),
            strict=True,
        )
    )


def _summed(rows: list[list[Species]]) -> list[Species]:
    """Return the species of several sites, equal ones added up."""
    amounts: dict[tuple[int, str], Species] = {}
    for number, state, occupancy in (species for own in rows for species in own):
        key = (number, repr(state))  # NaN is unequal to itself
        before = amounts.get(key, (number, state, 0.0))
        amounts[key] = (number, state, before[2] + occupancy)
    return list(amounts.values())


def _largest(rows: list[list[Species]]) -> list[Species]:
    """Return the species of several sites, each element as the site has it that holds most of it."""
    most: dict[int, tuple[float, list[Species]]] = {}
    for own in rows:
        for number in dict.fromkeys(number for number, _, _ in own):
            parts = [species for species in own if species[0] == number]
            amount = sum(occupancy for _, _, occupancy in parts)
            if amount > most.get(number, (0.0, []))[0]:
                most[number] = amount, parts
    return [species for _, parts in most.values() for species in parts]


def merge_sites(arrays: CrystalArrays, mergers: Sequence[Merger]) -> CrystalArrays:
    """Return arrays in which each group of sites is one, in the place of its first."""
    if not mergers:
        return arrays
    replaced: dict[int, list[Species]] = {}
    coords = arrays.frac_coords.copy()
    gone: set[int] = set()
    for merger in mergers:
        first = int(arrays.site_offsets[merger.index])
        replaced |= {first + site: species for site, species in merger.groups.items()}
        for site, position in merger.positions.items():
            coords[first + site] = position
        gone |= {first + site for site, own in merger.owner.items() if site != own}
    kept = np.setdiff1d(np.arange(len(arrays.frac_coords)), list(gone))
    species = [replaced[site] if site in replaced else _species_of(arrays, site) for site in kept.tolist()]
    flat = [row for own in species for row in own]
    return CrystalArrays(
        arrays.lattices,
        np.searchsorted(kept, arrays.site_offsets).astype(np.int64),
        coords[kept],
        offsets_of([len(own) for own in species]),
        np.array([number for number, _, _ in flat], dtype=np.int64),
        np.array([occupancy for _, _, occupancy in flat], dtype=np.float64),
        np.array([state for _, state, _ in flat], dtype=np.float64),
    )
