"""While numba compiles kernels of ours: fewer pauses for garbage, and a word to who waits."""

from __future__ import annotations

import gc
import multiprocessing
import sys
from time import perf_counter
from typing import Any

from numba.core import event

__all__ = ["MESSAGE", "Watch", "watch"]

# Who has waited for so many seconds is told why.
PATIENCE = 1.0
MESSAGE = (
    "skcrystal: compiling its inner loops, once after installation; this takes some seconds "
    "(`skcrystal warmup` does it beforehand)"
)


class Watch(event.Listener):
    """Pauses the search for cyclic garbage while a kernel of ours is compiled, and says so if it takes long.

    numba makes millions of objects that live until the end, and the search goes over all of them each time:
    an eighth of the time. What is compiled for other packages is left alone.

    Attributes
    ----------
    kernels : list
        Those that are watched.
    compiled : int
        How many specialisations of them were compiled, and not found on disk.
    told : bool
        Whether somebody was told; True to say nothing.
    """

    def __init__(self) -> None:
        self.kernels: list[Any] = []
        self.compiled = 0
        self.told = False
        self._known: set[Any] = set()
        self._depth = 0
        self._begun = 0.0
        self._waited = 0.0
        self._paused = False

    def add(self, kernel: Any) -> None:
        """Watch a kernel."""
        self.kernels.append(kernel)
        self._known.add(kernel)

    def on_start(self, event: event.Event) -> None:
        """Begin to wait."""
        ours = event.data["dispatcher"] in self._known
        self.compiled += ours
        # What kernels call is compiled in between, some of it numba's own.
        if ours or self._depth:
            self._depth += 1
        if self._depth == 1:
            self._begun = perf_counter()
            self._paused = gc.isenabled()
            gc.disable()
        self._tell()

    def on_end(self, event: event.Event) -> None:
        """Go on."""
        self._tell()
        if self._depth == 1:
            self._waited += perf_counter() - self._begun
            if self._paused:
                if not gc.get_freeze_count():
                    # What was made belongs to the old objects, which are looked at now and then.
                    gc.freeze()
                    gc.unfreeze()
                gc.enable()
        self._depth = max(self._depth - 1, 0)

    def _tell(self) -> None:
        if self.told or not self._depth or self._waited + perf_counter() - self._begun < PATIENCE:
            return
        self.told = True
        # Workers are silent: the process that the user started compiles, or waits for them.
        if multiprocessing.current_process().name == "MainProcess":
            print(MESSAGE, file=sys.stderr, flush=True)


watch = Watch()
event.register("numba:compile", watch)
