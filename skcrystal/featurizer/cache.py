"""Rows kept on disk: a crystal that was described once is not described again.

One SQLite file, which several processes may read and write at once, and which a kill at any moment leaves
whole: each chunk of rows is one transaction.
"""

from __future__ import annotations

import sqlite3
import time
import zlib
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

__all__ = ["CacheInfo", "RowCache", "clear", "info"]

FILE_NAME = "skcrystal-rows.sqlite"

# "skcR" in ASCII, and the layout of the table: other files and layouts are not ours to read.
APPLICATION_ID = 0x736B6352
LAYOUT_VERSION = 1

# A writer holds the file for a few milliseconds; whoever waits this long waits for something broken.
LOCK_TIMEOUT_SECONDS = 60.0

# SQLite takes at least this many variables in one statement, in every version still in use.
KEYS_PER_QUERY = 900


class CacheInfo(NamedTuple):
    """What a cache holds.

    Attributes
    ----------
    path : Path
        The file.
    rows : int
        Rows, one for each pair of a crystal and a descriptor.
    crystals : int
    descriptors : int
        Descriptors that differ in class, parameters or version.
    size : int
        Bytes on disk.
    """

    path: Path
    rows: int
    crystals: int
    descriptors: int
    size: int


def cache_file(path: str | os.PathLike[str]) -> Path:
    """Return the file of a cache: `path` itself, or a file in it if it is a folder or has no suffix."""
    path = Path(path).expanduser()
    return path / FILE_NAME if path.is_dir() or not path.suffix else path


