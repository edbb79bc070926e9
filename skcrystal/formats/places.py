"""Where converted crystals go: the format and folder of the target, and a free name for each crystal."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from skcrystal.crystals.crystal import CrystalError
from skcrystal.formats.names import format_of
from skcrystal.formats.reading import ARCHIVES

if TYPE_CHECKING:
    from skcrystal.crystals.crystal import Crystal

__all__ = ["FORMATS", "aim", "free_place", "place_of", "places_of"]

FORMATS = {
    "cif": ".cif",
    "poscar": ".vasp",
    "extxyz": ".xyz",
    "json": ".json",
    "ase": ".traj",
    "csv": ".csv",
    "jsonl": ".jsonl",
    "parquet": ".parquet",
}
"""The formats that are written, each with the suffix that its files get in a folder."""


def aim(target: str, to: str | None) -> tuple[str, Path | None]:
    """Return the format to write, and the folder to write into unless the target is a file."""
    if to is not None and to not in FORMATS:
        raise CrystalError(f"there is no format {to!r} to write; name one of {', '.join(FORMATS)}.")
    path = Path(target)
    kind = to or format_of(target)
    bare = not path.suffix and path.name.upper() not in {"POSCAR", "CONTCAR"}
    if path.is_dir() or target.endswith(("/", os.sep)) or (to is not None and bare):
        if to is None:
            raise CrystalError(f"{target!r} is a folder; name the format of its files: {', '.join(FORMATS)}.")
        return to, path
    if kind is None or target.lower().endswith((*ARCHIVES, ".bz2", ".xz")):
        raise CrystalError(
            f"the name {target!r} does not say what to write; end it in .cif, .vasp, .xyz, .json, .csv, "
            ".jsonl, .parquet, .traj or .db (text also with .gz), or name a folder and a format."
        )
    return kind, None


def place_of(name: str) -> str:
    """Return a relative path without suffixes, in which nothing leads out of the output folder."""
    parts = [part for part in re.split(r"[/\\]", name) if part not in {"", ".", ".."}]
    last = parts[-1] if parts else "crystal"
    if last.lower().endswith((".gz", ".bz2", ".xz")):
        last = os.path.splitext(last)[0]
    if format_of(f"x{os.path.splitext(last)[1]}") is not None:
        last = os.path.splitext(last)[0]
    return "/".join([*parts[:-1], last or "crystal"])


def places_of(place: str, crystals: list[Crystal]) -> list[str]:
    """Return where each crystal goes: by the file's name, by the row's, or numbered."""
    rows = [crystal.source.rpartition(", row ")[2] for crystal in crystals]
    if crystals and all(", row " in crystal.source for crystal in crystals):
        folder = place.rpartition("/")[0]
        return [
            f"{folder}/{safe}" if folder else safe for safe in (re.sub(r"[^\w.+-]", "_", r) for r in rows)
        ]
    if len(crystals) <= 1:
        return [place for _ in crystals]
    width = len(str(len(crystals)))
    return [f"{place}_{i:0{width}}" for i in range(1, len(crystals) + 1)]


def free_place(place: str, taken: set[str]) -> str:
    """Return a name that no other crystal of this run has; case does not tell names apart everywhere."""
    name, count = place, 1
    while name.lower() in taken:
        count += 1
        name = f"{place}_{count}"
    taken.add(name.lower())
    return name
