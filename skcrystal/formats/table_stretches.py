"""Tables on disk that are looked through once, and then read from any row on: CSV, JSON lines, Parquet."""

from __future__ import annotations

from dataclasses import replace
from itertools import accumulate, islice
from typing import TYPE_CHECKING, Any

from skcrystal.crystals.crystal import CrystalError
from skcrystal.formats.delimited import are_torn, delimiter_of, judged, split_rows
from skcrystal.formats.entries import one_line
from skcrystal.formats.files import decoded
from skcrystal.formats.line_files import Line, file_lines, head_of
from skcrystal.formats.optimade import USED, holds_optimade, optimade_entries
from skcrystal.formats.survey import Mark, Marks, Survey
from skcrystal.formats.table_rows import Row, column_roles, row_of, table_rows
from skcrystal.formats.tables import STRUCTURE_COLUMNS, Fault, Table, different_names, json_row, records

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from skcrystal.formats.delimited import Row as Cells
    from skcrystal.formats.options import Options

__all__ = ["csv_rows", "json_lines_rows", "parquet_rows", "survey_csv", "survey_json_lines", "survey_parquet"]

Labelled = tuple[str, "dict[str, Any] | Fault"]
"""What a row is called where no column says it, and the row."""

# Rows that are taken from a table at once.
BATCH = 256

# Lines from which the columns of a file of JSON lines are known.
FIRST_LINES = 100


def _roles(columns: Sequence[str], path: str, options: Options, formula_column: str | None) -> dict[str, Any]:
    """Return which columns are read: of structures or formulas, and of identifiers."""
    structures, formulas = column_roles(columns, path, options.structure_column, formula_column)
    return {"structures": structures, "formulas": formulas, "ids": Table(path, list(columns), [], []).ids()}


def _numbered(rows: Iterator[dict[str, Any] | Fault], first: int) -> Iterator[Labelled]:
    return ((str(number), row) for number, row in enumerate(rows, start=first))


def _batches(
    path: str, rows: Iterator[Labelled], about: Mapping[str, Any], options: Options
) -> Iterator[Row]:
    """Read rows, some at a time, each with what it is called where no column says it."""
    chosen = about["structures"] or about["formulas"]
    columns = [name for name in (about["ids"], chosen) if name is not None]
    own = replace(options, structure_column=about["structures"])
    while batch := list(islice(rows, BATCH)):
        table = Table(path, columns, [label for label, _ in batch], [row for _, row in batch])
        yield from table_rows(table, own, about["formulas"])


# -- CSV -------------------------------------------------------------------------------------------------


class _Offsets:
    """Lines as text, with the bytes at which those begin that may still be asked for."""

    def __init__(self, lines: Iterator[Line]) -> None:
        self._lines = lines
        self._known: dict[int, int] = {}

    def __iter__(self) -> Iterator[str]:
        for line in self._lines:
            self._known[line.number] = line.offset
            yield line.text

    def of(self, number: int) -> int:
        """Return the byte at which a line begins; earlier ones will not be asked for."""
        for other in list(self._known):
            if other >= number:
                break
            del self._known[other]
        return self._known[number]


def _delimiter(path: str, options: Options, formula_column: str | None) -> str:
    column = options.structure_column or formula_column
    head = decoded(head_of(path)).lstrip("\r\n")
    delimiter = delimiter_of(head, {column.lower()} if column else set(STRUCTURE_COLUMNS))
    if delimiter == " " and any('"' in line.text for line in file_lines(path, options.max_bytes)):
        # White space is told from quotes by the whole text.
        return ","
    return delimiter


def survey_csv(path: str, options: Options, formula_column: str | None, marks: Marks) -> Survey:
    """Look through CSV for its columns and the places of its rows.

    It is read twice: whether cells go over several lines anywhere decides what a short row is.
    """
    delimiter = _delimiter(path, options, formula_column)

    def rows_of(lines: Iterator[Line]) -> tuple[_Offsets, Iterator[Cells]]:
        offsets = _Offsets(lines)
        return offsets, split_rows(iter(offsets), delimiter, options.max_bytes)

    torn = are_torn(rows_of(file_lines(path, options.max_bytes))[1])
    offsets, rows = rows_of(file_lines(path, options.max_bytes))
    header = next(rows, None)
    if header is None or header.fault:
        raise CrystalError(f"{path!r} is no csv table: its first line names no columns.")
    columns = different_names(header.cells)
    about = {
        **_roles(columns, path, options, formula_column),
        "columns": columns,
        "delimiter": delimiter,
        "torn": torn,
    }
    judged_rows = judged(rows, len(columns), torn=torn)
    count, found = marks.collect(Mark(0, offsets.of(row.first), row.first) for row in judged_rows)
    return Survey(count, found, about)


def csv_rows(path: str, mark: Mark, count: int, about: Mapping[str, Any], options: Options) -> Iterator[Row]:
    """Yield so many rows of CSV from a mark on."""
    lines = file_lines(path, options.max_bytes, offset=mark.offset, number=mark.line)
    columns: list[str] = about["columns"]
    width = len(columns)
    texts = (line.text for line in lines)
    rows = split_rows(texts, about["delimiter"], options.max_bytes, number=mark.line, width=width)
    read = records(columns, judged(rows, width, torn=about["torn"]))
    yield from _batches(path, _numbered(islice(read, count), mark.row), about, options)


# -- JSON lines ------------------------------------------------------------------------------------------


def _filled(path: str, options: Options, mark: Mark = Mark()) -> Iterator[Line]:  # noqa: B008 - it is a tuple
    lines = file_lines(path, options.max_bytes, offset=mark.offset, number=mark.line, returns=False)
    return (line for line in lines if line.text.strip())


