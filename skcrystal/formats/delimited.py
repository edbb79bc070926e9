"""CSV text into rows, whatever separates its columns; a row that is none costs itself."""

from __future__ import annotations

import csv
import io
from collections import deque
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from skcrystal.crystals.crystal import CrystalError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

__all__ = [
    "DELIMITERS",
    "MAX_COLUMNS",
    "Row",
    "are_torn",
    "delimiter_of",
    "first_cells",
    "judged",
    "read_delimited",
    "split_rows",
    "typed",
]

MAX_COLUMNS = 10_000
"""Limit on the columns of a CSV file."""

MAX_RESTARTS = 100
"""How often a table is taken up again behind a quote that goes astray."""

DELIMITERS = ",;\t|"
"""What may stand between the columns."""

# What pandas reads as missing, as other programs write it.
_MISSING = frozenset(
    ["", "#N/A", "#NA", "-NaN", "-nan", "<NA>", "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null"]
)
_TRUTHS = {"True": True, "TRUE": True, "true": True, "False": False, "FALSE": False, "false": False}


ASTRAY = "a quote is missing or misplaced"


class Row(NamedTuple):
    """A row of a table, from its first line to its last: its cells, or why it is none."""

    first: int
    last: int
    cells: list[str]
    fault: str = ""


def first_cells(text: str, delimiter: str) -> list[str]:
    """Return the cells of the first line."""
    line = text.lstrip("\ufeff\r\n")[:100_000].partition("\n")[0].partition("\r")[0]
    if delimiter == " ":
        return line.split()
    return [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter), [])]


def delimiter_of(text: str, wanted: Collection[str] = ()) -> str:
    """Return what separates the columns: a comma, semicolon, tabulator or bar; a space where none does.

    Parameters
    ----------
    text : str
    wanted : collection of str
        Names of columns in lower case: a separator between which one of them stands is preferred.
    """
    best, separator = (False, 1), ""
    for candidate in DELIMITERS:
        cells = first_cells(text, candidate)
        found = any(cell.lower() in wanted for cell in cells), len(cells)
        if found > best and len(cells) > 1:
            best, separator = found, candidate
    return separator or (" " if len(first_cells(text, " ")) > 1 and '"' not in text else ",")


def read_delimited(text: str, delimiter: str) -> Iterator[Row]:
    """Yield the rows of CSV text (RFC 4180), the first of which is the header.

    A row of more cells than the header is a fault, as are the lines of one with a quote that nothing closes.
    What a shorter row lacks is empty; but where cells go over several lines, it is a piece of such a cell.

    Parameters
    ----------
    text : str
    delimiter : str
        A space stands for any white space, without quotes.

    Raises
    ------
    CrystalError
        If there are more than :data:`MAX_COLUMNS` columns.
    """
    rows = list(split_rows(io.StringIO(text.lstrip("\ufeff"), newline=""), delimiter, len(text)))
    return judged(rows, len(rows[0].cells) if rows else 0, torn=are_torn(rows))


def split_rows(
    lines: Iterable[str], delimiter: str, max_chars: int, *, number: int = 1, width: int = 0
) -> Iterator[Row]:
    """Split lines into rows; behind a row whose quotes went astray, go on with its second line.

    Parameters
    ----------
    lines : iterable of str
        With their ends. No more of them are held than a row has, and one.
    delimiter : str
    max_chars : int
        A row of more characters is taken for one with a quote that nothing closes.
    number : int, default=1
        Of the first line.
    width : int, default=0
        Cells of a row; 0 takes those of the first one.

    Raises
    ------
    CrystalError
        If there are more than :data:`MAX_COLUMNS` columns.
    """
    if delimiter == " ":
        split = ((i, line.split()) for i, line in enumerate(lines, start=number))
        yield from (Row(i, i, cells) for i, cells in split if cells)
        return
    source = _Lines(lines, max_chars, number - 1)
    restarts = 0
    while not source.at_end():
        reader = csv.reader(source, delimiter=delimiter, strict=False)
        while (cells := _cells(reader, max_chars)) is not None:
            first, count = source.n_done + 1, len(source.taken)
            if not cells:
                source.done(count)
                continue
            width = width or len(cells)
            if width > MAX_COLUMNS:
                raise CrystalError(f"it has more than {MAX_COLUMNS:,} columns; leave some out.")
            # A quote that nothing closes takes all lines to the end.
            last = source.is_full or source.at_end()
            unclosed = last and sum(line.count('"') for line in source.taken) % 2 == 1
            astray = count > 1 and (len(cells) != width or unclosed)
            again = astray and restarts < MAX_RESTARTS
            if again:
                restarts += 1
                count = 1
            source.done(count)
            yield Row(first, first + count - 1, cells, ASTRAY if astray or unclosed else "")
            if again:
                break


