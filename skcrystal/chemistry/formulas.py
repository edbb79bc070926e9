"""Chemical formulas as people write them, into amounts of elements."""

from __future__ import annotations

import re
from functools import cache
from math import inf

from skcrystal.chemistry.elements import symbols

__all__ = ["FormulaError", "looks_like_formula", "parse_formula"]


class FormulaError(ValueError):
    """A text that is no formula: one sentence on what is wrong, where, and what to do."""


_NUMBER = r"(?:\d+\.?\d*|\.\d+)"
# Most formulas are symbols and amounts, and nothing else.
_PLAIN = re.compile(rf"(?:[A-Z][a-z]?{_NUMBER}?)+")
_PLAIN_PART = re.compile(rf"([A-Z][a-z]?)({_NUMBER})?")

_SYMBOL = re.compile(r"[A-Z][a-z]?")
# LaTeX writes amounts as _2 or _{2}; a ratio such as 1/3 is exact only so.
_AMOUNT = re.compile(rf"\$?_\{{({_NUMBER})\}}\$?|\$?_?({_NUMBER})(?:/([1-9]\d*))?\$?")
_COEFFICIENT = re.compile(_NUMBER)
# A charge that is marked as such, and one that is not: digits, if any, and a sign with no number behind it.
_MARKED_CHARGE = re.compile(r"\^\{?[\d.]*[+-][\d.]*\}?|[⁰¹²³⁴⁵⁶⁷⁸⁹]*[⁺⁻]")
_PLAIN_CHARGE = re.compile(rf"({_NUMBER})?[+-](?![\d.])")

#: Brackets in brackets: far more than a formula has, and less than what Python can follow.
MAX_DEPTH = 30

_CLOSING = {"(": ")", "[": "]", "{": "}"}
_JOINTS = "·⋅•∙*"
_VARIABLES = "xyznδ"

# Signs that mean a plain one, each a single character so that positions stay.
_SAME = str.maketrans("₀₁₂₃₄₅₆₇₈₉₊₋−–₍₎⁄．\u3000\u00a0\u2009\u202f", "0123456789+---()/.    ")


@cache
def _numbers() -> dict[str, int]:
    """Symbol -> atomic number; deuterium and tritium are hydrogen."""
    known = {symbol: number for number, symbol in enumerate(symbols()) if number}
    return known | {"D": 1, "T": 1}


def parse_formula(text: str) -> dict[int, float]:
    """Read a chemical formula.

    Read are nested brackets (round, square and curly), amounts that are whole, decimal, or a ratio
    (``1/3``), Unicode subscripts and LaTeX's, the parts of a hydrate or solid solution joined by ``·``
    or ``*``, each with a coefficient (``CuSO4·5H2O``), and white space. Charges (``Fe3+``, ``SO4^2-``,
    ``[Co(NH3)6]3+``) are read and left out: a composition has none. Of the digits in front of the sign of a
    charge the last is the charge, those before it an amount (``SO42-`` is four oxygens); after several
    elements a single digit is an amount (``NH4+``). ``D`` and ``T`` are hydrogen.

    Parameters
    ----------
    text : str

    Returns
    -------
    dict
        Atomic number -> amount, above 0, in the order of first appearance.

    Raises
    ------
    FormulaError
        An unknown symbol, an amount that is 0 or negative, a bracket that is not closed, or anything else
        that is no formula; with the position of the character, counted from 1.

    Examples
    --------
    >>> from skcrystal.chemistry.formulas import parse_formula
    >>> parse_formula("YBa2Cu3O6.93")
    {39: 1.0, 56: 2.0, 29: 3.0, 8: 6.93}
    >>> parse_formula("Fe2(SO4)3·5H2O")
    {26: 2.0, 16: 3.0, 8: 17.0, 1: 10.0}
    >>> parse_formula("Na2Qo4")
    Traceback (most recent call last):
    ...
    skcrystal.chemistry.formulas.FormulaError: the formula 'Na2Qo4' has 'Qo' at character 4, which is no
    element; correct the symbol
    >>> parse_formula("Ca(OH2")
    Traceback (most recent call last):
    ...
    skcrystal.chemistry.formulas.FormulaError: the formula 'Ca(OH2' opens '(' at character 3 and does not
    close it; add ')'
    """
    known = _numbers()
    if _PLAIN.fullmatch(text) and not ("." in text and text.endswith("2O")):
        amounts: dict[int, float] = {}
        for symbol, amount in _PLAIN_PART.findall(text):
            number = known.get(symbol)
            value = float(amount) if amount else 1.0
            if number is None or not 0 < value < inf:
                break
            amounts[number] = amounts.get(number, 0.0) + value
        else:
            return amounts
    return _Reader(text).read()


def looks_like_formula(text: str) -> bool:
    """Tell whether a text can be read by :func:`parse_formula`.

    Examples
    --------
    >>> from skcrystal.chemistry.formulas import looks_like_formula
    >>> looks_like_formula("(La0.85Sr0.15)2CuO4"), looks_like_formula("POSCAR.vasp")
    (True, False)
    """
    try:
        parse_formula(text)
    except FormulaError:
        return False
    return True


