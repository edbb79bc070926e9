"""What is found when a file of many crystals is looked through once: how many, and where to go on reading."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Mark", "Marks", "Survey"]


class Mark(NamedTuple):
    """Where a row stands.

    Attributes
    ----------
    row : int
        From 0.
    offset : int
        Byte at which it begins; of a compressed file, unpacked.
    line : int
        Number of its first line, from 1.
    """

    row: int = 0
    offset: int = 0
    line: int = 1


@dataclass(frozen=True)
class Survey:
    """What a file holds.

    Attributes
    ----------
    count : int
        Rows.
    marks : list of Mark
        Of the rows asked for, and in front of them of the first.
    about : dict
        What else its reader has to know, of what JSON can hold.
    """

    count: int
    marks: list[Mark]
    about: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Marks:
    """Which rows are to be marked: `first`, and every so many behind it."""

    first: int
    every: int

    def rows(self, count: int) -> list[int]:
        """Return those among so many rows, and in front of them 0."""
        return [0, *range(self.first, count, self.every)]

    def without_places(self, count: int) -> list[Mark]:
        """Mark rows of a file that are found by their numbers alone."""
        return [Mark(row) for row in self.rows(count)]

    def collect(self, places: Iterable[Mark]) -> tuple[int, list[Mark]]:
        """Count rows as they come, and keep the places of those that are to be marked."""
        count, kept = 0, []
        for mark in places:
            if count in {0, self.first} or (count > self.first and (count - self.first) % self.every == 0):
                kept.append(mark._replace(row=count))
            count += 1
        return count, kept
