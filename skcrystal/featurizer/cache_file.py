"""The file of a cache: what is ours, what is damaged, and what a full disk or a lock means."""

from __future__ import annotations

import mmap
import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "FILE_NAME",
    "MARK",
    "DamageError",
    "FileState",
    "cache_file",
    "connect",
    "create_tables",
    "has_marks",
    "is_blank",
    "is_damage",
    "is_lock",
    "look",
    "move_aside",
]

FILE_NAME = "skcrystal-rows.sqlite"

# "skcR" in ASCII, and the layout of the tables: other files are not ours to touch, other layouts to read.
APPLICATION_ID = 0x736B6352
LAYOUT_VERSION = 3

# Begins each database of SQLite, which is no shorter than a page.
HEADER = b"SQLite format 3\0"
SMALLEST_PAGE = 512

# Begins each entry, so that what is left of a damaged cache can be told from a file of someone else.
MARK = b"skcR\xf0row"

TABLES = {
    b"skcrystal_rows": (
        b"CREATE TABLE skcrystal_rows (descriptor BLOB, crystal BLOB, entry BLOB, "
        b"PRIMARY KEY (descriptor, crystal)) WITHOUT ROWID"
    ),
    b"skcrystal_texts": (
        b"CREATE TABLE skcrystal_texts (text BLOB, entry BLOB, PRIMARY KEY (text)) WITHOUT ROWID"
    ),
    b"skcrystal_symmetry": (
        b"CREATE TABLE skcrystal_symmetry (search BLOB, crystal BLOB, entry BLOB, "
        b"PRIMARY KEY (search, crystal)) WITHOUT ROWID"
    ),
}

# What sqlite3 says of a file that another process holds, and of a place that cannot be read or written: the
# low bytes of its result codes. All others speak of what is in the file.
LOCKED = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
OUTSIDE = (
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_NOLFS,
    sqlite3.SQLITE_AUTH,
)


class DamageError(ValueError):
    """An entry does not fit its checksum, or tables are not those of this layout."""


class FileState(NamedTuple):
    """What a file is: empty, ours, and if so of the present layout."""

    is_empty: bool
    is_ours: bool
    has_layout: bool


def cache_file(path: str | os.PathLike[str]) -> Path:
    """Return the file of a cache: `path` itself, or a file in it if it is a folder or has no suffix."""
    path = Path(path).expanduser()
    return path / FILE_NAME if path.is_dir() or not path.suffix else path


def connect(file: Path, timeout: float) -> sqlite3.Connection:
    """Open a file; nothing is read or written yet. Whatever is text in it comes as bytes."""
    connection = sqlite3.connect(file, timeout=timeout, isolation_level=None)
    connection.text_factory = bytes
    return connection


def look(connection: sqlite3.Connection) -> FileState:
    """Say what a file is, reading only.

    Raises
    ------
    sqlite3.Error
        It is no database, or a damaged or locked one.
    """
    # In one transaction: between two looks another process may have made the file a cache.
    alone = not connection.in_transaction
    if alone:
        connection.execute("BEGIN")
    (application_id,) = connection.execute("PRAGMA application_id").fetchone()
    (layout,) = connection.execute("PRAGMA user_version").fetchone()
    tables = dict(connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'"))
    if alone:
        connection.execute("COMMIT")
    return FileState(
        not tables and application_id == 0 and layout == 0,
        application_id == APPLICATION_ID,
        layout == LAYOUT_VERSION and tables == TABLES,
    )


def is_blank(file: Path) -> bool:
    """Tell whether a file is absent or empty, or long enough for SQLite to judge.

    What is shorter than its smallest page is no database to SQLite, and it would write over it. Only such
    files are opened here, and before connecting: a process that closes a file gives up all of its locks on
    it, those of SQLite in another thread included.
    """
    try:
        if not 0 < file.stat().st_size < SMALLEST_PAGE:
            return True
        with file.open("rb") as opened:
            return opened.read(len(HEADER)) == HEADER
    except FileNotFoundError:
        return True


def create_tables(connection: sqlite3.Connection) -> None:
    """Make an empty file a cache, unless another process just did."""
    connection.execute("BEGIN IMMEDIATE")
    if look(connection).is_empty:
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {LAYOUT_VERSION}")
        for statement in TABLES.values():
            connection.execute(statement.decode())
    connection.execute("COMMIT")


def is_lock(error: Exception) -> bool:
    """Tell whether another process holds the file."""
    return (getattr(error, "sqlite_errorcode", 0) & 0xFF) in LOCKED


def is_damage(error: Exception) -> bool:
    """Tell whether an error speaks of what is in the file, not of its place, its disk or a lock."""
    return (getattr(error, "sqlite_errorcode", 0) & 0xFF) not in (*LOCKED, *OUTSIDE)


def has_marks(file: Path) -> bool:
    """Tell whether a file that cannot be read is, or was, a cache of ours."""
    marks: Sequence[bytes] = (MARK, *TABLES.values())
    with file.open("rb") as opened:
        if opened.read(72)[68:] == APPLICATION_ID.to_bytes(4, "big"):
            return True
        if not os.fstat(opened.fileno()).st_size:
            return False
        with closing(mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)) as content:
            return any(content.find(mark) >= 0 for mark in marks)


def move_aside(file: Path, aside: Path) -> None:
    """Rename a file, and with it the journal that a killed writer left, which belongs to no other file."""
    file.rename(aside)
    journal = file.with_name(f"{file.name}-journal")
    if journal.exists():
        journal.rename(aside.with_name(f"{aside.name}-journal"))
