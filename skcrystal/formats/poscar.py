"""POSCAR and CONTCAR text (VASP) into crystals."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from skcrystal.crystals.crystal import Crystal, CrystalError
from skcrystal.formats.cell import LENGTHS
from skcrystal.formats.problems import HEAVY_HYDROGEN, MAX_BYTES, MAX_SITES, Notes, check_size, warn_of_one
from skcrystal.formats.species import is_heavy_hydrogen, parse_type_symbol

__all__ = ["looks_like_poscar", "poscar_crystal", "read_poscar"]

_FORMULA_PART = re.compile(r"([A-Z][a-z]?)(\d*)")
_NAME = re.compile(r"[A-Za-z]{1,2}(?![A-Za-z])")


def read_poscar(
    text: str, *, source: str = "", max_bytes: int = MAX_BYTES, max_sites: int = MAX_SITES
) -> Crystal:
    """Read a crystal from POSCAR text.

    Parameters
    ----------
    text : str
        Content of a POSCAR or CONTCAR file, of VASP 4 (elements in the comment line or behind each
        position), 5 (a line of elements) or 6 (with hashes: ``Si/abc123``). Elements may carry the suffix of
        their potential (``Fe_pv``). One scale factor, three, or a negative one: the cell's volume in cubic
        angstrom. Direct or Cartesian positions, selective dynamics. What follows the positions
        (velocities, predictor-corrector data) is not read.
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
    crystal = poscar_crystal(text, source=source, max_bytes=max_bytes, max_sites=max_sites)
    warn_of_one(source, crystal.notes)
    return crystal


def poscar_crystal(
    text: str, *, source: str = "", max_bytes: int = MAX_BYTES, max_sites: int = MAX_SITES
) -> Crystal:
    """Read as :func:`read_poscar`, without a warning: what was repaired stands in the crystal's notes."""
    notes = Notes(source)
    check_size(text, max_bytes, notes)
    # No more lines than can matter: what follows the positions may be long.
    lines = (
        text.lstrip("\ufeff")
        .replace("\r\n", "\n")
        .replace("\r", "\n")
        .rstrip("\n")
        .split("\n", 2 * max_sites + 1000)
    )
    crystal = _Poscar(lines, notes).read(max_sites)
    return replace(crystal, notes=notes.sentences)


def looks_like_poscar(text: str) -> bool:
    """Tell whether lines 2-5 of a text are a scale factor and three lattice vectors."""
    lines = text.lstrip("\ufeff")[:4000].splitlines()[1:5]
    if len(lines) < 4:
        return False
    counts = [len(_numbers(line.split()[:3])) for line in lines]
    return counts[0] in {1, 3} and counts[1:] == [3, 3, 3]


def _numbers(words: list[str]) -> list[float]:
    """The numbers a line begins with; Fortran's exponents (1.0D-3) are read."""
    found = []
    for word in words:
        try:
            found.append(float(word.replace("D", "e").replace("d", "e")))
        except ValueError:
            break
    return found