class RowCache:
    """Rows of descriptors in one file.

    Parameters
    ----------
    path : str or path-like
        A file, or a folder (made if need be) in which the file is kept.

    Attributes
    ----------
    notes : list of str
        What went wrong with the file, and what was done about it.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.file = cache_file(path)
        self.notes: list[str] = []
        self.file.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._prepare()
        except sqlite3.OperationalError as error:
            raise OSError(
                f"the cache {self.file} cannot be used ({error}); name a file that you may write"
            ) from error
        except sqlite3.DatabaseError as error:
            self._set_aside(str(error))
            self._prepare()

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(self.file, timeout=LOCK_TIMEOUT_SECONDS, isolation_level=None)

    def _prepare(self) -> None:
        with closing(self._connect()) as connection:
            connection.execute("BEGIN IMMEDIATE")
            tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
            (application_id,) = connection.execute("PRAGMA application_id").fetchone()
            (layout,) = connection.execute("PRAGMA user_version").fetchone()
            if not tables and application_id == 0:
                connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                connection.execute(f"PRAGMA user_version = {LAYOUT_VERSION}")
                connection.execute(
                    "CREATE TABLE rows (descriptor TEXT, crystal BLOB, row BLOB, "
                    "PRIMARY KEY (descriptor, crystal)) WITHOUT ROWID"
                )
            elif (application_id, layout) != (APPLICATION_ID, LAYOUT_VERSION) or "rows" not in tables:
                connection.execute("ROLLBACK")
                raise sqlite3.DatabaseError("it is another program's, or of another version of the layout")
            connection.execute("COMMIT")

    def _set_aside(self, reason: str) -> None:
        # Never delete: a user may have named a file of something else.
        aside = self.file.with_name(f"{self.file.name}.unreadable-{time.time_ns()}")
        try:
            self.file.rename(aside)
        except FileNotFoundError:
            return  # another process was faster
        self.notes.append(
            f"the cache {self.file} cannot be trusted ({reason}); it was renamed to {aside.name} "
            "and a new one begun"
        )

    def read(
        self, descriptor: str, crystals: Sequence[bytes], width: int
    ) -> dict[bytes, NDArray[np.float64]]:
        """Return the rows that are there.

        Parameters
        ----------
        descriptor : str
            Key of a descriptor.
        crystals : sequence of bytes
            Keys of crystals.
        width : int
            Number of columns that a row has to have; others are not trusted.

        Returns
        -------
        dict
            Key of a crystal -> row.
        """
        found: dict[bytes, NDArray[np.float64]] = {}
        damaged = 0
        try:
            with closing(self._connect()) as connection:
                for keys in _slices(crystals, KEYS_PER_QUERY):
                    marks = ",".join("?" * len(keys))
                    query = f"SELECT crystal, row FROM rows WHERE descriptor = ? AND crystal IN ({marks})"
                    for key, packed in connection.execute(query, (descriptor, *keys)):
                        row = _unpack(packed, width)
                        if row is None:
                            damaged += 1
                        else:
                            found[key] = row
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError as error:
            self._set_aside(str(error))
            self._prepare()
            return {}
        if damaged:
            self.notes.append(f"{damaged} rows of the cache {self.file} are damaged and were computed again")
        return found

    def write(self, descriptor: str, crystals: Sequence[bytes], rows: NDArray[np.float64]) -> None:
        """Keep rows, all or none of them.

        Parameters
        ----------
        descriptor : str
        crystals : sequence of bytes
        rows : ndarray of shape (n_crystals, n_features)
        """
        packed = [
            (descriptor, key, zlib.compress(np.ascontiguousarray(row, dtype="<f8").tobytes(), 1))
            for key, row in zip(crystals, rows, strict=True)
        ]
        with closing(self._connect()) as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany("INSERT OR REPLACE INTO rows VALUES (?, ?, ?)", packed)
            connection.execute("COMMIT")


def _slices(items: Sequence[bytes], size: int) -> Iterator[Sequence[bytes]]:
    return (items[start : start + size] for start in range(0, len(items), size))


def _unpack(packed: Any, width: int) -> NDArray[np.float64] | None:
    """Return a row, or None where its checksum (zlib's own) or its length is wrong."""
    try:
        raw = zlib.decompress(packed)
    except (zlib.error, TypeError):
        return None
    return np.frombuffer(raw, dtype="<f8").astype(np.float64) if len(raw) == 8 * width else None


def info(path: str | os.PathLike[str]) -> CacheInfo:
    """Say what a cache holds.

    Parameters
    ----------
    path : str or path-like
        What ``CrystalFeaturizer(cache=...)`` was given.

    Returns
    -------
    CacheInfo

    Raises
    ------
    FileNotFoundError
        There is no cache at this place.
    """
    file = _existing(path)
    with closing(sqlite3.connect(file, timeout=LOCK_TIMEOUT_SECONDS)) as connection:
        counts = "SELECT count(*), count(DISTINCT crystal), count(DISTINCT descriptor) FROM rows"
        rows, crystals, descriptors = connection.execute(counts).fetchone()
    return CacheInfo(file, rows, crystals, descriptors, file.stat().st_size)


def clear(path: str | os.PathLike[str]) -> None:
    """Remove all rows of a cache, and give the room back.

    Parameters
    ----------
    path : str or path-like
        What ``CrystalFeaturizer(cache=...)`` was given.

    Raises
    ------
    FileNotFoundError
        There is no cache at this place.
    """
    file = _existing(path)
    with closing(sqlite3.connect(file, timeout=LOCK_TIMEOUT_SECONDS, isolation_level=None)) as connection:
        connection.execute("DELETE FROM rows")
        connection.execute("VACUUM")


def _existing(path: str | os.PathLike[str]) -> Path:
    file = cache_file(path)
    if not file.is_file():
        raise FileNotFoundError(f"there is no cache at {file}; CrystalFeaturizer(cache=...) makes one")
    with closing(sqlite3.connect(file)) as connection:
        try:
            (application_id,) = connection.execute("PRAGMA application_id").fetchone()
        except sqlite3.DatabaseError:
            application_id = None
    if application_id != APPLICATION_ID:
        raise FileNotFoundError(f"{file} is no cache of skcrystal; name the one that CrystalFeaturizer made")
    return file