class _Reader:
    """Reads one formula from left to right."""

    def __init__(self, text: str) -> None:
        self.original = text
        self.text = text.translate(_SAME)
        self.place = 0
        self.depth = 0
        self.charged = False
        # 0.9BaTiO3-0.1CaZrO3: where the first part has a coefficient, a dash joins the next.
        self.mixture = _COEFFICIENT.match(self.text.lstrip(" $")) is not None

    def error(self, what: str, place: int) -> FormulaError:
        shown = self.original if len(self.original) <= 60 else f"{self.original[:57]}..."
        said = what.replace("{place}", f"at character {place + 1}")
        return FormulaError(f"the formula {shown!r} {said}")

    def read(self) -> dict[int, float]:
        """Read all parts that joints separate."""
        if not self.text.strip(" $"):
            raise FormulaError("the formula is empty; give one such as 'SrTiO3'")
        total: dict[int, float] = {}
        while True:
            self.skip_space()
            found = _COEFFICIENT.match(self.text, self.place)
            factor = self.positive(found[0], 1, found.end()) if found else 1.0
            add(total, self.units(""), factor)
            if self.place == len(self.text):
                return total
            self.place += 1

    def skip_space(self) -> None:
        while self.place < len(self.text) and self.text[self.place] in " \t\n\r$~":
            self.place += 1

    def positive(self, number: str, divisor: int, end: int) -> float:
        """Take a number that is an amount, and go to its end."""
        value = float(number) / divisor
        if not 0 < value < inf:
            shown = number if len(number) <= 20 else f"{number[:17]}..."
            raise self.error(
                f"has the amount {shown} {{place}}; give one above 0, or leave it out", self.place
            )
        self.place = end
        return value

    def units(self, opening: str) -> dict[int, float]:
        """Read symbols and groups up to the closing bracket, a joint, or the end."""
        text, start = self.text, self.place - len(opening)
        found: dict[int, float] = {}
        while True:
            self.skip_space()
            sign = text[self.place : self.place + 1]
            if sign and opening and sign == _CLOSING[opening]:
                break
            if not sign or (not opening and sign in _JOINTS) or (self.mixture and sign == "-"):
                break
            own = self.unit(sign)
            add(found, own, self.amount(several=len(found) > 0, group=sign in _CLOSING))
        if opening and not sign:
            raise self.error(
                f"opens {opening!r} {{place}} and does not close it; add {_CLOSING[opening]!r}", start
            )
        if not found:
            raise self.error(
                "has no symbol {place}, where one is expected; complete or shorten it", self.place
            )
        return found

    def unit(self, sign: str) -> dict[int, float]:
        """Read one symbol, or one group in brackets."""
        start = self.place
        if sign in _CLOSING:
            self.depth += 1
            if self.depth > MAX_DEPTH:
                raise self.error(
                    f"has more than {MAX_DEPTH} brackets in each other {{place}}; write it out", start
                )
            self.place += 1
            inside = self.units(sign)
            self.place += 1
            self.depth -= 1
            return inside
        if sign in ")]}":
            raise self.error(f"closes {sign!r} {{place}}, which was not opened; remove it", start)
        symbol = _SYMBOL.match(self.text, start)
        if symbol is None:
            what = f"has {self.original[start]!r} {{place}}"
            if sign in _VARIABLES:
                raise self.error(f"{what}; put a number in place of a variable", start)
            if sign in "+-":
                raise self.error(f"{what}; amounts are above 0, and a charge is written as ^2+", start)
            raise self.error(f"{what}; write symbols of elements, amounts and brackets", start)
        number = _numbers().get(symbol[0])
        if number is None:
            variable = symbol[0][-1] in _VARIABLES and symbol[0][0] in _numbers()
            hint = "put a number in place of a variable" if variable else "correct the symbol"
            raise self.error(f"has {symbol[0]!r} {{place}}, which is no element; {hint}", start)
        self.place = symbol.end()
        return {number: 1.0}

    def amount(self, *, several: bool, group: bool) -> float:
        """Read the amount behind a unit, and go beyond the charge of the ion where one stands there."""
        plain = _PLAIN_CHARGE.match(self.text, self.place)
        if plain and not (self.mixture and plain[0][-1] == "-"):
            digits = plain[1] or ""
            ammonium = several and not group and not self.charged and len(digits) == 1
            self.charged = True
            number = digits if "." in digits or ammonium else digits[:-1] or "1"
            return self.positive(number, 1, plain.end())
        found = _AMOUNT.match(self.text, self.place)
        value = 1.0
        if found:
            number, rest = found[1] or found[2], self.text[found.end() :].strip()
            if "." in number and rest in {"H2O", "(H2O)", "D2O"}:
                raise self.error(
                    f"has {number} {{place}}, in front of {rest}: write '·' or '*' for a point that joins a "
                    "hydrate, and put the water first where the point is decimal",
                    self.place,
                )
            value = self.positive(number, int(found[3] or 1), found.end())
        marked = _MARKED_CHARGE.match(self.text, self.place)
        if marked:
            self.place = marked.end()
        return value


def add(total: dict[int, float], own: dict[int, float], factor: float) -> None:
    """Add amounts, times a factor, to others."""
    for number, amount in own.items():
        total[number] = total.get(number, 0.0) + factor * amount