class _Poscar:
    """The lines of one file, read from top to bottom."""

    def __init__(self, lines: list[str], notes: Notes) -> None:
        self.lines = lines
        self.notes = notes
        self.next = 0

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
        found = _numbers(self.line(what)[:3])
        if len(found) < 3 or not np.isfinite(found).all():
            raise self.fault(f"must begin with three numbers ({what})")
        return found

    def read(self, max_sites: int) -> Crystal:
        comment = self.line("the comment")
        scale = _numbers(self.line("the scale factor")[:3])
        if not scale or 0 in scale or not np.isfinite(scale).all():
            raise self.fault("must be the scale factor: one or three numbers other than 0")
        lattice = np.array([self.vector("a lattice vector") for _ in range(3)])
        volume = abs(float(np.linalg.det(lattice)))
        if not volume > 1e-9 * float(np.prod(np.linalg.norm(lattice, axis=1))):
            raise self.notes.error(
                "the lattice vectors of the POSCAR text enclose no volume; correct lines 3 to 5."
            )
        if len(scale) == 3 and min(scale) > 0:
            factor = np.array(scale)
        elif scale[0] < 0:
            factor = np.array((-scale[0] / volume) ** (1 / 3))
        else:
            factor = np.array(scale[0])
        # Three factors scale the Cartesian components x, y and z, of vectors and positions alike.
        lattice = lattice * factor

        lengths = np.linalg.norm(lattice, axis=1)
        if not (LENGTHS[0] <= lengths.min() and lengths.max() <= LENGTHS[1]):
            raise self.notes.error(
                f"the lattice vectors of the POSCAR text are {lengths.min():g} to {lengths.max():g} angstrom "
                f"long, not between {LENGTHS[0]:g} and {LENGTHS[1]:g}; correct lines 2 to 5."
            )
        names, counts = self._groups()
        n_sites = sum(counts)
        if n_sites > max_sites:
            raise self.notes.error(
                f"the cell holds {n_sites:,} sites, more than max_sites={max_sites:,}; "
                "raise max_sites to read it."
            )
        mode = self._first_letter("Direct or Cartesian")
        if mode == "s":
            mode = self._first_letter("Direct or Cartesian")
        rows, endings = self._positions(n_sites)
        coords = np.array(rows)
        if mode in "ck":
            coords = np.linalg.solve(lattice.T, (coords * factor).T).T
        if not np.abs(coords).max() <= 1e4:
            raise self.notes.error("the POSCAR text has positions thousands of cells away; correct them.")
        numbers = self._elements(names, counts, comment, endings)
        return Crystal.ordered(lattice, coords, numbers, source=self.notes.source)

    def _groups(self) -> tuple[list[str], list[int]]:
        """Element names (empty for VASP 4) and the number of sites of each group."""
        words = self.line("the elements or the numbers of sites")
        names: list[str] = []
        if not _numbers(words[:1]):
            if not words:
                raise self.fault("must give the elements or the numbers of sites")
            names = _until_comment(words)
            words = self.line("the numbers of sites")
            # Many groups may fill several lines.
            while words and all(_element(word) for word in _until_comment(words)):
                names += _until_comment(words)
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
        for word in _until_comment(words):
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
        if _numbers(words[:1]):
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
            found = _numbers(words[:3])
            if len(found) < 3 or not np.isfinite(found).all():
                raise self.fault(f"must begin with three numbers ({what})")
            rows.append(found)
            rest = [word for word in words[3:] if word.strip(".").upper() not in {"T", "F", "TRUE", "FALSE"}]
            endings.append(next((word for word in rest if word[0].isalpha()), ""))
        return rows, endings

    def _elements(
        self, names: list[str], counts: list[int], comment: list[str], endings: list[str]
    ) -> list[int]:
        """Atomic number of every site."""
        if names:
            numbers = []
            for name in names:
                number = _element(name)
                if number is None:
                    raise self.notes.error(
                        f"the POSCAR text names {name!r}, which is no element; "
                        "write symbols such as 'Si' in line 6."
                    )
                numbers.append(number)
                if number == 1 and is_heavy_hydrogen(name):
                    self.notes.add(HEAVY_HYDROGEN)
            return np.repeat(numbers, counts).tolist()
        behind = [_element(word) if word else None for word in endings]
        if all(number is not None for number in behind):
            return [number for number in behind if number is not None]
        found = [_element(word) for word in comment]
        if len(found) >= len(counts) and None not in found[: len(counts)]:
            known = [number for number in found[: len(counts)] if number is not None]
            return np.repeat(known, counts).tolist()
        for word in comment:
            guessed = _elements_of_formula(word, counts)
            if guessed:
                self.notes.add(f"the elements were guessed from {word[:40]!r} in the comment line")
                return np.repeat(guessed, counts).tolist()
        raise self.notes.error(
            "the POSCAR text (VASP 4 format) does not say which elements its sites are; "
            "put a line of symbols above the numbers of sites."
        )


def _until_comment(words: list[str]) -> list[str]:
    for i, word in enumerate(words):
        if word[0] in "!#":
            return words[:i]
    return words


def _elements_of_formula(word: str, counts: list[int]) -> list[int]:
    """Atomic numbers of a formula whose amounts are those of the groups, in order: SrTiO3 for 2, 2 and 6."""
    parts = _FORMULA_PART.findall(word)
    numbers = [number for number in (_element(symbol) for symbol, _ in parts) if number is not None]
    amounts = np.array([float(amount or 1) for _, amount in parts])
    same = len(numbers) == len(parts) == len(counts) and min(amounts) > 0
    whole = same and "".join(map("".join, parts)) == word
    return numbers if whole and np.allclose(amounts / amounts.sum(), np.array(counts) / sum(counts)) else []


def _element(name: str) -> int | None:
    """Atomic number of ``Fe``, ``Fe_pv``, ``Si/abc123`` or ``Fe2+``; None for anything else."""
    match = _NAME.match(name)
    found = parse_type_symbol(match.group()) if match else None
    return None if found is None or found[0][0] == 0 or found[1] else found[0][0]
