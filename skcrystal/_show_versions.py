"""What a report of an error should hold: versions of the package, of Python and of what it stands on."""

from __future__ import annotations

import os
import platform
import re
import sys
from importlib.metadata import PackageNotFoundError, requires, version

from skcrystal._version import __version__

__all__ = ["show_versions"]


def requirements() -> list[str]:
    """Packages that the installed metadata asks for, extras included, without the developers' tools."""
    tools = re.compile(r"extra == ['\"](dev|docs|all)['\"]")
    try:
        lines = requires("skcrystal") or []
    except PackageNotFoundError:  # imported from a folder, not installed
        return ["numpy", "scipy", "pandas", "scikit-learn"]
    names = (re.match(r"[A-Za-z0-9_.-]+", line) for line in lines if not tools.search(line))
    return sorted({name.group() for name in names if name} - {"skcrystal"}, key=str.lower)


def installed_version(name: str) -> str | None:
    # The CPU build of XGBoost imports under the same name.
    for name_there in (name, f"{name}-cpu"):
        try:
            return version(name_there)
        except PackageNotFoundError:
            continue
    return None


def show_versions() -> None:
    """Print the versions of skcrystal, of Python and of the packages it stands on, for a report.

    Nothing is imported: the versions are those that the packages' metadata state. ``None`` stands for
    what is not installed.

    Examples
    --------
    >>> import skcrystal
    >>> skcrystal.show_versions()  # doctest: +ELLIPSIS
    <BLANKLINE>
    System
    ...
    """
    system = {
        "python": sys.version.split()[0],
        "executable": sys.executable,
        "machine": platform.platform(),
        "processors": str(os.cpu_count()),
    }
    packages = {"skcrystal": __version__, **{name: str(installed_version(name)) for name in requirements()}}
    for title, table in (("System", system), ("Packages", packages)):
        width = max(map(len, table))
        print(f"\n{title}")
        for name, value in table.items():
            print(f"  {name:{width}}  {value}")
