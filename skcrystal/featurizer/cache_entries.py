"""What stands in a cache, as bytes: each entry with a digest over its names and its content."""

from __future__ import annotations

import json
import zlib
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from skcrystal.featurizer.cache_file import MARK, DamageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "KnownText",
    "pack_row",
    "pack_symmetry",
    "pack_text",
    "unpack_row",
    "unpack_symmetry",
    "unpack_text",
]

DIGEST_SIZE = 16


class KnownText(NamedTuple):
    """What a text or file held when it was read: the key of its crystal, its source, and notes on it."""

    crystal: bytes
    source: str
    notes: tuple[str, ...]


def _digest(*parts: bytes) -> bytes:
    """Digest of parts, each with its length, so that none can lend bytes to the next."""
    digest = blake2b(digest_size=DIGEST_SIZE)
    for part in parts:
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.digest()


def _sealed(content: bytes, *names: bytes) -> bytes:
    return MARK + _digest(*names, content) + content


def _opened(entry: object, *names: bytes) -> bytes:
    """Return the content of an entry.

    Raises
    ------
    DamageError
        It is not what was written under these names.
    """
    start = len(MARK) + DIGEST_SIZE
    if isinstance(entry, bytes) and entry[: len(MARK)] == MARK:
        content = entry[start:]
        if entry[len(MARK) : start] == _digest(*names, content):
            return content
    raise DamageError("an entry does not fit its checksum")


def pack_row(descriptor: str, crystal: bytes, row: NDArray[np.float64]) -> bytes:
    """Return a row as an entry that is good under these names only."""
    raw = np.ascontiguousarray(row, dtype="<f8").tobytes()
    return _sealed(zlib.compress(raw, 1), b"row", descriptor.encode(), crystal, b"%d" % len(row))


def unpack_row(descriptor: str, crystal: bytes, width: int, entry: object) -> NDArray[np.float64]:
    """Return the row of an entry; a DamageError where it is not of these names, or damaged."""
    content = _opened(entry, b"row", descriptor.encode(), crystal, b"%d" % width)
    return np.frombuffer(zlib.decompress(content), dtype="<f8").astype(np.float64)


def pack_text(text: bytes, known: KnownText) -> bytes:
    """Return what is known of a text as an entry."""
    content = json.dumps([known.crystal.hex(), known.source, known.notes]).encode()
    return _sealed(content, b"text", text)


def unpack_text(text: bytes, entry: object) -> KnownText:
    """Return what an entry tells of a text; a DamageError where it is of another one, or damaged."""
    crystal, source, notes = json.loads(_opened(entry, b"text", text))
    return KnownText(bytes.fromhex(crystal), source, tuple(notes))


def pack_symmetry(search: bytes, crystal: bytes, found: bytes) -> bytes:
    """Return what a search for symmetry found as an entry."""
    return _sealed(found, b"symmetry", search, crystal)


def unpack_symmetry(search: bytes, crystal: bytes, entry: object) -> bytes:
    """Return what a search found; a DamageError where it is of another search or crystal, or damaged."""
    return _opened(entry, b"symmetry", search, crystal)
