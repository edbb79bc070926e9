"""Rows kept on disk: a crystal that was described once is not described again.

One SQLite file, which several processes may read and write at once, and which a kill at any moment leaves
whole: each chunk of rows is one transaction. Reading takes no lock that keeps others from writing.
"""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from skcrystal.featurizer.cache_entries import (
    KnownText,
    pack_row,
    pack_symmetry,
    pack_text,
    unpack_row,
    unpack_symmetry,
    unpack_text,
)
from skcrystal.featurizer.cache_file import (
    cache_file,
    connect,
    create_tables,
    has_marks,
    is_blank,
    is_damage,
    is_lock,
    look,
    move_aside,
)

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

__all__ = ["CacheInfo", "RowCache", "clear", "info"]

# A writer holds the file for a few milliseconds; whoever waits this long waits for something broken. A
# process that did wait so long does not wait again.
LOCK_TIMEOUT_SECONDS = 30.0
_given_up: set[Path] = set()

# SQLite takes at least this many variables in one statement, in every version still in use.
KEYS_PER_QUERY = 900

# A fresh file that another process damages at once is not begun anew for ever.
ATTEMPTS = 3

T = TypeVar("T")


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
    texts : int
        Texts and files whose crystals are known without reading them again.
    searches : int
        Searches for symmetry, one for each pair of a crystal and a tolerance.
    """

    path: Path
    rows: int
    crystals: int
    descriptors: int
    size: int
    texts: int
    searches: int


class RowCache:
    """Rows of descriptors in one file.

    A damaged file is renamed and begun anew; on a full disk, or beside a process that does not let go of the
    file, rows are computed and not kept. Either is a sentence in `notes`.

    Parameters
    ----------
    path : str or path-like
        A file, or a folder (made if need be) in which the file is kept.

    Attributes
    ----------
    notes : list of str
        What went wrong with the file, and what was done about it.

    Raises
    ------
    FileExistsError
        The file is something else than a cache. It is left as it is.
    OSError
        The place cannot be used.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.file = cache_file(path)
        self.notes: list[str] = []
        self._is_off = False
        self._inode = 0
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OSError(
                f"the cache {self.file} cannot be made ({error}); name a folder, or a file with a suffix, "
                "that you may write"
            ) from error
        self._prepare()

    def _connect(self) -> sqlite3.Connection:
        connection = connect(self.file, 0.0 if self.file in _given_up else LOCK_TIMEOUT_SECONDS)
        self._inode = self.file.stat().st_ino if self.file.exists() else 0
        return connection

    def _prepare(self) -> None:
        for _ in range(ATTEMPTS):
            reason = "it has another layout"
            try:
                blank = is_blank(self.file)
                with closing(self._connect()) as connection:
                    state = look(connection)
                    if state.is_empty and blank:
                        create_tables(connection)
                        return
                if state.is_ours and state.has_layout:
                    return
                ours = state.is_ours
            except (sqlite3.Error, ValueError, OverflowError) as error:
                if is_lock(error):
                    self._give_up()
                    return
                if not is_damage(error):
                    raise OSError(
                        f"the cache {self.file} cannot be used ({error}); name a file that you may write"
                    ) from error
                ours, reason = False, str(error)
            if not ours and not has_marks(self.file):
                raise FileExistsError(
                    f"{self.file} is no cache of skcrystal and is left as it is; name another file"
                )
            self._begin_anew(reason)

    def _begin_anew(self, reason: str) -> None:
        # Never delete: what is left may be worth a look.
        aside = self.file.with_name(f"{self.file.name}.damaged-{time.time_ns()}")
        try:
            if self.file.stat().st_ino != self._inode:
                return  # another process was faster
            move_aside(self.file, aside)
        except FileNotFoundError:
            return
        except OSError as error:
            self._is_off = True
            self.notes.append(
                f"the cache {self.file} is damaged ({reason}) and cannot be renamed ({error.strerror}); rows "
                "were computed and not kept"
            )
            return
        self.notes.append(
            f"the cache {self.file} is damaged ({reason}): it was renamed to {aside.name} and begun anew"
        )

    def _give_up(self) -> None:
        self._is_off = True
        _given_up.add(self.file)
        self.notes.append(
            f"the cache {self.file} was locked by another program for {LOCK_TIMEOUT_SECONDS:g} seconds; rows "
            "were computed and not kept"
        )

    def _run(self, work: Callable[[sqlite3.Connection], T], otherwise: T, again: bool) -> T:
        """Do work on the file, and have an answer whatever is wrong with it."""
        for _ in range(ATTEMPTS):
            if self._is_off:
                break
            try:
                with closing(self._connect()) as connection:
                    result = work(connection)
            except sqlite3.ProgrammingError:
                raise  # a mistake of ours, and no fault of the file
            except (sqlite3.Error, ValueError, OverflowError) as error:
                # ValueError: DamageError, or text that is no text.
                if is_lock(error):
                    self._give_up()
                elif is_damage(error):
                    self._begin_anew(str(error))
                    self._prepare()
                    if not again:
                        break
                else:
                    self._is_off = True
                    self.notes.append(
                        f"the cache {self.file} cannot be written ({error}); rows were computed and not kept"
                    )
            else:
                if again:
                    # Only who writes knows that the file is free: beside a writer, reading goes on.
                    _given_up.discard(self.file)
                return result
        return otherwise

    def read(
        self, crystals: Sequence[bytes], widths: Mapping[str, int]
    ) -> dict[str, dict[bytes, NDArray[np.float64]]]:
        """Return the rows that are there.

        Parameters
        ----------
        crystals : sequence of bytes
            Keys of crystals.
        widths : mapping of str to int
            Key of a descriptor -> number of columns that a row of it has.

        Returns
        -------
        dict
            Key of a descriptor -> key of a crystal -> row.
        """

        def select(connection: sqlite3.Connection) -> dict[str, dict[bytes, NDArray[np.float64]]]:
            connection.execute("BEGIN")
            found: dict[str, dict[bytes, NDArray[np.float64]]] = {key: {} for key in widths}
            for descriptor, width in widths.items():
                for keys in _slices(crystals, KEYS_PER_QUERY):
                    marks = ",".join("?" * len(keys))
                    query = (
                        "SELECT crystal, entry FROM skcrystal_rows WHERE descriptor = ? AND "
                        f"crystal IN ({marks})"
                    )
                    for key, entry in connection.execute(query, (descriptor.encode(), *keys)):
                        found[descriptor][key] = unpack_row(descriptor, key, width, entry)
            return found

        return self._run(select, {key: {} for key in widths}, again=False)

    def read_texts(self, texts: Sequence[bytes]) -> dict[bytes, KnownText]:
        """Return what is known of texts.

        Parameters
        ----------
        texts : sequence of bytes
            Keys of texts.
        """

        def select(connection: sqlite3.Connection) -> dict[bytes, KnownText]:
            found = {}
            for keys in _slices(texts, KEYS_PER_QUERY):
                marks = ",".join("?" * len(keys))
                query = f"SELECT text, entry FROM skcrystal_texts WHERE text IN ({marks})"
                for key, entry in connection.execute(query, keys):
                    found[key] = unpack_text(key, entry)
            return found

        return self._run(select, {}, again=False)

    def read_symmetry(self, crystals: Sequence[bytes], search: bytes) -> dict[bytes, bytes]:
        """Return what is known of the symmetry of crystals.

        Parameters
        ----------
        crystals : sequence of bytes
            Keys of crystals.
        search : bytes
            Key of a search: its tolerance, and the versions of what searches.

        Returns
        -------
        dict
            Key of a crystal -> what was found.
        """

        def select(connection: sqlite3.Connection) -> dict[bytes, bytes]:
            found = {}
            for keys in _slices(crystals, KEYS_PER_QUERY):
                marks = ",".join("?" * len(keys))
                query = (
                    f"SELECT crystal, entry FROM skcrystal_symmetry WHERE search = ? AND crystal IN ({marks})"
                )
                for key, entry in connection.execute(query, (search, *keys)):
                    found[key] = unpack_symmetry(search, key, entry)
            return found

        return self._run(select, {}, again=False)

    def write(
        self,
        rows: Mapping[str, tuple[Sequence[bytes], NDArray[np.float64]]],
        texts: Mapping[bytes, KnownText],
        symmetry: Mapping[bytes, Mapping[bytes, bytes]],
    ) -> None:
        """Keep rows, texts and what searches found, all or none of them.

        Parameters
        ----------
        rows : mapping
            Key of a descriptor -> keys of crystals, and their rows.
        texts : mapping
            Key of a text -> what it held.
        symmetry : mapping
            Key of a search -> key of a crystal -> what was found.
        """
        packed = [
            (descriptor.encode(), key, pack_row(descriptor, key, row))
            for descriptor, (keys, block) in rows.items()
            for key, row in zip(keys, block, strict=True)
        ]
        held = [(key, pack_text(key, text)) for key, text in texts.items()]
        searched = [
            (search, key, pack_symmetry(search, key, entry))
            for search, entries in symmetry.items()
            for key, entry in entries.items()
        ]
        if not packed and not held and not searched:
            return

        def insert(connection: sqlite3.Connection) -> None:
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany("INSERT OR REPLACE INTO skcrystal_rows VALUES (?, ?, ?)", packed)
            connection.executemany("INSERT OR REPLACE INTO skcrystal_texts VALUES (?, ?)", held)
            connection.executemany("INSERT OR REPLACE INTO skcrystal_symmetry VALUES (?, ?, ?)", searched)
            connection.execute("COMMIT")

        self._run(insert, None, again=True)


