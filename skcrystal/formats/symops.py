"""Symmetry operations and their text."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from skcrystal.crystals.crystal import CrystalError
from skcrystal.formats.values import decimals, snapped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["IDENTITY", "Operations", "operations_from_text", "parse_operation"]


class Operations(NamedTuple):
    """Symmetry operations x' = R x + t on fractional coordinates.

    Attributes
    ----------
    rotations : ndarray of shape (n, 3, 3)
    translations : ndarray of shape (n, 3)
    name : str
        Where they come from, for messages.
    """

    rotations: NDArray[np.float64]
    translations: NDArray[np.float64]
    name: str


IDENTITY = Operations(np.eye(3)[None], np.zeros((1, 3)), "P 1")

_TERM = re.compile(r"([+-]*)(\d+\.?\d*|\.\d+)?(?:/(\d+\.?\d*))?\*?(x[123]|[xyz])?(?:/(\d+))?")
# Typographic minus signs; and parentheses, which change nothing in a sum: (1/2)+x.
_MINUS = {ord("−"): "-", ord("–"): "-", ord("("): None, ord(")"): None}
_AXES = {"x": 0, "y": 1, "z": 2, "x1": 0, "x2": 1, "x3": 2}


@lru_cache(maxsize=4096)
def parse_operation(text: str) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Read one operation such as ``-x+1/2, y, -z`` into R (9 numbers, row by row) and t (3 numbers).

    Decimal translations (``0.3333``) are taken for the fraction they round. Of the operation of a magnetic
    group (``x,y,z,-1``) the time reversal, and of a modulated structure (``x1,x2,x3,x4+1/2``) the internal
    coordinate is left out: what remains moves the atoms.

    Raises
    ------
    CrystalError
        If the text is no operation that keeps volumes.
    """
    failure = CrystalError(
        f"the symmetry operation {text[:60]!r} cannot be read; write it like 'x,y,z' or '-x+1/2,y,z'."
    )
    plain = text.lower().translate(_MINUS).replace("xs", "x")
    parts = "".join(plain.split()).strip("'\"").split(",")
    if len(parts) < 3:
        raise failure
    rotation = [0.0] * 9
    translation = [0.0] * 3
    for row, part in enumerate(parts[:3]):
        position = 0
        while position < len(part):
            match = _TERM.match(part, position)
            if match is None or match.end() == position:
                raise failure
            position = match.end()
            signs, top, bottom, axis, divisor = match.groups()
            if top is None and axis is None:
                raise failure
            value = float(top) if top else 1.0
            for denominator in (bottom, divisor):
                if denominator is not None:
                    if float(denominator) == 0:
                        raise failure
                    value /= float(denominator)
            if axis is None and bottom is None and top is not None:
                value = snapped(value, decimals(top))
            if signs.count("-") % 2:
                value = -value
            if axis is None:
                translation[row] += value
            else:
                rotation[3 * row + _AXES[axis]] += value
    a, b, c, d, e, f, g, h, i = rotation
    determinant = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)
    if not abs(abs(determinant) - 1) <= 1e-6:
        raise failure
    return tuple(rotation), tuple(translation)


def operations_from_text(texts: Sequence[str], name: str, centrings: Sequence[str] = ()) -> Operations:
    """Read a list of operations; with centring translations, every operation is combined with each of them.

    Raises
    ------
    CrystalError
        If one of the texts is no operation.
    """
    parsed = [parse_operation(text) for text in texts]
    rotations = np.array([rotation for rotation, _ in parsed]).reshape(-1, 3, 3)
    translations = np.array([translation for _, translation in parsed]).reshape(-1, 3)
    if centrings:
        shifts = np.array([parse_operation(text)[1] for text in centrings])
        rotations = np.repeat(rotations, len(shifts), axis=0)
        translations = (translations[:, None, :] + shifts).reshape(-1, 3)
    return Operations(rotations, translations, name)
