"""The table of the elements: values, units, sources, and what is missing.

The values come from pymatgen and stand in ``data/elements.csv``, one row per element; the columns'
units and sources stand in ``data/elements_columns.csv``. What pymatgen has wrong is corrected by
``data/elements_corrections.csv``, each with its source.
"""

from __future__ import annotations

from difflib import get_close_matches
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from skcrystal.chemistry.tables import table_rows
from skcrystal.chemistry.trends import follow_trends

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

__all__ = [
    "EVEN_PROPERTIES",
    "MAX_ATOMIC_NUMBER",
    "PROPERTIES",
    "ColumnInfo",
    "Correction",
    "atomic_number",
    "column_info",
    "corrections",
    "estimated_elements",
    "filled_table",
    "is_metal",
    "known_share",
    "missing_elements",
    "property_table",
    "symbols",
]

#: Number of elements that the tables hold.
MAX_ATOMIC_NUMBER = 118


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


class Correction(NamedTuple):
    """A value that is not pymatgen's.

    Attributes
    ----------
    symbol : str
    name : str
        The property.
    value : float
        NaN where the property has no value.
    source : str
        Where the value stands, and why pymatgen's is wrong.
    """

    symbol: str
    name: str
    value: float
    source: str


def _read_columns() -> dict[str, ColumnInfo]:
    return {row["name"]: ColumnInfo(**row) for row in table_rows("elements_columns.csv")}


# Fifty short lines, read at import so that the names are a plain tuple; the values are read when first used.
_COLUMNS = _read_columns()

#: The names of all properties, in the order of the table.
PROPERTIES: tuple[str, ...] = tuple(_COLUMNS)

# Properties of matter whose values span more than two decades between the elements: their logarithms have an
# even spread, which linear models, neighbours and networks need.
_SPANNING_DECADES = (
    "electrical_resistivity",
    "thermal_conductivity",
    "bulk_modulus",
    "youngs_modulus",
    "brinell_hardness",
    "rigidity_modulus",
    "vickers_hardness",
)

_LOGARITHM = "log10_"

#: All properties, with the decimal logarithm in place of those that span decades (``log10_youngs_modulus``).
EVEN_PROPERTIES: tuple[str, ...] = tuple(
    _LOGARITHM * (name in _SPANNING_DECADES) + name for name in PROPERTIES
)

# What an element that is not known to be superconducting counts as: most have been cooled far enough.
_NOT_SUPERCONDUCTING = "superconduction_temperature"


@cache
def _read_values() -> tuple[tuple[str, ...], NDArray[np.float64]]:
    """Read the symbols and the whole table, both indexed by atomic number."""
    table = np.full((MAX_ATOMIC_NUMBER + 1, len(PROPERTIES)), np.nan)
    names = [""]
    for z, row in enumerate(table_rows("elements.csv"), start=1):
        names.append(row["symbol"])
        table[z] = [float(row[name] or "nan") for name in PROPERTIES]
    table.flags.writeable = False
    return tuple(names), table


@cache
def corrections() -> tuple[Correction, ...]:
    """Values of the table that are not pymatgen's, each with its source.

    Returns
    -------
    tuple of Correction

    Examples
    --------
    >>> from skcrystal.chemistry.elements import corrections
    >>> gadolinium = next(c for c in corrections() if c.symbol == "Gd")
    >>> gadolinium.name, gadolinium.value
    ('superconduction_temperature', nan)
    """
    return tuple(
        Correction(row["symbol"], row["name"], float(row["value"] or "nan"), row["source"])
        for row in table_rows("elements_corrections.csv")
    )


@cache
def _corrected_values() -> NDArray[np.float64]:
    table = _read_values()[1].copy()
    for correction in corrections():
        place = atomic_number(correction.symbol), PROPERTIES.index(correction.name)
        table[place] = correction.value
    table.flags.writeable = False
    return table


def column_info(name: str) -> ColumnInfo:
    """Unit, source and description of one property.

    Parameters
    ----------
    name : str
        One of :data:`PROPERTIES`, or ``log10_`` and one that is positive.

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
    >>> column_info("log10_youngs_modulus").unit
    'log10(GPa)'
    >>> column_info("meltingpoint")
    Traceback (most recent call last):
        ...
    ValueError: unknown element property 'meltingpoint'; did you mean 'melting_point'?
    """
    try:
        if str(name).startswith(_LOGARITHM):
            info = _COLUMNS[name.removeprefix(_LOGARITHM)]
            return info._replace(
                name=name,
                unit=f"log10({info.unit})",
                description=f"decimal logarithm of the {info.description}",
            )
        return _COLUMNS[name]
    except (KeyError, TypeError):
        close = get_close_matches(str(name), PROPERTIES, n=1)
        advice = f"did you mean {close[0]!r}?" if close else "see skcrystal.elements.PROPERTIES for the names"
        raise ValueError(f"unknown element property {name!r}; {advice}") from None


