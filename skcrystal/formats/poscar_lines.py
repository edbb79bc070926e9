"""The lines of a POSCAR, read from top to bottom: head, positions, and where another crystal begins."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from skcrystal.crystals.crystal import Crystal, CrystalError
from skcrystal.formats.cell import LENGTHS
from skcrystal.formats.poscar_elements import element_of, site_elements, until_comment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from skcrystal.formats.poscar_elements import KnownElements
    from skcrystal.formats.problems import Notes

__all__ = [
    "CONFIGURATION",
    "Header",
    "PoscarLines",
    "begins_poscar",
    "first_line",
    "leading_numbers",
    "looks_like_poscar",
    "poscar_lines",
]

CONFIGURATION = re.compile(r"\s*(?:direct\s+configuration|konfig)\s*=", re.IGNORECASE)
"""The line above the positions of a frame of an XDATCAR."""


def begins_poscar(lines: Sequence[str], start: int) -> bool:
    """Tell whether a whole head of a POSCAR stands at a line: scale, vectors, elements and numbers of sites.

    Stricter than :func:`looks_like_poscar`, because velocities and the data of a predictor-corrector are
    rows of numbers, too.
    """
    if start + 6 >= len(lines):
        return False
    names, counts = (until_comment(lines[start + k].split()) for k in (5, 6))
    if names and all(word.isdecimal() for word in names):
        names, counts = [], names
        if lines[start + 6].strip()[:1].lower() not in {*"dcks"}:
            return False
    elif not names or not all(element_of(word) for word in names):
        return False
    scale = until_comment(lines[start + 1].split())
    return (
        bool(counts)
        and all(word.isdecimal() for word in counts)
        and len(scale) in {1, 3}
        and len(leading_numbers(scale)) == len(scale)
        and all(len(leading_numbers(lines[start + k].split()[:3])) == 3 for k in (2, 3, 4))
    )


def poscar_lines(text: str, most: int = -1) -> list[str]:
    """Return the lines of a text, whatever ends them; the last one holds the rest if there are more."""
    plain = text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    return plain.rstrip("\n").split("\n", most)


def first_line(lines: Sequence[str]) -> int:
    """Return the line that a POSCAR begins with: the first, unless empty lines stand above one more."""
    start = 0
    while not _is_head(lines, start) and start < min(len(lines), 50) and not lines[start].strip():
        start += 1
    return start if _is_head(lines, start) else 0


def _is_head(lines: Sequence[str], start: int) -> bool:
    """Tell whether below a line of any text there are a scale factor and three lattice vectors."""
    head = lines[start + 1 : start + 5]
    if len(head) < 4:
        return False
    return bool(leading_numbers(head[0].split()[:1])) and all(
        len(leading_numbers(line.split()[:3])) == 3 for line in head[1:]
    )


def looks_like_poscar(text: str) -> bool:
    """Tell whether a text begins with any line, a scale factor and three lattice vectors."""
    lines = text.lstrip("\ufeff")[:4000].splitlines()
    return _is_head(lines, first_line(lines))


def leading_numbers(words: list[str]) -> list[float]:
    """The numbers a line begins with; Fortran's exponents (1.0D-3) are read."""
    found = []
    for word in words:
        try:
            found.append(float(word.replace("D", "e").replace("d", "e")))
        except ValueError:
            break
    return found


class Header(NamedTuple):
    """What stands above the positions."""

    comment: list[str]
    lattice: NDArray[np.float64]
    factor: NDArray[np.float64]
    names: list[str]
    counts: list[int]


