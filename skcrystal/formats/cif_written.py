"""The fastest path: a CIF in exactly the layout in which pymatgen writes one in P 1.

All files of the Materials Project have it. A text that departs from it by a tag or a quote is declined.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from skcrystal.crystals.crystal import Crystal
from skcrystal.formats.cell import lattice_from_parameters

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["read_written"]

_SINGLE = r"(?:'[^'\n]*'|[\w.()+-]+)"
_HEAD = re.compile(
    r"(?:# generated using pymatgen\n)?data_[^\s']+\n"
    r"_symmetry_space_group_name_H-M +'P 1'\n"
    + "".join(rf"_cell_length_{edge} +([\d.]+)\n" for edge in "abc")
    + "".join(rf"_cell_angle_{angle} +([\d.]+)\n" for angle in ("alpha", "beta", "gamma"))
    + r"_symmetry_Int_Tables_number +1\n"
    rf"_chemical_formula_structural +{_SINGLE}\n"
    r"_chemical_formula_sum +(?:'([A-Za-z0-9 ]*)'|([A-Za-z0-9]+))\n"
    r"_cell_volume +[\d.]+\n"
    r"_cell_formula_units_Z +\d+\n"
    r"loop_\n _symmetry_equiv_pos_site_id\n _symmetry_equiv_pos_as_xyz\n +1 +'x, y, z'\n"
    r"loop_\n _atom_site_type_symbol\n _atom_site_label\n _atom_site_symmetry_multiplicity\n"
    r" _atom_site_fract_x\n _atom_site_fract_y\n _atom_site_fract_z\n _atom_site_occupancy\n",
    re.ASCII,
)


def read_written(text: str, source: str, site_tolerance: float, max_sites: int) -> Crystal | None:
    """Read a file of this layout whose atoms are plain; None for all others.

    Whatever it does return, the general path returns too, bit for bit.

    Parameters
    ----------
    text, source, site_tolerance, max_sites
        As in :func:`skcrystal.formats.read_cif`.
    """
    head = _HEAD.match(text)
    if head is None or not text.isascii():
        return None
    from skcrystal.kernels.atom_rows import read_atom_rows
    from skcrystal.kernels.contacts import may_touch

    most = text.count("\n", head.end()) + 1
    numbers, frac_coords = np.empty(most, dtype=np.int64), np.empty((most, 3))
    n_sites = read_atom_rows(
        np.frombuffer(text.encode(), np.uint8), head.end(), _element_numbers(), numbers, frac_coords
    )
    if not 0 < n_sites <= max_sites:
        return None
    *cell, quoted, bare = head.groups()
    numbers, frac_coords = numbers[:n_sites], frac_coords[:n_sites]
    try:
        lattice = lattice_from_parameters(*map(float, cell))
    except ValueError:  # a CrystalError is one; the general path finds the words for it
        return None
    if not _is_formula(quoted or bare or "", numbers) or may_touch(frac_coords, lattice, site_tolerance):
        return None
    steps, ones, unknown = _constants(n_sites)
    return Crystal(lattice, frac_coords, steps, numbers, ones, unknown, source)


def _is_formula(text: str, numbers: NDArray[np.int64]) -> bool:
    """Tell whether the atoms are exactly the stated ones."""
    symbols = _symbols()
    counts = Counter(numbers.tolist())
    return set(text.split()) == {f"{symbols[number]}{count}" for number, count in counts.items()}


@lru_cache(maxsize=1)
def _symbols() -> list[str]:
    from gemmi import Element

    return [Element(number).name for number in range(119)]


@lru_cache(maxsize=1)
def _element_numbers() -> NDArray[np.int64]:
    table = np.zeros((128, 128), dtype=np.int64)
    for number, symbol in enumerate(_symbols()[1:], start=1):
        table[ord(symbol[0]), ord(symbol[1]) if len(symbol) > 1 else 0] = number
    return table


@lru_cache(maxsize=256)
def _constants(n_sites: int) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Return species offsets, occupancies and oxidation states of ordered sites: shared, so read-only."""
    arrays = np.arange(n_sites + 1), np.ones(n_sites), np.full(n_sites, np.nan)
    for array in arrays:
        array.flags.writeable = False
    return arrays
