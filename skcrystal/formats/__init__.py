"""Text and files into crystals: CIF and POSCAR in all their forms, within documented limits."""

from __future__ import annotations

from skcrystal.formats.cif import read_cif, read_cif_blocks
from skcrystal.formats.detect import read_path, read_text
from skcrystal.formats.poscar import read_poscar
from skcrystal.formats.problems import MAX_BYTES, MAX_SITES, ReadWarning

__all__ = [
    "MAX_BYTES",
    "MAX_SITES",
    "ReadWarning",
    "read_cif",
    "read_cif_blocks",
    "read_path",
    "read_poscar",
    "read_text",
]
