"""Crystals out of anything that lies on a disk or at a URL."""

from __future__ import annotations

import glob
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from skcrystal.crystals.batch import checked
from skcrystal.crystals.crystal import Crystal, CrystalError
from skcrystal.crystals.notes import warn_of_notes
from skcrystal.formats.detect import TEXTS, kind_of
from skcrystal.formats.files import decoded, is_url, members
from skcrystal.formats.items import iter_text, text_crystal
from skcrystal.formats.names import format_of
from skcrystal.formats.problems import MAX_BYTES, MAX_SITES, warn_of_one
from skcrystal.formats.tables import TABLES, read_table

if TYPE_CHECKING:
    from collections.abc import Iterator
    from os import PathLike

__all__ = [
    "ARCHIVES",
    "crystals_of",
    "iter_crystals",
    "path_crystal",
    "paths_of",
    "read",
    "read_many",
    "read_path",
]

ARCHIVES = (".zip", ".tar", ".tgz", ".tar.gz", ".tar.bz2", ".tar.xz")


def read(
    source: str | PathLike[str],
    *,
    format: str | None = None,
    block: str | int | None = None,
    check_symmetry: bool = False,
    max_bytes: int = MAX_BYTES,
    max_sites: int = MAX_SITES,
) -> Crystal:
    """Read one crystal from a file or URL.

    Parameters
    ----------
    source : str or path-like
        CIF, POSCAR, extended XYZ, pymatgen's JSON, an ASE trajectory or database, or a table; also as
        ``.gz``, ``.bz2``, ``.xz``, ``.zip`` or ``.tar.gz``; a path, or an address with http or https.
    format : {"cif", "poscar", "extxyz", "json", "ase", "csv", "jsonl", "parquet"} or None, default=None
        None takes it from the content, and from the name where the content leaves it open.
    block : str or int or None, default=None
        For a CIF of several data blocks: the name of the one to read, or its place among those that hold a
        crystal, from 0.
    check_symmetry : bool, default=False
        Warn where the space group that a CIF declares is not the one found in its crystal.
    max_bytes : int, default=20_000_000
        Larger files, decompressed, are refused; an archive or a table may be 50 times as large, each file or
        text in it as large as this.
    max_sites : int, default=100_000
        Crystals with more sites are refused.

    Returns
    -------
    Crystal
        The first one, with a :class:`ReadWarning` if there are more.

    Raises
    ------
    CrystalError
        If there is no readable crystal.
    """
    crystal = checked([_first(source, format, block, check_symmetry, max_bytes, max_sites)])[0]
    warn_of_one(str(source), crystal.notes)
    return crystal


def _first(
    source: str | PathLike[str],
    format: str | None,
    block: str | int | None,
    check_symmetry: bool,
    max_bytes: int,
    max_sites: int,
) -> Crystal:
    found = _unchecked(
        source,
        format=format,
        block=block,
        check_symmetry=check_symmetry,
        max_bytes=max_bytes,
        max_sites=max_sites,
    )
    crystal = next(found)
    try:
        several = next(found, None) is not None
    except CrystalError:
        several = True
    if several:
        note = "there are several crystals, the first was read; read_many reads all"
        crystal = replace(crystal, notes=(*crystal.notes, note))
    return crystal


def read_path(
    path: str | PathLike[str], *, max_bytes: int = MAX_BYTES, max_sites: int = MAX_SITES
) -> Crystal:
    """Read one crystal from a file on disk; as :func:`read`, but never from a URL."""
    crystal = checked([path_crystal(path, max_bytes=max_bytes, max_sites=max_sites)])[0]
    warn_of_one(str(path), crystal.notes)
    return crystal


def path_crystal(
    path: str | PathLike[str], *, max_bytes: int = MAX_BYTES, max_sites: int = MAX_SITES
) -> Crystal:
    """Read as :func:`read_path`, without a warning: what was repaired stands in the crystal's notes."""
    if is_url(str(path)):
        raise CrystalError(
            f"{str(path)[:200]!r} is an address, not a file; read it with skcrystal.formats.read."
        )
    name = str(path)
    if format_of(name) in {None, "cif", "poscar"} and not name.lower().endswith(ARCHIVES):
        # The common case: one text, of which only the first crystal is asked for.
        text = decoded(next(members(path, max_bytes))[1])
        return text_crystal(text, name, max_bytes=max_bytes, max_sites=max_sites)
    return _first(path, None, None, False, max_bytes, max_sites)


