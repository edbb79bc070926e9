"""Crystals of any sources, each with a name that no other one has."""

from __future__ import annotations

import os
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote, urlsplit

from skcrystal.crystals.crystal import CrystalError
from skcrystal.formats.archives import Bundle
from skcrystal.formats.entries import Entry
from skcrystal.formats.files import is_url
from skcrystal.formats.names import is_archive, is_companion
from skcrystal.formats.places import Places, place_of, places_of
from skcrystal.formats.problems import NOTES
from skcrystal.formats.sources import FileEntries, files_in, open_source, paths_of
from skcrystal.formats.targets import names_of, parse_targets

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from skcrystal.formats.options import Options
    from skcrystal.formats.tables import Table

__all__ = ["Named", "file_entries", "file_paths", "named_entries", "relative"]


class Named(NamedTuple):
    """An entry with its name.

    Attributes
    ----------
    name : str
        That no other entry of the run has: of a file without suffix, of a row its id, of others a number
        behind the file's.
    entry : Entry
        The crystal, or why there is none; its ``source`` says where it was read.
    names : list of str
        What it may be called in a table of targets (:func:`~skcrystal.formats.targets.names_of`).
    """

    name: str
    entry: Entry
    names: list[str]


def file_paths(sources: Iterable[str]) -> list[tuple[str, str]]:
    """Return the paths that sources stand for, each with the folder that it lies below."""
    return [item for source in sources for item in _paths(source)]


def _paths(source: str) -> list[tuple[str, str]]:
    paths = paths_of(source)
    if len(paths) == 1 and not os.path.isdir(source):
        return [(paths[0], os.path.dirname(paths[0]))]
    base = source if os.path.isdir(source) else os.path.commonpath([os.path.dirname(path) for path in paths])
    return [(path, base) for path in paths]


def relative(path: str, base: str) -> str:
    """Return a path as it lies below a folder; of an address its path."""
    return unquote(urlsplit(path).path) if is_url(path) else os.path.relpath(path, base or os.curdir)


def named_entries(
    items: Iterable[tuple[str, str]],
    options: Options,
    places: Places,
    *,
    several: bool,
    beside: list[tuple[str, Table]],
    notes: list[str],
) -> Iterator[Named]:
    """Read files one by one, and give each entry its name.

    Parameters
    ----------
    items : iterable of (str, str)
        As :func:`file_paths` returns them.
    options : Options
    places : Places
        The names that are given.
    several : bool
        There are several files, so that one that holds nothing but targets is no mistake.
    beside : list of (str, Table)
        Is given the tables of targets that stand beside crystals, each with its folder.
    notes : list of str
        Is given what was renamed, repaired and passed over.
    """
    for path, base in items:
        place = place_of(relative(path, base))
        yield from file_entries(path, place, options, places, several=several, beside=beside, notes=notes)


def file_entries(
    path: str,
    place: str,
    options: Options,
    places: Places,
    *,
    several: bool,
    beside: list[tuple[str, Table]],
    notes: list[str],
    members: slice = slice(None),
) -> Iterator[Named]:
    """Read one file, as :func:`named_entries` does.

    Parameters
    ----------
    path : str
    place : str
        What its crystal is called, and what stands before the numbers of several.
    options, places, several, beside, notes
        As for :func:`named_entries`.
    members : slice
        Of an archive: which of its files, in the order of ``Bundle.names``; the others are not looked into.
    """
    passed = known = 0
    try:
        source = open_source(path, options)
        if isinstance(source, Bundle) and source.is_archive:
            places.reserve(place_of(name) for name in source.names)
        for file in islice(files_in(source, options, beside=several), members.start, members.stop):
            if file.entries is None:
                error = _companion(file, beside, notes)
                passed += not is_companion(file.name)
                if error is not None:
                    yield _failed(file.name, error)
                continue
            known += 1
            own = place_of(file.name.removeprefix(f"{path}/")) if is_archive(path) else place
            yield from _named(file, own, places, notes)
    except CrystalError as error:
        yield _failed(path, error, place)
        return
    if passed:
        notes.append(f"{path}: {passed} files were passed over, whose names are those of no format.")
    if is_archive(path) and not known and members == slice(None):
        yield _failed(path, CrystalError(f"{path}: it holds no file of a known format."))


def _failed(path: str, error: CrystalError, place: str = "") -> Named:
    return Named(place or place_of(path), Entry(path, None, error), [])


def _companion(file: FileEntries, beside: list[tuple[str, Table]], notes: list[str]) -> CrystalError | None:
    """Keep the targets of a file that holds nothing else; return what is wrong with them."""
    if not is_companion(file.name):
        return None
    if not file.targets:
        notes.append(f"{file.name}: it was passed over, because it holds no crystals.")
        return None
    try:
        beside.append((os.path.dirname(file.name), parse_targets(file.name, file.targets)))
    except CrystalError as error:
        return error
    return None


def _named(file: FileEntries, place: str, places: Places, notes: list[str]) -> Iterator[Named]:
    """Give the entries of a file their names: the file's, those of rows, or numbers behind the file's."""
    entries = list(file.entries or ())
    single = len(entries) == 1 and not entries[0].name
    for entry, own in zip(entries, places_of(place, entries, for_files=places.for_files), strict=True):
        crystal = entry.crystal
        if crystal is None:
            yield Named(own, entry, [])
            continue
        free = places.take(own, place)
        if free != own:
            note = NOTES["renamed"].template.format(name=repr(own), new=repr(free))
            notes.append(f"{entry.source}: {note}.")
        if crystal.notes:
            notes.append(f"{entry.source}: {'; '.join(crystal.notes)}.")
        absolute = file.name if is_url(file.name) else os.path.abspath(file.name)
        names = names_of(
            absolute, name=entry.name, block=entry.block, number="" if single else own, single=single
        )
        yield Named(free, replace(entry, crystal=replace(crystal, source=free)), names)
