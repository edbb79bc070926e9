"""Bytes of files: compressed, in archives, at a URL; never more than allowed, never unpacked to disk."""

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
from skcrystal.formats.names import format_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from os import PathLike

__all__ = ["MAX_MEMBERS", "decoded", "is_url", "members", "read_bytes"]

MAX_MEMBERS = 100_000
"""Limit on the files of one archive."""

_BROKEN = (EOFError, OSError, lzma.LZMAError, tarfile.TarError, zipfile.BadZipFile, zlib.error, RuntimeError)
_ARCHIVES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")
_COMPRESSED = (".gz", ".bz2", ".xz")


def is_url(source: str) -> bool:
    """Tell whether a source is an http or https address."""
    return source.lower().startswith(("http://", "https://"))


def members(
    source: str | PathLike[str], max_bytes: int, max_member: int | None = None, timeout: float = 30.0
) -> Iterator[tuple[str, bytes]]:
    """Yield (name, content) of a file, or of every file in an archive, decompressed.

    Parameters
    ----------
    source : str or path-like
        A path or a URL; ``.gz``, ``.bz2``, ``.xz``, ``.zip`` and ``.tar`` (also compressed) are unpacked in
        memory. An archive inside an archive is not opened.
    max_bytes : int
        Limit on the file, compressed and decompressed: of an archive, all that is in it.
    max_member : int or None, default=None
        Limit on each file in an archive; None is `max_bytes`. Of a larger one whose name is that of no
        format (the output of a program, a picture) the content is given as empty.
    timeout : float, default=30.0
        Seconds to wait for an answer from a URL.

    Raises
    ------
    CrystalError
        If the source cannot be read, is damaged or is larger than allowed.
    """
    name = str(source)
    max_member = max_bytes if max_member is None else max_member
    if is_url(name):
        content = _download(name, max_bytes, timeout)
        name = unquote(urlsplit(name).path) or name
    else:
        content = read_bytes(source, max_bytes)
    lower = name.lower()
    try:
        if lower.endswith(".zip"):
            yield from _zip_members(name, content, max_bytes, max_member)
        elif lower.endswith(_ARCHIVES):
            yield from _tar_members(name, content, max_bytes, max_member)
        elif lower.endswith(_COMPRESSED):
            yield os.path.splitext(name)[0], _decompressed(name, content, max_bytes)
        else:
            yield name, content
    except _BROKEN as error:
        raise CrystalError(f"{name!r} cannot be unpacked: {_reason(error)}.") from None


def read_bytes(path: str | PathLike[str], max_bytes: int) -> bytes:
    """Return the content of a regular file.

    Raises
    ------
    CrystalError
        If there is no such file, it is empty, too large, or no regular file.
    """
    name = str(path)
    try:
        status = Path(path).stat()
        kind = status.st_mode
        if stat.S_ISREG(kind) and status.st_size <= max_bytes:
            with open(path, "rb", opener=_open_without_waiting) as file:
                # One more than allowed: a file may grow, and those of /proc have no size.
                content = file.read(max_bytes + 1) or b""
    except FileNotFoundError:
        raise CrystalError(f"there is no file {name!r}; check the path.") from None
    except PermissionError:
        raise CrystalError(f"{name!r} may not be read; check its permissions.") from None
    except (OSError, ValueError) as error:
        raise CrystalError(f"{name[:200]!r} cannot be read: {_reason(error)}.") from None
    if stat.S_ISDIR(kind):
        raise CrystalError(f"{name!r} is a folder; give the path of a file in it.")
    if not stat.S_ISREG(kind):
        raise CrystalError(f"{name!r} is no regular file; give the path of a file of crystals.")
    if status.st_size > max_bytes or len(content) > max_bytes:
        raise _too_large(name, max_bytes)
    if not content or content.isspace():
        raise CrystalError(f"{name!r} is empty; give a file of crystals.")
    return content


