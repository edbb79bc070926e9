"""Bytes of files: compressed or not, on disk or at a URL; never more than allowed."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import stat
import tarfile
import urllib.error
import urllib.request
import zipfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from skcrystal.crystals.crystal import CrystalError

if TYPE_CHECKING:
    from os import PathLike

__all__ = [
    "BROKEN",
    "bounded",
    "check_file",
    "decoded",
    "decompressed",
    "encoding_of",
    "is_url",
    "read_bytes",
    "reason_of",
    "source_bytes",
    "too_large",
]

BROKEN = (EOFError, OSError, lzma.LZMAError, tarfile.TarError, zipfile.BadZipFile, zlib.error, RuntimeError)
"""What the libraries raise of damaged compressed files and archives."""

TIMEOUT_SECONDS = 30.0
"""How long an address may take to answer."""


def is_url(source: str) -> bool:
    """Tell whether a source is an http or https address."""
    return source.lower().startswith(("http://", "https://"))


def source_bytes(source: str | PathLike[str], max_bytes: int) -> tuple[str, bytes]:
    """Return the name and the content of a file or address, as it is stored.

    Raises
    ------
    CrystalError
        If it cannot be read or is larger than allowed.
    """
    name = str(source)
    if is_url(name):
        return unquote(urlsplit(name).path) or name, _download(name, max_bytes)
    return name, read_bytes(source, max_bytes)


def check_file(path: str | PathLike[str], max_bytes: int) -> None:
    """Refuse what is no regular file with something in it, or too large.

    Raises
    ------
    CrystalError
        Says which it is.
    """
    name = str(path)
    try:
        status = Path(path).stat()
    except FileNotFoundError:
        pattern = any(letter in name for letter in "*?[")
        mend = "for a pattern take skcrystal.formats.read_many" if pattern else "check the path"
        raise CrystalError(f"there is no file {name!r}; {mend}.") from None
    except PermissionError:
        raise CrystalError(f"{name!r} may not be read; check its permissions.") from None
    except (OSError, ValueError) as error:
        raise CrystalError(f"{name[:200]!r} cannot be read: {reason_of(error)}.") from None
    if stat.S_ISDIR(status.st_mode):
        raise CrystalError(
            f"{name!r} is a folder; give the path of a file in it, or take skcrystal.formats.read_many."
        )
    if not stat.S_ISREG(status.st_mode):
        raise CrystalError(f"{name!r} is no regular file; give the path of a file of crystals.")
    if status.st_size > max_bytes:
        raise too_large(name, max_bytes)


def read_bytes(path: str | PathLike[str], max_bytes: int) -> bytes:
    """Return the content of a regular file.

    Raises
    ------
    CrystalError
        If there is no such file, it is empty, too large, or no regular file.
    """
    name = str(path)
    check_file(path, max_bytes)
    try:
        with open(path, "rb", opener=_open_without_waiting) as file:
            # One more than allowed: a file may grow, and those of /proc have no size.
            content = file.read(max_bytes + 1) or b""
    except PermissionError:
        raise CrystalError(f"{name!r} may not be read; check its permissions.") from None
    except (OSError, ValueError) as error:
        raise CrystalError(f"{name[:200]!r} cannot be read: {reason_of(error)}.") from None
    if len(content) > max_bytes:
        raise too_large(name, max_bytes)
    if not content or content.isspace():
        raise CrystalError(f"{name!r} is empty; give a file of crystals.")
    return content


def _open_without_waiting(path: str, flags: int) -> int:
    # Some files of /proc would wait for what the kernel has to say next.
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def decoded(content: bytes) -> str:
    """Return bytes as text; what is no UTF-8 is replaced (UTF-16 and 32 are known by mark or zeros)."""
    return content.decode(encoding_of(content), errors="replace")


def encoding_of(content: bytes) -> str:
    """Return how text is encoded, of which some hundred bytes at the beginning suffice."""
    if content[:4] in {b"\xff\xfe\0\0", b"\0\0\xfe\xff"}:
        return "utf-32"
    if len(content) >= 4 and not (any(content[:2]) and any(content[2:4])):
        # Three quarters of the bytes of Latin letters are zeros.
        for order, zeros in (("be", (0, 1, 2)), ("le", (1, 2, 3))):
            if not any(any(content[start:200:4]) for start in zeros):
                return f"utf-32-{order}"
    if content[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return "utf-16"
    for start, order in ((0, "be"), (1, "le")):
        # Half of the bytes of Latin letters are zeros.
        if content[start:100:2] and not any(content[start:100:2]):
            return f"utf-16-{order}"
    return "utf-8"


def decompressed(name: str, content: bytes, max_bytes: int) -> bytes:
    """Return the content of a ``.gz``, ``.bz2`` or ``.xz`` file.

    Raises
    ------
    CrystalError
        If it is damaged, or more than allowed.
    """
    stream = io.BytesIO(content)
    lower = name.lower()
    try:
        if lower.endswith(".gz"):
            return bounded(name, gzip.GzipFile(fileobj=stream), max_bytes)
        if lower.endswith(".bz2"):
            return bounded(name, bz2.BZ2File(stream), max_bytes)
        return bounded(name, lzma.LZMAFile(stream), max_bytes)
    except BROKEN as error:
        raise CrystalError(f"{name!r} cannot be unpacked: {reason_of(error)}.") from None


def bounded(name: str, file: Any, max_bytes: int) -> bytes:
    """Read a decompressing file up to the limit; what a bomb would add is never produced."""
    content = bytes(file.read(max_bytes + 1))
    if len(content) > max_bytes:
        raise too_large(name, max_bytes)
    return content


def too_large(name: str, max_bytes: int) -> CrystalError:
    """Return the error of a file of more bytes than are allowed."""
    return CrystalError(f"{name!r} has more than max_bytes={max_bytes:,} bytes; raise max_bytes to read it.")


def reason_of(error: BaseException) -> str:
    """Return what an exception says, in one line without its full stop."""
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return " ".join(str(text).split())[:200].rstrip(".")


def _download(url: str, max_bytes: int) -> bytes:
    request = urllib.request.Request(url, headers={"User-Agent": "skcrystal"})
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:
            return bounded(url, answer, max_bytes)
    except urllib.error.HTTPError as error:
        error.close()
        raise CrystalError(f"{url!r} answers {error.code} {error.reason}; check the address.") from None
    except (OSError, ValueError) as error:
        if isinstance(error, CrystalError):
            raise
        reason = getattr(error, "reason", error)
        text = reason_of(reason) if isinstance(reason, BaseException) else str(reason)
        raise CrystalError(f"{url!r} cannot be reached: {text}.") from None
