"""Atom type symbols and site labels of files into elements and oxidation states."""

from __future__ import annotations

import math
import re
from functools import cache, lru_cache

from skcrystal.chemistry.elements import symbols

__all__ = ["Species", "element_numbers", "is_heavy_hydrogen", "parse_label", "parse_type_symbol"]

Species = tuple[int, float]
"""Atomic number and oxidation state (NaN where none is stated)."""

DUMMY: Species = (0, math.nan)
"""What stands for no atom: a vacancy, a ring centre, a dummy atom."""

# Names for no atom: "X" and "Du" are the usual dummies, "Cg" and "Cnt" ring centroids, "Q" a difference peak
# (SHELX), "Va" a vacancy (Calphad). Not case-folded: "CG1" is a carbon of a peptide.
# fmt: off
_DUMMIES = frozenset([
    "X", "x", "XX", "Xx", "Du", "DU", "du", "Dum", "DUM", "dum", "Dummy", "DUMMY", "dummy", "Q",
    "?", ".", "Void", "void", "Va", "VA", "Vac", "VAC", "vac", "Vacancy", "vacancy", "Cg", "Cnt", "Cent",
])
# fmt: on

# The heavier ones are no more than a few atoms, and their symbols are those of groups: NH4, NO3, CN.
_HEAVIEST_GUESSED = 99

# Names of molecules: read as the atom that scatters, hydrogen is listed on its own or missing.
_GROUPS = {
    "ow": "O",
    "oh": "O",
    "oh2": "O",
    "h2o": "O",
    "hw": "H",
    "ho": "H",
    "nh4": "N",
}

# Labels of water and hydroxyl in the mineral collections: WatOW, WaterA, Aq1 and Oh3 stand for the oxygen,
# HOw1, HohA and HWat for a hydrogen of it.
_WATER_HYDROGEN = re.compile(
    r"H(?:[Ww][Aa][Tt]|[Oo][HhWw]|[Ww](?![a-z])|[Aa][Qq])|[Ww][Aa][Tt](?:[Ee][Rr])?H"
)
_WATER_OXYGEN = re.compile(r"[Ww][Aa][Tt](?:[Ee][Rr])?|O[HhWw](?![a-z]{2})|[Aa][Qq](?![a-z]{2})")

# Mass numbers that neutron work puts before a symbol: 2H, 11B, 57Fe.
_MASS = re.compile(r"^\d{1,3}(?=[A-Z])")
_HEAVY_HYDROGEN = re.compile(r"(?:D|T|[23]H)(?![a-z])")

_CHARGED = re.compile(r"(?P<before>\d+(?:\.\d*)?)?(?P<sign>[+-])(?P<after>\d+(?:\.\d*)?)?$")


@cache
def element_numbers() -> dict[str, int]:
    """Return symbol -> atomic number for the 118 elements, deuterium (D) and tritium (T) as hydrogen."""
    numbers = {symbol: number for number, symbol in enumerate(symbols()) if number}
    return numbers | {"D": 1, "T": 1}


@lru_cache(maxsize=4096)
def parse_type_symbol(symbol: str, elements: frozenset[int] = frozenset()) -> tuple[Species, bool] | None:
    """Read an atom type symbol such as ``Fe``, ``Fe3+``, ``O2-``, ``Na+``, ``D``, ``Cval``, ``Ca+2``.

    Parameters
    ----------
    symbol : str
        An element symbol, perhaps with a charge or, as the core dictionary allows for
        ``_atom_type_symbol``, with further characters (``Cval``, ``Fe_pv``).
    elements : frozenset of int
        Atomic numbers of the stated formula: a guess is one of them. Empty if there is none.

    Returns
    -------
    (species, guessed) or None
        `guessed` is True where the symbol is not plainly an element with a charge; None where nothing
        in it names an element. :data:`DUMMY` for the usual names of no atom.
    """
    text = _MASS.sub("", symbol.strip())
    if text in _DUMMIES:
        return DUMMY, False
    numbers = element_numbers()
    if text in numbers:
        return (numbers[text], math.nan), False
    letters = re.match(r"[A-Za-z]*", text).group()  # type: ignore[union-attr]
    rest = text[len(letters) :]
    found: list[tuple[int, float]] = []
    # H2O is a group by all of its characters, OH- by its letters, which must be no element (Ho).
    whole, part = _GROUPS.get(text.lower()) if rest else None, _GROUPS.get(letters.lower())
    if whole or (part and letters not in numbers):
        found.append((numbers[whole or part or ""], math.nan))
    elif letters in numbers:
        charge = _charge(rest)
        if not rest or math.isfinite(charge):
            return (numbers[letters], charge), False
        found.append((numbers[letters], math.nan))
    for pattern, element in ((_WATER_HYDROGEN, "H"), (_WATER_OXYGEN, "O")):
        if letters not in numbers and pattern.match(text):
            found.append((numbers[element], math.nan))
    for length in (2, 1):
        number = numbers.get(letters[:length].title(), _HEAVIEST_GUESSED + 1)
        if number <= _HEAVIEST_GUESSED:
            exact = len(letters) == length and math.isfinite(_charge(rest))
            found.append((number, _charge(rest) if exact else math.nan))
    allowed = [species for species in found if not elements or species[0] in elements]
    return (allowed[0], True) if allowed else None


