"""POSCAR and CONTCAR text (VASP) into crystals."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from skcrystal.crystals.admission import checked
from skcrystal.formats.poscar_elements import KnownElements
from skcrystal.formats.poscar_lines import PoscarLines, first_line, poscar_lines
from skcrystal.formats.problems import MAX_BYTES, MAX_SITES, Notes, check_size, warn_of_one

if TYPE_CHECKING:
    from collections.abc import Sequence

    from skcrystal.crystals.crystal import Crystal


__all__ = ["poscar_crystal", "read_poscar"]


def read_poscar(
    text: str,
    *,
    source: str = "",
    elements: Sequence[str] | None = None,
    max_bytes: int = MAX_BYTES,
    max_sites: int = MAX_SITES,
) -> Crystal:
    """Read a crystal from POSCAR text.

    Parameters
    ----------
    text : str
        Content of a POSCAR or CONTCAR file, of VASP 4 (elements in the comment line or behind each
        position), 5 (a line of elements) or 6 (with hashes: ``Si/abc123``). Elements may carry the suffix of
        their potential (``Fe_pv``). The scale is one factor, three positive ones, or a negative number: the
        cell's volume in cubic angstrom. Direct or Cartesian positions, selective dynamics. Velocities and
        predictor-corrector data behind the positions are not read.
    source : str, default=""
        Where the text came from; begins every message and is kept in the crystal.
    elements : sequence of str or None, default=None
        The element of each group of sites, for a text that does not name them (VASP 4).
    max_bytes : int, default=20_000_000
        Longer texts are refused.
    max_sites : int, default=100_000
        Crystals with more sites are refused.

    Returns
    -------
    Crystal
        The first one, with a :class:`ReadWarning` if there are more (XDATCAR).

    Raises
    ------
    CrystalError
        If the text is no POSCAR; names the line.

    References
    ----------
    The VASP wiki, page "POSCAR", https://www.vasp.at/wiki/index.php/POSCAR.

    Examples
    --------
    >>> from skcrystal.formats import read_poscar
    >>> text = '''CsCl
    ... 1.0
    ... 4.12 0 0
    ... 0 4.12 0
    ... 0 0 4.12
    ... Cs Cl
    ... 1 1
    ... Direct
    ... 0 0 0
    ... 0.5 0.5 0.5'''
    >>> read_poscar(text).atomic_numbers
    array([55, 17])
    >>> read_poscar(text.replace("4.12 0 0", "4.12 0"))
    Traceback (most recent call last):
        ...
    skcrystal.CrystalError: line 3 of the POSCAR text, '4.12 0', must begin with three numbers (a
    lattice vector).
    """
    crystal = poscar_crystal(
        text, source=source, known=KnownElements(elements), max_bytes=max_bytes, max_sites=max_sites
    )
    crystal = checked([crystal])[0]
    warn_of_one(source, crystal.notes)
    return crystal


def poscar_crystal(
    text: str,
    *,
    source: str = "",
    known: KnownElements | None = None,
    max_bytes: int = MAX_BYTES,
    max_sites: int = MAX_SITES,
) -> Crystal:
    """Read as :func:`read_poscar`, without a warning: what was repaired stands in the crystal's notes."""
    notes = Notes(source)
    check_size(text, max_bytes, notes)
    # No more lines than can matter: what follows the positions may be long.
    all_lines = poscar_lines(text, 2 * max_sites + 1000)
    lines = PoscarLines(all_lines, notes, first_line(all_lines))
    crystal = lines.crystal(lines.header(max_sites), known or KnownElements())
    if lines.next_start() is None:
        return crystal
    notes.tell("several_crystals")
    return replace(crystal, notes=notes.sentences)
