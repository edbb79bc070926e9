"""Symmetry operations: from their text, and from the names and numbers of space groups."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from skcrystal.crystals.crystal import CrystalError
from skcrystal.formats.values import decimals, snapped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = [
    "IDENTITY",
    "Operations",
    "closed",
    "group_number",
    "named_groups",
    "operations_from_text",
    "parse_operation",
]


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


_LARGEST_GROUP = 192

IDENTITY = Operations(np.eye(3)[None], np.zeros((1, 3)), "P 1")

_TERM = re.compile(r"([+-]*)(\d+\.?\d*|\.\d+)?(?:/(\d+\.?\d*))?\*?(x[123]|[xyz])?(?:/(\d+))?")
# Typographic minus signs; and parentheses, which change nothing in a sum: (1/2)+x.
_MINUS = {ord("−"): "-", ord("–"): "-", ord("("): None, ord(")"): None}
_PART = re.compile(r"-?[1-6][1-5]?(?:/[mabcnde])?|[mabcnde]")
_SHORT_MONOCLINIC = re.compile(r"([PABCIF])(21?|[mabcnd]|21?/[mabcnd])")
# What some files put behind a symbol: (#14), (No. 14), (14), {hexagonal axes}.
_REMARK = re.compile(r"\s+(?:\((?:#|[Nn]o\.?)?\s*\d{1,3}\)|\{[^}]*axes\})\s*$")
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
    if abs(abs(np.linalg.det(np.reshape(rotation, (3, 3)))) - 1) > 1e-6:
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


def closed(generators: Operations) -> Operations:
    """Return the group that operations generate, lattice translations left out.

    Raises
    ------
    CrystalError
        If the group is larger than a space group can be.
    """
    start = [
        (tuple(np.rint(rotation).astype(int).ravel().tolist()), tuple(translation.tolist()))
        for rotation, translation in zip(generators.rotations, generators.translations, strict=True)
    ]
    identity = ((1, 0, 0, 0, 1, 0, 0, 0, 1), (0.0, 0.0, 0.0))
    group = {(identity[0], identity[1]): identity}
    waiting = [identity]
    while waiting:
        rotation, translation = (np.array(part) for part in waiting.pop())
        for turn, shift in start:
            product = np.reshape(turn, (3, 3)) @ rotation.reshape(3, 3)
            moved = np.round(np.reshape(turn, (3, 3)) @ translation + shift, 6) % 1
            operation = (tuple(product.ravel().tolist()), tuple(moved.tolist()))
            key = (operation[0], tuple(np.rint(moved * 1000).astype(int) % 1000))
            if key not in group:
                group[key] = operation
                waiting.append(operation)
        if len(group) > _LARGEST_GROUP:
            raise CrystalError(
                f"the generators of {generators.name} generate more than {_LARGEST_GROUP} operations; "
                "list all operations."
            )
    found = list(group.values())
    return Operations(
        np.array([rotation for rotation, _ in found], dtype=np.float64).reshape(-1, 3, 3),
        np.array([translation for _, translation in found]),
        generators.name,
    )


@lru_cache(maxsize=1024)
def group_number(symbol: str) -> int:
    """Return the number of a space group in International Tables by any spelling of its symbol; 0 if none."""
    for spelling in _spellings(symbol, 90.0, 90.0, 90.0):
        group = _find(spelling, "2", 90.0, 90.0)
        if group is not None:
            return int(group.number)
    return 0


@lru_cache(maxsize=256)
def named_groups(
    hall: str = "",
    symbol: str = "",
    number: int = 0,
    alpha: float = 90.0,
    beta: float = 90.0,
    gamma: float = 90.0,
) -> tuple[Operations, ...]:
    """Operations of the space group that a file names, the likeliest setting first.

    Parameters
    ----------
    hall : str
        Hall symbol; unambiguous, so it is used alone where it can be read.
    symbol : str
        Hermann-Mauguin symbol, full or short, with or without spaces, old (``F d 3 m``) or extended
        (``F d -3 m :1``; of the ICSD ``F d -3 m Z``; ``R -3 m H``).
    number : int
        Number in International Tables, 1-230; used where no symbol can be read.
    alpha, beta, gamma : float
        Cell angles in degrees: all equal in a rhombohedral cell, 90, 90 and 120 in a hexagonal one; the one
        that is not 90 tells the unique axis of a monoclinic cell, which a short symbol leaves open.

    Returns
    -------
    tuple of Operations
        Both origin choices where the file leaves the origin open, choice 2 (the one of the databases)
        first. Empty if nothing can be read.
    """
    import gemmi

    if hall:
        try:
            return (_of_gemmi(gemmi.symops_from_hall(hall), f"the Hall symbol {hall}"),)
        except (ValueError, RuntimeError):
            pass
    groups: list[Any] = []
    for spelling in _spellings(symbol, alpha, beta, gamma):
        groups = groups or [_find(spelling, choice, alpha, gamma) for choice in "21"]
        groups = [group for group in groups if group is not None]
    if not groups and 1 <= number <= 230:
        reference = gemmi.get_spacegroup_reference_setting(number)
        groups = [_find(reference.hm, choice, alpha, gamma) for choice in "21"]
        groups = [group for group in groups if group is not None]
    found = {group.xhm(): group for group in groups}
    return tuple(_of_gemmi(group.operations(), f"the space group {name}") for name, group in found.items())


def _spellings(symbol: str, alpha: float, beta: float, gamma: float) -> list[str]:
    """What to look a symbol up by, the likeliest first."""
    plain = _plain(symbol)
    if not plain:
        return []
    # An origin or axes behind the symbol of a group that has no choice of them.
    return [*_monoclinic(plain, alpha, beta, gamma), plain, _short(plain), plain.partition(":")[0]]


def _short(symbol: str) -> str:
    """Shorten a full symbol: ``P 4/m m m`` of ``P 4/m 2/m 2/m``, ``P m -3 m`` of ``P 4/m -3 2/m``."""
    symbol, colon, choice = symbol.partition(":")
    parts = _PART.findall(symbol[1:])
    if len(parts) < 2 or "".join(parts) != symbol[1:].replace(" ", ""):
        return symbol
    cubic = parts[1] in {"3", "-3"}
    if "1" in parts and not parts[0].startswith("-3"):
        return symbol  # monoclinic, where 2/m is no abbreviation of anything
    for i, part in enumerate(parts):
        if "/" in part and (cubic or i or part[0] == "2"):
            parts[i] = part.partition("/")[2]
    return f"{symbol[0]} {' '.join(parts)}{colon}{choice}"


def _monoclinic(symbol: str, alpha: float, beta: float, gamma: float) -> list[str]:
    """Full symbols of a short monoclinic one, for the unique axis that the cell has; none in other cases."""
    match = _SHORT_MONOCLINIC.fullmatch(symbol.replace(" ", ""))
    skewed = [abs(angle - 90) > 0.01 for angle in (alpha, beta, gamma)]
    if match is None or sum(skewed) > 1:
        return []
    lattice, element = match.groups()
    # A cell of right angles does not tell: b is the custom, and c of older work.
    axes = [skewed.index(True)] if any(skewed) else [1, 2, 0]
    places = [["1", "1", "1"] for _ in axes]
    for place, axis in zip(places, axes, strict=True):
        place[axis] = element
    return [f"{lattice} {' '.join(place)}" for place in places]


def _find(symbol: str, choice: str, alpha: float, gamma: float) -> Any:
    import gemmi

    return gemmi.find_spacegroup_by_name(symbol, alpha, gamma, choice)


def _plain(symbol: str) -> str:
    """Bring the spelling of databases and programs to the one of International Tables."""
    text = re.sub(r"([2346])\(([1-5])\)", r"\1\2", symbol.strip().strip("'\""))  # SHELX: P2(1)/c
    text = _REMARK.sub("", text)
    text = re.sub(r"</?su[bp]>|sub(?=\d)|[_{}]", "", text).replace("¯", "-")
    text = re.sub(r"\\(?:bar|overline)\s*(\d)", r"-\1", text)
    text = re.sub(r"\s*[hr]\s*(?=:\s*[HRhr]$)", "", text)
    text = re.sub(r"\(?\s*origin\s*(?:choice|at)?\s*([12])\s*\)?", r":\1", text, flags=re.IGNORECASE)
    text = re.sub(r"(?<=[\da-z])\s*[SZ]$", lambda m: ":1" if m.group().strip() == "S" else ":2", text)
    text = re.sub(r"\s+(?=:)|\s+[Oo](?=[12]$)", ":" if re.search(r"\s[Oo][12]$", text) else "", text)
    text = re.sub(r"\s*\(?([HR])\)?$", r":\1", text) if text[:1] in "RrHh" and len(text) > 1 else text
    return text.replace("::", ":")


def _of_gemmi(operations: Any, name: str) -> Operations:
    matrices = np.array([op.float_seitz() for op in operations])
    return Operations(matrices[:, :3, :3], matrices[:, :3, 3], name)
