"""What the name of a file says: its format, whether it is compressed or an archive, what it is without."""

from __future__ import annotations

import os

__all__ = [
    "ARCHIVES",
    "COMPRESSED",
    "TABLES",
    "format_of",
    "is_archive",
    "is_companion",
    "is_xdatcar",
    "without_suffix",
]

ARCHIVES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")
"""Suffixes of archives, whose files are read one by one."""

COMPRESSED = (".gz", ".bz2", ".xz")
"""Suffixes of compressed files."""

TABLES = frozenset({"csv", "jsonl", "parquet"})
"""Formats of tables."""

_SUFFIXES = {
    ".cif": "cif",
    ".mcif": "cif",
    ".mmcif": "cif",
    ".vasp": "poscar",
    ".poscar": "poscar",
    ".contcar": "poscar",
    ".xdatcar": "poscar",
    ".xyz": "extxyz",
    ".extxyz": "extxyz",
    ".json": "json",
    ".traj": "ase",
    ".db": "ase",
    ".aselmdb": "aselmdb",
    ".csv": "csv",
    ".tsv": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
}

# Beside the crystals of a folder for CGCNN or ALIGNN: their targets, and vectors for the elements.
_COMPANIONS = frozenset({"id_prop.csv", "atom_init.json"})


def format_of(name: str) -> str | None:
    """Return the format that a file name says, compressed or not; None if it says none.

    Examples
    --------
    >>> format_of("NaCl.cif.gz"), format_of("run1/CONTCAR"), format_of("notes.txt")
    ('cif', 'poscar', None)
    """
    base = _decompressed(os.path.basename(name))
    known = _SUFFIXES.get(os.path.splitext(base)[1].lower())
    if known is None and base.upper().startswith(("POSCAR", "CONTCAR", "XDATCAR")):
        return "poscar"
    return known


def is_archive(name: str) -> bool:
    """Tell whether a name is that of an archive."""
    return name.lower().endswith(ARCHIVES)


def is_companion(name: str) -> bool:
    """Tell whether a file stands beside crystals and holds none, as CGCNN's ``id_prop.csv``."""
    return os.path.basename(name).lower() in _COMPANIONS


def is_xdatcar(name: str) -> bool:
    """Tell whether a name is that of VASP's trajectory: ``XDATCAR``, ``XDATCAR_300K``, ``run.xdatcar.gz``."""
    base = _decompressed(os.path.basename(name)).lower()
    return base.startswith("xdatcar") or base.endswith(".xdatcar")


def without_suffix(name: str) -> str:
    """Return a file name without the suffixes of a known format and of compression.

    Examples
    --------
    >>> without_suffix("a/NaCl.cif.gz"), without_suffix("mp-1.5"), without_suffix("POSCAR")
    ('a/NaCl', 'mp-1.5', 'POSCAR')
    """
    base = _decompressed(name)
    stem, suffix = os.path.splitext(base)
    return stem if suffix.lower() in _SUFFIXES else base


def _decompressed(name: str) -> str:
    stem, suffix = os.path.splitext(name)
    return stem if suffix.lower() in COMPRESSED else name