def _slices(items: Sequence[bytes], size: int) -> Iterator[Sequence[bytes]]:
    return (items[start : start + size] for start in range(0, len(items), size))


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
    OSError
        It is damaged, or locked.
    """

    def count(connection: sqlite3.Connection) -> tuple[int, ...]:
        counts = "SELECT count(*), count(DISTINCT crystal), count(DISTINCT descriptor) FROM skcrystal_rows"
        (texts,) = connection.execute("SELECT count(*) FROM skcrystal_texts").fetchone()
        (searches,) = connection.execute("SELECT count(*) FROM skcrystal_symmetry").fetchone()
        return (*connection.execute(counts).fetchone(), texts, searches)

    file = _existing(path)
    rows, crystals, descriptors, texts, searches = _once(file, count)
    return CacheInfo(file, rows, crystals, descriptors, file.stat().st_size, texts, searches)


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
    OSError
        It is damaged, or locked.
    """

    def delete(connection: sqlite3.Connection) -> None:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("DELETE FROM skcrystal_rows")
        connection.execute("DELETE FROM skcrystal_texts")
        connection.execute("DELETE FROM skcrystal_symmetry")
        connection.execute("COMMIT")
        connection.execute("VACUUM")

    _once(_existing(path), delete)


def _existing(path: str | os.PathLike[str]) -> Path:
    file = cache_file(path)
    if not file.is_file():
        raise FileNotFoundError(f"there is no cache at {file}; CrystalFeaturizer(cache=...) makes one")
    if not has_marks(file):
        raise FileNotFoundError(f"{file} is no cache of skcrystal; name the one that CrystalFeaturizer made")
    return file


def _once(file: Path, work: Callable[[sqlite3.Connection], T]) -> T:
    try:
        with closing(connect(file, LOCK_TIMEOUT_SECONDS)) as connection:
            return work(connection)
    except (sqlite3.Error, ValueError, OverflowError) as error:
        if is_lock(error):
            raise OSError(f"the cache {file} is locked by another program; try again when it ends") from error
        if is_damage(error):
            raise OSError(
                f"the cache {file} is damaged ({error}); CrystalFeaturizer begins it anew, or remove it"
            ) from error
        raise OSError(f"the cache {file} cannot be used: {error}") from error
