"""What readers ask of the gate: which of their crystals it lets pass, and why not the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from skcrystal.crystals.batch import Crystals
from skcrystal.crystals.errors import CrystalError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from skcrystal.crystals.arrays import CrystalArrays
    from skcrystal.crystals.crystal import Crystal

__all__ = ["arrays_through_gate", "checked", "through_gate"]


def checked(crystals: Iterable[Crystal]) -> list[Crystal]:
    """Return crystals as the gate of checks lets them pass, for readers that make no batch.

    Raises
    ------
    CrystalError
        Names the source of the first crystal that is unusable, and why.
    """
    passed, faults = through_gate(list(crystals))
    for reason in faults.values():
        raise CrystalError(reason)
    return list(passed.values())


def through_gate(crystals: Sequence[Crystal]) -> tuple[dict[int, Crystal], dict[int, str]]:
    """Return by their places the crystals that the gate lets pass, and why it refuses the others."""
    return _by_places(*Crystals._joined(list(crystals)), [crystal.source for crystal in crystals])


def arrays_through_gate(
    arrays: CrystalArrays, sources: Sequence[str]
) -> tuple[dict[int, Crystal], dict[int, str]]:
    """Return the same of crystals in flat arrays that fit each other."""
    return _by_places(*Crystals._gated(arrays, sources, [()] * len(sources)), sources)


def _by_places(
    batch: Crystals, faults: Mapping[int, str], sources: Sequence[str]
) -> tuple[dict[int, Crystal], dict[int, str]]:
    good = [index for index in range(len(sources)) if index not in faults]
    return dict(zip(good, batch, strict=True)), {
        index: f"{sources[index]}: {reason}" if sources[index] else reason
        for index, reason in sorted(faults.items())
    }
