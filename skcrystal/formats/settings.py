"""Space groups by their names: symbols in every spelling, numbers, codes, and the settings of a number."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Any

import numpy as np

from skcrystal.formats.symops import Operations

__all__ = ["group_number", "named_groups", "settings_of"]

_PART = re.compile(r"-?[1-6][1-5]?(?:/[mabcnde])?|[mabcnde]")
_SHORT_MONOCLINIC = re.compile(r"([PABCIF])(21?|[mabcnd]|21?/[mabcnd])")
# What some files put behind a symbol: (#14), (No. 14), (14), {hexagonal axes}.
_REMARK = re.compile(r"\s+(?:\((?:#|[Nn]o\.?)?\s*\d{1,3}\)|\{[^}]*axes\})\s*$")


@lru_cache(maxsize=1024)
def group_number(symbol: str) -> int:
    """Return the number of a space group in International Tables by any spelling of its symbol; 0 if none."""
    for spelling in _spellings(symbol, 90.0, 90.0, 90.0):
        group = _find(spelling, "2", 90.0, 90.0)
        if group is not None:
            return int(group.number)
    return 0


@lru_cache(maxsize=1024)
def named_groups(
    hall: str = "",
    symbol: str = "",
    number: int = 0,
    code: str = "",
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
    code : str
        The core dictionary's ``_space_group.IT_coordinate_system_code``: ``1`` or ``2`` for the origin, ``h``
        or ``r`` for the axes, ``b1``, ``-c2`` and so on for a monoclinic, ``cab``, ``2ba-c`` and so on for an
        orthorhombic setting.
    alpha, beta, gamma : float
        Cell angles in degrees: all equal in a rhombohedral cell, 90, 90 and 120 in a hexagonal one; the one
        that is not 90 tells the unique axis of a monoclinic cell, which a short symbol leaves open.

    Returns
    -------
    tuple of Operations
        Both origin choices where the file leaves the origin open, choice 2 (the one of the databases) first;
        of a bare number all settings, the one of International Tables first. Empty if nothing can be read.
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
        groups = sorted(_settings(number), key=_likeliness)
    if code and groups:
        coded = [group for group in _settings(groups[0].number) if _has_code(group, code.lower())]
        same = {group.xhm() for group in groups}
        # A code that contradicts the symbol says nothing.
        groups = [group for group in coded if group.xhm() in same] or groups
    return tuple(_operations(group.xhm()) for group in {group.xhm(): group for group in groups}.values())


@lru_cache(maxsize=256)
def settings_of(number: int) -> tuple[Operations, ...]:
    """Return the operations of a space group in all tabulated settings, the likeliest first.

    Examples
    --------
    >>> [setting.name for setting in settings_of(62)][:3]
    ['the space group P n m a', 'the space group P m n b', 'the space group P b n m']
    """
    return tuple(_operations(group.xhm()) for group in sorted(_settings(number), key=_likeliness))


@cache
def _tables() -> dict[int, list[Any]]:
    """Number -> settings in International Tables B; the table goes on with cells larger than need be."""
    import gemmi

    found: dict[int, list[Any]] = {}
    for group in gemmi.spacegroup_table():
        found.setdefault(group.number, []).append(group)
        if group.number == 230:
            break
    return found


def _settings(number: int) -> list[Any]:
    return _tables().get(number, [])


def _likeliness(group: Any) -> tuple[bool, bool]:
    # Origin choice 2 and hexagonal axes are the reference settings; then the choices without a qualifier.
    return not group.is_reference_setting(), bool(group.qualifier)


def _has_code(group: Any, code: str) -> bool:
    """Tell whether a coordinate system code is that of a setting."""
    origin = group.ext.lower() if group.ext.isalnum() else ""
    qualifier = group.qualifier or ("abc" if 16 <= group.number <= 74 else "")
    return code in {origin, qualifier, origin + qualifier} - {""}


@lru_cache(maxsize=600)
def _operations(name: str) -> Operations:
    import gemmi

    group = gemmi.find_spacegroup_by_name(name)
    return _of_gemmi(group.operations(), f"the space group {name}")


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
