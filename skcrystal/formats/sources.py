"""What a source stands for: files, members of archives and texts, with the entries that stand in each."""

from __future__ import annotations

import glob
import os
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from skcrystal.crystals.crystal import CrystalError
from skcrystal.formats.archives import Bundle
from skcrystal.formats.detect import TEXTS
from skcrystal.formats.entries import Entry, gated
from skcrystal.formats.files import decoded, is_url
from skcrystal.formats.items import text_entries
from skcrystal.formats.names import TABLES, format_of, is_archive, is_companion, is_xdatcar
from skcrystal.formats.problems import MANY
from skcrystal.formats.tables import looks_like_json_lines, looks_like_table, read_table, table_entries

if TYPE_CHECKING:
    from collections.abc import Iterator
    from os import PathLike

    from skcrystal.formats.options import Options

__all__ = ["FileEntries", "files_in", "open_source", "paths_of"]


class FileEntries(NamedTuple):
    """A file, or one of an archive: its name for messages, and what stands in it.

    Attributes
    ----------
    name : str
    entries : iterator of Entry, or None where the file is passed over
    targets : bytes
        The content of a file that holds only targets.
    """

    name: str
    entries: Iterator[Entry] | None
    targets: bytes = b""


def paths_of(source: str | PathLike[str]) -> list[str]:
    """Return the paths that a source stands for: itself, the files of a folder, the matches of a pattern."""
    name = os.fspath(source)
    if is_url(name):
        return [name]
    if os.path.isdir(name):
        found = sorted(str(path) for path in Path(name).rglob("*") if path.is_file())
        found = [path for path in found if format_of(path) or is_archive(path)]
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


def open_source(path: str, options: Options) -> Bundle | str:
    """Return the file with its content; of one that ASE reads itself, its path."""
    kind = options.format or format_of(path)
    if kind in {"ase", "aselmdb"} and not is_url(path) and not is_archive(path):
        return path
    large = is_archive(path) or kind in TABLES or kind == "extxyz" or is_xdatcar(path)
    return Bundle(path, options.max_bytes * (MANY if large else 1), options.max_bytes)


def files_in(bundle: Bundle | str, options: Options, *, beside: bool) -> Iterator[FileEntries]:
    """Yield a file, or each file of an archive, with what stands in it.

    Parameters
    ----------
    bundle : Bundle, or str for a file that ASE reads
    options : Options
    beside : bool
        Other files are read with this one: what holds only their targets is passed over.

    Raises
    ------
    CrystalError
        If the archive breaks off.
    """
    if isinstance(bundle, str):
        if (options.format or format_of(bundle)) == "aselmdb":
            from skcrystal.formats.lmdb_files import lmdb_entries as entries_of
        else:
            from skcrystal.formats.ase_files import ase_entries as entries_of
        yield FileEntries(bundle, gated(entries_of(bundle, options)))
        return
    for name, content in bundle.members():
        if bundle.is_archive and options.format is None and format_of(name) is None:
            yield FileEntries(name, None)  # a note or a picture
        elif is_companion(name) and (beside or bundle.is_archive):
            values = content if isinstance(content, bytes) and format_of(name) in TABLES else b""
            yield FileEntries(name, None, values)
        elif isinstance(content, CrystalError):
            yield FileEntries(name, iter([Entry(name, None, content)]))
        else:
            own = replace(options, potcar=partial(bundle.potcar, name))
            entries = _content_entries(name, content, own, large=not bundle.is_archive)
            yield FileEntries(name, gated(entries))


def _content_entries(name: str, content: bytes, options: Options, *, large: bool) -> Iterator[Entry]:
    """Yield what stands in the content of one file."""
    kind = options.format or format_of(name)
    try:
        if kind in {"ase", "aselmdb"}:
            raise CrystalError(f"{name}: ASE reads its files from the disk only; unpack it.")
        text = "" if kind in TABLES else decoded(content)
        if options.format is None and (kind is None or kind in TEXTS) and options.block is None:
            # Content before name: a CIF that is called POSCAR is a CIF, and a table of CIF texts is none.
            kind = "csv" if looks_like_table(text, options.structure_column) else None
            kind = "jsonl" if looks_like_json_lines(text) else kind
        if kind in TABLES and options.block is None:
            table = read_table(content, kind, name, options.structure_column)
            yield from table_entries(table, options)
            return
    except CrystalError as error:
        yield Entry(name, None, error)
        return
    if large and is_xdatcar(name):
        options = replace(options, max_bytes=MANY * options.max_bytes)
    yield from text_entries(text, name, replace(options, format=kind if kind in TEXTS else None))
