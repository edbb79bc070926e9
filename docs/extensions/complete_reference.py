"""The reference and the package hold the same names, or the build warns, which fails it.

Every public name of a module that ``api/index.md`` lists has a page, and every page is of a public name.
"""

from __future__ import annotations

import re
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

from sphinx.util import logging

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

logger = logging.getLogger(__name__)
PAGES = "api/generated/"


def listed_modules(index: str) -> list[str]:
    """Return the modules that the text of the index names, in its order."""
    return re.findall(r"^   (skcrystal[\w.]*)$", index, flags=re.M)


def public_names(module: str) -> set[str]:
    """Return full names of what a module offers; modules among them stand by their own names."""
    found = import_module(module)
    names = set()
    for name in found.__all__:
        value = getattr(found, name)
        if isinstance(value, ModuleType):
            names.add(value.__name__)
        elif not name.startswith("__"):
            names.add(f"{module}.{name}")
    return names


def check(app: Sphinx, env: BuildEnvironment) -> None:
    index = (env.srcdir / "api" / "index.md").read_text(encoding="utf-8")
    modules = set(listed_modules(index))
    public = modules.union(*map(public_names, modules))
    shown = {
        name
        for name, entry in env.domains.python_domain.objects.items()
        if entry.docname == PAGES + name
    }
    for name in sorted(public - shown):
        logger.warning(
            "%s is public and has no page in the reference", name, type="reference"
        )
    for name in sorted(shown - public):
        logger.warning(
            "%s has a page in the reference and is not public", name, type="reference"
        )


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("env-check-consistency", check)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
