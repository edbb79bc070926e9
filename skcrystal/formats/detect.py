"""Which format a text has: decided once, from its content, and from its name where that leaves it open."""

from __future__ import annotations

import os
import re

from skcrystal.formats.extxyz import looks_like_extxyz
from skcrystal.formats.names import format_of
from skcrystal.formats.poscar_lines import looks_like_poscar

__all__ = ["holds_quoted_cifs", "kind_of", "looks_like_path"]

_BLOCK = re.compile(r"(?:^|[\r\n])\s*data_", re.IGNORECASE)
_DATA = re.compile("data_", re.IGNORECASE)
_CELL_OF_TABLE = re.compile(
    r'(?:^|[,;\t|])[ ]*"\s*(?:#[^\r\n]*[\r\n]\s*)*data_\Z', re.IGNORECASE | re.MULTILINE
)
_JSON = re.compile(r"\s*[\[{]\s*(?:[\"\[{\]}]|\Z)")
_CELL = ("_cell_length_a", "_cell.length_a")

# The longest name of a file that systems allow is 255 bytes, of a path 4,096 on Linux.
LONGEST_NAME, LONGEST_PATH = 255, 4096

TEXTS = frozenset({"cif", "poscar", "extxyz", "json"})
"""Formats that are text and hold one crystal or several."""


def kind_of(text: str, name: str = "") -> str | None:
    """Return the format of a text; None where neither content nor name tells.

    Parameters
    ----------
    text : str
        Lines may end in ``\\n``, ``\\r\\n`` or ``\\r``.
    name : str, default=""
        A file's name, which decides only where the content does not.

    Returns
    -------
    {"cif", "poscar", "extxyz", "json"} or None

    Examples
    --------
    >>> kind_of("data_NaCl\\r_cell_length_a 5.64"), kind_of('[{"lattice": ...'), kind_of("?", "run1/CONTCAR")
    ('cif', 'json', 'poscar')
    """
    # The common case, without looking at the lines: data_ at the start and tags below it.
    if text.startswith(("data_", "# generated using pymatgen\ndata_")) and "\n_" in text[:2000]:
        return "cif"
    if looks_like_extxyz(text):
        return "extxyz"
    if looks_like_poscar(text):
        return "poscar"
    if text.lstrip("\ufeff \t\r\n")[:1] in {"{", "["}:
        return "json"
    if _BLOCK.search(text) or any(tag in text.lower() for tag in _CELL):
        return "cif"
    named = format_of(name)
    return named if named in TEXTS else None


def holds_quoted_cifs(text: str) -> bool:
    """Tell whether the first data block of a text begins inside the quotes of a table's cell.

    Examples
    --------
    >>> holds_quoted_cifs('id,text\\na,"data_NaCl\\n_cell_length_a 5"'), holds_quoted_cifs("data_NaCl\\n")
    (True, False)
    """
    first = _DATA.search(text)
    if first is None or '"' not in text[: first.start()]:
        return False
    return _CELL_OF_TABLE.search(text, 0, first.end()) is not None


def looks_like_path(text: str) -> bool:
    """Tell whether a string can be the path of a file rather than the text of one.

    Paths have one line and no more than 4,096 characters, names no more than 255, and neither is empty, JSON
    or the cell of a CIF.

    Examples
    --------
    >>> [looks_like_path(text) for text in ("data_1.cif", "data_1\\r_cell_length_a 5", '{"sites": ')]
    [True, False, False]
    """
    if len(text) > LONGEST_PATH or "\n" in text or "\r" in text:
        return False
    if not text.strip() or (_JSON.match(text) and not format_of(text)):
        return False
    if any(tag in text for tag in _CELL):
        return False
    return all(len(part) <= LONGEST_NAME for part in text.replace(os.sep, "/").split("/"))
