"""What is said of a crystal that was repaired or is suspicious: the sentences, and what each means."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["NoteKind", "ReadWarning", "filled", "in_one_sentence", "listed", "warn_of_notes"]

SHOWN = 3


class NoteKind(NamedTuple):
    """One kind of note.

    Attributes
    ----------
    done : str
        What was done: merged, moved, rescaled, left out, read as, chosen or noted.
    template : str
        The sentence without its full stop, with fields in braces.
    meaning : str
        When it is said and what the crystal then holds, for the documentation.
    """

    done: str
    template: str
    meaning: str


def filled(kind: NoteKind, **fields: object) -> str:
    """Fill in the fields of a kind of note.

    Examples
    --------
    >>> filled(NoteKind("merged", "sites merged: {names}", ""), names="Na1 = Na2")
    'sites merged: Na1 = Na2'
    """
    return kind.template.format(**fields)


def listed(names: list[str], most: int = 5) -> str:
    """Join names for a sentence, the first few only.

    >>> listed(["Na1", "Na2", "Cl1"], most=2)
    'Na1, Na2 and 1 more'
    """
    shown = ", ".join(names[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown


class ReadWarning(UserWarning):
    """A crystal was read, and something in it was repaired, guessed, left out, or is suspicious."""

    __module__ = "skcrystal.formats"  # where users find it


def in_one_sentence(notes: Mapping[str, Sequence[str]], total: int) -> str:
    """Join the notes of many crystals: how many have any, and the first few word by word.

    Parameters
    ----------
    notes : mapping of str to sequence of str
        What a crystal is called in the message -> its notes.
    total : int
        Number of crystals, those without notes included.

    Examples
    --------
    >>> in_one_sentence({"crystal 4 (a.cif)": ["labels guessed: T1 as Si"]}, 10)
    '1 of 10 crystals has notes: crystal 4 (a.cif): labels guessed: T1 as Si.'
    """
    shown = [f"{name}: {'; '.join(own)}" for name, own in list(notes.items())[:SHOWN]]
    more = f"; and {len(notes) - SHOWN:,} more" if len(notes) > SHOWN else ""
    if total == 1:
        return f"{shown[0]}."
    verb = "has" if len(notes) == 1 else "have"
    return f"{len(notes):,} of {total:,} crystals {verb} notes: {'; '.join(shown)}{more}."


def warn_of_notes(
    notes: Mapping[int, Sequence[str]], sources: Mapping[int, str], total: int, *, stacklevel: int = 2
) -> None:
    """Issue one :class:`ReadWarning` for all notes, if there are any.

    Parameters
    ----------
    notes : mapping of int to sequence of str
        Index of a crystal -> its notes.
    sources : mapping of int to str
        Index of a crystal -> where it came from, which may be empty or missing.
    total : int
        Number of crystals.
    stacklevel : int, default=2
        As in :func:`warnings.warn`; 2 is the caller of the caller.
    """
    if not notes:
        return
    named = {
        f"crystal {index}{f' ({sources[index]})' if sources.get(index) else ''}": own
        for index, own in notes.items()
    }
    warnings.warn(in_one_sentence(named, total), ReadWarning, stacklevel=stacklevel + 1)