def property_table(names: Iterable[str] = PROPERTIES, *, values: str = "corrected") -> NDArray[np.float64]:
    """Values of element properties, one row per atomic number, in the units of :func:`column_info`.

    Parameters
    ----------
    names : iterable of str, default=PROPERTIES
        The properties, one column each.
    values : {"corrected", "pymatgen"}, default="corrected"
        Whether :func:`corrections` are made, or pymatgen's values stand as they are.

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
    return _property_table(tuple(names), values)


# Descriptors ask for the same few tables with every chunk, here and below.
@cache
def _property_table(names: tuple[str, ...], values: str) -> NDArray[np.float64]:
    columns = [column_info(name).name for name in names]
    places = [PROPERTIES.index(name.removeprefix(_LOGARITHM)) for name in columns]
    if values not in ("corrected", "pymatgen"):
        raise ValueError(f"values must be 'corrected' or 'pymatgen', got {values!r}")
    table = (_corrected_values() if values == "corrected" else _read_values()[1])[:, places]
    for column, name in enumerate(columns):
        if name.startswith(_LOGARITHM):
            if (table[:, column] <= 0).any():
                raise ValueError(f"{name.removeprefix(_LOGARITHM)} is not positive and has no logarithm")
            table[:, column] = np.log10(table[:, column])
    table.flags.writeable = False
    return table


def filled_table(
    names: Iterable[str] = PROPERTIES, missing: str = "trend", *, values: str = "corrected"
) -> NDArray[np.float64]:
    """Values of element properties as :func:`property_table` gives them, missing ones filled in.

    Parameters
    ----------
    names : iterable of str, default=PROPERTIES
    missing : {"trend", "zero", "nan"}, default="trend"
        What takes the place of a missing value: an estimate by the neighbours in the periodic table, of which
        it is the mean (:func:`skcrystal.chemistry.trends.follow_trends`), 0.0, or NaN. An element that is not
        known to be superconducting has a transition temperature of 0 K, with "trend" too.
    values : {"corrected", "pymatgen"}, default="corrected"

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
    Nobody has measured the metallic radius of francium, below caesium (2.67) and before radium (2.293):

    >>> from skcrystal.chemistry.elements import filled_table
    >>> for missing in ("trend", "zero", "nan"):
    ...     print(round(float(filled_table(["metallic_radius"], missing)[87, 0]), 2))
    2.42
    0.0
    nan
    """
    if isinstance(names, str):
        raise TypeError(f"names is a list of element properties, got the string {names!r}; use [{names!r}]")
    return _filled_table(tuple(names), missing, values)


@cache
def _filled_table(names: tuple[str, ...], missing: str, values: str) -> NDArray[np.float64]:
    table = property_table(names, values=values).copy()
    if missing == "trend":
        for column in [k for k, name in enumerate(names) if name == _NOT_SUPERCONDUCTING]:
            table[1:, column] = np.nan_to_num(table[1:, column])
        table = follow_trends(table)
    elif missing == "zero":
        table[1:] = np.nan_to_num(table[1:])
    elif missing != "nan":
        raise ValueError(f"missing must be 'trend', 'zero' or 'nan', got {missing!r}")
    table.flags.writeable = False
    return table


def missing_elements(name: str) -> tuple[str, ...]:
    """Symbols of the elements without a known value of a property, by atomic number.

    Examples
    --------
    >>> from skcrystal.chemistry.elements import missing_elements
    >>> missing_elements("electronegativity")[:3]
    ('Rf', 'Db', 'Sg')
    """
    unknown = np.isnan(property_table([name])[1:, 0])
    return tuple(symbols()[z] for z in np.flatnonzero(unknown) + 1)


def estimated_elements(name: str) -> tuple[str, ...]:
    """Symbols of the elements whose value in :func:`filled_table` is an estimate, by atomic number.

    These are the missing ones but where missing means none: superconducting temperatures.

    Examples
    --------
    >>> from skcrystal.chemistry.elements import estimated_elements
    >>> estimated_elements("metallic_radius")[:4]
    ('H', 'He', 'B', 'C')
    """
    return () if name == _NOT_SUPERCONDUCTING else missing_elements(name)


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
