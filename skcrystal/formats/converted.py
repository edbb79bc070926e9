"""Crystals on their way from a source into a target, and how they are written."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from skcrystal.formats.extxyz import ordered_symbols
from skcrystal.formats.names import TABLES
from skcrystal.formats.writing import cif_text, write

if TYPE_CHECKING:
    from pathlib import Path

    from skcrystal.crystals.crystal import Crystal

__all__ = ["HOLDS_CIF", "Found", "Writer"]

HOLDS_CIF = frozenset({"cif", "csv", "jsonl", "parquet"})
"""Formats that hold CIF text, and so the symmetry of a crystal."""

_ORDERED_ONLY = frozenset({"poscar", "extxyz", "ase"})


@dataclass
class Found:
    """A crystal on its way from a source into the target.

    Attributes
    ----------
    crystal : Crystal
    origin : str
        Where it was read: path, and block, frame or row.
    names : list of str
        What it may be called in a table of targets.
    targets : mapping of str to object
        What stands beside it in its own table.
    """

    crystal: Crystal
    origin: str
    names: list[str]
    targets: dict[str, Any]


@dataclass(frozen=True)
class Writer:
    """How crystals are written."""

    kind: str
    symmetrized: bool
    symprec: float
    force: bool

    def check(self, crystal: Crystal, *, alone: bool) -> None:
        """Refuse a crystal that the format cannot hold, before it takes others with it."""
        if self.kind in _ORDERED_ONLY:
            ordered_symbols(crystal, self.kind)
        elif self.symmetrized and not alone:
            cif_text(crystal, symmetrized=True, symprec=self.symprec)

    def write(self, found: list[Found], path: Path) -> None:
        """Write a file whole or not at all."""
        if path.exists() and not self.force:
            raise FileExistsError(f"{path} exists; replace it with force, or name another file.")
        path.parent.mkdir(parents=True, exist_ok=True)
        # The suffix stays at the end: it decides on compression and on ASE's kind of file.
        partial = path.with_name(f".{os.getpid()}-{path.name}")
        try:
            targets = None
            if self.kind in TABLES:
                # Sources may have different columns; what one lacks stays empty.
                names = dict.fromkeys(name for one in found for name in one.targets)
                targets = {name: [one.targets.get(name) for one in found] for name in names} or None
            write(
                [one.crystal for one in found],
                partial,
                format=self.kind,
                symmetrized=self.symmetrized,
                symprec=self.symprec,
                targets=targets,
            )
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
