"""Databases of ASE's rows in LMDB (``.aselmdb``), as OMat24 is given away, read without ASE.

A key is the number of a row in decimal digits, its value the row as JSON, compressed by zlib; ``nextid`` and
``deleted_ids`` say which numbers there are. Arrays are nested lists, or stand as ASE writes them: shape, type
and numbers under ``__ndarray__``.
"""

from __future__ import annotations

import json
import os
import threading
import zlib
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from skcrystal.crystals.crystal import Crystal, CrystalError, real_numbers, whole_numbers
from skcrystal.formats.cell import check_periodic
from skcrystal.formats.entries import Entry, attempt
from skcrystal.formats.files import check_file, reason_of, too_large
from skcrystal.formats.from_ase import fractional, with_occupancies
from skcrystal.formats.problems import check_count

if TYPE_CHECKING:
    from collections.abc import Iterator

    from skcrystal.formats.options import Options

__all__ = ["count_lmdb", "lmdb_entries"]

# LMDB allows one opening of a file in a process: threads share it, and the last one closes it.
_OPEN: dict[str, _Database] = {}
_LOCK = threading.Lock()


class _Database:
    """An open file, and the numbers of its rows."""

    def __init__(self, path: str, max_bytes: int) -> None:
        import lmdb

        self.environment = lmdb.open(path, subdir=False, readonly=True, lock=False, readahead=False)
        self.max_bytes = max_bytes
        self.readers = 0
        with self.environment.begin() as transaction:
            next_id, deleted = transaction.get(b"nextid"), transaction.get(b"deleted_ids")
            self._next = 1 if next_id is None else int(self.decoded(next_id))
            self._deleted = set() if deleted is None else set(self.decoded(deleted))

    def __len__(self) -> int:
        return self._next - 1 - len(self._deleted)

    def numbers(self) -> Iterator[int]:
        return (number for number in range(1, self._next) if number not in self._deleted)

    def row(self, number: int) -> Any:
        with self.environment.begin() as transaction:
            content = transaction.get(str(number).encode("ascii"))
        return None if content is None else self.decoded(content)

    def decoded(self, content: bytes) -> Any:
        """Read a value; what a bomb would unpack to is never produced."""
        stream = zlib.decompressobj()
        text = stream.decompress(content, self.max_bytes)
        if stream.unconsumed_tail:
            raise too_large("the row", self.max_bytes)
        if not stream.eof:
            raise zlib.error("it breaks off")
        return json.loads(text)


@contextmanager
def _opened(path: str, options: Options) -> Iterator[_Database]:
    """Open a database, or share the one that another thread reads.

    Raises
    ------
    CrystalError
        It is none, or the package lmdb is absent.
    """
    try:
        import lmdb
    except ImportError:
        raise CrystalError(f"{path!r} needs lmdb: pip install 'skcrystal[lmdb]'.") from None
    check_file(path, os.stat(path).st_size if os.path.isfile(path) else 0)
    name = os.path.realpath(path)
    with _LOCK:
        if name not in _OPEN:
            try:
                _OPEN[name] = _Database(path, options.max_bytes)
            except (lmdb.Error, zlib.error, ValueError, TypeError) as error:
                raise CrystalError(f"{path!r} is no database of ASE in LMDB: {reason_of(error)}.") from None
        database = _OPEN[name]
        database.readers += 1
    try:
        yield database
    finally:
        with _LOCK:
            database.readers -= 1
            if not database.readers:
                _OPEN.pop(name).environment.close()


def count_lmdb(path: str, options: Options) -> int:
    """Count the rows of a database."""
    with _opened(path, options) as database:
        return len(database)


def lmdb_entries(path: str, options: Options, first: int = 0, count: int | None = None) -> Iterator[Entry]:
    """Yield the rows of a database.

    The key-value pairs of a row are its targets.

    Parameters
    ----------
    path : str
    options : Options
    first : int, default=0
        Number of the row, from 0 and without the deleted ones, at which to begin.
    count : int or None, default=None
        So many rows; None reads all.
    """
    try:
        with _opened(path, options) as database:
            numbers = islice(database.numbers(), first, None if count is None else first + count)
            for number in numbers:
                yield _entry(database, number, f"{path}, row {number}", options)
    except CrystalError as error:
        yield Entry(path, None, error)


def _entry(database: _Database, number: int, name: str, options: Options) -> Entry:
    try:
        row = database.row(number)
    except (zlib.error, ValueError, RecursionError) as error:
        row = reason_of(error)
    if not isinstance(row, dict):
        reason = "it is not there" if row is None else row if isinstance(row, str) else "it is no JSON object"
        return Entry(name, None, CrystalError(f"{name}: it cannot be read: {reason}."), str(number))

    def read() -> Crystal:
        try:
            return _crystal(row, name, options.max_sites)
        except CrystalError as error:
            raise CrystalError(f"{name}: {error}") from None

    pairs = row.get("key_value_pairs")
    return attempt(read, name, name=str(number), targets=pairs if isinstance(pairs, dict) else {})


def _crystal(row: dict[str, Any], source: str, max_sites: int) -> Crystal:
    missing = [name for name in ("numbers", "positions", "cell", "pbc") if row.get(name) is None]
    if missing:
        raise CrystalError(f"the row has no {' and no '.join(missing)}; it is none of ASE's")
    check_periodic(_array(row["pbc"]))
    numbers = whole_numbers(_array(row["numbers"]), "the numbers", (None,))
    check_count(len(numbers), max_sites)
    cell = real_numbers(_array(row["cell"]), "the cell", (3, 3))
    positions = real_numbers(_array(row["positions"]), "the positions", (len(numbers), 3))
    crystal = Crystal.ordered(cell, fractional(positions, cell), numbers, source=source)
    data = row.get("data")
    data = data if isinstance(data, dict) else {}
    kinds = data.get("spacegroup_kinds")
    return with_occupancies(crystal, data.get("occupancy"), None if kinds is None else _array(kinds))


def _array(value: Any) -> Any:
    """Return an array of JSON, as nested lists or as ASE writes it."""
    if isinstance(value, dict) and "array" in value:
        value = value["array"]  # a cell with its type beside it
    if isinstance(value, dict) and "__ndarray__" in value:
        try:
            shape, kind, flat = value["__ndarray__"]
            return np.array(flat, dtype=kind).reshape(shape)
        except (TypeError, ValueError) as error:
            raise CrystalError(f"the row has an array that cannot be read: {reason_of(error)}") from None
    return value
