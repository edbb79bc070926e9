"""Tables with a column of structures (CSV, Parquet, JSON lines, JSON) into crystals, and back.

A labelled data set is a table with the columns ``id``, ``formula`` and ``structure`` (CIF text), and behind
them its targets, a column each.
"""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, NamedTuple

from skcrystal.crystals.crystal import Crystal, CrystalError
from skcrystal.formats.delimited import DELIMITERS, Row, delimiter_of, first_cells, read_delimited, typed
from skcrystal.formats.documents import ID_KEYS, STRUCTURE_KEYS, is_structure_dict
from skcrystal.formats.entries import Entry, attempt, one_line
from skcrystal.formats.extxyz import looks_like_extxyz
from skcrystal.formats.files import decoded, reason_of
from skcrystal.formats.items import is_missing, read_item
from skcrystal.formats.optimade import USED, holds_optimade, optimade_batch, optimade_entries
from skcrystal.formats.poscar_lines import looks_like_poscar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from skcrystal.formats.options import Options

__all__ = [
    "FORMULA_COLUMNS",
    "STRUCTURE_COLUMNS",
    "Fault",
    "Table",
    "column_called",
    "different_names",
    "json_row",
    "looks_like_json_lines",
    "looks_like_table",
    "read_table",
    "records",
    "table_entries",
]

STRUCTURE_COLUMNS = STRUCTURE_KEYS
"""Names of the column that holds the crystals; the first that is present is read."""

FORMULA_COLUMNS = ("formula", "composition", "reduced_formula", "pretty_formula", "chemical_formula")
"""Names of the column of formulas, in a table without structures; the first that is present is read."""

ID_COLUMNS = (
    *ID_KEYS,
    "structure_id",
    "mp_id",
    "mpid",
    "jid",
    "cif_id",
    "immutable_id",
    "file",
    "filename",
    "file_name",
    "path",
)
"""Names of the column that says what the crystals are called; the first that is present is taken."""


# Rows of numbers that become crystals together.
TOGETHER = 256


class Fault(NamedTuple):
    """Where a row stands, and why it is none."""

    place: str
    reason: str


@dataclass
class Table:
    """The columns of a table, and its rows or why they are none.

    Attributes
    ----------
    source : str
    columns : list of str
        In order; their names differ.
    labels : list of str
        What each row is called where no column says it: its number, or the index that Parquet keeps.
    rows : list of (dict or Fault)
        Values by column, or why the row is none.
    """

    source: str
    columns: list[str]
    labels: list[str]
    rows: list[dict[str, Any] | Fault]

    def ids(self) -> str | None:
        """Return the column of the identifiers; None if there is none."""
        found = column_called(self.columns, ID_COLUMNS)
        # The index that pandas writes into CSV has no name.
        return "" if found is None and self.columns[:1] == [""] else found

    def structures(self, column: str | None = None) -> str:
        """Return the column of the structures: the one asked for, or the first of a usual name.

        Raises
        ------
        CrystalError
            If there is no such column.
        """
        names = (column,) if column is not None else STRUCTURE_COLUMNS
        found = column if column in self.columns else column_called(self.columns, names)
        if found is None:
            shown = ", ".join(one_line(name)[:40] for name in self.columns[:10])
            raise CrystalError(
                f"{self.source!r} has no column {' or '.join(map(repr, names))} (it has: {shown}); name the "
                "column of structures."
            )
        return found


def column_called(columns: Sequence[str], names: Iterable[str]) -> str | None:
    """Return the first of some names that is a column, in lower or upper case; None if none is."""
    lower = {column.lower(): column for column in reversed(columns)}
    return next((lower[name.lower()] for name in names if name.lower() in lower), None)


def looks_like_table(text: str, column: str | None = None) -> bool:
    """Tell whether a text is CSV with crystals: its first line has the name of a column of structures."""
    line = text[:10_000].lstrip("\ufeff\r\n").partition("\n")[0].partition("\r")[0]
    if line[:5].lower() == "data_" or line[:1] in {"{", "["} or not any(mark in line for mark in DELIMITERS):
        return False
    # The first line of a POSCAR is a comment.
    if looks_like_poscar(text) or looks_like_extxyz(text):
        return False
    wanted = {column.lower()} if column is not None else set(STRUCTURE_COLUMNS)
    delimiter = delimiter_of(text, wanted)
    cells = first_cells(text, delimiter)
    return len(cells) > 1 and delimiter != " " and any(cell.lower() in wanted for cell in cells)


