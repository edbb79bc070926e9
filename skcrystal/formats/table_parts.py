"""Tables of text (CSV, JSON lines) on disk, a part of their rows in memory at a time."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import sys
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any

from skcrystal.crystals.crystal import CrystalError
from skcrystal.formats.delimited import delimiter_of, stream_delimited
from skcrystal.formats.files import BROKEN, check_file, encoding_of, reason_of
from skcrystal.formats.names import COMPRESSED
from skcrystal.formats.tables import STRUCTURE_COLUMNS, Fault, Table, different_names, json_row, records

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

__all__ = ["table_parts"]

_OPEN: dict[str, Callable[[str], Any]] = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}

# Of the text, to see how it is encoded.
HEAD = 200


def table_parts(
    path: str, kind: str, column: str | None, *, size: int, max_chars: int, skip: int = 0
) -> Iterator[Table]:
    """Yield tables of at most so many rows, whose cells are all text where the file is CSV.

    The file is read twice, since what its rows are is told by all of them: whether cells of CSV go over
    several lines, and the columns of JSON lines.

    Parameters
    ----------
    path : str
        Of a file, which may be compressed.
    kind : {"csv", "jsonl"}
    column : str or None
        A column that is known to be in it.
    size : int
        Rows in a table.
    max_chars : int
        In a row.
    skip : int, default=0
        Leave out so many rows at the beginning.

    Raises
    ------
    CrystalError
        It cannot be read, is empty, or no such table.
    """
    check_file(path, sys.maxsize)
    name = os.path.splitext(path)[0] if path.lower().endswith(COMPRESSED) else path
    lines = partial(_lines, path, kind, max_chars)
    try:
        columns, rows = (_csv if kind == "csv" else _json)(lines, name, column, max_chars)
        start = skip
        left = islice(rows, skip, None)
        while part := list(islice(left, size)):
            yield Table(name, columns, [str(start + i) for i in range(len(part))], part)
            start += len(part)
    except CrystalError as error:
        text = str(error)
        raise (
            error if text.startswith((f"{name!r}", f"{path!r}")) else CrystalError(f"{name!r}: {text}")
        ) from None


def _open_plain(path: str) -> Any:
    return open(path, "rb")


def _lines(path: str, kind: str, max_chars: int) -> Iterator[str]:
    """Yield the lines of a file with their ends, decompressed and decoded; what is no text is replaced."""
    opener = _OPEN.get(os.path.splitext(path)[1].lower(), _open_plain)
    try:
        with opener(path) as file:
            head = file.read(HEAD)
        with opener(path) as file:
            # JSON escapes what else may end a line.
            newline = "" if kind == "csv" else "\n"
            text = io.TextIOWrapper(file, encoding_of(head), errors="replace", newline=newline)
            first = True
            while line := text.readline(max_chars + 1):
                if len(line) > max_chars:
                    raise CrystalError(
                        f"it has a line of more than {max_chars:,} characters, which is no row."
                    )
                line = line.lstrip("\ufeff") if first else line
                first = False
                yield line
    except PermissionError:
        raise CrystalError(f"{path!r} may not be read; check its permissions.") from None
    except BROKEN as error:
        raise CrystalError(f"{path!r} cannot be read: {reason_of(error)}.") from None


def _csv(
    lines: Callable[[], Iterable[str]], name: str, column: str | None, max_chars: int
) -> tuple[list[str], Iterator[dict[str, Any] | Fault]]:
    head = next((line for line in lines() if line.strip()), None)
    if head is None:
        raise _empty(name)
    wanted = {column.lower()} if column is not None else set(STRUCTURE_COLUMNS)
    delimiter = delimiter_of(head, wanted)
    if delimiter == " " and any('"' in line for line in lines()):
        # White space is told from quotes by the whole text.
        delimiter = ","
    rows = stream_delimited(lines, delimiter, max_chars)
    columns = different_names(next(rows).cells)
    return columns, records(columns, rows)


def _json(
    lines: Callable[[], Iterable[str]], name: str, column: str | None, max_chars: int
) -> tuple[list[str], Iterator[dict[str, Any] | Fault]]:
    def rows() -> Iterator[dict[str, Any] | Fault]:
        return (json_row(line, number) for number, line in enumerate(lines(), start=1) if line.strip())

    columns: dict[str, None] = {}
    n_rows = 0
    for row in rows():
        n_rows += 1
        columns.update(dict.fromkeys(map(str, row)) if isinstance(row, dict) else {})
    if not n_rows:
        raise _empty(name)
    if not columns:
        raise CrystalError(f"{name!r} is no jsonl table: its first line is no JSON object.")
    return list(columns), rows()


def _empty(name: str) -> CrystalError:
    return CrystalError(f"{name!r} is empty; give a file of crystals.")