class _Lines:
    """Lines for a reader, which can be given back: those behind the first of a row that went astray."""

    def __init__(self, lines: Iterable[str], max_chars: int, n_done: int) -> None:
        self._lines = iter(lines)
        self._back: deque[str] = deque()
        self._max_chars = max_chars
        self._n_chars = 0
        self.taken: list[str] = []
        self.n_done = n_done

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        if self.is_full:
            raise StopIteration
        line = self._back.popleft() if self._back else next(self._lines)
        self.taken.append(line)
        self._n_chars += len(line)
        return line

    @property
    def is_full(self) -> bool:
        """Whether what was taken is longer than a row may be; the reader then gets no more."""
        return self._n_chars > self._max_chars

    def at_end(self) -> bool:
        if not self._back:
            self._back.extend(islice(self._lines, 1))
        return not self._back

    def done(self, count: int) -> None:
        """Let go of so many lines that were taken, and give the others back."""
        self._back.extendleft(reversed(self.taken[count:]))
        self.n_done += count
        self.taken = []
        self._n_chars = 0


def _cells(reader: Iterator[list[str]], max_chars: int) -> list[str] | None:
    """Read a row; None behind the last."""
    limit = csv.field_size_limit()
    # The module's own limit, 131,072 characters, is that of a CIF of 1,500 atoms.
    csv.field_size_limit(max(limit, 2 * max_chars))
    try:
        return next(reader, None)
    finally:
        csv.field_size_limit(limit)


def are_torn(rows: Iterable[Row]) -> bool:
    """Tell whether cells go over several lines anywhere."""
    return any(row.last > row.first or row.fault for row in rows)


def judged(rows: Iterable[Row], width: int, *, torn: bool) -> Iterator[Row]:
    """Say which rows are none, those together that are one behind the other.

    Parameters
    ----------
    rows : iterable of Row
    width : int
        Cells of a row.
    torn : bool
        Whether cells of the table go over several lines anywhere, which decides what a short row is.
    """
    pending: Row | None = None
    for row in rows:
        cells = row.cells[:width] + [""] * (width - len(row.cells))
        fault = row.fault
        if not fault and any(row.cells[width:]):
            fault = f"it has {len(row.cells)} cells for {width} columns"
        elif not fault and torn and len(row.cells) < width:
            fault = ASTRAY
        if pending is not None and ASTRAY in {fault, pending.fault} and fault:
            pending = Row(pending.first, row.last, [], ASTRAY)
            continue
        if pending is not None:
            yield pending
            pending = None
        if fault:
            pending = Row(row.first, row.last, [], fault)
        else:
            yield row._replace(cells=cells)
    if pending is not None:
        yield pending


def typed(values: list[str], *, comma: bool = False) -> list[object]:
    """Return the cells of a column as whole numbers, numbers, truth values or text; None for missing ones.

    Parameters
    ----------
    values : list of str
    comma : bool, default=False
        A comma may stand for the decimal point.

    Examples
    --------
    >>> typed(["1", "", "3"]), typed(["1,5", "2"], comma=True), typed(["True", "no"])
    ([1, None, 3], [1.5, 2.0], ['True', 'no'])
    """
    known = [None if value.strip() in _MISSING else value.strip() for value in values]
    for convert in (int, float, _TRUTHS.__getitem__, *((_decimal_comma,) if comma else ())):
        try:
            return [None if value is None else convert(value.replace("_", "x")) for value in known]
        except (KeyError, ValueError):
            continue
    return [None if value is None else text for value, text in zip(known, values, strict=True)]


def _decimal_comma(value: str) -> float:
    return float(value.replace(",", "."))
