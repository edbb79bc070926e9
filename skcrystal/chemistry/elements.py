"""The table of the elements: values, units, sources, and what is missing.

The values come from pymatgen and stand in ``data/elements.csv``, one row per element; the columns'
units and sources stand in ``data/elements_columns.csv``.
"""

from __future__ import annotations

import csv
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

__all__ = [
    "MAX_ATOMIC_NUMBER",
    "PROPERTIES",
    "ColumnInfo",
    "atomic_number",
    "column_info",
    "filled_table",
    "is_metal",
    "known_share",
    "missing_elements",
    "property_table",
    "symbols",
]

MAX_ATOMIC_NUMBER = 118

_DATA = Path(__file__).parent / "data"


class ColumnInfo(NamedTuple):
    """What one property is.

    Attributes
    ----------
    name : str
    unit : str
        "1" for a number without a unit.
    source : str
    description : str
    attribute : str
        The attribute of pymatgen's ``Element`` that the values are made from.
    """

    name: str
    unit: str
    source: str
    description: str
    attribute: str


def _read_columns() -> dict[str, ColumnInfo]:
    with (_DATA / "elements_columns.csv").open(newline="", encoding="utf-8") as file:
        return {row["name"]: ColumnInfo(**row) for row in csv.DictReader(file)}


# Fifty short lines, read at import so that the names are a plain tuple; the values are read when first used.
_COLUMNS = _read_columns()

#: The names of all properties, in the order of the table.
PROPERTIES: tuple[str, ...] = tuple(_COLUMNS)


@cache
def _read_values() -> tuple[tuple[str, ...], NDArray[np.float64]]:
    """Read the symbols and the whole table, both indexed by atomic number."""
    table = np.full((MAX_ATOMIC_NUMBER + 1, len(PROPERTIES)), np.nan)
    names = [""]
    with (_DATA / "elements.csv").open(newline="", encoding="utf-8") as file:
        for z, row in enumerate(csv.DictReader(file), start=1):
            names.append(row["symbol"])
            table[z] = [float(row[name] or "nan") for name in PROPERTIES]
    table.flags.writeable = False
    return tuple(names), table


def column_info(name: str) -> ColumnInfo:
    """Unit, source and description of one property.

    Parameters
    ----------
    name : str
        One of :data:`PROPERTIES`.

    Returns
    -------
    ColumnInfo

    Raises
    ------
    ValueError
        If there is no such property.

    Examples
    --------
    >>> from skcrystal.chemistry.elements import column_info
    >>> column_info("melting_point").unit
    'K'
    >>> column_info("meltingpoint")
    Traceback (most recent call last):
        ...
    ValueError: unknown element property 'meltingpoint'; did you mean 'melting_point'?
    """
    try:
        return _COLUMNS[name]
    except (KeyError, TypeError):
        close = get_close_matches(str(name), PROPERTIES, n=1)
        advice = f"did you mean {close[0]!r}?" if close else "see skcrystal.elements.PROPERTIES for the names"
        raise ValueError(f"unknown element property {name!r}; {advice}") from None


def property_table(names: Iterable[str] = PROPERTIES) -> NDArray[np.float64]:
    """Values of element properties, one row per atomic number, in the units of :func:`column_info`.

    Parameters
    ----------
    names : iterable of str, default=PROPERTIES
        The properties, one column each.

    Returns
    -------
    ndarray of shape (119, n_names), read-only
        Row Z belongs to atomic number Z, so that ``table[atomic_numbers]`` gives one row per site;
        row 0 is NaN, and so is every value that is not known.

    Examples
    --------
    >>> from skcrystal.chemistry.elements import property_table
    >>> table = property_table(["electronegativity", "atomic_mass"])
    >>> table[[8, 14]].tolist()
    [[3.44, 15.9994], [1.9, 28.0855]]
    """
    if isinstance(names, str):
        raise TypeError(f"names is a list of element properties, got the string {names!r}; use [{names!r}]")
    places = [PROPERTIES.index(column_info(name).name) for name in names]
    table = _read_values()[1][:, places]
    table.flags.writeable = False
    return table


