"""Which format a text has, and the crystal in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from skcrystal.formats.cif import read_cif
from skcrystal.formats.names import format_of
from skcrystal.formats.poscar import looks_like_poscar, read_poscar
from skcrystal.formats.problems import MAX_BYTES, MAX_SITES, Notes, check_size

if TYPE_CHECKING:
    from skcrystal.crystals.crystal import Crystal

__all__ = ["looks_like_cif", "read_text"]


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
    max_bytes : int, default=20_000_000
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
    skcrystal.CrystalError: the text is neither a CIF nor a POSCAR file: it begins with 'silicon,
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
    named = format_of(source)
    if named == "poscar":
        return read_poscar(text, source=source, max_bytes=max_bytes, max_sites=max_sites)
    if named == "cif":
        return read_cif(text, source=source, max_bytes=max_bytes, max_sites=max_sites)
    start = " ".join(text[:200].split())[:40]
    raise notes.error(
        f"the text is neither a CIF nor a POSCAR file: it begins with {start!r}; "
        "give the content of one of them."
    )
