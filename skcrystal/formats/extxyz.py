"""Extended XYZ text into crystals, and back."""

from __future__ import annotations

import re
from collections import deque
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from skcrystal.chemistry.elements import symbols
from skcrystal.crystals.crystal import Crystal, CrystalError
from skcrystal.formats.cell import check_periodic
from skcrystal.formats.entries import Entry, attempt
from skcrystal.formats.from_ase import fractional, with_occupancies
from skcrystal.formats.line_files import Line
from skcrystal.formats.problems import HEAVY_HYDROGEN, MAX_SITES, Notes
from skcrystal.formats.species import is_heavy_hydrogen, parse_type_symbol

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "Frame",
    "extxyz_entries",
    "extxyz_text",
    "frame_entry",
    "looks_like_extxyz",
    "ordered_symbols",
    "split_frames",
]

_VALUE = r"""\s*=\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|\[([^\]]*)\]|(\{.*\}|\S+))"""
_PBC = re.compile(rf"\bpbc{_VALUE}", re.IGNORECASE)
_OCCUPANCY = re.compile(rf"\boccupancy{_VALUE}")
_TRUE, _FALSE = {"t", "true", "1"}, {"f", "false", "0"}

_LATTICE = re.compile(r"""\blattice\s*=\s*(?:"([^"]*)"|'([^']*)'|\{([^}]*)\}|\[([^\]]*)\])""", re.IGNORECASE)
_PROPERTIES = re.compile(r"""\bproperties\s*=\s*["']?([\w:]+)""", re.IGNORECASE)
# How many columns a property has that is read.
WIDTHS = {"species": "1", "pos": "3", "spacegroup_kinds": "1"}


def looks_like_extxyz(text: str) -> bool:
    """Tell whether a text begins with a number of atoms and a line that gives a lattice."""
    lines = text[:20_000].splitlines()
    return len(lines) > 1 and lines[0].strip().isdecimal() and _LATTICE.search(lines[1]) is not None


def extxyz_entries(text: str, source: str, max_sites: int = MAX_SITES) -> Iterator[Entry]:
    """Yield the frames of extended XYZ text, one crystal each.

    Parameters
    ----------
    text : str
        Frames of a number of atoms, a line with ``Lattice="..."`` (nine numbers: a, b, c in angstrom) and
        perhaps ``Properties=species:S:1:pos:R:3``, and a line for each atom with Cartesian positions. The
        partial occupancies that ASE writes (``occupancy`` and ``spacegroup_kinds``) are read.
    source : str
        Followed by the number of the frame, from 0, where there are several.
    max_sites : int, default=100_000

    Yields
    ------
    Entry
        An error where a frame has no lattice (a molecule), is not periodic in three directions or cannot be
        read; names the line. Behind a frame of
        a wrong number of atoms, the next one begins at the next number above a lattice.

    References
    ----------
    The description of ASE, https://ase-lib.org/ase/io/formatoptions.html#extxyz.
    """
    lines = (Line(number, 0, line) for number, line in enumerate(text.splitlines(), start=1))
    for k, frame in enumerate(split_frames(lines, max_sites)):
        yield frame_entry(frame, f"{source}, frame {k}" if k else source)


class Frame(NamedTuple):
    """The lines of a frame behind that of its number of atoms, or why they are none; and where it begins."""

    start: Line
    lines: list[str]
    fault: str = ""


def split_frames(lines: Iterator[Line], max_sites: int = MAX_SITES) -> Iterator[Frame]:
    """Split lines into frames, of which no more than one is held.

    Parameters
    ----------
    lines : iterator of Line
    max_sites : int, default=100_000
    """
    ahead: deque[Line] = deque()
    while _fill(ahead, lines, 1):
        start = ahead[0]
        if not start.text.strip():
            ahead.popleft()
            continue
        n_atoms, fault = _count(ahead, lines, max_sites)
        ahead.popleft()
        if fault:
            while _fill(ahead, lines, 2) and not _begins_frame(ahead, 0):
                ahead.popleft()
            if len(ahead) == 1:
                ahead.clear()
        yield Frame(start, [] if fault else [ahead.popleft().text for _ in range(1 + n_atoms)], fault)


def frame_entry(frame: Frame, source: str) -> Entry:
    """Read the crystal of a frame."""
    notes = Notes(source)
    if frame.fault:
        return Entry(source, None, notes.error(frame.fault))
    comment, *rows = frame.lines
    return attempt(lambda: _frame(comment, rows, frame.start.number + 2, source, notes), source)


def _fill(ahead: deque[Line], lines: Iterator[Line], count: int) -> bool:
    """Read on until so many lines are at hand; tell whether there are."""
    ahead.extend(islice(lines, max(0, count - len(ahead))))
    return len(ahead) >= count


def _count(ahead: deque[Line], lines: Iterator[Line], max_sites: int) -> tuple[int, str]:
    """Return the number of atoms that the first line states, and why it cannot be that of a frame."""
    number, word = ahead[0].number, ahead[0].text.strip()
    if not word.isdecimal():
        return 0, f"line {number} of the XYZ text must be the number of atoms, not {word[:40]!r}."
    n_atoms = int(word[:12])
    if n_atoms > max_sites:
        return 0, (
            f"the cell holds {n_atoms:,} sites, more than max_sites={max_sites:,}; "
            "raise max_sites to read it."
        )
    broken = f"the frame of the XYZ text at line {number} does not hold its {n_atoms} atoms."
    if n_atoms == 0 or not _fill(ahead, lines, 2 + n_atoms):
        return 0, broken
    # A frame that is cut off runs into the head of the next one, whose second line may be one more.
    _fill(ahead, lines, 3 + n_atoms)
    rows = islice(ahead, 2, 2 + n_atoms)
    if any(line.text.strip().isdecimal() and _begins_frame(ahead, 2 + i) for i, line in enumerate(rows)):
        return 0, broken
    return n_atoms, ""