def looks_like_json_lines(text: str) -> bool:
    """Tell whether each of the first two lines of a text is an object of JSON."""
    lines = text[:1_000_000].lstrip("\ufeff \t\r\n").split("\n", 2)
    return (
        len(lines) > 1 and lines[0].startswith("{") and lines[0].rstrip()[-1:] == "}" and lines[1][:1] == "{"
    )


def read_table(
    content: bytes, kind: str, source: str, column: str | None = None, *, header: bool = True
) -> Table:
    """Read the rows of a table.

    Parameters
    ----------
    content : bytes
    kind : {"csv", "jsonl", "parquet"}
        CSV also with semicolons, tabulators or bars between its columns.
    source : str
    column : str or None, default=None
        A column that is known to be in it.
    header : bool, default=True
        CSV: the first line names the columns; if not, they are ``id`` and ``target``, or ``target_1``, ...

    Raises
    ------
    CrystalError
        If it is no such table.
    """
    try:
        if kind == "csv":
            return _read_csv(decoded(content), source, column, header)
        if kind == "jsonl":
            return _read_lines(decoded(content), source)
        return _read_parquet(content, source)
    except ImportError as error:
        raise CrystalError(f"{source!r} needs another package: {reason_of(error)}.") from None
    except CrystalError as error:
        text = str(error)
        raise error if text.startswith(f"{source!r}") else CrystalError(f"{source!r}: {text}") from None
    except (OSError, ValueError, RecursionError) as error:
        raise CrystalError(f"{source!r} is no {kind} table: {reason_of(error)}.") from None


def _read_csv(text: str, source: str, column: str | None, header: bool) -> Table:
    wanted = {column.lower()} if column is not None else set(STRUCTURE_COLUMNS)
    delimiter = delimiter_of(text, wanted)
    lines = read_delimited(text, delimiter)
    first = next(lines, None)
    columns = different_names(first.cells) if first is not None else []
    if first is not None and not header:
        n_targets = len(columns) - 1
        columns = ["id", *(f"target_{i}" if n_targets > 1 else "target" for i in range(1, n_targets + 1))]
        lines = chain([first], lines)
    rows = list(records(columns, lines))
    # Structures and formulas are text, and identifiers keep their zeros in front.
    kept = {name for name in (column_called(columns, ID_COLUMNS), "") if name is not None}
    kept |= {name for name in columns if name.lower() in wanted | set(FORMULA_COLUMNS) or name == column}
    good = [row for row in rows if isinstance(row, dict)]
    for name in columns:
        if name not in kept:
            values = typed([row[name] for row in good], comma=delimiter == ";")
            for row, value in zip(good, values, strict=True):
                row[name] = value
    return Table(source, columns, [str(i) for i in range(len(rows))], rows)


def records(columns: Sequence[str], lines: Iterable[Row]) -> Iterator[dict[str, Any] | Fault]:
    """Yield rows of CSV as dicts, or why they are none."""
    for row in lines:
        if row.fault:
            place = f"line {row.first}" if row.first == row.last else f"lines {row.first} to {row.last}"
            yield Fault(place, row.fault)
        else:
            yield dict(zip(columns, row.cells, strict=True))


def different_names(names: Iterable[str]) -> list[str]:
    """Give a column whose name an earlier one has a number behind it, as pandas does."""
    seen: dict[str, int] = {}
    found = []
    for name in map(str.strip, names):
        seen[name] = seen.get(name, -1) + 1
        found.append(f"{name}.{seen[name]}" if seen[name] else name)
    return found


def _read_lines(text: str, source: str) -> Table:
    # JSON escapes what else may end a line, so that only this does.
    lines = text.lstrip("\ufeff").split("\n")
    rows = [json_row(line, number) for number, line in enumerate(lines, start=1) if line.strip()]
    if rows and not any(isinstance(row, dict) for row in rows):
        raise CrystalError(f"{source!r} is no jsonl table: its first line is no JSON object.")
    return table_of_records(rows, source)


def json_row(line: str, number: int) -> dict[str, Any] | Fault:
    """Read a line of JSON lines; a structure alone stands in a column of structures."""
    try:
        row = json.loads(line.rstrip())
    except json.JSONDecodeError as error:
        return Fault(f"line {number}", f"it is no JSON: {error.msg}, column {error.pos + 1}")
    except (ValueError, RecursionError) as error:
        return Fault(f"line {number}", f"it is no JSON: {reason_of(error)}")
    if is_structure_dict(row):
        return {STRUCTURE_COLUMNS[0]: row}
    return row if isinstance(row, dict) else Fault(f"line {number}", "it is no JSON object")


