"""Atoms and symmetry operations into one crystal: images, shared positions, occupancies above 1."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from skcrystal.crystals.crystal import Crystal, CrystalError
from skcrystal.formats.orbits import close_pairs, expand
from skcrystal.formats.problems import listed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skcrystal.formats.cif_atoms import Atoms
    from skcrystal.formats.problems import Notes
    from skcrystal.formats.symops import Operations

__all__ = ["assemble"]

# Beyond this, atoms may lie on one point by the thousand.
MANY_SITES = 2000

# Occupancies are refined or rounded numbers: 0.333 + 0.334 + 0.334 is a full site.
_FULL = 1.005


def assemble(
    lattice: NDArray[np.float64],
    atoms: Atoms,
    operations: Operations,
    notes: Notes,
    *,
    site_tolerance: float,
    special_tolerance: float,
    occupancy_tolerance: float,
    max_sites: int,
    source: str = "",
) -> tuple[Crystal, NDArray[np.int64]]:
    """Expand atoms by symmetry and merge what lies on one position.

    Parameters
    ----------
    lattice : ndarray of shape (3, 3)
    atoms : Atoms
    operations : Operations
    notes : Notes
        Receives which sites were merged and which occupancies rescaled.
    site_tolerance, special_tolerance, occupancy_tolerance, max_sites, source
        As in :func:`skcrystal.formats.read_cif`.

    Returns
    -------
    crystal : Crystal
    images : ndarray of shape (n_atoms,), int64
        How many sites each atom became.

    Raises
    ------
    CrystalError
        If there are more than `max_sites` sites, or different elements that fill one position twice.
    """
    n_atoms, n_operations = len(atoms.atomic_numbers), len(operations.rotations)
    if n_atoms > max_sites:
        raise _too_many(n_atoms, max_sites, notes)
    if n_operations == 1:
        coords, parents = atoms.frac_coords, np.arange(n_atoms)
    else:
        # Special positions divide the number of images, by 192 at most; this bounds the work.
        if n_atoms * n_operations > 20 * max(max_sites, 1000):
            raise _too_many(n_atoms * n_operations, max_sites, notes)
        try:
            coords, parents = expand(
                atoms.frac_coords,
                operations,
                lattice,
                special_tolerance,
                max_sites=max_sites,
                places=atoms.places,
            )
        except CrystalError as error:
            raise notes.error(str(error)) from None
    images = np.bincount(parents, minlength=n_atoms)
    try:
        pairs = _touching(coords, lattice, site_tolerance)
    except CrystalError as error:
        raise notes.error(str(error)) from None
    if len(pairs):
        return _merged(lattice, atoms, coords, parents, pairs, occupancy_tolerance, notes, source), images
    occupancies = atoms.occupancies.copy()
    above = occupancies > 1
    if above.any():
        _note_rescaled([(atoms.labels[i], occupancies[i]) for i in np.flatnonzero(above)], notes)
        occupancies[above] = 1.0
    n_sites = len(coords)
    crystal = Crystal(
        lattice,
        coords,
        np.arange(n_sites + 1),
        atoms.atomic_numbers[parents],
        occupancies[parents],
        atoms.oxidation_states[parents],
        source,
    )
    return crystal, images


def _touching(
    coords: NDArray[np.float64], lattice: NDArray[np.float64], tolerance: float
) -> NDArray[np.int64]:
    """Pairs of sites closer than the tolerance; most crystals have none, which is found out faster."""
    from skcrystal.kernels.contacts import closest_contact

    if len(coords) < MANY_SITES:
        halves, ones = np.full(len(coords), tolerance / 2), np.ones(len(coords))
        if closest_contact(np.ascontiguousarray(coords), lattice, halves, ones, 1.0)[0] >= tolerance:
            return np.empty((0, 2), dtype=np.int64)
    return close_pairs(coords, lattice, tolerance)


def _too_many(found: int, max_sites: int, notes: Notes) -> Exception:
    return notes.error(
        f"the cell would hold {found:,} sites, more than max_sites={max_sites:,}; raise max_sites to read it."
    )


def _note_rescaled(found: list[tuple[str, float]], notes: Notes) -> None:
    excess = [f"{label} ({value:g})" for label, value in dict(found).items() if value > _FULL]
    if excess:
        notes.tell("rescaled", names=listed(excess))


def _merged(
    lattice: NDArray[np.float64],
    atoms: Atoms,
    coords: NDArray[np.float64],
    parents: NDArray[np.int64],
    pairs: NDArray[np.int64],
    occupancy_tolerance: float,
    notes: Notes,
    source: str,
) -> Crystal:
    """Make one site of the rows that share a position, in the place of the first of them."""
    owner = list(range(len(coords)))
    for low, high in pairs.tolist():
        # Pairs come in ascending order, so the owner of the lower one is final.
        owner[high] = min(owner[high], owner[low])
    members: dict[int, list[int]] = defaultdict(list)
    for row, first in enumerate(owner):
        members[first].append(int(parents[row]))

    offsets, numbers, occupancies, states = [0], [], [], []
    merged: list[str] = []
    rescaled: list[tuple[str, float]] = []
    for rows in members.values():
        amounts: dict[tuple[int, float], float] = defaultdict(float)
        for row in rows:
            state = float(atoms.oxidation_states[row])
            # NaN is unequal to itself: one key for "none stated".
            key = (int(atoms.atomic_numbers[row]), state if state == state else float("inf"))
            amounts[key] += float(atoms.occupancies[row])
        names = list(dict.fromkeys(atoms.labels[row] for row in rows))
        total = sum(amounts.values())
        if total > _FULL and len(rows) > 1:
            # The same species with the same occupancy twice is one atom written twice.
            amounts = {}
            for row in rows:
                state = float(atoms.oxidation_states[row])
                key = (int(atoms.atomic_numbers[row]), state if state == state else float("inf"))
                amounts[key] = max(amounts.get(key, 0.0), float(atoms.occupancies[row]))
            if sum(amounts.values()) < total:
                merged.append(" = ".join(names) if len(names) > 1 else f"images of {names[0]}")
            total = sum(amounts.values())
        if total > 1:
            if len(amounts) > 1 and total > 1 + occupancy_tolerance:
                raise notes.error(
                    f"the sites {listed(names)} share one position with occupancies that sum to {total:g}; "
                    "correct the positions or the occupancies."
                )
            rescaled.append((" + ".join(names), total))
        if total > 1 or (len(rows) > 1 and total + float(atoms.roundings[rows].sum()) > 1):
            # Above 1, or 1 up to the rounding of its parts: 0.333 + 0.333 + 0.333.
            amounts = {key: amount / total for key, amount in amounts.items()}
        for (number, state), amount in amounts.items():
            numbers.append(number)
            occupancies.append(amount)
            states.append(state if state != float("inf") else float("nan"))
        offsets.append(len(numbers))
    if merged:
        notes.tell("sites_merged", names=listed(list(dict.fromkeys(merged))))
    _note_rescaled(rescaled, notes)
    return Crystal(
        lattice,
        coords[list(members)],
        np.array(offsets),
        np.array(numbers, dtype=np.int64),
        np.array(occupancies, dtype=np.float64),
        np.array(states, dtype=np.float64),
        source,
    )
