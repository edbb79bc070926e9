"""One CIF data block into one crystal: cell, symmetry as declared, and the check against its formula."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from skcrystal.crystals.crystal import Crystal, CrystalError
from skcrystal.formats.assemble import assemble
from skcrystal.formats.cell import lattice_from_parameters
from skcrystal.formats.cif_atoms import read_atoms
from skcrystal.formats.cif_symmetry import declared_number, declared_symbol, read_operations
from skcrystal.formats.formula import formula_amounts, formula_text, misfit
from skcrystal.formats.problems import Notes, listed
from skcrystal.formats.space_group import check_space_group
from skcrystal.formats.symops import IDENTITY
from skcrystal.formats.values import is_null, number

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skcrystal.formats.cif_atoms import Atoms
    from skcrystal.formats.cif_columns import CifBlock
    from skcrystal.formats.symops import Operations

__all__ = ["MISFIT", "ReadOptions", "read_block"]

MISFIT = 0.02
"""Difference in an atomic fraction above which a crystal contradicts a formula."""


@dataclass(frozen=True)
class ReadOptions:
    """The parameters of :func:`skcrystal.formats.read_cif`, passed down together."""

    source: str
    site_tolerance: float
    special_tolerance: float
    occupancy_tolerance: float
    check_symmetry: bool
    max_sites: int

    def with_block(self, name: str) -> ReadOptions:
        """Return the same options with the name of a data block behind the source."""
        return replace(self, source=f"{self.source}, data_{name}" if self.source else f"data_{name}")


def read_block(block: CifBlock, options: ReadOptions, notes: Notes) -> Crystal:
    """Read the crystal of a block, with symmetry applied.

    Where the file leaves the setting open (the origin choice of ``F d -3 m``), or lists operations that
    contradict its own formula and Z, every setting it allows is tried and the one that fits is taken.

    Parameters
    ----------
    block : CifBlock
    options : ReadOptions
    notes : Notes
        Receives what was repaired or guessed.

    Raises
    ------
    CrystalError
        If the block holds no readable crystal.
    """
    _check_modulation(block, notes)
    lattice = read_cell(block, notes)
    formula = formula_amounts(block.first("_chemical_formula_sum"))
    atoms = read_atoms(block, lattice, frozenset(z for z, _ in formula), notes)
    listed, named = read_operations(block, lattice, notes)
    crystal, fits = _best_setting(lattice, atoms, listed, named, block, formula, options, notes)
    if fits < 0:
        found = formula_text(crystal.atomic_numbers, crystal.occupancies)
        stated = " ".join(block.first("_chemical_formula_sum").split())
        notes.add(f"the cell holds {found}, which is not the stated formula {stated}")
    if options.check_symmetry:
        check_space_group(crystal, declared_symbol(block), declared_number(block), notes)
    return crystal


def _check_modulation(block: CifBlock, notes: Notes) -> None:
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
        notes.add("the structure is modulated, its average was read")


def _best_setting(
    lattice: NDArray[np.float64],
    atoms: Atoms,
    listed: list[Operations],
    named: list[Operations],
    block: CifBlock,
    formula: tuple[tuple[int, float], ...],
    options: ReadOptions,
    notes: Notes,
) -> tuple[Crystal, int]:
    """Apply the settings that the file allows; return the crystal that fits best, and how it fits."""
    results: list[tuple[tuple[int, ...], Crystal, Notes, str]] = []
    failures: list[CrystalError] = []
    for operations in [*listed, *named] if listed or named else [IDENTITY]:
        own = Notes(notes.source)
        try:
            crystal, images = assemble(
                lattice,
                atoms,
                operations,
                own,
                site_tolerance=options.site_tolerance,
                special_tolerance=options.special_tolerance,
                occupancy_tolerance=options.occupancy_tolerance,
                max_sites=options.max_sites,
                source=options.source,
            )
        except CrystalError as error:
            failures.append(error)
            continue
        score = _score(crystal, images, atoms, block, formula)
        results.append((score, crystal, own, operations.name))
        if (min(score) >= 0 and sum(score) > 0) or (listed and not failures and not any(score)):
            break
    if not results:
        raise failures[0]
    # max keeps the first of equals, which is the likeliest.
    best = max(results, key=lambda result: result[0])
    notes.extend(best[2])
    if (listed and best is not results[0]) or (listed and failures):
        notes.add(f"the listed symmetry operations contradict the formula or the atoms, {best[3]} was used")
    elif len(named) > 1 and not listed and not any(best[0]):
        notes.add(f"the file leaves the origin of its space group open, {best[3]} was used")
    return best[1], best[0][0]


def _score(
    crystal: Crystal,
    images: NDArray[np.int64],
    atoms: Atoms,
    block: CifBlock,
    formula: tuple[tuple[int, float], ...],
) -> tuple[int, int, int]:
    """How well a crystal fits its formula, Z and multiplicities: each 1 (fits), 0 (not stated) or -1."""
    fits = count = multiplicity = 0
    if formula:
        fits = 1 if misfit(crystal.atomic_numbers, crystal.occupancies, formula) < MISFIT else -1
        units = number(block.first("_cell_formula_units_z"))
        if not math.isnan(units):
            stated = units * sum(amount for _, amount in formula)
            count = 1 if abs(crystal.occupancies.sum() - stated) < MISFIT * stated else -1
    known = ~np.isnan(atoms.multiplicities)
    # All equal to 1 says nothing: programs that write P 1 put it everywhere.
    if known.any() and (atoms.multiplicities[known] != 1).any():
        multiplicity = 1 if (images[known] == atoms.multiplicities[known]).all() else -1
    return fits, count, multiplicity


def read_cell(block: CifBlock, notes: Notes) -> NDArray[np.float64]:
    """Read the lattice; what a cell leaves out is filled by its crystal system, or by 90 degrees.

    The core dictionary gives 90 degrees as the default of an angle.

    Raises
    ------
    CrystalError
        If a length is missing that the crystal system does not give, or the cell is impossible.
    """
    lengths = [number(block.first(f"_cell_length_{axis}")) for axis in "abc"]
    angles = [number(block.first(f"_cell_angle_{angle}")) for angle in ("alpha", "beta", "gamma")]
    if any(math.isnan(value) for value in lengths + angles):
        system = block.first("_space_group_crystal_system", "_symmetry_cell_setting").lower()
        a, b, c = lengths
        if system in {"cubic", "tetragonal", "hexagonal", "trigonal", "rhombohedral"} and math.isnan(b):
            b = a
        if system in {"cubic", "rhombohedral"} and math.isnan(c):
            c = a
        lengths = [a, b, c]
        if system == "rhombohedral" and not math.isnan(angles[0]):
            angles = [angles[0] if math.isnan(value) else value for value in angles]
        if system in {"hexagonal", "trigonal"} and math.isnan(angles[2]):
            angles[2] = 120.0
        angles = [90.0 if math.isnan(value) else value for value in angles]
        if any(math.isnan(value) for value in lengths):
            texts = [block.first(f"_cell_length_{axis}") or "missing" for axis in "abc"]
            raise notes.error(
                "the cell is incomplete: _cell_length_a, _b and _c must be numbers, and are "
                f"{listed([' '.join(text.split())[:20] for text in texts])}; correct them."
            )
        notes.add(
            "parts of the cell are not stated, it was completed to "
            + ", ".join(f"{value:g}" for value in lengths + angles)
        )
    try:
        return lattice_from_parameters(*lengths, *angles)
    except CrystalError as error:
        raise notes.error(str(error)) from None
