"""Numbers as people read them, and as a page carries them."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["compact", "counted", "fixed", "lowered", "shown", "with_spread"]

MINUS = "\u2212"
LOWERED = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def shown(value: float, digits: int = 3) -> str:
    """Return a number in significant digits, without an exponent where it can do without.

    Examples
    --------
    >>> shown(0.31234), shown(-1234.5), shown(2.0), shown(1.5e-7), shown(float("nan"))
    ('0.312', '−1,234', '2.00', '1.50 × 10⁻⁷', '–')
    """
    if not math.isfinite(value):
        return "–"
    if value == 0:
        return "0"
    sign, value = (MINUS if value < 0 else ""), abs(value)
    power = math.floor(math.log10(float(f"{value:.{digits - 1}e}")))
    if -4 <= power < 7:
        return f"{sign}{value:,.{max(0, digits - 1 - power)}f}"
    raised = str(power).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"{sign}{value / 10.0**power:.{digits - 1}f} × 10{raised}"


def fixed(value: float, decimals: int) -> str:
    """Return a number with so many decimals.

    Examples
    --------
    >>> fixed(-0.0714, 2), fixed(0.0001, 2)
    ('−0.07', '0.00')
    """
    text = f"{abs(value):,.{decimals}f}"
    return f"{MINUS}{text}" if value < 0 and float(text.replace(",", "")) else text


def with_spread(value: float, spread: float, decimals: int | None = None) -> tuple[str, str]:
    """Return a number, and its spread to the same decimal place; "" where there is none.

    With no number of decimals, it has three significant digits.

    Examples
    --------
    >>> with_spread(0.992, 0.0061), with_spread(1.5, float("nan"))
    (('0.992', '0.006'), ('1.50', ''))
    >>> with_spread(-0.00701, 0.01745, 3)
    ('−0.007', '0.017')
    """
    text = shown(value) if decimals is None or not math.isfinite(value) else fixed(value, decimals)
    if not math.isfinite(spread):
        return text, ""
    if not math.isfinite(value) or "×" in text:
        return text, shown(spread, 2)
    return text, f"{spread:,.{len(text.partition('.')[2])}f}"


def lowered(formula: str) -> str:
    """Return a formula with its numbers below the line.

    Examples
    --------
    >>> lowered("Ca3(PO4)2"), lowered("2H2O")
    ('Ca₃(PO₄)₂', '2H₂O')
    """
    return re.sub(r"(?<=[A-Za-z\])])[\d.]+", lambda found: found[0].translate(LOWERED), formula)


def counted(number: int, one: str, many: str = "") -> str:
    """Return a number with its noun.

    Examples
    --------
    >>> counted(1, "crystal"), counted(1335, "crystal")
    ('1 crystal', '1,335 crystals')
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def compact(values: ArrayLike, digits: int = 5) -> list[Any]:
    """Return numbers for JSON in so many significant digits; None for what is not finite.

    Examples
    --------
    >>> compact([1.2345678, 2.0, float("nan")])
    [1.2346, 2, None]
    """
    array = np.asarray(values, dtype=np.float64)
    return [_one(value, digits) for value in array.ravel().tolist()]


def _one(value: float, digits: int) -> float | int | None:
    if not math.isfinite(value):
        return None
    short = float(f"{value:.{digits}g}")
    return int(short) if short.is_integer() and abs(short) < 1e15 else short
