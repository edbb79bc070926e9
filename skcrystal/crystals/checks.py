"""What makes a batch of crystals unusable: arrays that do not fit, and crystals that cannot be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from skcrystal.chemistry.elements import MAX_ATOMIC_NUMBER
from skcrystal.crystals.crystal import Crystal, CrystalError, real_numbers, whole_numbers

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from skcrystal.crystals.arrays import CrystalArrays

__all__ = ["check_shapes", "find_faults", "find_impossible_cells", "rounding", "well_formed"]

# pymatgen refuses a site whose occupancies sum to more than 1 by this much.
OCCUPANCY_TOLERANCE = 1e-8

# What single-precision occupancies miss 1 by.
NOISE = 1e-6

# Given edges and coordinates beyond these (in angstrom, in cells) leave no digits to tell atoms apart.
LONGEST_VECTOR = 1e8
FARTHEST_CELL = 1e6

# Reduced edges in angstrom. The H2 molecule, the shortest bond, has 0.74, and no crystal repeats within it.
REDUCED_EDGES = (1.0, 1e5)

# In cubic angstrom per atom: metallic hydrogen at 500 GPa, the densest matter that is made, has more than 1.
LEAST_ROOM = 0.5

# The densest solids have 4 cubic angstrom per atom, and 4e6 where the cell is in picometres; a lone atom in a
# cell of 150 angstrom has less.
MOST_ROOM = 4e6

# A reduced edge that is this share of the longest given one is what rounding leaves of nothing.
VANISHING = 1e-9


def check_shapes(crystals: CrystalArrays) -> None:
    """Raise a CrystalError where the arrays do not fit each other."""
    n_crystals, n_sites, n_species = (
        len(crystals.lattices),
        len(crystals.frac_coords),
        len(crystals.atomic_numbers),
    )
    for name, offsets, owners, owned in (
        ("site_offsets", crystals.site_offsets, n_crystals, n_sites),
        ("species_offsets", crystals.species_offsets, n_sites, n_species),
    ):
        if (
            offsets.shape != (owners + 1,)
            or offsets[0] != 0
            or offsets[-1] != owned
            or (np.diff(offsets) < 0).any()
        ):
            raise CrystalError(f"{name} must rise from 0 to {owned} in {owners + 1} steps")
    for name in ("occupancies", "oxidation_states"):
        if getattr(crystals, name).shape != (n_species,):
            raise CrystalError(f"{name} must have one entry for each of the {n_species} species")


def well_formed(crystal: Crystal) -> Crystal:
    """Return a crystal whose arrays have the kind and shape that :class:`skcrystal.Crystal` states.

    Raises
    ------
    CrystalError
        If they cannot be brought to it.
    """
    lattice, coords, offsets = crystal.lattice, crystal.frac_coords, crystal.species_offsets
    numbers, occupancies, states = crystal.atomic_numbers, crystal.occupancies, crystal.oxidation_states
    try:
        n_sites, n_species = len(coords), len(numbers)
        fits = (
            lattice.shape == (3, 3)
            and coords.shape == (n_sites, 3)
            and offsets.shape == (n_sites + 1,)
            and numbers.shape == occupancies.shape == states.shape == (n_species,)
            and lattice.dtype == coords.dtype == occupancies.dtype == states.dtype == np.float64
            and offsets.dtype == numbers.dtype == np.int64
        )
    except (AttributeError, TypeError):
        fits = False
    if not fits:
        coords = real_numbers(coords, "the coordinates", (None, 3))
        numbers = whole_numbers(numbers, "the atomic numbers", (None,))
        n_sites, n_species = len(coords), len(numbers)
        crystal = Crystal(
            real_numbers(lattice, "the lattice", (3, 3)),
            coords,
            whole_numbers(offsets, "the species_offsets", (n_sites + 1,)),
            numbers,
            real_numbers(occupancies, "the occupancies", (n_species,)),
            real_numbers(states, "the oxidation states", (n_species,)),
            crystal.source,
            crystal.notes,
        )
        offsets = crystal.species_offsets
    if offsets[0] != 0 or offsets[-1] != n_species or (offsets[1:] < offsets[:-1]).any():
        raise CrystalError(f"the species_offsets must rise from 0 to {n_species} in {n_sites + 1} steps")
    return crystal


def rounding(occupancies: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return by how much each occupancy may be off because it was written with few decimals.

    Half a unit of its last decimal, of which there are two at least; numbers with more than six decimals were
    computed and not written. 0.33 may be 1/3, and 0.3 was not meant to be.
    """
    slack = np.full(len(occupancies), NOISE)
    for digits in range(6, 1, -1):
        scaled = occupancies * 10.0**digits
        slack[np.abs(scaled - np.rint(scaled)) < 1e-3] = 0.5 * 10.0**-digits
    return slack


