"""Inputs of any size as stretches: rows of one file, one behind the other, read without the others.

Each file is looked through once, so that any row of it is found again: in CSV, JSON lines and extended XYZ by
the byte at which it begins, in Parquet and databases by its number, in an archive by the file in it.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from skcrystal.crystals.crystal import CrystalError
from skcrystal.formats.archives import Bundle
from skcrystal.formats.ase_files import ase_entries, count_ase
from skcrystal.formats.entries import Entry, gated
from skcrystal.formats.extxyz import frame_entry, looks_like_extxyz, split_frames
from skcrystal.formats.files import decoded, is_url
from skcrystal.formats.line_files import file_lines, head_of, is_plain_text
from skcrystal.formats.lmdb_files import count_lmdb, lmdb_entries
from skcrystal.formats.named import file_entries, file_paths, relative
from skcrystal.formats.names import TABLES, format_of, is_archive, is_companion
from skcrystal.formats.places import Places, place_of
from skcrystal.formats.problems import MANY
from skcrystal.formats.survey import Mark, Marks, Survey
from skcrystal.formats.table_rows import Row, column_roles, table_rows
from skcrystal.formats.table_stretches import (
    csv_rows,
    json_lines_rows,
    parquet_rows,
    survey_csv,
    survey_json_lines,
    survey_parquet,
)
from skcrystal.formats.tables import Table, read_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from skcrystal.formats.options import Options

__all__ = ["InputFile", "Stretch", "file_state", "input_files", "stretch_rows"]


class InputFile(NamedTuple):
    """A file that was looked through.

    Attributes
    ----------
    path : str
        Absolute, or an address.
    state : list
        Size, and time of the last change in nanoseconds; empty of an address.
    place : str
        What its crystal is called; of several, what stands before their numbers.
    kind : str
        How it is read.
    n_rows : int
        Rows of it; the files in an archive; 1 where it is read as a whole.
    about : dict
        What its reader has to know.
    """

    path: str
    state: list[int]
    place: str
    kind: str
    n_rows: int
    about: dict[str, Any]


class Stretch(NamedTuple):
    """So many rows of a file, from a mark on; `file` is its number among the inputs."""

    file: int
    mark: Mark
    n_rows: int


@dataclass(frozen=True)
class _Kind:
    """How files of one kind are looked through, and how their rows are read from a mark on."""

    survey: Callable[[str, Options, str | None, Marks], Survey]
    rows: Callable[[InputFile, Mark, int, Options, bool], Iterator[Row]]


def input_files(
    sources: Iterable[str], options: Options, formula_column: str | None, rows: int
) -> tuple[list[InputFile], list[list[Stretch]]]:
    """Look through all files that sources stand for, and divide their rows into shards.

    Parameters
    ----------
    sources : iterable of str
        As for :func:`skcrystal.formats.rows.iter_rows`.
    options : Options
    formula_column : str or None
    rows : int
        Rows of a shard. A file that is read as a whole counts as one.

    Returns
    -------
    files : list of InputFile
    shards : list of list of Stretch
        Only the last one has fewer rows.

    Raises
    ------
    CrystalError
        A source stands for nothing at all, or the only one cannot be read.
    """
    items = file_paths(sources)
    if len(items) > 1:
        # What holds targets beside crystals is no input.
        items = [(path, base) for path, base in items if not is_companion(path)]
    names = Places((), for_files=False)
    files: list[InputFile] = []
    shards: list[list[Stretch]] = []
    room = 0
    for path, base in items:
        kind = _kind_of(path, options)
        marks = Marks(room or rows, rows)
        try:
            found = KINDS[kind].survey(path, options, formula_column, marks)
        except CrystalError:
            if len(items) == 1:
                raise
            kind, found = "whole", Survey(1, [Mark()])
        place = names.take(place_of(relative(path, base)), "")
        absolute = path if is_url(path) else os.path.abspath(path)
        files.append(InputFile(absolute, file_state(path), place, kind, found.count, found.about))
        bounds = [*marks.rows(found.count), found.count]
        for mark, stop in zip(found.marks, bounds[1:], strict=True) if found.count else ():
            if not room:
                shards.append([])
                room = rows
            shards[-1].append(Stretch(len(files) - 1, mark, stop - mark.row))
            room -= stop - mark.row
    return files, shards


def file_state(path: str) -> list[int]:
    """Return what tells whether a file is the one that it was."""
    if is_url(path):
        return []
    try:
        status = os.stat(path)
    except OSError:
        return []
    return [status.st_size, status.st_mtime_ns]


def stretch_rows(
    file: InputFile, mark: Mark, count: int, options: Options, *, several: bool
) -> Iterator[Row]:
    """Yield the rows of a stretch; one that cannot be read is yielded with the reason.

    Parameters
    ----------
    file : InputFile
    mark : Mark
    count : int
    options : Options
    several : bool
        There are other files: what has no name but its number is called by its file too.

    Raises
    ------
    CrystalError
        The file is not what it was.
    """
    if file.state != file_state(file.path):
        raise CrystalError(f"{file.path} is not what it was when it was planned; plan it anew.")
    return KINDS[file.kind].rows(file, mark, count, options, several)


def _kind_of(path: str, options: Options) -> str:
    if is_url(path) or not os.path.isfile(path):
        return "whole"
    if is_archive(path):
        return "archive"
    named = format_of(path)
    if path.lower().endswith((".db", ".traj", ".aselmdb", ".parquet")):
        return named or "whole"
    if named == "extxyz":
        head = head_of(path)
        return named if is_plain_text(head) and looks_like_extxyz(decoded(head)) else "whole"
    if named in TABLES:
        return named if is_plain_text(head_of(path)) else "table"
    return "whole"


# -- files as they are read elsewhere --------------------------------------------------------------------


def _survey_whole(path: str, options: Options, formula_column: str | None, marks: Marks) -> Survey:
    return Survey(1, [Mark()])


def _survey_archive(path: str, options: Options, formula_column: str | None, marks: Marks) -> Survey:
    count = len(Bundle(path, options.max_bytes * MANY, options.max_bytes).names)
    return Survey(count, marks.without_places(count)) if count else Survey(1, [Mark()])


def _file_rows(file: InputFile, mark: Mark, count: int, options: Options, several: bool) -> Iterator[Row]:
    members = slice(mark.row, mark.row + count) if count < file.n_rows else slice(None)
    notes: list[str] = []
    for one in file_entries(
        file.path,
        file.place,
        options,
        Places((), for_files=False),
        several=several,
        beside=[],
        notes=notes,
        members=members,
    ):
        notes.clear()
        yield _row(one.name, one.entry)


def _row(name: str, entry: Entry) -> Row:
    crystal = entry.crystal and replace(entry.crystal, source=name)
    return Row(name, entry.source, crystal, entry.reason, {}, [])


def _numbered(file: InputFile, number: int) -> str:
    """Return the name of a frame: the file's, and behind it the number where there are several."""
    return file.place if file.n_rows == 1 else f"{file.place}_{number:0{len(str(file.n_rows))}}"


