"""Rows of atoms in the text of a CIF, when they are as plain as a program writes them."""

from __future__ import annotations

import numpy as np
from numba import njit

# An integer below 2^53 over a power of ten up to 10^22 is rounded once: the quotient is the nearest double,
# as any correct reader of decimals gives it (Clinger 1990, doi 10.1145/93542.93557).
LARGEST_MANTISSA = 10**15
MOST_DECIMALS = 22

SPACE, NEWLINE, MINUS, POINT, ZERO, NINE = 32, 10, 45, 46, 48, 57


@njit(cache=True)
def is_letter(byte):  # type: ignore[no-untyped-def]
    """Tell letters of ASCII."""
    return 65 <= byte <= 90 or 97 <= byte <= 122


@njit(cache=True)
def decimal(text, start, stop):  # type: ignore[no-untyped-def]
    """Return the value of ``-12.345``, exactly rounded; NaN for all that is written otherwise."""
    negative = text[start] == MINUS
    place = start + 1 if negative else start
    mantissa = 0
    decimals = -1
    digits = 0
    while place < stop:
        byte = text[place]
        if byte == POINT and decimals < 0:
            decimals = 0
        elif ZERO <= byte <= NINE:
            mantissa = 10 * mantissa + (byte - ZERO)
            digits += 1
            if decimals >= 0:
                decimals += 1
            if mantissa >= LARGEST_MANTISSA:
                return np.nan
        else:
            return np.nan
        place += 1
    if digits == 0 or decimals > MOST_DECIMALS:
        return np.nan
    value = float(mantissa)
    if decimals > 0:
        value /= 10.0**decimals
    return -value if negative else value


@njit(cache=True)
def read_atom_rows(text, start, element_numbers, atomic_numbers, frac_coords):  # type: ignore[no-untyped-def]
    """Read rows of symbol, label, multiplicity, x, y, z and occupancy 1 up to the end of the text.

    Parameters
    ----------
    text : ndarray of uint8
    start : int
        First byte of the first row.
    element_numbers : ndarray of shape (128, 128)
        Atomic number by the bytes of a symbol, the second one 0 where there is one only; 0 for no element.
    atomic_numbers : ndarray of shape (n_lines,)
        Filled in.
    frac_coords : ndarray of shape (n_lines, 3)
        Filled in.

    Returns
    -------
    int
        Number of rows; -1 where anything is not as plain as this.
    """
    n_rows = 0
    place = start
    length = len(text)
    while place < length:
        if text[place] == NEWLINE:
            place += 1
            continue
        column = 0
        while place < length and text[place] != NEWLINE:
            if text[place] == SPACE:
                place += 1
                continue
            first = place
            while place < length and text[place] != SPACE and text[place] != NEWLINE:
                byte = text[place]
                if not (is_letter(byte) or ZERO <= byte <= NINE or byte in (MINUS, POINT)):
                    return -1
                place += 1
            if column == 0:
                if place - first > 2 or not is_letter(text[first]) or not is_letter(text[place - 1]):
                    return -1
                number = element_numbers[text[first], text[place - 1] if place - first == 2 else 0]
                if number == 0:
                    return -1
                atomic_numbers[n_rows] = number
            elif column == 1:
                if not is_letter(text[first]):
                    return -1
            elif column < 6:
                value = decimal(text, first, place)
                if np.isnan(value):
                    return -1
                if column > 2:
                    frac_coords[n_rows, column - 3] = value
            elif column > 6 or decimal(text, first, place) != 1.0:
                return -1
            column += 1
        if column == 0:
            continue
        if column != 7:
            return -1
        n_rows += 1
    return n_rows
