"""The cell that a CIF data block states: completed where parts are missing, in angstrom where it was not."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from skcrystal.crystals.crystal import CrystalError
from skcrystal.formats.cell import LENGTHS, lattice_from_parameters
from skcrystal.formats.formula import formula_amounts, formula_mass
from skcrystal.formats.problems import listed
from skcrystal.formats.values import number

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skcrystal.formats.cif_columns import CifBlock
    from skcrystal.formats.problems import Notes

__all__ = ["DALTON", "DENSITY", "VOLUME_TOLERANCE", "read_cell"]

DALTON = 1.66053906660
"""g/cm3 of one dalton in a cubic angstrom (CODATA 2018, doi:10.1103/RevModPhys.93.025010)."""

DENSITY = ("_exptl_crystal_density_diffrn", "_exptl_crystal_density_meas")

VOLUME_TOLERANCE = 0.02
"""Share by which a stated volume may differ: rounded cells, volumes of another temperature."""

_UNITS = {"picometres": 1e2, "nanometres": 1e-1, "metres": 1e-10, "bohr": 1 / 0.529177210903}


def read_cell(block: CifBlock, notes: Notes) -> NDArray[np.float64]:
    """Read the lattice; what a cell leaves out is filled by its crystal system, or by 90 degrees.

    The core dictionary gives 90 degrees as the default of an angle. A volume that is the stated one in other
    units of length, or has the stated density in them, shows that the lengths are not in angstrom.

    Raises
    ------
    CrystalError
        If a length is missing that the crystal system does not give, or the cell is impossible.
    """
    lengths = [number(block.first(f"_cell_length_{axis}")) for axis in "abc"]
    angles = [number(block.first(f"_cell_angle_{angle}")) for angle in ("alpha", "beta", "gamma")]
    if any(math.isnan(value) for value in lengths + angles):
        lengths, angles = _completed(block, lengths, angles, notes)
    lengths = _in_angstrom(block, lengths, angles, notes)
    try:
        return lattice_from_parameters(*lengths, *angles)
    except CrystalError as error:
        raise notes.error(str(error)) from None


def _completed(
    block: CifBlock, lengths: list[float], angles: list[float], notes: Notes
) -> tuple[list[float], list[float]]:
    system = block.first("_space_group_crystal_system", "_symmetry_cell_setting").lower()
    a, b, c = lengths
    if system in {"cubic", "tetragonal", "hexagonal", "trigonal", "rhombohedral"} and math.isnan(b):
        b = a
    if system in {"cubic", "rhombohedral"} and math.isnan(c):
        c = a
    if system == "rhombohedral" and not math.isnan(angles[0]):
        angles = [angles[0] if math.isnan(value) else value for value in angles]
    if system in {"hexagonal", "trigonal"} and math.isnan(angles[2]):
        angles[2] = 120.0
    angles = [90.0 if math.isnan(value) else value for value in angles]
    if any(math.isnan(value) for value in (a, b, c)):
        texts = [block.first(f"_cell_length_{axis}") or "missing" for axis in "abc"]
        raise notes.error(
            "the cell is incomplete: _cell_length_a, _b and _c must be numbers, and are "
            f"{listed([' '.join(text.split())[:20] for text in texts])}; correct them."
        )
    notes.tell("cell_completed", values=", ".join(f"{value:g}" for value in [a, b, c, *angles]))
    return [a, b, c], angles


def _in_angstrom(block: CifBlock, lengths: list[float], angles: list[float], notes: Notes) -> list[float]:
    """Turn lengths into angstrom where a stated volume or density says that they are in another unit."""
    largest = max(lengths)
    if not min(lengths) > 0 or not math.isfinite(largest):
        return lengths
    try:
        shape = lattice_from_parameters(*(length / largest for length in lengths), *angles)
    except CrystalError:
        return lengths
    volume = float(abs(np.linalg.det(shape))) * largest**3
    stated = number(block.first("_cell_volume"))
    witnesses = {"volume": stated, "density": _volume_by_density(block)}
    known = {name: value for name, value in witnesses.items() if value > 0}
    if any(_near(volume, value, 0.2) for value in known.values()):
        known = {}
    for name, value in known.items():
        for unit, size in _UNITS.items():
            converted = volume / size**3
            scaled = [length / size for length in lengths]
            if _near(converted, value, 0.2) and LENGTHS[0] <= min(scaled) and max(scaled) <= LENGTHS[1]:
                notes.tell("cell_units", unit=unit, witness=name)
                return scaled
    if stated > 0 and not _near(volume, stated, VOLUME_TOLERANCE):
        notes.tell("volume", found=volume, stated=stated)
    return lengths


def _near(found: float, stated: float, tolerance: float) -> bool:
    return abs(found - stated) <= tolerance * stated


def _volume_by_density(block: CifBlock) -> float:
    """Volume, in cubic angstrom, of Z formula units at the stated density; 0 where one is not stated."""
    density, units = number(block.first(*DENSITY)), number(block.first("_cell_formula_units_z"))
    mass = formula_mass(formula_amounts(block.first("_chemical_formula_sum")))
    return DALTON * units * mass / density if density > 0 and units > 0 else 0.0
