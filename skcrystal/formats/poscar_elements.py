"""Which elements the groups of sites of a POSCAR are, from what the file, its user or a POTCAR says."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from skcrystal.chemistry.elements import symbols
from skcrystal.formats.species import is_heavy_hydrogen, parse_type_symbol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from skcrystal.formats.problems import Notes

__all__ = ["KnownElements", "element_of", "potcar_elements", "site_elements", "until_comment"]

_FORMULA_PART = re.compile(r"([A-Z][a-z]?)(\d*)")
_NAME = re.compile(r"[A-Za-z]{1,2}(?![A-Za-z])")
_TITEL = re.compile(r"^\s*TITEL\s*=(.*)$", re.MULTILINE)
_VRHFIN = re.compile(r"^\s*VRHFIN\s*=\s*([A-Za-z]{1,2})\s*:", re.MULTILINE)


@dataclass(frozen=True)
class KnownElements:
    """What is known of a file's elements from outside of it.

    Attributes
    ----------
    given : sequence of str or None
        Symbols that the user gives, one for each group of sites.
    potcar : callable or None
        Returns the symbols of the POTCAR beside the file, or None if there is none; asked only where the file
        names no elements.
    """

    given: Sequence[str] | None = None
    potcar: Callable[[], Sequence[str] | None] | None = None


def element_of(name: str) -> int | None:
    """Return the atomic number of ``Fe``, ``Fe_pv``, ``Si/abc123`` or ``Fe2+``; None for anything else."""
    match = _NAME.match(name)
    found = parse_type_symbol(match.group()) if match else None
    return None if found is None or found[0][0] == 0 or found[1] else found[0][0]


def until_comment(words: list[str]) -> list[str]:
    """Return the words in front of a comment, which begins with ``!`` or ``#``."""
    for i, word in enumerate(words):
        if word[0] in "!#":
            return words[:i]
    return words


def potcar_elements(text: str) -> list[str]:
    """Return the symbols of the potentials in a POTCAR, in order.

    They stand in its lines ``TITEL  = PAW_PBE Na_pv 19Sep2006``, and in ``VRHFIN =Na: p6s1``.

    Examples
    --------
    >>> potcar_elements(" TITEL  = PAW_PBE Na_pv 19Sep2006\\n VRHFIN =Na: p6s1\\n TITEL  = US Cl\\n")
    ['Na_pv', 'Cl']
    """
    titles = [
        next((word for word in found[1].split() if element_of(word) is not None), "")
        for found in _TITEL.finditer(text)
    ]
    return titles if titles and all(titles) else [found[1] for found in _VRHFIN.finditer(text)]


def site_elements(
    names: list[str],
    counts: list[int],
    comment: list[str],
    endings: list[str],
    known: KnownElements,
    notes: Notes,
) -> list[int]:
    """Return the atomic number of every site.

    Parameters
    ----------
    names : list of str
        The line of elements above the numbers of sites; empty where there is none (VASP 4).
    counts : list of int
        Numbers of sites.
    comment : list of str
        Words of the first line.
    endings : list of str
        The name behind each position; "" where there is none.
    known : KnownElements
    notes : Notes

    Raises
    ------
    CrystalError
        If nothing says the elements, or the file contradicts the user.
    """
    given = None if known.given is None else _checked(known.given, counts, "the given elements name", notes)
    own = [element_of(name) for name in names]
    if names and None in own and given is None:
        raise notes.error(
            f"the POSCAR text names {names[own.index(None)]!r}, which is no element; "
            "write symbols such as 'Si' in line 6, or give the elements."
        )
    for name in names:
        if is_heavy_hydrogen(name) and element_of(name) == 1:
            notes.tell("heavy_hydrogen")
    behind = [element_of(word) if word else None for word in endings]
    numbers: list[int] = []
    if names and None not in own:
        numbers = np.repeat(np.array(own, dtype=np.int64), counts).tolist()
    elif not names and None not in behind:
        numbers = [number for number in behind if number is not None]
    if given is not None:
        chosen: list[int] = np.repeat(given, counts).tolist()
        if numbers and numbers != chosen:
            raise notes.error(
                "the POSCAR text names its own elements, which are not the given "
                f"{' '.join(known.given or ())}; leave out elements, or correct them."
            )
        return chosen
    if numbers:
        _note_other_symbols(numbers, endings, behind, notes)
        return numbers
    potentials = known.potcar() if known.potcar is not None else None
    if potentials:
        found = _checked(potentials, counts, "the POTCAR beside it has potentials of", notes)
        notes.tell("elements_of_potcar")
        return np.repeat(found, counts).tolist()
    return _from_comment(counts, comment, notes)


def _note_other_symbols(
    numbers: list[int], endings: list[str], behind: list[int | None], notes: Notes
) -> None:
    """Note that symbols stand behind the positions that are not those of the line of elements."""
    if any(word and number is None for word, number in zip(endings, behind, strict=True)):
        return  # comments
    for site, (number, other) in enumerate(zip(numbers, behind, strict=True)):
        if other not in {None, number}:
            notes.tell("elements_behind", site=site, symbol=symbols()[number], other=endings[site][:20])
            return


def _checked(given: Sequence[str], counts: list[int], who: str, notes: Notes) -> list[int]:
    """Return atomic numbers, one for each group."""
    names = [given] if isinstance(given, str) else list(given)
    numbers = [element_of(str(name)) for name in names]
    if None in numbers:
        raise notes.error(f"{who} {names[numbers.index(None)]!r}, which is no element; give symbols.")
    if len(numbers) != len(counts):
        groups = f"{len(counts)} group{'s' if len(counts) != 1 else ''} of sites"
        raise notes.error(
            f"{who} {len(names)} element{'s' if len(names) != 1 else ''} ({' '.join(names[:9])}), and the "
            f"POSCAR text has {groups} ({' '.join(map(str, counts[:9]))}); give one for each group."
        )
    return [number for number in numbers if number is not None]


def _from_comment(counts: list[int], comment: list[str], notes: Notes) -> list[int]:
    """Read the first line as one of symbols, as users of VASP 4 put there, or with a formula."""
    words = comment[: len(counts)]
    found = [number for number in map(element_of, words) if number is not None]
    if len(found) == len(counts):
        if len(comment) > len(words):
            notes.tell("elements_of_comment", words=" ".join(words)[:40])
        return np.repeat(found, counts).tolist()
    for word in comment:
        guessed = _elements_of_formula(word, counts)
        if guessed:
            notes.tell("elements_guessed", word=repr(word[:40]))
            return np.repeat(guessed, counts).tolist()
    raise notes.error(
        "the POSCAR text (VASP 4 format) does not say which elements its sites are; give them, one for each "
        f"of its {len(counts)} numbers of sites (elements=[...] or --elements), or put a line of symbols "
        "above the numbers."
    )


def _elements_of_formula(word: str, counts: list[int]) -> list[int]:
    """Atomic numbers of a formula whose amounts are those of the groups, in order: SrTiO3 for 2, 2 and 6."""
    parts = _FORMULA_PART.findall(word)
    numbers = [number for number in (element_of(symbol) for symbol, _ in parts) if number is not None]
    amounts = np.array([float(amount or 1) for _, amount in parts])
    same = len(numbers) == len(parts) == len(counts) and min(amounts) > 0
    whole = same and "".join(map("".join, parts)) == word
    return numbers if whole and np.allclose(amounts / amounts.sum(), np.array(counts) / sum(counts)) else []
