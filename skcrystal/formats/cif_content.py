"""What a CIF data block says of its content besides atoms and symmetry, and what looks odd in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from skcrystal.formats.values import is_null, number
from skcrystal.formats.witnesses import density_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skcrystal.crystals.crystal import Crystal
    from skcrystal.formats.cif_atoms import Atoms
    from skcrystal.formats.cif_columns import CifBlock
    from skcrystal.formats.problems import Notes

__all__ = ["check_modulation", "note_common_factor", "note_site_factors", "wrong_unit"]


def check_modulation(block: CifBlock, notes: Notes) -> None:
    """Note it where the atoms are those of an average; refuse a composite, whose parts have cells apart.

    Of a composite the core dictionary's coordinates refer to the cell of each part: no one cell holds all.
    """
    if len({code for code in block.column("_atom_site_subsystem_code") if not is_null(code)}) > 1:
        raise notes.error(
            "the file describes a composite crystal, in which parts have unit cells of their own; "
            "give one part, or a supercell that approximates it."
        )
    modulated = number(block.first("_cell_modulation_dimension")) > 0
    if modulated or any("_ssg_" in tag for tag in block.columns):
        notes.tell("modulated")


def wrong_unit(crystal: Crystal, density: float, notes: Notes) -> float:
    """Return the size in angstrom of the unit that cell lengths are in: 1, or what the density shows."""
    if density > 0:
        ratio = density / density_of(crystal)
        for unit, size in (("picometres", 100.0), ("nanometres", 0.1)):
            if abs(ratio / size**3 - 1) < 0.25:
                notes.tell("cell_units", unit=unit, witness="density")
                return size
    return 1.0


def note_common_factor(crystal: Crystal, atoms: Atoms, notes: Notes) -> None:
    """Note it where all sites, of several atoms, have one occupancy that is not 1."""
    if len(atoms.labels) > 1 and crystal.occupancies[0] < 1:
        totals = np.add.reduceat(crystal.occupancies, crystal.species_offsets[:-1])
        if totals[0] < 0.99 and len(totals) > 1 and np.ptp(totals) < 1e-3:
            notes.tell("common_factor", share=float(totals[0]))


def note_site_factors(images: NDArray[np.int64], n_operations: int, atoms: Atoms, notes: Notes) -> None:
    """Note it where all occupancies are the sites of each atom over the operations, and not all are equal."""
    shares = images / n_operations
    if np.ptp(shares) > 0 and (np.abs(atoms.occupancies - shares) < 0.01 * shares).all():
        notes.tell("site_factors")
