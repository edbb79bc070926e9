"""What is said of a crystal that was repaired or is suspicious: the sentences, and what each means."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["NoteKind", "filled"]


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
