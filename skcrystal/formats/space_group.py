"""The space group that a file declares against the one that its crystal has."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from skcrystal.crystal import Crystal
    from skcrystal.formats.problems import Notes

__all__ = ["check_space_group", "site_kinds"]


def site_kinds(crystal: Crystal) -> np.ndarray:
    """Return one integer per site, equal where the sites hold the same species and occupancies."""
    offsets = crystal.species_offsets.tolist()
    content = list(zip(crystal.atomic_numbers.tolist(), crystal.occupancies.round(4).tolist(), strict=True))
    keys = [tuple(sorted(content[low:high])) for low, high in pairwise(offsets)]
    kinds = {key: i for i, key in enumerate(dict.fromkeys(keys), start=1)}
    return np.array([kinds[key] for key in keys])


def check_space_group(
    crystal: Crystal, symbol: str, number: int, notes: Notes, *, symprec: float = 0.01
) -> None:
    """Note it where the space group found in a crystal is not the declared one.

    Parameters
    ----------
    crystal : Crystal
    symbol : str
        Declared Hermann-Mauguin symbol, used where no number is declared; may be empty.
    number : int
        Declared number, 0 if none.
    notes : Notes
    symprec : float, default=0.01
        In angstrom, for moyopy's search.
    """
    import gemmi
    import moyopy

    if not number and symbol:
        group = gemmi.find_spacegroup_by_name(symbol)
        number = 0 if group is None else group.number
    if not number:
        return
    cell = moyopy.Cell(crystal.lattice.tolist(), crystal.frac_coords.tolist(), site_kinds(crystal).tolist())
    try:
        found = moyopy.MoyoDataset(cell, symprec=symprec).number
    except (ValueError, RuntimeError) as error:
        notes.add(f"space group {number} is declared, none was found ({error})")
        return
    if found != number:
        notes.add(f"space group {number} is declared, {found} was found (within {symprec:g} angstrom)")
