"""Formulas, and what else gives amounts of elements and no positions, into amounts."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from numbers import Real
from typing import Any

from skcrystal.chemistry.elements import symbols
from skcrystal.chemistry.formulas import FormulaError, looks_like_formula, parse_formula
from skcrystal.crystals.crystal import CrystalError
from skcrystal.formats.detect import LONGEST_NAME, looks_like_path
from skcrystal.formats.names import format_of

__all__ = ["amounts_of", "is_formula"]


# Ions are keys as pymatgen writes them: Fe3+, O2-, Fe2.5+.
_ION = re.compile(r"([A-Z][a-z]?)[\d.]*[+-]")


def is_formula(item: Any) -> bool:
    """Tell whether an item is a formula, or other amounts of elements, and no crystal.

    A text that names a file is that file, even if it is a formula too.
    """
    if isinstance(item, str):
        return looks_like_path(item.strip()) and not os.path.exists(item) and looks_like_formula(item)
    return _is_composition(item) or (isinstance(item, Mapping) and _has_amounts(item))


def amounts_of(item: Any) -> dict[int, float] | None:
    """Return the amounts of the elements, by atomic number; None where the item is to be read as a crystal.

    Parameters
    ----------
    item : object
        A formula, a pymatgen ``Composition``, or a dict of symbols, ions or pymatgen elements and amounts.

    Raises
    ------
    CrystalError
        It is a formula with a mistake, or an amount is none.
    """
    if isinstance(item, str):
        # Letters, digits and points are quickly seen to be one line, as most formulas are.
        plain = len(item) <= LONGEST_NAME and item.replace(".", "").isalnum()
        if not (plain or looks_like_path(item.strip())):
            return None
        # Calculations lie in folders that are named by their formulas: a folder is no item.
        exists = os.path.exists(item)
        if exists and not os.path.isdir(item):
            return None
        try:
            return parse_formula(item)
        except FormulaError as error:
            # A path that does not exist is told by its suffix or its folder, the text of a file by its end.
            if exists or format_of(item) or "/" in item or os.sep in item or item.strip() != item.strip(" "):
                return None
            raise CrystalError(f"{error}; there is no file of this name either") from None
    if _is_composition(item):
        return _numbered(item)
    if isinstance(item, Mapping) and (_has_amounts(item) or _has_numbers(item)):
        return _numbered(item)
    return None


def _is_composition(item: Any) -> bool:
    loaded = sys.modules.get("pymatgen.core.composition")
    return loaded is not None and isinstance(item, loaded.Composition)


def _has_amounts(item: Mapping[Any, Any]) -> bool:
    """Tell whether all keys are elements."""
    return bool(item) and all(_number(key) is not None for key in item)


def _has_numbers(item: Mapping[Any, Any]) -> bool:
    """Tell whether all values are numbers, as they are in no crystal."""
    return bool(item) and all(isinstance(value, Real) for value in item.values())


def _number(key: Any) -> int | None:
    if isinstance(key, str):
        ion = _ION.fullmatch(key)
        return _by_symbol().get(ion[1] if ion else key)
    loaded = sys.modules.get("pymatgen.core.periodic_table")
    # A DummySpecies has a Z too: a hash of its symbol.
    if loaded is not None and isinstance(key, loaded.Element | loaded.Species) and key.Z in range(1, 119):
        return int(key.Z)
    return None


def _by_symbol() -> dict[str, int]:
    known = {symbol: number for number, symbol in enumerate(symbols()) if number}
    return known | {"D": 1, "T": 1}


def _numbered(item: Mapping[Any, Any]) -> dict[int, float]:
    amounts: dict[int, float] = {}
    for key, value in item.items():
        number = _number(key)
        if number is None:
            raise CrystalError(f"the composition holds {key}, which is no element; replace or remove it")
        try:
            amount = float(value)
        except (TypeError, ValueError, OverflowError):
            raise CrystalError(f"the amount of {key} is {value!r}; give a number above 0") from None
        if not 0 < amount < float("inf"):
            raise CrystalError(f"the amount of {key} is {amount:g}; give a number above 0, or leave it out")
        amounts[number] = amounts.get(number, 0.0) + amount
    if not amounts:
        raise CrystalError("the composition is empty; give at least one element")
    return amounts
