"""Text files line by line, from any byte on: what they hold need not fit into memory."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import re
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from skcrystal.crystals.crystal import CrystalError
from skcrystal.formats.files import BROKEN, reason_of, too_large

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

__all__ = ["Line", "file_lines", "head_of", "is_plain_text"]

HEAD = 1 << 16

_OPENERS: dict[str, Any] = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}
# A return that no newline follows ended lines on old Macintoshes.
_RETURN = re.compile(rb"(?<=\r)(?!\n)")


class Line(NamedTuple):
    """A line with its end, its number from 1, and the byte at which it begins, of a file unpacked."""

    number: int
    offset: int
    text: str


def _opened(path: str) -> BinaryIO:
    suffix = os.path.splitext(path)[1].lower()
    file: BinaryIO = _OPENERS.get(suffix, open)(path, "rb")
    return file


def head_of(path: str) -> bytes:
    """Return the first bytes of a file, unpacked; none where it cannot be read."""
    try:
        with _opened(path) as file:
            return file.read(HEAD)
    except BROKEN:
        return b""


def is_plain_text(head: bytes) -> bool:
    """Tell whether the beginning of a file is text in which a byte of a line's end is nothing else."""
    return bool(head.strip()) and b"\0" not in head and head[:2] not in {b"\xff\xfe", b"\xfe\xff"}


def file_lines(
    path: str, max_bytes: int, *, offset: int = 0, number: int = 1, returns: bool = True
) -> Iterator[Line]:
    """Yield the lines of a file, compressed or not, as UTF-8.

    Parameters
    ----------
    path : str
    max_bytes : int
        Limit on a line.
    offset, number : int
        Byte at which to begin, of the file unpacked, and the number of the line there. Of a compressed file
        all that stands before is unpacked.
    returns : bool, default=True
        Whether a carriage return alone ends a line.

    Raises
    ------
    CrystalError
        If the file cannot be read, is damaged, or has a longer line.
    """
    try:
        with _opened(path) as file:
            file.seek(offset)
            for raw in iter(partial(file.readline, max_bytes + 1), b""):
                if len(raw) > max_bytes:
                    raise too_large(f"{path}, line {number}", max_bytes)
                alone = returns and raw.count(b"\r") > raw.endswith(b"\r\n")
                for piece in _RETURN.split(raw) if alone else (raw,):
                    if piece:
                        text = piece.decode("utf-8", errors="replace")
                        yield Line(number, offset, text if offset else text.removeprefix("\ufeff"))
                        number += 1
                        offset += len(piece)
    except BROKEN as error:
        raise CrystalError(f"{path!r} cannot be read: {reason_of(error)}.") from None
