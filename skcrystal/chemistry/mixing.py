"""Enthalpies of mixing of pairs of elements, after Miedema's model.

They stand in ``data/mixing_enthalpies.csv``, as its lower triangle.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from skcrystal.chemistry import elements

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["mixing_enthalpies"]

_DATA = Path(__file__).parent / "data"


@cache
def mixing_enthalpies() -> NDArray[np.float64]:
    """Enthalpy of mixing of liquid alloys of two elements in equal amounts, in kJ/mol of atoms.

    Values that Takeuchi & Inoue list after Miedema's model, for 72 elements: the metals but the heaviest, and
    H, B, C, N, Si, P, Ge, As and Sb.

    Returns
    -------
    ndarray of shape (119, 119), read-only
        Symmetric, by atomic number; 0 on the diagonal, NaN for a pair that the list does not have.

    References
    ----------
    Takeuchi & Inoue, Mater. Trans. 46 (2005) 2817, doi 10.2320/matertrans.46.2817; de Boer, Boom, Mattens,
    Miedema & Niessen, Cohesion in Metals: Transition Metal Alloys, North-Holland (1988), for the model.

    Examples
    --------
    Copper and iron do not mix; aluminium and nickel do:

    >>> from skcrystal.chemistry.mixing import mixing_enthalpies
    >>> table = mixing_enthalpies()
    >>> float(table[26, 29]), float(table[13, 28])
    (13.0, -22.0)
    """
    with (_DATA / "mixing_enthalpies.csv").open(newline="", encoding="utf-8") as file:
        _, *rows = csv.reader(file)
    numbers = [elements.atomic_number(row[0]) for row in rows]
    table = np.full((elements.MAX_ATOMIC_NUMBER + 1,) * 2, np.nan)
    for z, row in zip(numbers, rows, strict=True):
        table[z, z] = 0.0
        for other, value in zip(numbers, row[1:], strict=False):
            table[z, other] = table[other, z] = float(value or "nan")
    table.flags.writeable = False
    return table
