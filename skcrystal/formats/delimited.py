"""CSV text into rows, whatever separates its columns; a row that is none costs itself."""

from __future__ import annotations

import csv
import io
from collections import deque
from functools import partial
from itertools import chain, islice
from typing import TYPE_CHECKING, NamedTuple

from skcrystal.crystals.crystal import CrystalError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

__all__ = [
    "DELIMITERS",
    "MAX_COLUMNS",
    "Row",
    "delimiter_of",
    "first_cells",
    "read_delimited",
    "stream_delimited",
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
    lines = partial(io.StringIO, text.lstrip("\ufeff"), newline="")
    return stream_delimited(lines, delimiter, len(text))


def stream_delimited(lines: Callable[[], Iterable[str]], delimiter: str, max_chars: int) -> Iterator[Row]:
    """Yield the rows of CSV text as :func:`read_delimited` does, with one of them in memory at a time.

    The text is read twice: whether cells go over several lines anywhere decides what a short row is.

    Parameters
    ----------
    lines : callable
        Returns all lines, with their ends, each time that it is called.
    delimiter : str
    max_chars : int
        A row of more characters is taken for one with a quote that nothing closes.

    Raises
    ------
    CrystalError
        If there are more than :data:`MAX_COLUMNS` columns.
    """
    if delimiter == " ":
        split = ((i + 1, line.split()) for i, line in enumerate(lines()))
        return _judged((Row(i, i, cells) for i, cells in split if cells), several=False)
    several = any(row.last > row.first or row.fault for row in _rows(lines(), delimiter, max_chars))
    return _judged(_rows(lines(), delimiter, max_chars), several=several)


class _Lines:
    """Lines for a reader, which can be given back: those behind the first of a row that went astray."""

    def __init__(self, lines: Iterable[str], max_chars: int) -> None:
        self._lines = iter(lines)
        self._back: deque[str] = deque()
        self._max_chars = max_chars
        self._n_chars = 0
        self.taken: list[str] = []
        self.n_done = 0

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


def _rows(lines: Iterable[str], delimiter: str, max_chars: int) -> Iterator[Row]:
    """Split lines into rows; behind a row whose quotes went astray, go on with its second line."""
    source = _Lines(lines, max_chars)
    restarts = width = 0
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


def _cells(reader: Iterator[list[str]], max_chars: int) -> list[str] | None:
    """Read a row; None behind the last."""
    limit = csv.field_size_limit()
    # The module's own limit, 131,072 characters, is that of a CIF of 1,500 atoms.
    csv.field_size_limit(max(limit, 2 * max_chars))
    try:
        return next(reader, None)
    finally:
        csv.field_size_limit(limit)


def _judged(rows: Iterator[Row], *, several: bool) -> Iterator[Row]:
    """Say which rows are none, those together that are one behind the other."""
    header = next(rows, None)
    width = len(header.cells) if header is not None else 0
    pending: Row | None = None
    for row in chain([] if header is None else [header], rows):
        cells = row.cells[:width] + [""] * (width - len(row.cells))
        fault = row.fault
        if not fault and any(row.cells[width:]):
            fault = f"it has {len(row.cells)} cells for {width} columns"
        elif not fault and several and len(row.cells) < width:
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