def is_heavy_hydrogen(symbol: str) -> bool:
    """Tell whether a symbol or label names deuterium or tritium: ``D``, ``D1+``, ``T2``, ``2H``.

    >>> [is_heavy_hydrogen(text) for text in ("D1", "2H", "Dy", "H2")]
    [True, True, False, False]
    """
    return _HEAVY_HYDROGEN.match(symbol) is not None


def _charge(text: str) -> float:
    """Return the charge written as ``3+``, ``+3``, ``+`` or ``-``; NaN where there is none."""
    match = _CHARGED.match(text)
    if match is None:
        return math.nan
    size = float(match["before"] or match["after"] or 1)
    return size if match["sign"] == "+" else -size


@lru_cache(maxsize=4096)
def parse_label(label: str, elements: frozenset[int] = frozenset()) -> tuple[Species, bool] | None:
    """Read the element from a site label such as ``Fe1``, ``O2A``, ``Ow1``, ``CA1``, ``WatB``, ``HohA``.

    The core dictionary lets a label begin with the type symbol, followed by what tells sites apart. Two
    letters are taken for one element where they name one (``Ca1``, ``CA1``), unless the file's own formula
    (`elements`) holds only another reading (``CA1`` in C8 H10: carbon). The names of water and of hydroxyl in
    the mineral collections are known, and come before an element that is not written as a symbol is.

    Parameters
    ----------
    label : str
    elements : frozenset of int
        Atomic numbers of the formula, empty if there is none.

    Returns
    -------
    (species, guessed) or None
        As of :func:`parse_type_symbol`. A guess is never an element that the formula lacks.

    Examples
    --------
    Gypsum's water, beside tungsten:

    >>> [parse_label(text, frozenset({1, 8, 16, 20}))[0][0] for text in ("WatOW", "HOw1", "W1")]
    [8, 1, 8]
    >>> parse_label("W1")[0][0]
    74
    """
    text = label.strip().strip("()[]'\"_*").lstrip("0123456789")
    letters = re.match(r"[A-Za-z]*", text).group()  # type: ignore[union-attr]
    if letters in _DUMMIES:
        return DUMMY, False
    numbers = element_numbers()
    if letters in numbers and (not elements or numbers[letters] in elements):
        if letters == "T" and numbers["Si"] in elements and numbers["H"] not in elements:
            return (numbers["Si"], math.nan), True  # the tetrahedral site of a zeolite, not tritium
        return (numbers[letters], _charge(text[len(letters) :])), False
    found = [
        numbers[symbol]
        for pattern, symbol in ((_WATER_HYDROGEN, "H"), (_WATER_OXYGEN, "O"))
        if pattern.match(text)
    ]
    found += [numbers[word.title()] for word in (letters[:2], letters[:1]) if word.title() in numbers]
    if letters.lower() in _GROUPS:
        found.append(numbers[_GROUPS[letters.lower()]])
    if letters[:1] in {"W", "w"}:
        found.append(numbers["O"])  # water by one letter
    if letters == "T" and numbers["Si"] in elements:
        found.insert(0, numbers["Si"])
    named = [number for number in found if number in elements]
    if letters in numbers and not named:
        # Plainly a symbol: no guess, and the formula that lacks it is what is said to differ.
        return (numbers[letters], _charge(text[len(letters) :])), False
    if elements:
        return ((named[0], math.nan), True) if named else None
    return ((found[0], math.nan), True) if found else None
