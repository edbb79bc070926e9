"""Crystals of one format into another: one file or a thousand, the bad ones reported and the rest written."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote, urlsplit

from skcrystal.crystals.crystal import Crystal, CrystalError
from skcrystal.formats import MAX_BYTES, MAX_SITES, cif_text, iter_crystals, write
from skcrystal.formats.extxyz import ordered_symbols
from skcrystal.formats.files import is_url, members
from skcrystal.formats.names import format_of
from skcrystal.formats.places import FORMATS, aim, free_place, place_of, places_of
from skcrystal.formats.reading import ARCHIVES, crystals_of, paths_of
from skcrystal.formats.tables import TABLES, read_targets

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from os import PathLike

__all__ = ["FORMATS", "Conversion", "convert"]

_HOLDS_CIF = frozenset({"cif", "csv", "jsonl", "parquet"})
_ORDERED_ONLY = frozenset({"poscar", "extxyz", "ase"})


@dataclass
class Conversion:
    """What became of each input.

    Attributes
    ----------
    n_crystals : int
        Crystals that were written.
    written : list of Path
        The files, in the order of the inputs.
    failures : dict of str to str
        Name of an input -> why it was left out.
    notes : list of str
        What was repaired, guessed or left out while reading.
    """

    n_crystals: int = 0
    written: list[Path] = field(default_factory=list)
    failures: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


class _Item(NamedTuple):
    """One file or one member of an archive: its name for messages, its place below the output folder."""

    name: str
    place: str
    crystals: Iterator[Crystal]


def convert(
    sources: str | PathLike[str] | Iterable[str | PathLike[str]],
    target: str | PathLike[str],
    *,
    to: str | None = None,
    symmetrized: bool = False,
    symprec: float = 0.01,
    structure_column: str | None = None,
    block: str | int | None = None,
    check_symmetry: bool = False,
    targets: str | PathLike[str] | None = None,
    force: bool = False,
    verbose: bool = False,
) -> Conversion:
    """Convert crystals from any format that is read into any that is written.

    Parameters
    ----------
    sources : str, path-like, or iterable of them
        Files, folders, patterns, archives, tables or addresses, as in :func:`skcrystal.formats.read_many`.
    target : str or path-like
        One file for all crystals, or a folder for a file of each. It is a folder if one of this name exists,
        if it ends in a slash, or if it has no suffix and `to` names the format.
    to : str or None, default=None
        A key of :data:`FORMATS`; None takes it from the name of the target.
    symmetrized : bool, default=False
        For CIF and tables, which hold CIF text: write the standard setting of the space group found, with
        one site of each orbit. False writes every site of the cell.
    symprec : float, default=0.01
        In angstrom, for `symmetrized`.
    structure_column : str or None, default=None
        For tables: the column of structures.
    block : str or int or None, default=None
        Of CIF files with several data blocks: the one to convert, by name or by its place from 0; None
        converts all.
    check_symmetry : bool, default=False
        Note where the space group that a CIF declares is not the one found in its crystal.
    targets : str, path-like or None, default=None
        For tables: a table of the values of each crystal, whose column ``id`` holds the names of the files,
        without suffix. None keeps the further columns of sources that are tables.
    force : bool, default=False
        Replace files that exist.
    verbose : bool, default=False
        Show a progress bar.

    Returns
    -------
    Conversion
        With the inputs that could not be read or written. A file that breaks off in the middle, say a table
        with a bad row, gives the crystals before the fault and one failure.

    Raises
    ------
    CrystalError
        If the target does not say what to write, or a source stands for no file at all.
    FileExistsError
        If the target is a file that exists, without `force`.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> import numpy as np
    >>> from skcrystal import Crystal
    >>> from skcrystal.formats.conversion import convert
    >>> from skcrystal.formats import write
    >>> caesium_chloride = Crystal.ordered(4.12 * np.eye(3), [[0, 0, 0], [0.5, 0.5, 0.5]], [55, 17])
    >>> with TemporaryDirectory() as folder:
    ...     write(caesium_chloride, Path(folder, "POSCAR"))
    ...     done = convert(Path(folder, "POSCAR"), Path(folder, "CsCl.cif"))
    ...     done.n_crystals, done.written[0].name
    (1, 'CsCl.cif')
    """
    from tqdm.auto import tqdm

    kind, folder = aim(os.fspath(target), to)
    if symmetrized and kind not in _HOLDS_CIF:
        raise CrystalError(f"only CIF text holds symmetry, not {kind}; leave out symmetrized or write CIF.")
    file = Path(target)
    if folder is None and file.exists() and not force:
        raise FileExistsError(f"{file} exists; replace it with force, or name another file.")
    if targets is not None and kind not in TABLES:
        raise CrystalError(f"only tables hold targets, not {kind}; write .csv, .jsonl or .parquet.")
    known = None if targets is None else read_targets(targets)
    given = [sources] if isinstance(sources, str | os.PathLike) else list(sources)
    done = Conversion()
    collected: list[Crystal] = []
    rows: list[dict[str, Any]] = []
    taken: set[str] = set()
    items = [entry for source in given for entry in _entries(os.fspath(source))]
    for path, base in tqdm(items, unit=" files", disable=not verbose):
        for item in _items(path, base, structure_column, block, check_symmetry, done):
            crystals = _read(item, done)
            values = (
                known if known is not None or kind not in TABLES else _own_targets(item, structure_column)
            )
            for i, (place, crystal) in enumerate(zip(places_of(item.place, crystals), crystals, strict=True)):
                row = {} if values is None else _row(values, i if known is None else place)
                place = free_place(place, taken)
                try:
                    if row is None:
                        raise CrystalError(f"{targets} has no row of the id {place!r}; add it.")
                    # Before any is collected: one that the format cannot hold must not take the rest with it.
                    if kind in _ORDERED_ONLY:
                        ordered_symbols(crystal, kind)
                    elif symmetrized and folder is None:
                        cif_text(crystal, symmetrized=True, symprec=symprec)
                    crystal = replace(crystal, source=place)
                    if folder is None:
                        collected.append(crystal)
                        rows.append(row)
                        continue
                    file = folder / f"{place}{FORMATS[kind]}"
                    _write([crystal], [row], file, kind, symmetrized, symprec, force)
                except (CrystalError, OSError) as error:
                    _fail(done, item.name, error)
                    continue
                done.written.append(file)
                done.n_crystals += 1
    if collected:
        _write(collected, rows, file, kind, symmetrized, symprec, force)
        done.written.append(file)
        done.n_crystals = len(collected)
    return done


def _entries(source: str) -> list[tuple[str, str]]:
    """Return the paths that a source stands for, each with the folder that it lies below."""
    paths = paths_of(source)
    if len(paths) == 1 and not os.path.isdir(source):
        return [(paths[0], os.path.dirname(paths[0]))]
    base = source if os.path.isdir(source) else os.path.commonpath([os.path.dirname(path) for path in paths])
    return [(path, base) for path in paths]


def _own_targets(item: _Item, column: str | None) -> Any:
    """Return the further columns of a source that is a table itself; None for all others."""
    if format_of(item.name) not in TABLES:
        return None
    try:
        return read_targets(item.name, column=column)
    except CrystalError:
        return None  # what is wrong with the table has been said when its crystals were read


def _row(values: Any, key: int | str) -> dict[str, Any] | None:
    """Return the values of a crystal by its place in the table, or by its name with or without folders."""
    if isinstance(key, str):
        names = [name for name in (key, key.rpartition("/")[2]) if name in values.index]
        if not names:
            return None
        key = int(values.index.get_indexer_for([names[0]])[0])
    return {name: values[name].iloc[key] for name in values.columns}


def _items(
    path: str, base: str, column: str | None, block: str | int | None, check: bool, done: Conversion
) -> Iterator[_Item]:
    """Yield the file itself, or each file of an archive that a reader knows by its name."""
    if not path.lower().endswith(ARCHIVES):
        name = unquote(urlsplit(path).path) if is_url(path) else os.path.relpath(path, base or os.curdir)
        crystals = iter_crystals(path, structure_column=column, block=block, check_symmetry=check)
        yield _Item(path, place_of(name), crystals)
        return
    found = passed = 0
    try:
        for name, content in members(path, 50 * MAX_BYTES, MAX_BYTES):
            if format_of(name) is None:
                passed += 1  # a note or a picture
                continue
            found += 1
            inner = name.removeprefix(f"{path}/")
            crystals = crystals_of(name, content, None, column, MAX_BYTES, MAX_SITES, block, check)
            yield _Item(name, place_of(inner), crystals)
    except CrystalError as error:
        _fail(done, path, error)
        return
    if not found:
        done.failures[path] = "it holds no file of a known format."
    elif passed:
        done.notes.append(f"{path}: {passed} files were passed over, whose names are those of no format.")


def _read(item: _Item, done: Conversion) -> list[Crystal]:
    """Return the crystals of one item, up to the first that cannot be read."""
    crystals: list[Crystal] = []
    try:
        crystals.extend(item.crystals)
    except CrystalError as error:
        _fail(done, item.name, error)
    for crystal in crystals:
        if crystal.notes:
            done.notes.append(f"{crystal.source}: {'; '.join(crystal.notes)}.")
    return crystals


def _fail(done: Conversion, name: str, error: CrystalError | OSError) -> None:
    reason = str(error).removeprefix(f"{name}: ").removeprefix(f"{name}, ")
    done.failures[name] = f"{done.failures[name]} {reason}" if name in done.failures else reason


def _write(
    crystals: list[Crystal],
    rows: list[dict[str, Any]],
    path: Path,
    kind: str,
    symmetrized: bool,
    symprec: float,
    force: bool,
) -> None:
    """Write a file whole or not at all."""
    if path.exists() and not force:
        raise FileExistsError(f"{path} exists; replace it with force, or name another file.")
    path.parent.mkdir(parents=True, exist_ok=True)
    # The suffix stays at the end: it decides on compression and on ASE's kind of file.
    partial = path.with_name(f".{os.getpid()}-{path.name}")
    try:
        # Sources may have different columns; what one lacks stays empty.
        names = dict.fromkeys(name for row in rows for name in row)
        targets = {name: [row.get(name) for row in rows] for name in names} or None
        write(crystals, partial, format=kind, symmetrized=symmetrized, symprec=symprec, targets=targets)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
