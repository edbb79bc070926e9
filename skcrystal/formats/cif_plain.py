"""The fast path for the plain CIF of a database: one block, P 1, every atom an element at full occupancy."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from typing import Any

import numpy as np

from skcrystal.crystals.crystal import Crystal, CrystalError
from skcrystal.formats.cell import lattice_from_parameters
from skcrystal.formats.cif_written import read_written
from skcrystal.formats.formula import formula_amounts
from skcrystal.formats.species import is_heavy_hydrogen, parse_type_symbol

__all__ = ["read_plain"]

_CELL = ["length_a", "length_b", "length_c", "angle_alpha", "angle_beta", "angle_gamma"]
_X = "_atom_site_fract_x"

# A block with one of these needs more than its columns of atoms.
_ELSEWHERE = ("_atom_type_oxidation_number", "_space_group_symop_operation_xyz")


def read_plain(text: str, source: str, site_tolerance: float, max_sites: int) -> Crystal | None:
    """Read a file of one block in P 1 whose atoms are plain; None where the general path is needed.

    Whatever it does return, the general path returns too. It exists for speed: the files of the Materials
    Project are of this kind, and come by the ten thousand.

    Parameters
    ----------
    text, source, site_tolerance, max_sites
        As in :func:`skcrystal.formats.read_cif`.
    """
    written = read_written(text, source, site_tolerance, max_sites)
    if written is not None:
        return written
    import gemmi

    from skcrystal.kernels.contacts import may_touch

    try:
        document = gemmi.cif.read_string(text)
        block = document.sole_block()
        row = list(block.find("_cell_", _CELL)[0])
        lattice = lattice_from_parameters(*map(float, row))
        operations = list(block.find_values("_symmetry_equiv_pos_as_xyz"))
        loop = block.find_loop(_X).get_loop()
        plan, width = _plan(*loop.tags), loop.width()
        if (
            plan is None
            or loop.length() > max_sites
            or len(operations) != 1
            or not _is_identity(operations[0])
            or not _is_p1(block)
        ):
            return None
        if any(block.find_values(tag) for tag in _ELSEWHERE):
            return None
        values = loop.values
        symbol, x, occupancy = plan
        symbols = values[symbol::width]
        n_sites = len(symbols)
        # gemmi's numbers are read three times as fast as Python's, and to the same bits.
        flat = [*map(gemmi.cif.as_number, values[x::width] + values[x + 1 :: width] + values[x + 2 :: width])]
        if occupancy >= 0 and any(float(value) != 1 for value in set(values[occupancy::width])):
            return None
        counts = Counter(symbols)
        number_of = {value: _number_of(value) for value in counts}
        numbers = [number_of[value] for value in symbols]
        if not n_sites or not _is_formula(block, counts, number_of):
            return None
    except (ValueError, RuntimeError, TypeError, IndexError, AttributeError, CrystalError):
        # Whatever is wrong, the general path finds the words for it.
        return None
    frac_coords = np.array(flat).reshape(3, n_sites).T.copy()
    if may_touch(frac_coords, lattice, site_tolerance):
        return None
    return Crystal(
        lattice,
        frac_coords,
        np.arange(n_sites + 1),
        np.array(numbers, dtype=np.int64),
        np.ones(n_sites),
        np.full(n_sites, np.nan),
        source,
    )


@lru_cache(maxsize=64)
def _plan(*tags: str) -> tuple[int, int, int] | None:
    """Columns of the type symbol, of x (y and z must follow) and of the occupancy (-1 if there is none)."""
    if "_atom_site_type_symbol" not in tags or "_atom_site_calc_flag" in tags:
        return None
    x = tags.index(_X)
    if tags[x : x + 3] != (_X, "_atom_site_fract_y", "_atom_site_fract_z"):
        return None
    occupancy = tags.index("_atom_site_occupancy") if "_atom_site_occupancy" in tags else -1
    return tags.index("_atom_site_type_symbol"), x, occupancy


@lru_cache(maxsize=16)
def _is_identity(operation: str) -> bool:
    return operation.strip("'\"").replace(" ", "").lower() == "x,y,z"


def _is_p1(block: Any) -> bool:
    name = block.find_value("_symmetry_space_group_name_H-M")
    return name in {"'P 1'", "P1", "'P1'", '"P 1"'}


@lru_cache(maxsize=1024)
def _number_of(symbol: str) -> int:
    """Atomic number of a plain element symbol; an error for all others, which need the general path."""
    found = parse_type_symbol(symbol)
    if (
        found is None
        or found[1]
        or found[0][0] == 0
        or found[0][1] == found[0][1]
        or is_heavy_hydrogen(symbol)
    ):
        raise CrystalError(f"{symbol} is no plain element")
    return found[0][0]


def _is_formula(block: Any, counts: Counter[str], number_of: dict[str, int]) -> bool:
    """Tell whether the atoms are the stated formula, exactly or in multiples; true if none is stated."""
    text = block.find_value("_chemical_formula_sum")
    if not text or set(text.strip("'").split()) == {f"{symbol}{count}" for symbol, count in counts.items()}:
        return True
    amounts = formula_amounts(text.strip("'\""))
    atoms: Counter[int] = Counter()
    for symbol, count in counts.items():
        atoms[number_of[symbol]] += count
    total, n_sites = sum(amount for _, amount in amounts), atoms.total()
    return not amounts or (
        len(atoms) == len(amounts)
        and all(atoms[number] * total == amount * n_sites for number, amount in amounts)
    )