def table_of_records(
    rows: list[dict[str, Any] | Fault], source: str, labels: list[str] | None = None
) -> Table:
    """Make a table of dicts; what one lacks is None."""
    columns = list(dict.fromkeys(str(name) for row in rows if isinstance(row, dict) for name in row))
    labels = [str(i) for i in range(len(rows))] if labels is None else labels
    return Table(source, columns, labels, rows)


def _read_parquet(content: bytes, source: str) -> Table:
    import pandas as pd

    frame = pd.read_parquet(io.BytesIO(content))
    frame.columns = different_names([str(name) for name in frame.columns])
    columns = [frame[name].tolist() for name in frame.columns]
    rows: list[dict[str, Any] | Fault] = [
        dict(zip(frame.columns, values, strict=True)) for values in zip(*columns, strict=True)
    ]
    return Table(source, list(frame.columns), [str(label) for label in frame.index], rows)


def table_entries(table: Table, options: Options) -> Iterator[Entry]:
    """Yield the crystals of a table, row by row, with what else stands in their rows.

    Parameters
    ----------
    table : Table
    options : Options
        Its column of structures holds CIF, POSCAR or extended XYZ text, pymatgen's JSON or dicts; None looks
        for the properties of OPTIMADE, and then for one of :data:`STRUCTURE_COLUMNS`.
    """
    column = options.structure_column
    if column is None and holds_optimade(table.columns):
        yield from _optimade_rows(table)
        return
    try:
        chosen = table.structures(column)
    except CrystalError as error:
        yield Entry(table.source, None, error)
        return
    structures = (
        {chosen} if column is not None else {n for n in table.columns if n.lower() in STRUCTURE_COLUMNS}
    )
    ids = table.ids()
    others = [n for n in table.columns if n not in structures | {ids} and n.lower() != "formula"]
    for label, row in zip(table.labels, table.rows, strict=True):
        if isinstance(row, Fault):
            yield _faulty(table, row)
            continue
        label = _called(row, ids, label)
        name = f"{table.source}, row {label}"

        def read(row: dict[str, Any] = row, name: str = name) -> Crystal:
            value = row.get(chosen)
            if is_missing(value):
                raise CrystalError(f"{name}: the structure is missing; fill it in, or leave out the row.")
            return read_item(value, source=name, max_bytes=options.max_bytes, max_sites=options.max_sites)

        yield attempt(read, name, name=label, targets={name: row.get(name) for name in others})


def _faulty(table: Table, row: Fault) -> Entry:
    name = f"{table.source}, {row.place}"
    return Entry(name, None, CrystalError(f"{name}: {row.reason}; correct it."))


def _called(row: dict[str, Any], ids: str | None, label: str) -> str:
    """Return what the column of identifiers calls a row, or its label."""
    return label if ids is None or is_missing(row.get(ids)) else one_line(str(row[ids]))


def _optimade_rows(table: Table) -> Iterator[Entry]:
    """Yield the crystals of a table with the columns of OPTIMADE, some at a time."""
    ids = table.ids()
    others = [n for n in table.columns if n not in {ids, *USED} and n.lower() != "formula"]
    pairs = zip(table.labels, table.rows, strict=True)
    while some := list(islice(pairs, TOGETHER)):
        good = [(_called(row, ids, label), row) for label, row in some if isinstance(row, dict)]
        found = iter(_optimade_entries([label for label, _ in good], [row for _, row in good], table.source))
        for _, row in some:
            if isinstance(row, Fault):
                yield _faulty(table, row)
            else:
                yield replace(next(found), targets={name: row.get(name) for name in others})


def _optimade_entries(labels: list[str], rows: list[dict[str, Any]], source: str) -> Iterator[Entry]:
    sources = [f"{source}, row {label}" for label in labels]
    try:
        batch = optimade_batch(rows)
    except CrystalError as error:
        if len(rows) == 1:
            yield Entry(sources[0], None, CrystalError(f"{sources[0]}: {error}"), labels[0])
            return
        # One by one, so that the one that is at fault costs itself.
        for label, row in zip(labels, rows, strict=True):
            yield from _optimade_entries([label], [row], source)
        return
    yield from optimade_entries(batch, labels, sources)
