"""Where converted crystals go: the format and folder of the target, and a free name for each crystal."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from skcrystal.crystals.crystal import CrystalError
from skcrystal.formats.names import ARCHIVES, format_of, is_xdatcar, without_suffix

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from skcrystal.formats.entries import Entry

__all__ = ["FORMATS", "Places", "aim", "place_of", "places_of"]

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
    if kind is None or is_xdatcar(target) or target.lower().endswith((*ARCHIVES, ".bz2", ".xz")):
        raise CrystalError(
            f"the name {target!r} does not say what to write; end it in .cif, .vasp, .xyz, .json, .csv, "
            ".jsonl, .parquet, .traj or .db (text also with .gz), or name a folder and a format."
        )
    return kind, None


def place_of(name: str) -> str:
    """Return a relative path without suffixes, in which nothing leads out of the output folder."""
    parts = [part for part in re.split(r"[/\\]", name) if part not in {"", ".", ".."}]
    last = without_suffix(parts[-1]) if parts else ""
    return "/".join([*parts[:-1], last or "crystal"])


def places_of(place: str, entries: Sequence[Entry], *, for_files: bool) -> list[str]:
    """Return where each crystal of a file goes: by its name in the file, by the file's, or numbered."""
    folder = place.rpartition("/")[0]
    width = len(str(len(entries)))
    places = []
    for i, entry in enumerate(entries, start=1):
        if entry.name:
            name = re.sub(r"[^\w.+-]", "_", entry.name) if for_files else entry.name
            places.append(f"{folder}/{name}" if folder else name)
        else:
            places.append(f"{place}_{i:0{width}}" if len(entries) > 1 else place)
    return places


class Places:
    """The names of the crystals of one run, all of them different.

    Names are given in the order of reading; one that is taken gets the first free number behind it: ``x_2``.
    What is numbered within its file leaves alone the names of files, so that ``x_1.cif`` keeps its own beside
    an ``x.cif`` of three blocks.

    Parameters
    ----------
    files : iterable of str
        The names of the files to be read.
    for_files : bool
        The names become those of files, of which case does not tell two apart everywhere.
    """

    def __init__(self, files: Iterable[str], *, for_files: bool) -> None:
        self.for_files = for_files
        self._key = str.lower if for_files else str
        self._reserved: set[str] = set()
        self._taken: set[str] = set()
        self.reserve(files)

    def reserve(self, files: Iterable[str]) -> None:
        """Keep the names of files for their own crystals."""
        self._reserved.update(map(self._key, files))

    def take(self, place: str, file: str) -> str:
        """Return a name that no other crystal has, and no other file than the crystal's own."""
        name, count = place, 1
        own = self._key(file)
        while (key := self._key(name)) in self._taken or (key in self._reserved and key != own):
            count += 1
            name = f"{place}_{count}"
        self._taken.add(key)
        return name
