"""The gate that every crystal passes: refused, repaired with a note, or as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from skcrystal.chemistry.elements import symbols
from skcrystal.chemistry.radii import covalent_radii
from skcrystal.crystals.arrays import CrystalArrays, gather, mean_over_species
from skcrystal.crystals.cells import heights, inverses, volumes
from skcrystal.crystals.checks import REDUCED_EDGES, find_faults, find_impossible_cells, rounding
from skcrystal.crystals.merging import Merger, merge_sites
from skcrystal.crystals.notes import NoteKind, filled, listed
from skcrystal.crystals.reduction import niggli_reduce

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["NOTES", "Passed", "pass_gate"]

# In angstrom: what lies closer is one position. Coordinates in files are rounded to about as much.
SAME_POINT = 0.01

# Occupancies are written with two decimals at worst: two of them sum to 1 within this.
TOGETHER = 1.01

# How many comparisons of two sites a site may cost on average; a dense cell of 100,000 sites needs 3,000.
COMPARISONS = 1e4

# Rescaling occupancies that miss 1 by less would only change their last bits.
EXACT = 1e-9

NOTES = {
    "drawn_twice": NoteKind(
        "merged",
        "one atom given several times is read once: sites {names}",
        f"sites of one element within {SAME_POINT} angstrom",
    ),
    "parts_joined": NoteKind(
        "merged",
        "parts of one atom on one point are read as one site: sites {names}",
        f"partly occupied sites of one element within {SAME_POINT} angstrom, which sum to at most 1",
    ),
    "close_contact": NoteKind(
        "noted",
        "atoms closer than half a bond: {names}",
        "sites that must be occupied together, closer than half the sum of their covalent radii",
    ),
}
"""Every note of the gate by name."""


class Passed(NamedTuple):
    """What the gate let pass.

    Attributes
    ----------
    arrays : CrystalArrays
        Of the good crystals.
    kept : ndarray of int
        Their indices among all.
    faults : dict
        Index of each other crystal -> what is wrong with it.
    notes : dict
        Index of a good crystal, among all -> what was repaired or is suspicious.
    """

    arrays: CrystalArrays
    kept: NDArray[np.intp]
    faults: dict[int, str]
    notes: dict[int, tuple[str, ...]]


def pass_gate(arrays: CrystalArrays, apart: NDArray[np.bool_] | None = None) -> Passed:
    """Check a batch of crystals whose arrays fit each other.

    Parameters
    ----------
    arrays : CrystalArrays
    apart : ndarray of bool, shape (n_crystals,), or None
        Whose sites are known to be apart: a reader looked. None for no crystal.

    Returns
    -------
    Passed
    """
    faults = find_faults(arrays)
    arrays, kept = without(arrays, np.arange(len(arrays.lattices)), faults)
    arrays = with_full_sites(arrays)
    cells, pairs, distances = find_contacts(arrays, None if apart is None else apart[kept])
    sites = species_totals(arrays)
    atoms = np.add.reduceat(sites, arrays.site_offsets[:-1]) if len(sites) else np.zeros(0)
    impossible = find_impossible_cells(arrays, atoms, cells)
    notes: dict[int, tuple[str, ...]] = {}
    owners = np.searchsorted(arrays.site_offsets, pairs[:, 0], side="right") - 1
    mergers: list[Merger] = []
    for index in np.unique(owners).tolist():
        if index in impossible:
            continue
        own = owners == index
        first = int(arrays.site_offsets[index])
        close = [
            (one - first, other - first, distance)
            for (one, other), distance in zip(pairs[own].tolist(), distances[own].tolist(), strict=True)
        ]
        merger = Merger.of_crystal(arrays, index, [pair[:2] for pair in close if pair[2] < SAME_POINT])
        if merger.fault:
            impossible[index] = merger.fault
            continue
        said = _notes_of(arrays, first, merger, close)
        if said:
            notes[index] = said
        if merger.groups:
            mergers.append(merger)
    arrays = merge_sites(arrays, mergers)
    notes = {int(kept[index]): own for index, own in notes.items()}
    faults.update({int(kept[index]): reason for index, reason in impossible.items()})
    places = {int(kept[index]) for index in impossible}
    if places:
        arrays, kept = without(arrays, kept, places)
    return Passed(arrays, kept, dict(sorted(faults.items())), notes)


def without(
    arrays: CrystalArrays, indices: NDArray[np.intp], dropped: dict[int, str] | set[int]
) -> tuple[CrystalArrays, NDArray[np.intp]]:
    """Return the arrays and indices of the crystals that are not dropped."""
    if not dropped:
        return arrays, indices
    good = np.array([k for k, index in enumerate(indices.tolist()) if index not in dropped], dtype=np.intp)
    sites, site_offsets = gather(arrays.site_offsets, good)
    species, species_offsets = gather(arrays.species_offsets, sites)
    left = CrystalArrays(
        arrays.lattices[good],
        site_offsets,
        arrays.frac_coords[sites],
        species_offsets,
        arrays.atomic_numbers[species],
        arrays.occupancies[species],
        arrays.oxidation_states[species],
    )
    return left, indices[good]


def species_totals(arrays: CrystalArrays) -> NDArray[np.float64]:
    """Return the sum of the occupancies of each site."""
    if len(arrays.occupancies) == len(arrays.frac_coords):
        return arrays.occupancies
    totals: NDArray[np.float64] = np.add.reduceat(arrays.occupancies, arrays.species_offsets[:-1])
    return totals


def with_full_sites(arrays: CrystalArrays) -> CrystalArrays:
    """Return arrays in which occupancies that sum to 1 within their rounding are exactly 1 together."""
    totals = species_totals(arrays)
    off = np.abs(totals - 1.0)
    if not ((off > EXACT) & (off < 0.1)).any():
        return arrays
    slack = np.add.reduceat(rounding(arrays.occupancies), arrays.species_offsets[:-1])
    full = (off > EXACT) & (off <= slack + EXACT)
    scale = np.repeat(np.where(full, totals, 1.0), np.diff(arrays.species_offsets))
    return arrays._replace(occupancies=arrays.occupancies / scale)


def find_contacts(
    arrays: CrystalArrays, apart: NDArray[np.bool_] | None = None
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64]]:
    """Reduce the cells and find the sites that are too close.

    Parameters
    ----------
    arrays : CrystalArrays
    apart : ndarray of bool, shape (n_crystals,), or None
        As of :func:`pass_gate`.

    Returns
    -------
    cells : ndarray of shape (n_crystals, 4)
        Shortest and longest edge and volume of the reduced cell; 1 where there are too many close sites.
    pairs : ndarray of shape (n_pairs, 2)
        Sites of the batch, the smaller index first.
    distances : ndarray of shape (n_pairs,)
        In angstrom.
    """
    from skcrystal.kernels.gate import close_contacts

    offsets, counts = arrays.site_offsets, np.diff(arrays.site_offsets)
    radii = mean_over_species(arrays, covalent_radii()[arrays.atomic_numbers])
    totals = species_totals(arrays)
    bases, transforms = niggli_reduce(arrays.lattices)
    edges = np.sqrt((bases**2).sum(axis=2))
    # Where two vectors are parallel to the last digit, what is left of one is no length.
    edges[~(edges < np.inf)] = 0.0
    shortest, cell_volumes = edges.min(axis=1), volumes(bases)
    given_up = np.zeros(len(bases))
    usable = (shortest >= REDUCED_EDGES[0]) & (cell_volumes > 0.0)
    owners = np.repeat(np.arange(len(bases)), counts)

    # A site and its own image.
    own = np.flatnonzero(usable[owners] & (shortest[owners] < radii) & (2.0 * totals > TOGETHER))
    images = np.column_stack([own, own]), shortest[owners[own]]

    reaches, wrapped = np.zeros((len(bases), 3)), np.zeros_like(arrays.frac_coords)
    if apart is not None:
        usable &= ~apart
    sites = np.flatnonzero(usable[owners])
    if len(sites):
        largest = np.full(len(bases), SAME_POINT)
        largest[counts > 0] = np.maximum(np.maximum.reduceat(radii, offsets[:-1][counts > 0]), SAME_POINT)
        reaches[usable] = largest[usable, None] / heights(bases[usable])
        back = np.zeros_like(bases)
        # The change of basis is one of whole numbers.
        back[usable] = np.rint(inverses(transforms[usable]))
        own_coords = (arrays.frac_coords[sites, None, :] @ back[owners[sites]])[:, 0, :]
        wrapped[sites] = own_coords - np.floor(own_coords)
    limits = np.array([SAME_POINT, TOGETHER, COMPARISONS])
    room = 64
    while True:
        pairs, distances = np.empty((room, 2), dtype=np.int64), np.empty(room)
        found = close_contacts(
            bases,
            np.array(offsets),
            wrapped,
            reaches,
            np.array(radii),
            np.array(totals),
            limits,
            given_up,
            pairs,
            distances,
        )
        if found <= room:
            break
        room = found
    cells = np.column_stack([shortest, edges.max(axis=1), cell_volumes, given_up])
    return cells, np.concatenate([images[0], pairs[:found]]), np.concatenate([images[1], distances[:found]])


def _notes_of(
    arrays: CrystalArrays, first: int, merger: Merger, close: list[tuple[int, int, float]]
) -> tuple[str, ...]:
    """Return the notes on one crystal: what was merged, and which atoms that remain are close."""

    def name(site: int) -> str:
        start, stop = arrays.species_offsets[first + site : first + site + 2].tolist()
        return f"{site} ({'/'.join(symbols()[z] for z in arrays.atomic_numbers[start:stop].tolist())})"

    said = []
    for kind, groups in (("drawn_twice", merger.twice), ("parts_joined", merger.parts)):
        if groups:
            names = listed([" = ".join(map(name, group)) for group in groups])
            said.append(filled(NOTES[kind], names=names))
    contacts: dict[tuple[int, int], float] = {}
    for one, other, distance in close:
        if distance >= SAME_POINT:
            kept = merger.owner.get(one, one), merger.owner.get(other, other)
            pair = min(kept), max(kept)
            contacts[pair] = min(distance, contacts.get(pair, distance))
    if contacts:
        names = listed(
            [
                f"site {name(one)} and its image at {distance:.3g} angstrom"
                if one == other
                else f"sites {name(one)} and {name(other)} at {distance:.3g} angstrom"
                for (one, other), distance in sorted(contacts.items())
            ],
            most=3,
        )
        said.append(filled(NOTES["close_contact"], names=names))
    return tuple(said)