def _open_without_waiting(path: str, flags: int) -> int:
    # Some files of /proc would wait for what the kernel has to say next.
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def decoded(content: bytes) -> str:
    """Return bytes as text; what is no UTF-8 is replaced (UTF-16 is known by its mark or its zeros)."""
    if content[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return content.decode("utf-16", errors="replace")
    for start, order in ((0, "be"), (1, "le")):
        # Half of the bytes of Latin letters are zeros.
        if content[start:100:2] and not any(content[start:100:2]):
            return content.decode(f"utf-16-{order}", errors="replace")
    return content.decode("utf-8", errors="replace")


def _too_large(name: str, max_bytes: int) -> CrystalError:
    return CrystalError(f"{name!r} has more than max_bytes={max_bytes:,} bytes; raise max_bytes to read it.")


def _reason(error: BaseException) -> str:
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return " ".join(str(text).split()).rstrip(".")


def _bounded(name: str, file: Any, max_bytes: int) -> bytes:
    """Read a decompressing file up to the limit; what a bomb would add is never produced."""
    content = bytes(file.read(max_bytes + 1))
    if len(content) > max_bytes:
        raise _too_large(name, max_bytes)
    return content


def _decompressed(name: str, content: bytes, max_bytes: int) -> bytes:
    stream = io.BytesIO(content)
    lower = name.lower()
    if lower.endswith(".gz"):
        return _bounded(name, gzip.GzipFile(fileobj=stream), max_bytes)
    if lower.endswith(".bz2"):
        return _bounded(name, bz2.BZ2File(stream), max_bytes)
    return _bounded(name, lzma.LZMAFile(stream), max_bytes)


def _too_many(name: str) -> CrystalError:
    return CrystalError(f"{name!r} holds more than {MAX_MEMBERS:,} files; split the archive.")


def _zip_members(name: str, content: bytes, max_bytes: int, max_member: int) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        infos = [info for info in archive.infolist() if not info.is_dir()]
        if len(infos) > MAX_MEMBERS:
            raise _too_many(name)
        total = 0
        for info in sorted(infos, key=lambda info: info.filename):
            if info.flag_bits & 1:
                raise CrystalError(f"{name!r} is encrypted; unpack it and give its files.")
            if _is_passed_over(info.filename, info.file_size, max_member):
                yield f"{name}/{info.filename}", b""
                continue
            with archive.open(info) as file:
                found = _bounded(info.filename, file, max_member)
            total += len(found)
            if total > max_bytes:
                raise _too_large(name, max_bytes)
            yield f"{name}/{info.filename}", found


def _tar_members(name: str, content: bytes, max_bytes: int, max_member: int) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:*") as archive:
        total = 0
        for count, info in enumerate(archive):
            if count >= MAX_MEMBERS:
                raise _too_many(name)
            total += info.size
            # Also before skipping: to pass over a member, all of it must be decompressed.
            if total > max_bytes:
                raise _too_large(name, max_bytes)
            if _is_passed_over(info.name, info.size, max_member):
                yield f"{name}/{info.name}", b""
                continue
            if info.size > max_member:
                raise _too_large(info.name, max_member)
            file = archive.extractfile(info) if info.isfile() else None
            if file is not None:
                yield f"{name}/{info.name}", _bounded(info.name, file, max_member)


def _is_passed_over(name: str, size: int, max_member: int) -> bool:
    return size > max_member and format_of(name) is None


def _download(url: str, max_bytes: int, timeout: float) -> bytes:
    request = urllib.request.Request(url, headers={"User-Agent": "skcrystal"})
    try:
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            return _bounded(url, answer, max_bytes)
    except urllib.error.HTTPError as error:
        error.close()
        raise CrystalError(f"{url!r} answers {error.code} {error.reason}; check the address.") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", error)
        text = _reason(reason) if isinstance(reason, BaseException) else str(reason)
        raise CrystalError(f"{url!r} cannot be reached: {text}.") from None
