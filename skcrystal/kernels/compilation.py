"""numba's ``njit``, with a cache that notices a change of a kernel file that the function's own imports."""

from __future__ import annotations

import re
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numba

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["njit"]

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


def njit(**options: Any) -> Callable[[Callable[..., Any]], Any]:
    """Compile a function as :func:`numba.njit` does, and keep the result on disk while its sources stay.

    numba keeps it until the function's own file changes, whatever becomes of the functions and constants that
    it takes from other files.

    Parameters
    ----------
    **options
        Those of :func:`numba.njit`.
    """

    def compile_later(function: Callable[..., Any]) -> Any:
        dispatcher = numba.njit(**options)(function)
        file = Path(function.__code__.co_filename)
        # There is no cache where numba is told not to compile, or not to keep.
        files = getattr(getattr(dispatcher, "_cache", None), "_cache_file", None)
        if files is not None and file.exists():
            files._source_stamp = source_stamp(file)
        return dispatcher

    return compile_later
