"""What a file states besides its atoms, held against the crystal that a reading of them gives."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from skcrystal.chemistry.radii import covalent_radii
from skcrystal.formats.cif_cell import DALTON, DENSITY
from skcrystal.formats.formula import atomic_masses, misfit
from skcrystal.formats.values import number

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skcrystal.crystals.crystal import Crystal
    from skcrystal.formats.cif_columns import CifBlock

__all__ = [
    "DENSITY_TOLERANCE",
    "MISFIT",
    "OVERLAP",
    "TIGHT",
    "Score",
    "Witnesses",
    "charges_fit",
    "contact_of",
    "density_of",
    "units_fit",
]

MISFIT = 0.02
"""Difference in an atomic fraction above which a crystal contradicts a formula."""

OVERLAP = 0.5
"""Share of the sum of two covalent radii below which atoms that are both there cannot be."""

TIGHT = 0.7  # the shortest bonds there are: H-H, C-C and N-N triple bonds are at 0.8 and above

DENSITY_TOLERANCE = 0.1
"""Share by which a measured density, or one without hydrogens, may differ."""


class Witnesses(NamedTuple):
    """What a data block states about the content of its cell.

    Attributes
    ----------
    formula : tuple of (int, float)
        Atomic numbers and amounts; empty if there is none.
    units : float
        Formula units in the cell, Z; NaN if not stated.
    density : float
        In g/cm3; NaN if not stated.
    """

    formula: tuple[tuple[int, float], ...]
    units: float
    density: float

    @classmethod
    def of(cls, block: CifBlock, formula: tuple[tuple[int, float], ...]) -> Witnesses:
        """Read Z and density of a block."""
        return cls(formula, number(block.first("_cell_formula_units_z")), number(block.first(*DENSITY)))


class Score(NamedTuple):
    """How a crystal fits what is stated: each 1 (fits), 0 (not stated) or less (contradicts).

    Attributes
    ----------
    formula, units, multiplicities, density, charge : int
        Atomic fractions; Z; sites of each atom; mass; that stated charges sum to nothing.
    contact : int
        0, -1 where atoms come closer than any bond, -2 where they overlap.
    ratio : float
        Shortest distance over the sum of two covalent radii, 1 at most.
    """

    formula: int
    units: int
    multiplicities: int
    density: int
    charge: int
    contact: int
    ratio: float

    @property
    def total(self) -> int:
        """All witnesses together."""
        return sum(self[:6])

    @property
    def stated(self) -> tuple[int, ...]:
        """What the file itself says."""
        return tuple(self[:5])

    def worst(self, names: tuple[str, ...] = ()) -> str:
        """Name what contradicts."""
        words = ("the formula", "Z", "the multiplicities", "the density", "the charges", "the distances")
        found = [word for word, value in zip(words, self[:6], strict=True) if value < 0]
        return " and ".join(found) or "the atoms"

    @classmethod
    def of(
        cls,
        crystal: Crystal,
        images: NDArray[np.int64],
        multiplicities: NDArray[np.float64],
        stated: Witnesses,
    ) -> Score:
        """Weigh a crystal whose atoms became `images` sites each.

        Parameters
        ----------
        crystal : Crystal
        images, multiplicities : ndarray of shape (n_atoms,)
            Sites that each atom became, and those stated; NaN where there is no statement.
        stated : Witnesses
        """
        fits = count = share = mass = charge = 0
        if stated.formula:
            gap = misfit(crystal.atomic_numbers, crystal.occupancies, stated.formula)
            fits = 1 if gap < MISFIT else -1
        if not math.isnan(stated.units):
            count = units_fit(crystal, stated)
        known = ~np.isnan(multiplicities)
        # All equal to 1 says nothing: programs that write P 1 put it everywhere.
        if known.any() and (multiplicities[known] != 1).any():
            share = 1 if (images[known] == multiplicities[known]).all() else -1
        if stated.density > 0:
            gap = abs(density_of(crystal) / stated.density - 1)
            mass = 1 if gap < 0.5 * DENSITY_TOLERANCE else -1 if gap > 2 * DENSITY_TOLERANCE else 0
        charge = charges_fit(crystal.oxidation_states * crystal.occupancies)
        ratio = contact_of(crystal)
        contact = -2 if ratio < OVERLAP else -1 if ratio < TIGHT else 0
        return cls(fits, count, share, mass, charge, contact, min(ratio, 1.0))


def charges_fit(charges: NDArray[np.float64]) -> int:
    """Tell whether the stated charges of all atoms sum to nothing: 1 or -1; 0 where one is not stated."""
    if np.isnan(charges).any() or not charges.any():
        return 0
    return 1 if abs(charges.sum()) < MISFIT * np.abs(charges).sum() else -1


def units_fit(crystal: Crystal, stated: Witnesses) -> int:
    """Tell whether the cell holds Z formula units; without a formula, whether Z divides its content."""
    amounts = np.bincount(crystal.atomic_numbers, weights=crystal.occupancies)
    if stated.units <= 0:
        return 0
    if not stated.formula:
        units = amounts[amounts > 0] / stated.units
        return 0 if (np.abs(units - np.rint(units)) < MISFIT * units).all() else -1
    total = sum(amount for _, amount in stated.formula)
    # pymatgen states the content of the cell as the formula, and Z of the reduced one.
    whole = all(abs(n / stated.units % 1) < 1e-6 for _, n in stated.formula)
    expected = [stated.units * total, total] if whole else [stated.units * total]
    return 1 if any(abs(amounts.sum() - number) < MISFIT * number for number in expected) else -1


def density_of(crystal: Crystal) -> float:
    """Return the density in g/cm3."""
    mass = float(atomic_masses()[crystal.atomic_numbers] @ crystal.occupancies)
    return DALTON * mass / crystal.volume


def contact_of(crystal: Crystal) -> float:
    """Return the shortest distance over the sum of the covalent radii of its sites; infinite above 1.

    Pairs of which a disordered crystal has one or the other do not count.
    """
    from skcrystal.kernels.contacts import closest_contact

    radii, occupancies = covalent_radii()[crystal.atomic_numbers], crystal.occupancies
    if len(crystal.species_offsets) != len(radii) + 1:
        starts = crystal.species_offsets[:-1]
        occupancies = np.add.reduceat(crystal.occupancies, starts)
        radii = np.add.reduceat(radii * crystal.occupancies, starts) / occupancies
    return float(closest_contact(crystal.frac_coords, crystal.lattice, radii, occupancies, 1.0)[1])
