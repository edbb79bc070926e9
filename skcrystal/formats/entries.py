"""What readers of files yield: crystals, or why there is none, one for each place of a file."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TYPE_CHECKING, Any

from skcrystal.crystals.admission import through_gate
from skcrystal.crystals.crystal import Crystal, CrystalError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

__all__ = ["Entry", "attempt", "gated", "one_line"]

GATED_TOGETHER = 256


@dataclass(frozen=True, slots=True)
class Entry:
    """One block, frame, row or member of a file.

    A generator that raises is finished; hence readers of many crystals yield these.

    Attributes
    ----------
    source : str
        Path, and what stands for the place in it: ``set.csv, row mp-1``.
    crystal : Crystal or None
    error : CrystalError or None
        Why there is no crystal.
    name : str
        What the file itself calls the crystal: the id of its row, its key; "" where it is called nothing.
    block : str
        The name of its data block, in a CIF of several.
    targets : mapping of str to object
        What stands beside the crystal in a table.
    """

    source: str
    crystal: Crystal | None = None
    error: CrystalError | None = None
    name: str = ""
    block: str = ""
    targets: Mapping[str, Any] = field(default_factory=dict)

    def get(self) -> Crystal:
        """Return the crystal, or raise the error."""
        if self.crystal is None:
            raise self.error or CrystalError(f"{self.source}: there is no crystal.")
        return self.crystal

    @property
    def reason(self) -> str:
        """Why there is no crystal, without the source in front; "" if there is one."""
        text = str(self.error or "")
        for prefix in (f"{self.source}: ", f"{self.source}, "):
            text = text.removeprefix(prefix)
        return text


def attempt(
    read: Callable[[], Crystal],
    source: str,
    *,
    name: str = "",
    block: str = "",
    targets: Mapping[str, Any] | None = None,
) -> Entry:
    """Return what a reader of one crystal gives: the crystal, or its CrystalError as an entry."""
    try:
        return Entry(source, read(), None, name, block, targets or {})
    except CrystalError as error:
        return Entry(source, None, error, name, block, targets or {})


def one_line(name: str) -> str:
    """Return a name as it may stand in a sentence: of one line, and not endless."""
    return " ".join(name.split())[:200]


def gated(entries: Iterator[Entry]) -> Iterator[Entry]:
    """Let crystals pass the gate of checks, many at a time; one that it refuses costs itself."""
    size = 1
    while batch := list(islice(entries, size)):
        # The first ones come by themselves: one crystal may be all that is asked for.
        size = min(2 * size, GATED_TOGETHER)
        places = [i for i, entry in enumerate(batch) if entry.crystal is not None]
        passed, faults = through_gate([entry.crystal for entry in batch if entry.crystal is not None])
        for k, i in enumerate(places):
            fault = CrystalError(faults[k]) if k in faults else None
            batch[i] = replace(batch[i], crystal=passed.get(k), error=fault)
        yield from batch
