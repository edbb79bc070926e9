"""Dicts of JARVIS: what ``jarvis.core.atoms.Atoms.to_dict`` gives, and its data sets hold under "atoms"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from skcrystal.chemistry.elements import atomic_number
from skcrystal.crystals.crystal import Crystal, CrystalError, real_numbers
from skcrystal.formats.from_ase import fractional
from skcrystal.formats.problems import MAX_SITES, check_count

__all__ = ["crystal_from_jarvis", "is_jarvis_dict"]


def is_jarvis_dict(data: Any) -> bool:
    """Tell whether data are a dict as JARVIS writes atoms."""
    return isinstance(data, Mapping) and all(key in data for key in ("lattice_mat", "coords", "elements"))


def crystal_from_jarvis(data: Mapping[str, Any], *, source: str = "", max_sites: int = MAX_SITES) -> Crystal:
    """Make a crystal of a dict of JARVIS: vectors, coordinates, perhaps Cartesian, and elements.

    Raises
    ------
    CrystalError
        If something in the dict is of the wrong kind.
    """
    names = data["elements"]
    if not isinstance(names, list | tuple | np.ndarray):
        raise CrystalError("the elements of a JARVIS dict are no list; give a symbol for each site")
    check_count(len(names), max_sites)
    lattice = real_numbers(data["lattice_mat"], "the rows of lattice_mat", (3, 3))
    coords = real_numbers(data["coords"], "the coords", (len(names), 3))
    try:
        numbers = [atomic_number(str(name).strip()) for name in names]
    except ValueError as error:
        raise CrystalError(f"the elements of a JARVIS dict: {str(error)[:60]}") from None
    if data.get("cartesian", False):
        coords = fractional(coords, lattice)
    return Crystal.ordered(lattice, coords, numbers, source=source)
