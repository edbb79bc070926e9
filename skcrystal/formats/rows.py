"""Rows to compute on: crystals or formulas of any sources, each with a name, one after the other."""

from __future__ import annotations

import os
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from skcrystal.chemistry.elements import symbols
from skcrystal.chemistry.formulas import FormulaError, parse_formula
from skcrystal.crystals.crystal import Crystal, CrystalError
from skcrystal.formats.archives import Bundle
from skcrystal.formats.entries import Entry, gated, one_line
from skcrystal.formats.files import is_url
from skcrystal.formats.items import is_missing
from skcrystal.formats.named import file_paths, named_entries, relative
from skcrystal.formats.names import TABLES, format_of, is_archive
from skcrystal.formats.options import Options
from skcrystal.formats.places import Places, place_of
from skcrystal.formats.problems import MANY
from skcrystal.formats.table_parts import table_parts
from skcrystal.formats.tables import (
    FORMULA_COLUMNS,
    STRUCTURE_COLUMNS,
    Table,
    column_called,
    read_table,
    table_entries,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

__all__ = ["FORMULA_COLUMNS", "Row", "iter_rows"]

# Rows of a table that are in memory at once.
BATCH = 512


class Row(NamedTuple):
    """A crystal or a formula, or why there is none.

    Attributes
    ----------
    name : str
        No other row of the run has it.
    source : str
        Where it was read: path, and block, frame or row.
    item : Crystal, dict of str to float, or None
        A dict has the amounts of the elements of a formula.
    reason : str
        Why there is none; "" if there is one.
    targets : mapping of str to object
        What stands beside it in its table.
    names : list of str
        What it may be called in a table of targets.
    """

    name: str
    source: str
    item: Crystal | dict[str, float] | None
    reason: str
    targets: Mapping[str, Any]
    names: list[str]


def iter_rows(
    sources: Sequence[str],
    *,
    structure_column: str | None = None,
    formula_column: str | None = None,
    block: str | int | None = None,
    elements: Sequence[str] | None = None,
    skip: int = 0,
    taken: Iterable[str] = (),
    beside: list[tuple[str, Table]] | None = None,
    targets: bool = True,
) -> Iterator[Row]:
    """Yield rows; one that cannot be read is yielded with the reason, and the others go on.

    Of a Parquet file on disk, and of a folder, no more is in memory than a part; without `targets` neither of
    a table of CSV or JSON lines.

    Parameters
    ----------
    sources : sequence of str
        Files, folders, patterns, archives, tables or addresses, as :func:`skcrystal.formats.read_many` takes
        them; or tables with a column of formulas.
    structure_column : str or None, default=None
        As for :func:`skcrystal.formats.read_many`.
    formula_column : str or None, default=None
        Read formulas from this column of tables. None does so where there is no column of structures, and
        takes the first of :data:`FORMULA_COLUMNS`.
    block, elements
        As for :func:`skcrystal.formats.read_many`.
    skip : int, default=0
        Leave out so many rows at the beginning.
    taken : iterable of str
        The names of the rows that are left out.
    beside : list of (str, Table) or None, default=None
        Is given the tables of targets that stand beside crystals, each with its folder.
    targets : bool, default=True
        Whether rows have the targets that stand beside them. What the cells of a column of CSV are, numbers
        or text, is told by all of them together.

    Raises
    ------
    CrystalError
        A source stands for nothing at all, or a table has no such column.
    """
    options = Options(None, block, structure_column, elements)
    items = file_paths(sources)
    if len(items) == 1 and _is_local_table(items[0][0], "parquet"):
        yield from _parquet_rows(items[0][0], options, formula_column, skip, taken)
        return
    if not targets and len(items) == 1 and _is_local_table(items[0][0]):
        path = items[0][0]
        column = structure_column or formula_column
        kind = format_of(path) or "csv"
        names = _Names(taken)
        for table in table_parts(path, kind, column, size=BATCH, max_chars=options.max_bytes, skip=skip):
            for row in _table_rows(table, options, formula_column, names):
                yield row._replace(targets={})
        return
    rows = _all_rows(items, options, formula_column, beside if beside is not None else [])
    yield from islice(rows, skip, None)


def _is_local_table(path: str, kind: str | None = None) -> bool:
    found = format_of(path)
    return (
        found in TABLES
        and kind in {None, found}
        and not is_url(path)
        and not is_archive(path)
        and (kind is None or path.lower().endswith(f".{kind}"))
        and os.path.isfile(path)
    )


def _all_rows(
    items: list[tuple[str, str]],
    options: Options,
    formula_column: str | None,
    beside: list[tuple[str, Table]],
) -> Iterator[Row]:
    if len(items) == 1 and _is_local_table(items[0][0]):
        path = items[0][0]
        name, content = next(iter(Bundle(path, MANY * options.max_bytes).members()))
        if isinstance(content, CrystalError):
            raise content
        column = options.structure_column or formula_column
        table = read_table(content, format_of(path) or "csv", name, column)
        yield from _table_rows(table, options, formula_column, _Names())
        return
    places = Places((place_of(relative(path, base)) for path, base in items), for_files=False)
    notes: list[str] = []
    several = len(items) > 1
    for one in named_entries(items, options, places, several=several, beside=beside, notes=notes):
        notes.clear()
        yield _row(one.name, one.entry, one.names)


def _row(name: str, entry: Entry, names: list[str]) -> Row:
    return Row(name, entry.source, entry.crystal, entry.reason, entry.targets, names)


class _Names:
    """Names of the rows of one table, made different by a number behind one that is taken."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._counts = dict.fromkeys(taken, 1)

    def take(self, name: str) -> str:
        free = name
        while free in self._counts:
            self._counts[name] = count = self._counts[name] + 1
            free = f"{name}_{count}"
        self._counts[free] = 1
        return free


def _table_rows(table: Table, options: Options, formula_column: str | None, names: _Names) -> Iterator[Row]:
    """Yield the rows of a table, crystals or formulas."""
    found = column_called(table.columns, STRUCTURE_COLUMNS) if options.structure_column is None else None
    if formula_column is None and (options.structure_column is not None or found is not None):
        for k, entry in enumerate(gated(table_entries(table, options))):
            label = entry.name or f"row {k}"
            yield _row(names.take(label), entry, [label])
        return
    wanted = (formula_column,) if formula_column is not None else FORMULA_COLUMNS
    column = column_called(table.columns, wanted)
    if column is None:
        shown = ", ".join(one_line(name)[:40] for name in table.columns[:10])
        what = "structures or formulas" if formula_column is None else repr(formula_column)
        raise CrystalError(
            f"{table.source!r} has no column of {what} (it has: {shown}); name it with --structure-column or "
            "--formula-column."
        )
    ids = table.ids()
    for label, row in zip(table.labels, table.rows, strict=True):
        if not isinstance(row, dict):
            place = f"{table.source}, {row.place}"
            yield Row(names.take(row.place), place, None, row.reason, {}, [])
            continue
        name = label if ids is None or is_missing(row.get(ids)) else one_line(str(row[ids]))
        item, reason = _amounts(row.get(column))
        targets = {key: value for key, value in row.items() if key not in {ids, column}}
        yield Row(names.take(name), f"{table.source}, row {name}", item, reason, targets, [name])


def _amounts(value: Any) -> tuple[dict[str, float] | None, str]:
    """Read a formula; no file is opened, whatever it says."""
    if is_missing(value) or not str(value).strip():
        return None, "the formula is missing; fill it in, or leave out the row"
    try:
        amounts = parse_formula(str(value).strip())
    except FormulaError as error:
        return None, str(error)
    names = symbols()
    return {names[number]: amount for number, amount in amounts.items()}, ""


def _parquet_rows(
    path: str, options: Options, formula_column: str | None, skip: int, taken: Iterable[str]
) -> Iterator[Row]:
    """Yield the rows of a Parquet file, a part of it in memory at a time."""
    try:
        from pyarrow import ArrowInvalid, parquet
    except ImportError:
        raise CrystalError(f"{path!r} needs pyarrow: pip install 'skcrystal[parquet]'.") from None
    names = _Names(taken)
    start = 0
    try:
        with parquet.ParquetFile(path) as file:
            for group in range(file.num_row_groups):
                count = file.metadata.row_group(group).num_rows
                if start + count <= skip:
                    start += count
                    continue
                for batch in file.iter_batches(BATCH, row_groups=[group]):
                    table = _batch_table(batch, path, start)
                    start += len(table.rows)
                    passed = max(0, skip - (start - len(table.rows)))
                    table.labels, table.rows = table.labels[passed:], table.rows[passed:]
                    yield from _table_rows(table, options, formula_column, names)
    except (ArrowInvalid, OSError) as error:
        raise CrystalError(f"{path!r} is no Parquet table: {one_line(str(error))}.") from None


def _batch_table(batch: Any, path: str, start: int) -> Table:
    import pandas as pd

    frame = batch.to_pandas()
    if isinstance(frame.index, pd.RangeIndex):
        frame.index = pd.RangeIndex(start, start + len(frame))
    columns = [str(name) for name in frame.columns]
    values = [frame[name].tolist() for name in frame.columns]
    rows: list[Any] = [dict(zip(columns, row, strict=True)) for row in zip(*values, strict=True)]
    return Table(path, columns, [str(label) for label in frame.index], rows)