class PoscarLines:
    """The lines of one file, read from top to bottom."""

    def __init__(self, lines: list[str], notes: Notes, start: int = 0) -> None:
        self.lines = lines
        self.notes = notes
        self.next = start

    def line(self, what: str) -> list[str]:
        """Return the words of the next line, which must exist."""
        if self.next >= len(self.lines):
            raise self.notes.error(
                f"the POSCAR text ends after line {len(self.lines)}, before {what}; the file is incomplete."
            )
        self.next += 1
        return self.lines[self.next - 1].split()

    def fault(self, sentence: str) -> CrystalError:
        """Return an error that names the line read last."""
        shown = self.lines[self.next - 1].strip()[:60]
        return self.notes.error(f"line {self.next} of the POSCAR text, {shown!r}, {sentence}.")

    def vector(self, what: str) -> list[float]:
        """Return the three numbers the next line begins with."""
        found = leading_numbers(self.line(what)[:3])
        if len(found) < 3 or not np.isfinite(found).all():
            raise self.fault(f"must begin with three numbers ({what})")
        return found

    def header(self, max_sites: int) -> Header:
        """Read everything above the positions."""
        comment = self.line("the comment")
        scale = self._scale()
        lattice = np.array([self.vector("a lattice vector") for _ in range(3)])
        last = self.next
        volume = abs(float(np.linalg.det(lattice)))
        if not volume > 1e-9 * float(np.prod(np.linalg.norm(lattice, axis=1))):
            raise self.notes.error(
                "the lattice vectors of the POSCAR text enclose no volume; "
                f"correct lines {last - 2} to {last}."
            )
        # Three factors scale the Cartesian components x, y and z, of vectors and positions alike.
        factor = np.array((-scale[0] / volume) ** (1 / 3) if scale[0] < 0 else scale)
        lattice = lattice * factor
        lengths = np.linalg.norm(lattice, axis=1)
        if not (LENGTHS[0] <= lengths.min() and lengths.max() <= LENGTHS[1]):
            raise self.notes.error(
                f"the lattice vectors of the POSCAR text are {lengths.min():g} to {lengths.max():g} angstrom "
                f"long, not between {LENGTHS[0]:g} and {LENGTHS[1]:g}; correct lines {last - 3} to {last}."
            )
        names, counts = self._groups()
        if sum(counts) > max_sites:
            raise self.notes.error(
                f"the cell holds {sum(counts):,} sites, more than max_sites={max_sites:,}; "
                "raise max_sites to read it."
            )
        return Header(comment, lattice, factor, names, counts)

    def _scale(self) -> list[float]:
        """Return one factor (negative: a volume) or three positive ones."""
        words = until_comment(self.line("the scale factor"))
        found = leading_numbers(words)
        wrong = not found or 0 in found or not np.isfinite(found).all()
        if wrong or len(found) not in {1, 3} or (len(found) == 3 and min(found) < 0):
            raise self.fault(
                "must be the scale factor: one number other than 0 (negative: the cell's volume), or three "
                "positive ones"
            )
        return found

    def crystal(self, header: Header, known: KnownElements) -> Crystal:
        """Read the mode and the positions, and make the crystal."""
        mode = self._first_letter("Direct or Cartesian")
        if mode == "s":
            mode = self._first_letter("Direct or Cartesian")
        rows, endings = self._positions(sum(header.counts))
        # An empty line, or one of text, parts the positions from velocities.
        following = self.lines[self.next : self.next + 1]
        if following and len(leading_numbers(following[0].split()[:3])) == 3:
            self.notes.tell("positions_left", count=len(rows))
        coords = np.array(rows)
        if mode in "ck":
            coords = np.linalg.solve(header.lattice.T, (coords * header.factor).T).T
        return self.finished(header, coords, endings, known)

    def finished(
        self, header: Header, coords: NDArray[np.float64], endings: list[str], known: KnownElements
    ) -> Crystal:
        """Make the crystal of a header and fractional coordinates."""
        if not np.abs(coords).max() <= 1e4:
            raise self.notes.error("the POSCAR text has positions thousands of cells away; correct them.")
        numbers = site_elements(header.names, header.counts, header.comment, endings, known, self.notes)
        crystal = Crystal.ordered(header.lattice, coords, numbers, source=self.notes.source)
        return replace(crystal, notes=self.notes.sentences) if self.notes.sentences else crystal

    def next_start(self) -> int | None:
        """Return the line, from here on, at which another crystal begins; None if there is none."""
        for i in range(self.next, len(self.lines)):
            if CONFIGURATION.match(self.lines[i]) or begins_poscar(self.lines, i):
                return i
        return None

    def _groups(self) -> tuple[list[str], list[int]]:
        """Element names (empty for VASP 4) and the number of sites of each group."""
        words = self.line("the elements or the numbers of sites")
        names: list[str] = []
        if not leading_numbers(words[:1]):
            if not words:
                raise self.fault("must give the elements or the numbers of sites")
            names = until_comment(words)
            words = self.line("the numbers of sites")
            # Many groups may fill several lines.
            while words and all(element_of(word) for word in until_comment(words)):
                names += until_comment(words)
                words = self.line("the numbers of sites")
        counts = self._counts(words)
        while len(counts) < len(names) and self._is_counts():
            counts += self._counts(self.line("the numbers of sites"))
        if sum(counts) == 0:
            raise self.fault("must give the number of sites of each element, as whole numbers")
        if names and len(names) != len(counts):
            raise self.fault(f"gives {len(counts)} numbers for {len(names)} elements ({' '.join(names[:9])})")
        return names, counts

    def _counts(self, words: list[str]) -> list[int]:
        counts = []
        for word in until_comment(words):
            if not word.isdecimal():
                break
            counts.append(int(word[:12]))
        if not counts:
            raise self.fault("must give the number of sites of each element, as whole numbers")
        return counts

    def _is_counts(self) -> bool:
        """Tell whether the next line is one of whole numbers only."""
        words = self.lines[self.next].split() if self.next < len(self.lines) else []
        return bool(words) and all(word.isdecimal() for word in words)

    def _first_letter(self, what: str) -> str:
        words = self.line(what)
        letter = words[0][0].lower() if words else "d"
        if leading_numbers(words[:1]):
            raise self.fault(f"must say {what}; check the numbers of sites in the line before")
        return letter

    def _positions(self, n_sites: int) -> tuple[list[list[float]], list[str]]:
        """Positions, and the name behind each of them ("" if there is none)."""
        rows, endings = [], []
        for i in range(n_sites):
            what = f"position {i + 1} of {n_sites}"
            words = self.line(what)
            while not words:  # Fortran reads over empty lines
                words = self.line(what)
            found = leading_numbers(words[:3])
            if len(found) < 3 or not np.isfinite(found).all():
                raise self.fault(f"must begin with three numbers ({what})")
            rows.append(found)
            rest = [word for word in words[3:] if word.strip(".").upper() not in {"T", "F", "TRUE", "FALSE"}]
            endings.append(next((word for word in rest if word[0].isalpha()), ""))
        return rows, endings