# -- extended XYZ ----------------------------------------------------------------------------------------


def _survey_frames(path: str, options: Options, formula_column: str | None, marks: Marks) -> Survey:
    frames = split_frames(file_lines(path, options.max_bytes), options.max_sites)
    count, found = marks.collect(Mark(0, frame.start.offset, frame.start.number) for frame in frames)
    return Survey(count, found)


def _frame_rows(file: InputFile, mark: Mark, count: int, options: Options, several: bool) -> Iterator[Row]:
    lines = file_lines(file.path, options.max_bytes, offset=mark.offset, number=mark.line)
    frames = islice(split_frames(lines, options.max_sites), count)
    entries = (
        frame_entry(frame, f"{file.path}, frame {number}" if number else file.path)
        for number, frame in enumerate(frames, start=mark.row)
    )
    for number, entry in enumerate(gated(entries), start=mark.row + 1):
        yield _row(_numbered(file, number), entry)


# -- files of ASE ----------------------------------------------------------------------------------------


def _survey_ase(path: str, options: Options, formula_column: str | None, marks: Marks) -> Survey:
    count = count_ase(path)
    return Survey(count, marks.without_places(count))


def _survey_lmdb(path: str, options: Options, formula_column: str | None, marks: Marks) -> Survey:
    count = count_lmdb(path, options)
    return Survey(count, marks.without_places(count))


def _ase_rows(file: InputFile, mark: Mark, count: int, options: Options, several: bool) -> Iterator[Row]:
    read = lmdb_entries if file.kind == "aselmdb" else ase_entries
    entries = gated(read(file.path, options, mark.row, count))
    for number, entry in enumerate(entries, start=mark.row + 1):
        name = f"{file.place}_{entry.name}" if several and entry.name else entry.name
        yield _row(name or _numbered(file, number), entry)


# -- tables ----------------------------------------------------------------------------------------------


def _table(
    survey: Callable[[str, Options, str | None, Marks], Survey],
    read: Callable[[str, Mark, int, Mapping[str, Any], Options], Iterator[Row]],
) -> _Kind:
    def rows(file: InputFile, mark: Mark, count: int, options: Options, several: bool) -> Iterator[Row]:
        number_alone = several and file.about["ids"] is None
        for row in read(file.path, mark, count, file.about, options):
            yield row._replace(name=f"{file.place}_{row.name}") if number_alone else row

    return _Kind(survey, rows)


def _whole_table(path: str, options: Options, formula_column: str | None) -> Table:
    name, content = next(iter(Bundle(path, MANY * options.max_bytes).members()))
    if isinstance(content, CrystalError):
        raise content
    column = options.structure_column or formula_column
    return read_table(content, format_of(path) or "csv", name, column)


def _survey_table(path: str, options: Options, formula_column: str | None, marks: Marks) -> Survey:
    table = _whole_table(path, options, formula_column)
    column_roles(table.columns, table.source, options.structure_column, formula_column)
    about = {"ids": table.ids(), "formulas": formula_column}
    return Survey(len(table.rows), marks.without_places(len(table.rows)), about)


def _table_slice(
    path: str, mark: Mark, count: int, about: Mapping[str, Any], options: Options
) -> Iterator[Row]:
    """Yield rows of a table that is read as a whole, as one in another encoding than UTF-8 is."""
    table = _whole_table(path, options, about["formulas"])
    chosen = slice(mark.row, mark.row + count)
    table.labels, table.rows = table.labels[chosen], table.rows[chosen]
    yield from table_rows(table, options, about["formulas"])


KINDS: dict[str, _Kind] = {
    "table": _table(_survey_table, _table_slice),
    "whole": _Kind(_survey_whole, _file_rows),
    "archive": _Kind(_survey_archive, _file_rows),
    "extxyz": _Kind(_survey_frames, _frame_rows),
    "ase": _Kind(_survey_ase, _ase_rows),
    "aselmdb": _Kind(_survey_lmdb, _ase_rows),
    "csv": _table(survey_csv, csv_rows),
    "jsonl": _table(survey_json_lines, json_lines_rows),
    "parquet": _table(survey_parquet, parquet_rows),
}
