"""Text and files into crystals and back, within documented limits; see :func:`read` and :func:`write`."""

from __future__ import annotations

from skcrystal.formats.cif import read_cif, read_cif_blocks
from skcrystal.formats.items import read_text
from skcrystal.formats.poscar import read_poscar
from skcrystal.formats.problems import MAX_BYTES, MAX_SITES, ReadWarning
from skcrystal.formats.reading import iter_crystals, read, read_many, read_path
from skcrystal.formats.writing import cif_text, poscar_text, write

__all__ = [
    "MAX_BYTES",
    "MAX_SITES",
    "ReadWarning",
    "cif_text",
    "iter_crystals",
    "poscar_text",
    "read",
    "read_cif",
    "read_cif_blocks",
    "read_many",
    "read_path",
    "read_poscar",
    "read_text",
    "write",
]
