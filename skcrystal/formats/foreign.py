"""Objects of packages that need not be there."""

from __future__ import annotations

import sys
from typing import Any

__all__ = ["is_a"]


def is_a(item: Any, module: str, name: str) -> bool:
    """Tell whether an object is of a class, without importing the package that the class lives in."""
    loaded = sys.modules.get(module)
    return loaded is not None and isinstance(item, getattr(loaded, name, ()))
