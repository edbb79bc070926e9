"""Crystals of one format into another: one file or a thousand, the bad ones reported and the rest written."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from skcrystal._progress import progress_bar
from skcrystal.crystals.crystal import CrystalError
from skcrystal.formats.converted import HOLDS_CIF, Found, Writer
from skcrystal.formats.named import file_paths, named_entries, relative
from skcrystal.formats.names import TABLES
from skcrystal.formats.options import Options
from skcrystal.formats.places import FORMATS, Places, aim, place_of
from skcrystal.formats.targets import join, read_targets

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from os import PathLike

    from skcrystal.formats.named import Named
    from skcrystal.formats.tables import Table

__all__ = ["FORMATS", "Conversion", "convert"]


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
        Path of an input, and block, frame or row -> why it was left out.
    notes : list of str
        What was repaired, guessed, renamed or passed over, and how targets were joined.
    """

    n_crystals: int = 0
    written: list[Path] = field(default_factory=list)
    failures: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def convert(
    sources: str | PathLike[str] | Iterable[str | PathLike[str]],
    target: str | PathLike[str],
    *,
    to: str | None = None,
    symmetrized: bool = False,
    symprec: float = 0.01,
    structure_column: str | None = None,
    block: str | int | None = None,
    elements: Sequence[str] | None = None,
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
    elements : sequence of str or None, default=None
        For POSCAR and XDATCAR files that do not name their elements (VASP 4): a symbol for each of the
        numbers of sites. Without them, a ``POTCAR`` in the same folder is asked.
    check_symmetry : bool, default=False
        Note where the space group that a CIF declares is not the one found in its crystal.
    targets : str, path-like or None, default=None
        For tables: a table of the values of each crystal, joined by the name of its file with or without
        suffix and folders, by its folder, or by the id that it has in a table; the column that names most
        crystals is taken for the identifiers. None keeps the further columns of sources that are tables, and
        joins an ``id_prop.csv`` (a name and values in each row, no header) to the files beside it.
    force : bool, default=False
        Replace files that exist.
    verbose : bool, default=False
        Show a progress bar.

    Returns
    -------
    Conversion
        With what could not be read or written, one by one: a bad row, block or frame costs itself.

    Raises
    ------
    CrystalError
        If the target does not say what to write, a source stands for no file at all, or no crystal has a row
        in the table of targets.
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
    kind, folder = aim(os.fspath(target), to)
    if symmetrized and kind not in HOLDS_CIF:
        raise CrystalError(f"only CIF text holds symmetry, not {kind}; leave out symmetrized or write CIF.")
    file = Path(target)
    if folder is None and file.exists() and not force:
        raise FileExistsError(f"{file} exists; replace it with force, or name another file.")
    if targets is not None and kind not in TABLES:
        raise CrystalError(f"only tables hold targets, not {kind}; write .csv, .jsonl or .parquet.")
    known = None if targets is None else read_targets(targets)
    given = [sources] if isinstance(sources, str | os.PathLike) else list(sources)
    items = file_paths(os.fspath(source) for source in given)
    done = Conversion()
    options = Options(None, block, structure_column, elements, check_symmetry)
    beside: list[tuple[str, Table]] = []
    places = Places((place_of(relative(path, base)) for path, base in items), for_files=folder is not None)
    bar = progress_bar(items, shown=verbose, unit=" files")
    entries = named_entries(bar, options, places, several=len(items) > 1, beside=beside, notes=done.notes)
    found = _found(entries, done)
    if kind in TABLES:
        # The rows of a table of targets are dealt out when all names are known.
        found = iter(_with_targets(list(found), known, beside, done))
    writer = Writer(kind, symmetrized, symprec, force)
    collected: list[Found] = []
    for one in found:
        try:
            writer.check(one.crystal, alone=folder is not None)
            if folder is None:
                collected.append(one)
                continue
            path = folder / f"{one.crystal.source}{FORMATS[kind]}"
            writer.write([one], path)
        except (CrystalError, OSError) as error:
            _fail(done, one.origin, str(error))
            continue
        done.written.append(path)
        done.n_crystals += 1
    if collected:
        writer.write(collected, file)
        done.written.append(file)
        done.n_crystals = len(collected)
    return done


def _found(entries: Iterable[Named], done: Conversion) -> Iterator[Found]:
    """Yield the crystals, and keep why there are no others."""
    for name, entry, names in entries:
        if entry.crystal is None:
            _fail(done, entry.source, entry.reason)
        else:
            yield Found(replace(entry.crystal, source=name), entry.source, names, dict(entry.targets))


def _with_targets(
    found: list[Found], known: Table | None, beside: list[tuple[str, Table]], done: Conversion
) -> list[Found]:
    """Give each crystal its row in the table of targets that was asked for, or in those beside the files."""
    if known is not None and found:
        joined = join(known, [one.names for one in found])
        if not joined.n_joined:
            raise CrystalError(
                f"no crystal has a row: {joined.sentence()}. The first crystal is "
                f"{found[0].crystal.source!r}; name the files, their folders or their rows in the table."
            )
        if joined.unused or joined.reasons:
            done.notes.append(f"{joined.sentence()}.")
        for i, reason in joined.reasons.items():
            _fail(
                done,
                found[i].origin,
                f"{joined.source} has no row for it by its column {joined.column!r}: {reason}.",
            )
        kept = []
        for one, row in zip(found, joined.rows, strict=True):
            if row is not None:
                one.targets = row
                kept.append(one)
        return kept
    for folder, table in beside:
        inside = [one for one in found if _lies_in(one.origin, folder)]
        joined = join(table, [one.names for one in inside])
        done.notes.append(f"{joined.sentence()}.")
        for one, row in zip(inside, joined.rows, strict=True):
            one.targets.update(row or {})
    return found


def _lies_in(origin: str, folder: str) -> bool:
    return not folder or origin.startswith((f"{folder}/", f"{folder}{os.sep}"))


def _fail(done: Conversion, name: str, reason: str) -> None:
    reason = reason.removeprefix(f"{name}: ").removeprefix(f"{name}, ")
    done.failures[name] = f"{done.failures[name]} {reason}" if name in done.failures else reason
