"""Write docs/guide/licences.md: what skcrystal needs, and what these need, with their licences.

They are read from the metadata of what is installed, by the environment that `make test` makes:

    .venv/bin/python tools/list_licences.py
"""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent

# Of the licence files of packages whose metadata say less, or that need not be installed to write this.
READ_FROM_FILES = {
    "distributed": "BSD-3-Clause",
    "lmdb": "OLDAP-2.8",
    "optimade": "MIT",
    "skops": "MIT",
    "torch-geometric": "MIT",
    "xgboost": "Apache-2.0",
}

HEAD = """# Licences

skcrystal is under BSD-3-Clause. What it needs, and what that needs in turn, is under licences that allow
any use, free or not; a test reads them from what is installed and fails where one asks more.
{repository-file}`tools/list_licences.py` writes this page.

The one exception is asked for by name: ASE, of the extra `ase`, is under LGPL 2.1 or later. It is
imported where you give its objects or files, never needed otherwise, and no part of it is in skcrystal.

Inside the package are, with their licences beside them: mat2vec's and SkipAtom's vectors of the elements
(MIT), plotly.js (MIT) and 3Dmol.js (BSD-3-Clause) for the page of a report; in these pages the font Noto
Sans Math (OFL 1.1).
"""


def needs(names: list[str]) -> dict[str, Distribution | None]:
    """Return what requirements need, themselves included, by name; None where it is not installed."""
    found: dict[str, Distribution | None] = {}
    waiting = list(names)
    while waiting:
        requirement = Requirement(waiting.pop())
        name = re.sub(r"[-_.]+", "-", requirement.name).lower()
        wanted = {"", *requirement.extras}
        applies = requirement.marker is None or any(
            requirement.marker.evaluate({"extra": extra}) for extra in wanted
        )
        if name in found or not applies:
            continue
        try:
            found[name] = distribution(requirement.name)
        except PackageNotFoundError:
            found[name] = None
            continue
        waiting += [line for line in found[name].requires or [] if "extra ==" not in line]
    return found


def licence_of(name: str, installed: Distribution | None) -> str:
    """Return the licence that a package's metadata states: SPDX, classifiers, or a line of text."""
    if name in READ_FROM_FILES or installed is None:
        return READ_FROM_FILES[name]
    about = installed.metadata
    classified = [
        line.rpartition(" :: ")[2]
        for line in about.get_all("Classifier") or []
        if line.startswith("License ::")
    ]
    text = (about.get("License") or "").strip().split("\n")[0][:60]
    return about.get("License-Expression") or "; ".join(classified) or text


def requirements() -> dict[str, list[str]]:
    """Return what pyproject.toml asks for: ``""`` always, and each extra of users by its name."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    tools = {"all", "dev", "docs"}
    return {"": project["dependencies"]} | {name: extras[name] for name in extras if name not in tools}


def page() -> str:
    """Return the page as Markdown."""
    lines = [HEAD]
    shown: set[str] = set()
    for extra, names in requirements().items():
        asked = [name for name in names if not name.startswith("skcrystal[")]
        found = needs(asked)
        own = set(found) & {re.sub(r"[-_.]+", "-", Requirement(name).name).lower() for name in asked}
        lines.append(f"\n## {f'With the extra `{extra}`' if extra else 'Always'}\n")
        lines += ["| package | licence |", "|---|---|"]
        for name, installed in sorted(found.items()):
            if name in own or name not in shown:
                lines.append(f"| {name} | {licence_of(name, installed)} |")
                shown.add(name)
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    (ROOT / "docs" / "guide" / "licences.md").write_text(page(), encoding="utf-8")
