"""numba's ``njit``: its cache notices changes of the files that a kernel imports, and Ctrl-C stays Ctrl-C."""

from __future__ import annotations

import re
import signal
import threading
from contextlib import contextmanager
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numba

from skcrystal.kernels.interpretation import Interpretable
from skcrystal.kernels.watch import watch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["njit"]

# Nobody calls kernels from C, and a check of each division costs time, now and later.
SETTINGS: dict[str, Any] = {"no_cfunc_wrapper": True, "error_model": "numpy"}

IMPORT = re.compile(rb"^from skcrystal\.kernels\.(\w+) import ", re.MULTILINE)


@cache
def text_of(file: Path) -> bytes:
    return file.read_bytes()


@cache
def imported_files(file: Path) -> frozenset[Path]:
    """Return a kernel file and all kernel files that it imports, directly or through others."""
    found: set[Path] = set()
    waiting = [file]
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting += [one.with_name(f"{name.decode()}.py") for name in IMPORT.findall(text_of(one))]
    return frozenset(found)


@cache
def source_stamp(file: Path) -> bytes:
    """Return a digest of a kernel file and of all kernel files that it imports."""
    digest = sha256()
    for other in sorted(imported_files(file)):
        digest.update(text_of(other))
    return digest.digest()


@contextmanager
def interrupts_held() -> Iterator[None]:
    """Hold Ctrl-C back while a kernel is compiled, which takes seconds; pressed twice, it comes at once.

    Raised in a callback of LLVM, KeyboardInterrupt is lost, or comes out as another error.
    """
    handler = signal.getsignal(signal.SIGINT)
    if not callable(handler) or hasattr(handler, "is_held") or not _is_main_thread():
        yield
        return
    pressed: list[int] = []

    def hold(number: int, frame: Any) -> None:
        if pressed:
            handler(number, frame)
        pressed.append(number)

    hold.is_held = True  # type: ignore[attr-defined]  # kernels compile those that they call
    signal.signal(signal.SIGINT, hold)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)
        if pressed:
            handler(signal.SIGINT, None)


def _is_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()


def njit(*, lines: Callable[..., float] | None = None, **options: Any) -> Callable[[Callable[..., Any]], Any]:
    """Compile a function as :func:`numba.njit` does, and keep the result on disk while its sources stay.

    numba keeps it until the function's own file changes, whatever becomes of the functions and constants that
    it takes from other files. A division by zero gives what it gives in numpy. Small kernels that others call
    take ``inline="always"``: written into those, they need no compilation of their own.

    Parameters
    ----------
    lines : callable, default=None
        Makes the kernel an :class:`~skcrystal.kernels.interpretation.Interpretable`, which is compiled only
        when it is worth it: takes the same arguments, and returns about how many lines of Python they run.
    **options
        Those of :func:`numba.njit`.
    """

    def compile_later(function: Callable[..., Any]) -> Any:
        dispatcher: Any = numba.njit(**SETTINGS, **options)(function)
        watch.add(dispatcher)
        file = Path(function.__code__.co_filename)
        # There is no cache where numba is told not to compile, or not to keep.
        files = getattr(getattr(dispatcher, "_cache", None), "_cache_file", None)
        if files is not None and file.exists():
            files._source_stamp = source_stamp(file)
        compiled = getattr(dispatcher, "compile", None)
        if compiled is not None:

            def compile_whole(signature: Any) -> Any:
                with interrupts_held():
                    return compiled(signature)

            dispatcher.compile = compile_whole
            if lines is not None:
                return Interpretable(dispatcher, lines)
        return dispatcher

    return compile_later
