"""What the name of a file says about its format."""

from __future__ import annotations

import os

__all__ = ["format_of"]

_SUFFIXES = {
    ".cif": "cif",
    ".mcif": "cif",
    ".mmcif": "cif",
    ".vasp": "poscar",
    ".poscar": "poscar",
    ".contcar": "poscar",
    ".xyz": "extxyz",
    ".extxyz": "extxyz",
    ".json": "json",
    ".traj": "ase",
    ".db": "ase",
    ".csv": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
}


def format_of(name: str) -> str | None:
    """Return the format that a file name says, compressed or not; None if it says none.

    Examples
    --------
    >>> format_of("NaCl.cif.gz"), format_of("run1/CONTCAR"), format_of("notes.txt")
    ('cif', 'poscar', None)
    """
    base = os.path.basename(name)
    stem, suffix = os.path.splitext(base)
    if suffix.lower() in {".gz", ".bz2", ".xz"}:
        base = stem
        suffix = os.path.splitext(base)[1]
    known = _SUFFIXES.get(suffix.lower())
    if known is None and base.upper().startswith(("POSCAR", "CONTCAR")):
        return "poscar"
    return known