def filled_table(names: Iterable[str] = PROPERTIES, missing: str = "mean") -> NDArray[np.float64]:
    """Values of element properties as :func:`property_table` gives them, missing ones filled in.

    Parameters
    ----------
    names : iterable of str, default=PROPERTIES
    missing : {"mean", "zero", "nan"}, default="mean"
        What takes the place of a missing value: the property's mean over the elements with a known
        value (a property of the periodic table, so nothing leaks from a data set), 0.0, or NaN.

    Returns
    -------
    ndarray of shape (119, n_names), read-only
        Row 0 stays NaN: there is no element 0.

    Raises
    ------
    ValueError
        If ``missing`` or a name is none of the known ones.

    Examples
    --------
    Neon has no electronegativity on Pauling's scale:

    >>> from skcrystal.chemistry.elements import filled_table
    >>> for missing in ("mean", "zero", "nan"):
    ...     print(round(float(filled_table(["electronegativity"], missing)[10, 0]), 3))
    1.713
    0.0
    nan
    """
    table = property_table(names).copy()
    if missing == "mean":
        fill = np.nanmean(table[1:], axis=0)
    elif missing == "zero":
        fill = np.zeros(table.shape[1])
    elif missing == "nan":
        fill = np.full(table.shape[1], np.nan)
    else:
        raise ValueError(f"missing must be 'mean', 'zero' or 'nan', got {missing!r}")
    table[1:] = np.where(np.isnan(table[1:]), fill, table[1:])
    table.flags.writeable = False
    return table


def missing_elements(name: str) -> tuple[str, ...]:
    """Symbols of the elements without a known value of a property, by atomic number.

    Examples
    --------
    >>> from skcrystal.chemistry.elements import missing_elements
    >>> missing_elements("electronegativity")[:3]
    ('He', 'Ne', 'Ar')
    """
    unknown = np.isnan(property_table([name])[1:, 0])
    return tuple(symbols()[z] for z in np.flatnonzero(unknown) + 1)


def known_share(name: str) -> float:
    """Share of the 118 elements whose value of a property is known, in 0 to 1."""
    return 1.0 - len(missing_elements(name)) / MAX_ATOMIC_NUMBER


def symbols() -> tuple[str, ...]:
    """Element symbols by atomic number; the one at place 0 is empty.

    Returns
    -------
    tuple of str, of length 119
    """
    return _read_values()[0]


@cache
def _atomic_numbers() -> dict[str, int]:
    numbers = {symbol: z for z, symbol in enumerate(symbols()) if z}
    # Deuterium and tritium have symbols of their own, in CIF files of neutron work for example.
    return numbers | {"D": 1, "T": 1}


def atomic_number(symbol: str) -> int:
    """Atomic number of an element symbol; D and T are hydrogen.

    Parameters
    ----------
    symbol : str
        As the periodic table writes it: "Fe", not "FE" or "iron".

    Returns
    -------
    int

    Raises
    ------
    ValueError
        If no element has this symbol.

    Examples
    --------
    >>> from skcrystal.chemistry.elements import atomic_number
    >>> atomic_number("Fe")
    26
    >>> atomic_number("Xx")
    Traceback (most recent call last):
        ...
    ValueError: 'Xx' is not the symbol of an element
    """
    try:
        return _atomic_numbers()[symbol]
    except (KeyError, TypeError):
        raise ValueError(f"{symbol!r} is not the symbol of an element") from None


def is_metal() -> NDArray[np.bool_]:
    """Tell, by atomic number, which elements count as metals.

    They are Z = 3-4, 11-12, 19-30, 37-48, 55-80 and 87-112: the alkali, alkaline-earth, d- and f-block
    elements. The metals of the p block (Al, Ga, In, Sn, Tl, Pb, Bi) are not among them.

    Returns
    -------
    ndarray of bool, of shape (119,), read-only
    """
    metals = property_table(["is_metal"])[:, 0] == 1.0
    metals.flags.writeable = False
    return metals
