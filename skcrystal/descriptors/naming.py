"""What of a descriptor has a name under which every program finds the same thing."""

from __future__ import annotations

import inspect
import sys
from hashlib import blake2b
from pathlib import Path
from types import BuiltinFunctionType, FunctionType
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator

__all__ = ["is_named", "is_plain", "source_digests"]


def is_named(thing: Any) -> bool:
    """Tell whether a class or function has a name under which every program finds it: that of its module."""
    if isinstance(thing, type) and not all(is_named(base) for base in thing.__bases__ if base is not object):
        return False
    module, name = getattr(thing, "__module__", None), getattr(thing, "__qualname__", "")
    found: Any = sys.modules.get(module or "")
    for part in name.split("."):
        found = getattr(found, part, None)
    return found is thing and module not in ("__main__", "__mp_main__")


def is_plain(value: Any) -> bool:
    """Tell whether a parameter's value means the same in every program."""
    if value is None or isinstance(value, bool | int | float | complex | str | bytes | np.generic):
        return True
    if isinstance(value, np.ndarray):
        return value.dtype != object or all(is_plain(entry) for entry in value.ravel().tolist())
    if isinstance(value, list | tuple | set | frozenset | range | slice):
        return isinstance(value, range | slice) or all(is_plain(entry) for entry in value)
    if isinstance(value, dict):
        return all(is_plain(key) and is_plain(entry) for key, entry in value.items())
    if isinstance(value, type | FunctionType | BuiltinFunctionType | np.ufunc):
        return isinstance(value, np.ufunc) or is_named(value)
    # An object of a class with parameters of its own, such as a descriptor within a descriptor.
    if isinstance(value, BaseEstimator):
        return is_named(type(value)) and all(is_plain(own) for own in value.get_params(deep=False).values())
    return False


def source_digests(thing: Any) -> list[tuple[str, str]]:
    """Return the modules that a class stands in, its bases included, each with a digest of its file.

    Those of this package and of scikit-learn have versions: they are left out.
    """
    modules = {kind.__module__ for kind in inspect.getmro(thing)}
    found = []
    for module in sorted(modules):
        if module.partition(".")[0] in ("skcrystal", "sklearn", "builtins", "abc"):
            continue
        file = getattr(sys.modules.get(module), "__file__", None)
        if file is not None and Path(file).is_file():
            found.append((module, blake2b(Path(file).read_bytes(), digest_size=16).hexdigest()))
    return found
