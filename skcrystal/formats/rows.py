"""Rows to compute on: crystals or formulas of any sources, each with a name, one after the other."""

from __future__ import annotations

import os
import sys
from itertools import chain
from typing import TYPE_CHECKING, Any

from skcrystal.crystals.crystal import CrystalError
from skcrystal.formats.archives import Bundle
from skcrystal.formats.entries import one_line
from skcrystal.formats.files import is_url
from skcrystal.formats.named import file_paths, named_entries, relative
from skcrystal.formats.names import TABLES, format_of, is_archive
from skcrystal.formats.options import Options
from skcrystal.formats.places import Places, place_of
from skcrystal.formats.problems import MANY
from skcrystal.formats.stretches import input_files, stretch_rows
from skcrystal.formats.table_rows import Row, row_of, table_rows
from skcrystal.formats.tables import Table, read_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["Row", "iter_rows"]

# Rows of a table that are in memory at once.
BATCH = 512


def iter_rows(
    sources: Sequence[str],
    *,
    structure_column: str | None = None,
    formula_column: str | None = None,
    block: str | int | None = None,
    elements: Sequence[str] | None = None,
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
    if len(items) == 1 and not targets and _is_local_table(items[0][0]):
        (file,), shards = input_files([items[0][0]], options, formula_column, sys.maxsize)
        # One shard of one stretch, or none where the table has no row.
        for stretch in chain.from_iterable(shards):
            rows = stretch_rows(file, stretch.mark, stretch.n_rows, options, several=False)
            yield from (row._replace(targets={}) for row in _different(rows))
    elif len(items) == 1 and _is_local_table(items[0][0], "parquet"):
        yield from _different(_parquet_rows(items[0][0], options, formula_column))
    else:
        yield from _all_rows(items, options, formula_column, beside if beside is not None else [])


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
        yield from _different(table_rows(table, options, formula_column))
        return
    places = Places((place_of(relative(path, base)) for path, base in items), for_files=False)
    notes: list[str] = []
    several = len(items) > 1
    for one in named_entries(items, options, places, several=several, beside=beside, notes=notes):
        notes.clear()
        yield row_of(one.name, one.entry, one.names)


def _different(rows: Iterator[Row]) -> Iterator[Row]:
    """Give a row of a table whose name an earlier one has a number behind it."""
    counts: dict[str, int] = {}
    for row in rows:
        free = row.name
        while free in counts:
            counts[row.name] = count = counts[row.name] + 1
            free = f"{row.name}_{count}"
        counts[free] = 1
        yield row._replace(name=free)


def _parquet_rows(path: str, options: Options, formula_column: str | None) -> Iterator[Row]:
    """Yield the rows of a Parquet file, a part of it in memory at a time."""
    try:
        from pyarrow import ArrowInvalid, parquet
    except ImportError:
        raise CrystalError(f"{path!r} needs pyarrow: pip install 'skcrystal[parquet]'.") from None
    start = 0
    try:
        with parquet.ParquetFile(path) as file:
            for batch in file.iter_batches(BATCH):
                table = _batch_table(batch, path, start)
                start += len(table.rows)
                yield from table_rows(table, options, formula_column)
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