def read_many(
    source: str | PathLike[str],
    *,
    format: str | None = None,
    block: str | int | None = None,
    structure_column: str | None = None,
    check_symmetry: bool = False,
    max_bytes: int = MAX_BYTES,
    max_sites: int = MAX_SITES,
) -> list[Crystal]:
    """Read all crystals of a file, archive, folder, pattern of paths, or table.

    Parameters
    ----------
    source : str or path-like
        As in :func:`read`; besides, a folder (all files below it whose names are those of a known format,
        sorted by path) and a pattern such as ``"runs/*/CONTCAR"``.
    format : str or None, default=None
        As in :func:`read`; for all files.
    block : str or int or None, default=None
        As in :func:`read`, for each CIF; None reads all blocks.
    structure_column : str or None, default=None
        For tables: the column with CIF text, POSCAR text or pymatgen's JSON. None takes the first of
        ``structure``, ``cif``, ``poscar``, ``cif_string`` and ``atoms`` that there is.
    check_symmetry : bool, default=False
        As in :func:`read`; tables are not checked.
    max_bytes, max_sites : int
        As in :func:`read`, for each file and crystal.

    Returns
    -------
    list of Crystal
        Each with its own source: path, and block, frame or row.

    Raises
    ------
    CrystalError
        At the first crystal that cannot be read; nothing is left out.
    """
    crystals = checked(
        _unchecked(
            source,
            format=format,
            block=block,
            structure_column=structure_column,
            check_symmetry=check_symmetry,
            max_bytes=max_bytes,
            max_sites=max_sites,
        )
    )
    noted = {index: crystal.notes for index, crystal in enumerate(crystals) if crystal.notes}
    warn_of_notes(noted, {index: crystals[index].source for index in noted}, len(crystals))
    return crystals


def iter_crystals(
    source: str | PathLike[str],
    *,
    format: str | None = None,
    block: str | int | None = None,
    structure_column: str | None = None,
    check_symmetry: bool = False,
    max_bytes: int = MAX_BYTES,
    max_sites: int = MAX_SITES,
) -> Iterator[Crystal]:
    """Yield the crystals that :func:`read_many` returns, one by one, without a warning of their notes."""
    for crystal in _unchecked(
        source,
        format=format,
        block=block,
        structure_column=structure_column,
        check_symmetry=check_symmetry,
        max_bytes=max_bytes,
        max_sites=max_sites,
    ):
        yield from checked([crystal])


def _unchecked(
    source: str | PathLike[str],
    *,
    format: str | None = None,
    block: str | int | None = None,
    structure_column: str | None = None,
    check_symmetry: bool = False,
    max_bytes: int = MAX_BYTES,
    max_sites: int = MAX_SITES,
) -> Iterator[Crystal]:
    count = 0
    for path in paths_of(source):
        if (format or format_of(path)) == "ase" and not is_url(path):
            from skcrystal.formats.ase_files import read_ase_file

            for crystal in read_ase_file(path, max_bytes):
                count += 1
                yield crystal
            continue
        # An archive or a table holds many crystals, each of which is held to the limit.
        large = path.lower().endswith(ARCHIVES) or (format or format_of(path)) in TABLES
        for name, content in members(path, 50 * max_bytes if large else max_bytes, max_bytes):
            if path.lower().endswith(ARCHIVES) and format is None and format_of(name) is None:
                continue  # a note or a picture in an archive
            for crystal in crystals_of(
                name, content, format, structure_column, max_bytes, max_sites, block, check_symmetry
            ):
                count += 1
                yield crystal
    if not count:
        raise CrystalError(f"{str(source)!r} holds no crystal; give files in a format that is known.")


def paths_of(source: str | PathLike[str]) -> list[str]:
    """Return the paths that a source stands for: itself, the files of a folder, the matches of a pattern."""
    name = os.fspath(source)
    if is_url(name):
        return [name]
    if os.path.isdir(name):
        found = sorted(str(path) for path in Path(name).rglob("*") if path.is_file())
        found = [path for path in found if format_of(path) or path.lower().endswith(ARCHIVES)]
        if not found:
            raise CrystalError(
                f"the folder {name!r} holds no file of a known format (.cif, POSCAR, .xyz, ...)."
            )
        return found
    if glob.has_magic(name) and not os.path.exists(name):
        found = sorted(path for path in glob.glob(name, recursive=True) if os.path.isfile(path))
        if not found:
            raise CrystalError(f"no file matches {name!r}; check the pattern.")
        return found
    return [name]


def crystals_of(
    name: str,
    content: bytes,
    format: str | None,
    column: str | None,
    max_bytes: int,
    max_sites: int,
    block: str | int | None = None,
    check_symmetry: bool = False,
) -> Iterator[Crystal]:
    """Yield the crystals of one file's content."""
    kind = format or format_of(name)
    if kind in TABLES and block is None:
        yield from read_table(
            content, kind, source=name, column=column, max_bytes=max_bytes, max_sites=max_sites
        )
        return
    text = decoded(content)
    if format is None and (kind is None or kind in TEXTS):
        # Content before name: a CIF that is called POSCAR is a CIF.
        kind = kind_of(text, name)
    yield from iter_text(
        text,
        name,
        format=kind if kind in TEXTS else None,
        block=block,
        check_symmetry=check_symmetry,
        max_bytes=max_bytes,
        max_sites=max_sites,
    )
