"""Kernels of which little is asked run as the Python that they are written in; compiling takes longer."""

from __future__ import annotations

from contextlib import contextmanager
from functools import update_wrapper
from types import FunctionType
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["Interpretable", "compiled_at_once"]

# Lines of Python that a process runs of a kernel before it compiles it: a quarter of a second, where most
# take from half a second to one and a half to compile. Who goes on to many crystals loses no more than that.
ALLOWANCE = 1_000_000.0


class Interpretable:
    """A kernel that runs as Python until it is worth compiling, with the same results to the last bit.

    It is compiled once more is asked of it than `ALLOWANCE`, in one call or in all calls together. Where it
    was compiled before, and lies on disk, it is not interpreted at all. Arithmetic that Python refuses (to
    divide by 0, to make infinity an integer) is left to the compiled kernel, which begins anew with its
    arguments as they were.

    The arithmetic must be that of the compiled kernel: no ``fastmath``, functions of :mod:`math` where those
    of numpy round otherwise, and products in place of powers.

    Parameters
    ----------
    dispatcher : numba dispatcher
        The kernel.
    lines : callable
        Takes what the kernel takes, and returns about how many lines of Python a call runs.
    """

    enabled = True

    def __init__(self, dispatcher: Any, lines: Callable[..., float]) -> None:
        update_wrapper(self, dispatcher.py_func)
        self.dispatcher = dispatcher
        self.lines = lines
        self.python = as_python(dispatcher.py_func)
        self.left: float | None = None

    @property
    def signatures(self) -> list[Any]:
        """Types of arguments that it was compiled for."""
        signatures: list[Any] = self.dispatcher.signatures
        return signatures

    def __call__(self, *arguments: Any) -> Any:
        """Run the kernel."""
        if self.left == 0.0 or not self._affords(arguments):
            return self.dispatcher(*arguments)
        arrays = [one for one in arguments if isinstance(one, np.ndarray) and one.flags.writeable]
        before = [array.copy() for array in arrays]
        try:
            with np.errstate(all="ignore"):
                return self.python(*arguments)
        except (ArithmeticError, ValueError):
            for array, copy in zip(arrays, before, strict=True):
                array[...] = copy
            self.left = 0.0
            return self.dispatcher(*arguments)

    def _affords(self, arguments: tuple[Any, ...]) -> bool:
        """Pay for a call, unless that is too much."""
        if not self.enabled:
            return False
        if self.left is None:
            self.left = 0.0 if is_compiled(self.dispatcher) else ALLOWANCE
        with np.errstate(all="ignore"):
            asked = float(self.lines(*arguments))
        self.left = self.left - asked if asked <= self.left else 0.0
        return self.left > 0.0


@contextmanager
def compiled_at_once() -> Iterator[None]:
    """Compile each kernel with its first call."""
    Interpretable.enabled = False
    try:
        yield
    finally:
        Interpretable.enabled = True


def is_compiled(dispatcher: Any) -> bool:
    """Tell whether a kernel was compiled, by this process or by one that kept it on disk."""
    files = getattr(dispatcher._cache, "_cache_file", None)
    return bool(dispatcher.signatures) or (files is not None and bool(files._load_index()))


def as_python(function: FunctionType) -> FunctionType:
    """Return a function that calls the Python of the kernels that a function calls."""
    names = function.__globals__
    called = {
        name: as_python(names[name].py_func)
        for name in function.__code__.co_names
        if hasattr(names.get(name), "py_func")
    }
    return FunctionType(function.__code__, {**names, **called}, function.__name__, function.__defaults__)
