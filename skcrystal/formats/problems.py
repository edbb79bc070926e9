"""What reading says about a file: warnings for what was repaired, limits for what is refused."""

from __future__ import annotations

import warnings

from skcrystal.crystals.crystal import CrystalError

__all__ = ["HEAVY_HYDROGEN", "MAX_BYTES", "MAX_SITES", "Notes", "ReadWarning", "check_size"]

MAX_BYTES = 20_000_000
"""Default limit on the text of one file, in bytes: a CIF of this size needs up to 0.6 GB and some seconds."""

MAX_SITES = 100_000
"""Default limit on the sites of one crystal after symmetry expansion."""

HEAVY_HYDROGEN = "deuterium or tritium read as hydrogen"
"""What is noted of the isotopes that have symbols of their own: D and T."""


class ReadWarning(UserWarning):
    """A crystal was read, and something in its file was repaired, guessed or left out."""


class Notes:
    """Collects what was repaired in one file, and says it in one warning per file.

    Parameters
    ----------
    source : str
        Where the text came from; begins the warning when not empty.
    """

    def __init__(self, source: str = "") -> None:
        self.source = source
        self._sentences: list[str] = []

    def add(self, sentence: str) -> None:
        """Remember one sentence, without its full stop; the same sentence is kept once."""
        if sentence not in self._sentences:
            self._sentences.append(sentence)

    def extend(self, other: Notes) -> None:
        """Take over the sentences of another collection."""
        for sentence in other._sentences:
            self.add(sentence)

    def emit(self) -> None:
        """Issue the collected sentences as one :class:`ReadWarning`, and forget them."""
        if self._sentences:
            text = "; ".join(self._sentences)
            self._sentences = []
            warnings.warn(f"{self.prefix()}{text}.", ReadWarning, stacklevel=3)

    def prefix(self) -> str:
        """Return ``"source: "``, or nothing when the source is unknown."""
        return f"{self.source}: " if self.source else ""

    def error(self, sentence: str) -> CrystalError:
        """Return the error of this file with the source in front, to be raised by the caller."""
        return CrystalError(self.prefix() + sentence)


def listed(names: list[str], most: int = 5) -> str:
    """Join names for a sentence, the first few only.

    >>> listed(["Na1", "Na2", "Cl1"], most=2)
    'Na1, Na2 and 1 more'
    """
    shown = ", ".join(names[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown


def check_size(text: str, max_bytes: int, notes: Notes) -> None:
    """Refuse a text longer than `max_bytes` characters, and an empty one."""
    if len(text) > max_bytes:
        raise notes.error(
            f"the text has {len(text):,} characters, more than max_bytes={max_bytes:,}; "
            "raise max_bytes to read it."
        )
    if not text or text.isspace():
        raise notes.error("the text is empty; give the content of a CIF or POSCAR file.")
