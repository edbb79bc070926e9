"""XDATCAR, and POSCAR after POSCAR in one file: the frames of a trajectory, one crystal each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from skcrystal.crystals.crystal import CrystalError
from skcrystal.formats.entries import Entry, attempt
from skcrystal.formats.poscar_lines import CONFIGURATION, PoscarLines, begins_poscar, first_line, poscar_lines
from skcrystal.formats.problems import MAX_BYTES, MAX_SITES, Notes, check_size

if TYPE_CHECKING:
    from collections.abc import Iterator

    from skcrystal.crystals.crystal import Crystal
    from skcrystal.formats.poscar_elements import KnownElements
    from skcrystal.formats.poscar_lines import Header

__all__ = ["poscar_entries"]


def poscar_entries(
    text: str,
    source: str,
    known: KnownElements,
    *,
    named_xdatcar: bool = False,
    max_bytes: int = MAX_BYTES,
    max_sites: int = MAX_SITES,
) -> Iterator[Entry]:
    """Yield the crystals of a POSCAR, of POSCARs one after another, or of an XDATCAR.

    Parameters
    ----------
    text : str
        A POSCAR; several of them; or an XDATCAR: the head of a POSCAR, perhaps again before every frame, and
        the positions of each frame below a line ``Direct configuration=``.
    source : str
        Followed by the number of the frame, from 0, where there are several.
    known : KnownElements
    named_xdatcar : bool, default=False
        The file's name is that of an XDATCAR: without lines of configurations, an empty line ends each frame.
    max_bytes, max_sites : int
        Limits on the text, and on the sites of a crystal.
    """
    notes = Notes(source)
    try:
        check_size(text, max_bytes, notes)
    except CrystalError as error:
        yield Entry(source, None, error)
        return
    lines = poscar_lines(text)
    marks = [i for i, line in enumerate(lines) if "=" in line and CONFIGURATION.match(line)]
    if not marks and named_xdatcar:
        marks = _empty_lines(lines, source, max_sites)
    if marks:
        yield from _configurations(lines, marks, source, known, max_sites)
    else:
        yield from _one_after_another(lines, source, known, max_sites)


def _one_after_another(
    lines: list[str], source: str, known: KnownElements, max_sites: int
) -> Iterator[Entry]:
    start: int | None = first_line(lines)
    frame = 0
    while start is not None:
        name = f"{source}, frame {frame}" if frame else source
        reader = PoscarLines(lines, Notes(name), start)

        def read(reader: PoscarLines = reader) -> Crystal:
            return reader.crystal(reader.header(max_sites), known)

        yield attempt(read, name)
        # After a fault the next crystal may begin anywhere below the line of the scale.
        reader.next = max(reader.next, start + 5)
        start = reader.next_start()
        frame += 1


def _configurations(
    lines: list[str], marks: list[int], source: str, known: KnownElements, max_sites: int
) -> Iterator[Entry]:
    if marks[0] < 5:
        error = Notes(source).error(
            "the XDATCAR holds no cell (VASP 4 wrote none); give the POSCAR of the run, or an XDATCAR of "
            "VASP 5 or later."
        )
        yield Entry(source, None, error)
        return
    header: Header | CrystalError | None = None
    for frame, (mark, end) in enumerate(zip(marks, [*marks[1:], len(lines)], strict=True)):
        name = f"{source}, frame {frame}" if frame else source
        # Where the cell changes, each frame has a head of its own.
        lowest = marks[frame - 1] + 1 if frame else 0
        begin = _header_above(lines, mark, lowest)
        if begin is None and isinstance(header, tuple):
            begin = _rest(lines, lowest, mark, sum(header.counts))
        if begin is not None or header is None:
            try:
                header = PoscarLines(lines, Notes(name), begin or 0).header(max_sites)
            except CrystalError as fault:
                header = fault
        if isinstance(header, CrystalError):
            yield Entry(name, None, CrystalError(str(header)))
            continue

        def read(head: Header = header, first: int = mark + 1, end: int = end, name: str = name) -> Crystal:
            return _frame(lines, first, end, head, known, name)

        yield attempt(read, name)


def _header_above(lines: list[str], mark: int, lowest: int) -> int | None:
    """Return the line at which the head right above a configuration begins; None if there is none."""
    for start in (mark - 7, mark - 6):
        if start >= lowest and begins_poscar([*lines[start:mark], "direct"], 0):
            return start
    return None


def _rest(lines: list[str], first: int, mark: int, n_sites: int) -> int | None:
    """Return the line behind the positions of a frame where something else stands; None if nothing does."""
    filled = [i for i in range(first, mark) if lines[i].strip()]
    return filled[n_sites] if len(filled) > n_sites else None


def _empty_lines(lines: list[str], source: str, max_sites: int) -> list[int]:
    """Return the empty lines above the frames of an XDATCAR that has no others, the first below its head."""
    reader = PoscarLines(lines, Notes(source))
    try:
        reader.header(max_sites)
    except CrystalError:
        return []
    if reader.next >= len(lines) or lines[reader.next].strip():
        return []
    return [i for i in range(reader.next, len(lines) - 1) if not lines[i].strip()]


def _frame(
    lines: list[str], first: int, end: int, header: Header, known: KnownElements, source: str
) -> Crystal:
    """Read the positions of one configuration, which end at the latest where the next one begins."""
    n_sites = sum(header.counts)
    reader = PoscarLines(lines[:0], Notes(source))
    rows = [line for line in lines[first : min(end, first + n_sites + 8)] if line.strip()][:n_sites]
    try:
        coords = np.array([row.split()[:3] for row in rows], dtype=np.float64).reshape(-1, 3)
    except ValueError:
        coords = np.full((n_sites, 3), np.nan)
    if len(coords) != n_sites:
        raise reader.notes.error(
            f"the configuration at line {first} has {len(coords)} positions, not {n_sites}; it is incomplete."
        )
    if not np.isfinite(coords).all():
        raise reader.notes.error(
            f"the configuration at line {first} has a position that is not three numbers; correct it."
        )
    return reader.finished(header, coords, [""] * n_sites, known)