def survey_json_lines(path: str, options: Options, formula_column: str | None, marks: Marks) -> Survey:
    """Look through JSON lines for the places of rows; the first lines tell the columns."""
    first = [json_row(line.text, line.number) for line in islice(_filled(path, options), FIRST_LINES)]
    objects = [row for row in first if isinstance(row, dict)]
    if not objects:
        raise CrystalError(f"{path!r} is no jsonl table: its first lines are no JSON objects.")
    columns = list(dict.fromkeys(str(name) for row in objects for name in row))
    about = _roles(columns, path, options, formula_column)
    places = (Mark(0, line.offset, line.number) for line in _filled(path, options))
    count, found = marks.collect(places)
    return Survey(count, found, about)


def json_lines_rows(
    path: str, mark: Mark, count: int, about: Mapping[str, Any], options: Options
) -> Iterator[Row]:
    """Yield so many rows of JSON lines from a mark on."""
    rows = (json_row(line.text, line.number) for line in islice(_filled(path, options, mark), count))
    yield from _batches(path, _numbered(rows, mark.row), about, options)


# -- Parquet ---------------------------------------------------------------------------------------------


def survey_parquet(path: str, options: Options, formula_column: str | None, marks: Marks) -> Survey:
    """Look at what a Parquet file says of itself; no row is read."""
    with opened_parquet(path) as file:
        schema, count = file.schema_arrow, file.metadata.num_rows
    about: dict[str, Any]
    if options.structure_column is None and formula_column is None and holds_optimade(schema.names):
        about = {
            "properties": [name for name in USED if name in schema.names],
            "ids": Table(path, schema.names, [], []).ids(),
        }
    else:
        about = _roles(schema.names, path, options, formula_column)
    index = index_column(schema)
    about["index"] = None if index == about["ids"] else index
    return Survey(count, marks.without_places(count), about)


def index_column(schema: Any) -> str | None:
    """Return the column in which pandas has kept an index; None where it is the numbers of the rows."""
    index = (schema.pandas_metadata or {}).get("index_columns", [])
    return next((name for name in index if isinstance(name, str) and name in schema.names), None)


def opened_parquet(path: str) -> Any:
    """Open a Parquet file.

    Raises
    ------
    CrystalError
        It is none, or pyarrow is absent.
    """
    try:
        from pyarrow import ArrowInvalid, parquet
    except ImportError:
        raise CrystalError(f"{path!r} needs pyarrow: pip install 'skcrystal[parquet]'.") from None
    try:
        return parquet.ParquetFile(path)
    except (ArrowInvalid, OSError) as error:
        raise CrystalError(f"{path!r} is no Parquet table: {one_line(str(error))}.") from None


def parquet_batches(path: str, columns: Sequence[str], start: int, count: int) -> Iterator[Any]:
    """Yield batches of arrow with so many rows from one on, without the groups of rows before it."""
    from pyarrow import ArrowInvalid

    stop = start + count
    with opened_parquet(path) as file:
        sizes = [file.metadata.row_group(group).num_rows for group in range(file.num_row_groups)]
        bounds = [0, *accumulate(sizes)]
        groups = [k for k, size in enumerate(sizes) if bounds[k] < stop and bounds[k] + size > start]
        position = bounds[groups[0]] if groups else 0
        try:
            for batch in file.iter_batches(BATCH, row_groups=groups, columns=list(columns)):
                first, last = max(0, start - position), min(len(batch), stop - position)
                position += len(batch)
                if last > first:
                    yield batch.slice(first, last - first)
                if position >= stop:
                    return
        except (ArrowInvalid, OSError) as error:
            raise CrystalError(f"{path!r} is damaged: {one_line(str(error))}.") from None


def parquet_rows(
    path: str, mark: Mark, count: int, about: Mapping[str, Any], options: Options
) -> Iterator[Row]:
    """Yield so many rows of a Parquet file from one on."""
    if "properties" in about:
        yield from _optimade_rows(path, mark, count, about)
        return
    read = [name for name in (about["ids"], about["structures"] or about["formulas"]) if name is not None]

    def rows() -> Iterator[Labelled]:
        for labels, batch in _labelled_batches(path, read, about["index"], mark, count):
            values = zip(*(batch.column(name).to_pylist() for name in read), strict=True)
            for label, row in zip(labels, values, strict=True):
                yield label, dict(zip(read, row, strict=True))

    yield from _batches(path, rows(), about, options)


def _labelled_batches(
    path: str, read: Sequence[str], index: str | None, mark: Mark, count: int
) -> Iterator[tuple[list[str], Any]]:
    """Yield batches of arrow, and what their rows are called where no column says it."""
    number = mark.row
    for batch in parquet_batches(path, read if index is None else [*read, index], mark.row, count):
        labels = range(number, number + len(batch)) if index is None else batch.column(index).to_pylist()
        number += len(batch)
        yield [str(label) for label in labels], batch


def _optimade_rows(path: str, mark: Mark, count: int, about: Mapping[str, Any]) -> Iterator[Row]:
    ids = about["ids"]
    read = about["properties"] if ids is None else [ids, *about["properties"]]
    for labels, batch in _labelled_batches(path, read, about["index"], mark, count):
        if ids is not None:
            given = zip(labels, batch.column(ids).to_pylist(), strict=True)
            labels = [label if name is None else one_line(str(name)) for label, name in given]
        sources = [f"{path}, row {label}" for label in labels]
        for entry in optimade_entries(batch, labels, sources):
            yield row_of(entry.name, entry, [entry.name])
