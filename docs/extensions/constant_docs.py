"""Say of a constant that a module offers what stands beside it where it is defined.

Sphinx looks for the words in the module that a constant is imported from only; without them it shows what the
constant's type says of itself, as that ``int`` converts numbers.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from sphinx.errors import PycodeError
from sphinx.pycode import ModuleAnalyzer

if TYPE_CHECKING:
    from sphinx.application import Sphinx


def words_of(module: str, name: str) -> list[str]:
    """Return the comment or string behind a constant in a module, or in one of the files under it."""
    below = (other for other in sorted(sys.modules) if other.startswith(f"{module}."))
    for place in (module, *below):
        try:
            found = ModuleAnalyzer.for_module(place).find_attr_docs()
        except PycodeError:
            continue
        if ("", name) in found:
            return found["", name]
    return []


def replace(
    app: Sphinx, what: str, name: str, value: Any, options: Any, lines: list[str]
) -> None:
    if what == "data":
        lines[:] = words_of(*name.rsplit(".", 1))


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("autodoc-process-docstring", replace)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
