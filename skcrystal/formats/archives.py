"""A file as the files in it: itself, or the members of an archive; nothing is unpacked to disk."""

from __future__ import annotations

import io
import os
import posixpath
import tarfile
import zipfile
from typing import TYPE_CHECKING

from skcrystal.crystals.crystal import CrystalError
from skcrystal.formats.files import (
    BROKEN,
    bounded,
    decoded,
    decompressed,
    is_url,
    read_bytes,
    reason_of,
    source_bytes,
    too_large,
)
from skcrystal.formats.names import COMPRESSED, format_of, is_archive
from skcrystal.formats.poscar_elements import potcar_elements

if TYPE_CHECKING:
    from collections.abc import Iterator
    from os import PathLike

__all__ = ["MAX_MEMBERS", "Bundle"]

MAX_MEMBERS = 100_000
"""Limit on the files of one archive."""


class Bundle:
    """A file on disk or at an address, read once.

    Parameters
    ----------
    source : str or path-like
        A path or a URL; ``.gz``, ``.bz2``, ``.xz``, ``.zip`` and ``.tar`` (also compressed) are unpacked in
        memory. An archive inside an archive is not opened.
    max_bytes : int
        Limit on the file, compressed and decompressed: of an archive, all that is in it.
    max_member : int or None, default=None
        Limit on each file in an archive; None is `max_bytes`.

    Attributes
    ----------
    source : str
        As given.
    name : str
        The path, or the path in the address.
    names : list of str
        Of the files in an archive, as they stand in it and in the order that they are read in; of a file,
        its own.

    Raises
    ------
    CrystalError
        If the source cannot be read, is no archive though its name says so, is encrypted, or larger than
        allowed.
    """

    def __init__(self, source: str | PathLike[str], max_bytes: int, max_member: int | None = None) -> None:
        self.source = str(source)
        self.max_bytes = max_bytes
        self.max_member = max_bytes if max_member is None else max_member
        self.name, self._content = source_bytes(source, max_bytes)
        self.is_archive = is_archive(self.name)
        self._potcars: dict[str, list[str]] | None = None
        try:
            self.names = self._listed() if self.is_archive else [self.name]
        except BROKEN as error:
            raise self._broken(error) from None

    def members(self) -> Iterator[tuple[str, bytes | CrystalError]]:
        """Yield name and content of the file, or of every file in the archive, decompressed.

        A member that is damaged or too large is an error beside its name; of a large one whose name is that
        of no format (the output of a program, a picture) the content is given as empty.

        Raises
        ------
        CrystalError
            If the archive itself breaks off, or is larger than allowed.
        """
        if not self.is_archive:
            if self.name.lower().endswith(COMPRESSED):
                name = os.path.splitext(self.name)[0]
                yield name, decompressed(self.name, self._content, self.max_bytes)
            else:
                yield self.name, self._content
            return
        total = 0
        try:
            for name, content in self._zipped() if self._is_zip() else self._tarred():
                # What was found to be too large has been decompressed up to the limit.
                total += self.max_member if isinstance(content, CrystalError) else len(content)
                if total > self.max_bytes:
                    raise too_large(self.name, self.max_bytes)
                yield f"{self.name}/{name}", content
        except BROKEN as error:
            raise self._broken(error) from None

    def potcar(self, member: str) -> list[str] | None:
        """Return the elements of the POTCAR in the folder of a member or of the file; None without one."""
        if self.is_archive:
            if self._potcars is None:
                self._potcars = self._all_potcars()
            return self._potcars.get(posixpath.dirname(member.removeprefix(f"{self.name}/")))
        if is_url(self.source):
            return None
        folder = os.path.dirname(self.source)
        for name in ("POTCAR", *(f"POTCAR{suffix}" for suffix in COMPRESSED)):
            path = os.path.join(folder, name)
            if os.path.isfile(path):
                content = read_bytes(path, self.max_bytes)
                if name != "POTCAR":
                    content = decompressed(path, content, self.max_bytes)
                return potcar_elements(decoded(content)) or None
        return None

    def _all_potcars(self) -> dict[str, list[str]]:
        """Read all of them at once: a compressed tar can only be read from its beginning."""
        found = {}
        if any(posixpath.basename(name) == "POTCAR" for name in self.names):
            for name, content in self._zipped("POTCAR") if self._is_zip() else self._tarred("POTCAR"):
                if not isinstance(content, CrystalError):
                    found[posixpath.dirname(name)] = potcar_elements(decoded(content))
        return {folder: elements for folder, elements in found.items() if elements}

    def _is_zip(self) -> bool:
        return self.name.lower().endswith(".zip")

    def _broken(self, error: BaseException) -> CrystalError:
        return CrystalError(f"{self.name!r} cannot be unpacked: {reason_of(error)}.")

    def _listed(self) -> list[str]:
        if self._is_zip():
            with zipfile.ZipFile(io.BytesIO(self._content)) as archive:
                infos = [info for info in archive.infolist() if not info.is_dir()]
            if any(info.flag_bits & 1 for info in infos):
                raise CrystalError(f"{self.name!r} is encrypted; unpack it and give its files.")
            if len(infos) > MAX_MEMBERS:
                raise self._too_many()
            return sorted(info.filename for info in infos)
        names: list[str] = []
        try:
            with tarfile.open(fileobj=io.BytesIO(self._content), mode="r:*") as archive:
                total = 0
                for info in archive:
                    # To pass over a member, all of it must be decompressed.
                    total += info.size
                    if total > self.max_bytes:
                        break  # said when the members are read
                    if len(names) >= MAX_MEMBERS:
                        raise self._too_many()
                    if info.isfile():
                        names.append(info.name)
        except BROKEN:
            if not names:
                raise
            # It breaks off in the middle: said when the members are read.
        return names

    def _too_many(self) -> CrystalError:
        return CrystalError(f"{self.name!r} holds more than {MAX_MEMBERS:,} files; split the archive.")

    def _zipped(self, called: str | None = None) -> Iterator[tuple[str, bytes | CrystalError]]:
        with zipfile.ZipFile(io.BytesIO(self._content)) as archive:
            for info in sorted(archive.infolist(), key=lambda info: info.filename):
                if info.is_dir() or (called is not None and posixpath.basename(info.filename) != called):
                    continue
                if self._is_passed_over(info.filename, info.file_size):
                    yield info.filename, b""
                    continue
                content: bytes | CrystalError
                try:
                    with archive.open(info) as file:
                        content = bounded(info.filename, file, self.max_member)
                except CrystalError as error:
                    content = error
                except BROKEN as error:
                    content = CrystalError(f"it cannot be unpacked: {reason_of(error)}.")
                yield info.filename, content

    def _tarred(self, called: str | None = None) -> Iterator[tuple[str, bytes | CrystalError]]:
        with tarfile.open(fileobj=io.BytesIO(self._content), mode="r:*") as archive:
            total = 0
            for info in archive:
                total += info.size
                if total > self.max_bytes:
                    raise too_large(self.name, self.max_bytes)
                if not info.isfile() or (called is not None and posixpath.basename(info.name) != called):
                    continue
                if self._is_passed_over(info.name, info.size):
                    yield info.name, b""
                elif info.size > self.max_member:
                    yield info.name, too_large(info.name, self.max_member)
                else:
                    file = archive.extractfile(info)
                    if file is not None:
                        yield info.name, bounded(info.name, file, self.max_member)

    def _is_passed_over(self, name: str, size: int) -> bool:
        return size > self.max_member and format_of(name) is None
