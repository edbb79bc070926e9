"""Which format a text or a file has, and the crystal in it."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from skcrystal.crystal import Crystal, CrystalError
from skcrystal.formats.cif import read_cif
from skcrystal.formats.poscar import looks_like_poscar, read_poscar
from skcrystal.formats.problems import MAX_BYTES, MAX_SITES, Notes, check_size

if TYPE_CHECKING:
    from os import PathLike

__all__ = ["looks_like_cif", "read_path", "read_text"]


def looks_like_cif(text: str) -> bool:
    """Tell whether a text holds a data block of a CIF, or at least the length of a CIF's cell."""
    start = text.lstrip()[:5].lower()
    if start == "data_":
        return True
    lower = text.lower()
    return "\ndata_" in lower or "_cell_length_a" in lower or "_cell.length_a" in lower


def read_text(
    text: str, source: str = "", *, max_bytes: int = MAX_BYTES, max_sites: int = MAX_SITES
) -> Crystal:
    """Read a crystal from CIF or POSCAR text, whichever it is.

    Parameters
    ----------
    text : str
    source : str, default=""
        Where the text came from; begins every message and is kept in the crystal.
    max_bytes : int, default=50_000_000
        Longer texts are refused.
    max_sites : int, default=100_000
        Crystals with more sites are refused.

    Returns
    -------
    Crystal

    Raises
    ------
    CrystalError
        If the text is neither, or holds no readable crystal.

    Examples
    --------
    >>> from skcrystal.formats import read_text
    >>> read_text("silicon, probably")
    Traceback (most recent call last):
        ...
    skcrystal.crystal.CrystalError: the text is neither a CIF nor a POSCAR file: it begins with 'silicon,
    probably'; give the content of one of them.
    """
    # The common case, without looking at the lines: data_ at the start and tags below it.
    if text.startswith(("data_", "# generated using pymatgen\ndata_")) and "\n_" in text[:2000]:
        return read_cif(text, source=source, max_bytes=max_bytes, max_sites=max_sites)
    notes = Notes(source)
    check_size(text, max_bytes, notes)
    if looks_like_poscar(text):
        return read_poscar(text, source=source, max_bytes=max_bytes, max_sites=max_sites)
    if looks_like_cif(text):
        return read_cif(text, source=source, max_bytes=max_bytes, max_sites=max_sites)
    if _names_poscar(source):
        return read_poscar(text, source=source, max_bytes=max_bytes, max_sites=max_sites)
    if source.lower().endswith((".cif", ".mcif")):
        return read_cif(text, source=source, max_bytes=max_bytes, max_sites=max_sites)
    start = " ".join(text[:200].split())[:40]
    raise notes.error(
        f"the text is neither a CIF nor a POSCAR file: it begins with {start!r}; "
        "give the content of one of them."
    )


def _names_poscar(source: str) -> bool:
    name = os.path.basename(source).upper()
    return name.startswith(("POSCAR", "CONTCAR")) or name.endswith((".POSCAR", ".VASP", ".CONTCAR"))


def read_path(
    path: str | PathLike[str], *, max_bytes: int = MAX_BYTES, max_sites: int = MAX_SITES
) -> Crystal:
    """Read a crystal from a CIF or POSCAR file.

    The content decides which it is, the name where the content leaves it open.

    Parameters
    ----------
    path : str or path-like
    max_bytes : int, default=50_000_000
        Larger files are refused.
    max_sites : int, default=100_000
        Crystals with more sites are refused.

    Returns
    -------
    Crystal
        Its source is the path.

    Raises
    ------
    CrystalError
        If there is no such file, it is no regular file, or it holds no readable crystal.
    """
    return read_text(read_file(path, max_bytes), str(path), max_bytes=max_bytes, max_sites=max_sites)


def read_file(path: str | PathLike[str], max_bytes: int) -> str:
    """Return the text of a regular file; bytes that are no UTF-8 are replaced."""
    name = str(path)
    try:
        status = Path(path).stat()
        if stat.S_ISDIR(status.st_mode):
            raise CrystalError(f"{name!r} is a folder; give the path of a file in it.")
        if not stat.S_ISREG(status.st_mode):
            raise CrystalError(f"{name!r} is no regular file; give the path of a CIF or POSCAR file.")
        if status.st_size > max_bytes:
            raise CrystalError(
                f"{name!r} has {status.st_size:,} bytes, more than max_bytes={max_bytes:,}; "
                "raise max_bytes to read it."
            )
        with open(path, "rb") as file:
            # One more than allowed: a file may grow, and those of /proc have no size.
            content = file.read(max_bytes + 1)
    except FileNotFoundError:
        raise CrystalError(f"there is no file {name!r}; check the path.") from None
    except PermissionError:
        raise CrystalError(f"{name!r} may not be read; check its permissions.") from None
    except CrystalError:
        raise
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise CrystalError(f"{name[:200]!r} cannot be read: {reason}.") from None
    if not content.strip():
        raise CrystalError(f"{name!r} is empty; give a CIF or POSCAR file.")
    if len(content) > max_bytes:
        raise CrystalError(
            f"{name!r} has more than max_bytes={max_bytes:,} bytes; raise max_bytes to read it."
        )
    return content.decode("utf-8", errors="replace")
