"""Zip archives of the package's own making: the same bytes from the same content, and read within bounds."""

from __future__ import annotations

import io
import tokenize
import zipfile
from typing import TYPE_CHECKING

from skcrystal.crystals.crystal import CrystalError
from skcrystal.formats.aside import written_aside
from skcrystal.formats.files import BROKEN, check_file, reason_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from os import PathLike

    import numpy as np

__all__ = ["MAX_MEMBERS", "MAX_TOTAL_BYTES", "array_header", "read_bundle", "write_bundle"]

MAX_TOTAL_BYTES = 4_000_000_000
"""Bytes of all members together, unpacked."""

MAX_MEMBERS = 100_000

# Of zip archives nothing is earlier, and the same content is to give the same bytes.
EPOCH = (1980, 1, 1, 0, 0, 0)


def write_bundle(path: str | PathLike[str], members: Mapping[str, bytes], *, force: bool = True) -> None:
    """Write an archive, the same bytes for the same members, whenever and wherever.

    Parameters
    ----------
    path : str or path-like
    members : mapping of str to bytes
        In this order.
    force : bool, default=True
        Whether a file that exists is replaced.
    """
    with written_aside(path, force=force) as aside, zipfile.ZipFile(aside, "w") as archive:
        for name, content in members.items():
            info = zipfile.ZipInfo(name, EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            archive.writestr(info, content, compresslevel=6)


def read_bundle(
    path: str | PathLike[str], *, only: str | None = None, max_bytes: int = MAX_TOTAL_BYTES
) -> dict[str, bytes]:
    """Read an archive into memory; nothing is unpacked to the disk, whatever its names say.

    Parameters
    ----------
    path : str or path-like
    only : str or None, default=None
        Read this member alone, if there is one.
    max_bytes : int
        Of all members together, unpacked.

    Raises
    ------
    CrystalError
        It is no archive, a damaged one, or holds more than allowed.
    """
    check_file(path, max_bytes)
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
            names = [info.filename for info in infos]
            if len(infos) > MAX_MEMBERS:
                raise CrystalError(f"{str(path)!r} holds {len(infos):,} members, more than {MAX_MEMBERS:,}.")
            if len(set(names)) < len(names):
                raise CrystalError(f"{str(path)!r} holds two members of one name, and is none of ours.")
            members: dict[str, bytes] = {}
            left = max_bytes
            for info in infos:
                if only is not None and info.filename != only:
                    continue
                with archive.open(info) as file:
                    # The sizes that an archive states are not believed: a bomb says what it likes.
                    content = file.read(left + 1)
                left -= len(content)
                if left < 0:
                    raise CrystalError(f"{str(path)!r} unpacks to more than {max_bytes:,} bytes.")
                members[info.filename] = content
    except (*BROKEN, NotImplementedError, UnicodeDecodeError) as error:
        raise CrystalError(f"{str(path)!r} is no archive that can be read: {reason_of(error)}.") from None
    return members


def array_header(content: bytes) -> tuple[tuple[int, ...], np.dtype, int]:
    """Read what an array in numpy's format says of itself, and hold it against its length.

    Parameters
    ----------
    content : bytes
        Of a ``.npy`` file.

    Returns
    -------
    shape : tuple of int
    dtype : dtype
    offset : int
        Where the numbers begin.

    Raises
    ------
    ValueError
        It is no array of plain values, or has another size than it says: nothing is allocated for a lie.
    """
    import numpy as np

    buffer = io.BytesIO(content)
    try:
        if np.lib.format.read_magic(buffer) != (1, 0):
            raise ValueError("it is of another version")
        shape, _, dtype = np.lib.format.read_array_header_1_0(buffer)
    except (TypeError, OverflowError, SyntaxError, RecursionError, MemoryError, tokenize.TokenError) as error:
        raise ValueError(f"its header cannot be read: {str(error)[:100]}") from None
    count = 1
    for length in shape:
        count *= length
    if dtype.kind not in "fiubU":
        raise ValueError(f"it holds {str(dtype)[:100]}, and neither numbers nor text")
    if min(shape, default=0) < 0 or count * dtype.itemsize != len(content) - buffer.tell():
        raise ValueError("it has another size than it says")
    return shape, dtype, buffer.tell()
