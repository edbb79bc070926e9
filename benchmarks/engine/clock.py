"""Processor time of contestants that take turns, so that a busy machine slows all of them alike."""

from __future__ import annotations

import gc
import statistics
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["Turns", "take_turns"]


class Turns(dict[str, list[float]]):
    """Contestant -> seconds of each of its turns."""

    def seconds(self, name: str) -> float:
        """Return the median time of a contestant."""
        return statistics.median(self[name])

    def ratio(self, slow: str, *fast: str) -> float:
        """Return the median, over the rounds, of one contestant's time over the sum of others' times."""
        return statistics.median(self.ratios(slow, *fast))

    def ratios(self, slow: str, *fast: str) -> list[float]:
        """Return that of each round."""
        sums = map(sum, zip(*(self[name] for name in fast), strict=True))
        return [a / b for a, b in zip(self[slow], sums, strict=True)]


def take_turns(
    contestants: Mapping[str, Callable[[], object]],
    rounds: int,
    clock: Callable[[], float] = time.process_time,
    wake: Mapping[str, Callable[[], object]] | None = None,
) -> Turns:
    """Run A B C A B C ..., each after a collection of garbage, and return the seconds of every turn.

    Some contestants have a call in `wake` that comes first and is not timed: processes that stood idle while
    others had their turn may have lost their memory pages to the system.
    """
    turns = Turns({name: [] for name in contestants})
    for _ in range(rounds):
        for name, run in contestants.items():
            gc.collect()
            if wake and name in wake:
                wake[name]()
            start = clock()
            run()
            turns[name].append(clock() - start)
    return turns