def find_faults(crystals: CrystalArrays) -> dict[int, str]:
    """Return what is wrong with which crystal, in the order of the crystals."""
    found: dict[int, str] = {}

    def note(indices: NDArray[Any], say: Callable[[int], str]) -> None:
        for index in np.unique(indices).tolist() if indices.size else ():
            found.setdefault(index, say(index))

    site_crystal = np.repeat(np.arange(len(crystals.lattices)), np.diff(crystals.site_offsets))
    species_site = np.repeat(np.arange(len(crystals.frac_coords)), np.diff(crystals.species_offsets))
    species_crystal = site_crystal[species_site]

    note(np.flatnonzero(np.diff(crystals.site_offsets) == 0), lambda i: "it has no sites; give at least one")
    note(
        np.flatnonzero(~np.isfinite(crystals.lattices).all(axis=(1, 2))),
        lambda i: "its lattice has an entry that is NaN or infinite; give nine finite lengths in angstrom",
    )
    longest = np.abs(crystals.lattices).max(axis=(1, 2), initial=0.0)
    note(
        np.flatnonzero(longest > LONGEST_VECTOR),
        lambda i: (
            f"its lattice has an entry of {longest[i]:.3g} angstrom, where no digits are left for the atoms; "
            "give lengths in angstrom"
        ),
    )
    note(
        site_crystal[~np.isfinite(crystals.frac_coords).all(axis=1)],
        lambda i: "a coordinate is NaN or infinite; complete or remove the site",
    )
    far = np.abs(crystals.frac_coords).max(axis=1, initial=0.0) > FARTHEST_CELL
    note(
        site_crystal[far],
        lambda i: (
            f"a coordinate is {np.abs(crystals.frac_coords[far & (site_crystal == i)]).max():.3g} cells "
            "away, where no digits are left for its place; move the site into the cell"
        ),
    )
    note(
        site_crystal[np.diff(crystals.species_offsets) == 0],
        lambda i: "a site holds no species; remove the site or give its element",
    )
    unknown = (crystals.atomic_numbers < 1) | (crystals.atomic_numbers > MAX_ATOMIC_NUMBER)
    note(
        species_crystal[unknown],
        lambda i: (
            f"atomic number {crystals.atomic_numbers[unknown & (species_crystal == i)][0]} is no element; "
            f"elements are 1 to {MAX_ATOMIC_NUMBER}"
        ),
    )
    fits = (crystals.occupancies > 0) & (crystals.occupancies <= 1 + NOISE)
    wrong = np.logical_not(fits)
    note(
        species_crystal[wrong],
        lambda i: (
            f"the occupancy {crystals.occupancies[wrong & (species_crystal == i)][0]:g} is not in (0, 1]; "
            "drop empty species and scale the others"
        ),
    )
    totals = np.bincount(species_site, weights=crystals.occupancies, minlength=len(crystals.frac_coords))
    crowded = totals > 1 + NOISE
    if crowded.any():
        slack = np.bincount(species_site, weights=rounding(crystals.occupancies), minlength=len(totals))
        crowded &= ~(totals <= 1 + slack + 1e-9)
    note(
        site_crystal[crowded],
        lambda i: (
            f"the occupancies of a site sum to {totals[crowded & (site_crystal == i)][0]:g}; "
            "scale them to at most 1"
        ),
    )
    return dict(sorted(found.items()))


def find_impossible_cells(
    crystals: CrystalArrays, atoms: NDArray[np.float64], cells: NDArray[np.float64]
) -> dict[int, str]:
    """Return which crystals have a cell that none can have: flat, in other units than angstrom, too dense.

    Parameters
    ----------
    crystals : CrystalArrays
    atoms : ndarray of shape (n_crystals,)
        Number of atoms of each cell, occupancies counted.
    cells : ndarray of shape (n_crystals, 4)
        Of the reduced cells: shortest and longest edge, volume, and whether there are too many close sites.
    """
    found: dict[int, str] = {}
    shortest, longest, volumes, given_up = cells.T
    low, high = REDUCED_EDGES
    given = np.abs(crystals.lattices).max(axis=(1, 2), initial=0.0)
    room = volumes / np.diff(crystals.site_offsets)
    wrong = (shortest < low) | (longest > high) | (room > MOST_ROOM)
    wrong |= (volumes < LEAST_ROOM * atoms) | (given_up != 0)
    for i in np.flatnonzero(wrong).tolist():
        if not shortest[i] > VANISHING * given[i]:
            found[i] = "its lattice vectors span no volume; give three vectors that are not in one plane"
        elif shortest[i] < low:
            found[i] = (
                f"its lattice repeats after {shortest[i]:.3g} angstrom, and no crystal within {low:g}; give "
                "the cell in angstrom"
            )
        elif longest[i] > high:
            found[i] = (
                f"its reduced cell has an edge of {longest[i]:.3g} angstrom, more than {high:g}; give the "
                "cell in angstrom"
            )
        elif room[i] > MOST_ROOM:
            found[i] = (
                f"the cell has {room[i]:.3g} cubic angstrom for each site, its lengths seem to be "
                "in picometres; give them in angstrom"
            )
        elif volumes[i] < LEAST_ROOM * atoms[i]:
            found[i] = (
                f"its {atoms[i]:.3g} atoms have {volumes[i]:.3g} cubic angstrom, less than {LEAST_ROOM:g} "
                "for each; give the cell in angstrom, and each atom once"
            )
        else:
            found[i] = "too many of its sites lie on each other; correct the coordinates or the cell"
    return found
