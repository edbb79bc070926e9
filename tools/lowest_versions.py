"""Print the lowest versions that pyproject.toml allows, for pip: `make test-lowest` installs them.

The extras for PyTorch Geometric and the Materials Project are left out: what these need in turn decides which
versions of theirs fit together, and no floor of ours.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

EXTRAS = ("ase", "parquet", "plots")


def floors(requirements: list[str]) -> list[str]:
    """Return ``name==version`` for each requirement of the form ``name>=version``."""
    found = []
    for requirement in requirements:
        matched = re.fullmatch(r"([\w.-]+)>=([\w.]+)", requirement)
        if matched is None:
            raise ValueError(f"{requirement!r} has no lower bound, or more than that; write name>=version")
        found.append(f"{matched[1]}=={matched[2]}")
    return found


def main() -> None:
    text = (Path(__file__).parent.parent / "pyproject.toml").read_text(encoding="utf-8")
    project = tomllib.loads(text)["project"]
    extras = [line for name in EXTRAS for line in project["optional-dependencies"][name]]
    print(*floors([*project["dependencies"], *extras]), sep="\n")


if __name__ == "__main__":
    main()