def _begins_frame(lines: deque[Line], i: int) -> bool:
    if len(lines) <= i + 1 or not lines[i].text.strip().isdecimal():
        return False
    return _LATTICE.search(lines[i + 1].text) is not None


def _frame(comment: str, rows: list[str], first_line: int, source: str, notes: Notes) -> Crystal:
    found = _LATTICE.search(comment)
    words = next((group for group in found.groups() if group is not None), "") if found else ""
    try:
        lattice = np.array([float(word) for word in words.replace(",", " ").split()]).reshape(3, 3)
    except ValueError:
        raise notes.error(
            f'line {first_line - 1} of the XYZ text has no Lattice="..." of nine numbers: '
            "it is a molecule or no extended XYZ; give a crystal."
        ) from None
    try:
        places = _columns(comment)
    except CrystalError as error:
        raise notes.error(f"line {first_line - 1} of the XYZ text: {error}") from None
    species, position, kind_place = (
        places.get("species", 0),
        places.get("pos", 1),
        places.get("spacegroup_kinds"),
    )
    numbers, coords, kinds = [], [], []
    heavy = False
    for offset, row in enumerate(rows):
        parts = row.split()
        try:
            kind = parse_type_symbol(parts[species])
            coords.append([float(word) for word in parts[position : position + 3]])
            if kind_place is not None:
                kinds.append(float(parts[kind_place]))
        except (IndexError, ValueError):
            kind = None
        if kind is None or kind[0][0] == 0 or len(coords[-1]) < 3 or not np.isfinite(coords[-1]).all():
            raise notes.error(
                f"line {first_line + offset} of the XYZ text, {row.strip()[:60]!r}, "
                "must hold an element and three coordinates."
            )
        numbers.append(kind[0][0])
        heavy |= kind[0][0] == 1 and is_heavy_hydrogen(parts[species])
    try:
        check_periodic(_directions(comment))
        crystal = Crystal.ordered(lattice, fractional(np.array(coords), lattice), numbers, source=source)
        crystal = with_occupancies(crystal, _text_of(_OCCUPANCY, comment), kinds or None)
    except CrystalError as error:
        raise notes.error(f"the frame of the XYZ text at line {first_line - 2}: {error}") from None
    return replace(crystal, notes=(HEAVY_HYDROGEN,)) if heavy else crystal


def _text_of(pattern: re.Pattern[str], comment: str) -> str | None:
    """Return the value that a key of the comment line has, unquoted; None without the key."""
    found = pattern.search(comment)
    if found is None:
        return None
    double, single, listed, bare = found.groups()
    quoted = double if double is not None else single
    if quoted is not None:
        return re.sub(r"\\(.)", r"\1", quoted)
    return listed if listed is not None else bare


def _directions(comment: str) -> list[bool]:
    """Return in which directions a frame says that it is periodic: all, where it says nothing."""
    text = _text_of(_PBC, comment)
    if text is None:
        return [True] * 3
    words = re.split(r"[\s,]+", text.strip("{} ").lower())
    if len(words) not in {1, 3} or not set(words) <= _TRUE | _FALSE:
        raise CrystalError(f'pbc="{text[:40]}" is not three of T and F; correct it')
    return [word in _TRUE for word in words] * (3 // len(words))


def _columns(comment: str) -> dict[str, int]:
    """Column in which each property of the atoms begins."""
    found = _PROPERTIES.search(comment)
    parts = found[1].split(":") if found else []
    column, places = 0, {}
    for name, width in zip(parts[0::3], parts[2::3], strict=False):
        if WIDTHS.get(name.lower(), width) != width:
            raise CrystalError(
                f"Properties has {name} in {width[:20]} columns, not {WIDTHS[name.lower()]}; correct it"
            )
        places[name.lower()] = column
        column += int(width[:9]) if width.isdecimal() else 1
    return places


def extxyz_text(crystal: Crystal) -> str:
    """Write an ordered crystal as one frame of extended XYZ.

    Raises
    ------
    CrystalError
        If the crystal is disordered.
    """
    names = ordered_symbols(crystal, "extended XYZ")
    lattice = " ".join(f"{value:.10g}" for value in crystal.lattice.ravel())
    lines = [str(len(names)), f'Lattice="{lattice}" Properties=species:S:1:pos:R:3 pbc="T T T"']
    for symbol, (x, y, z) in zip(names, (crystal.frac_coords @ crystal.lattice).tolist(), strict=True):
        lines.append(f"{symbol:2s} {x:16.10f} {y:16.10f} {z:16.10f}")
    return "\n".join(lines) + "\n"


def ordered_symbols(crystal: Crystal, format_name: str) -> list[str]:
    """Return the element symbol of every site of an ordered crystal, which is all that a format can hold."""
    if len(crystal.atomic_numbers) != len(crystal.frac_coords) or (crystal.occupancies != 1).any():
        raise Notes(crystal.source).error(
            f"the crystal is disordered, which {format_name} cannot express; write CIF or JSON instead."
        )
    return [symbols()[number] for number in crystal.atomic_numbers.tolist()]
