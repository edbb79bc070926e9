"""Put built pages into a site that keeps those of every version, with the list that its switcher reads.

    SKCRYSTAL_DOCS_ADDRESS=https://example.org/skcrystal make docs
    python tools/add_docs_version.py docs/_build/html site --address https://example.org/skcrystal

A version of development goes to ``dev``, replacing what is there; a release to ``0.1``, say, which its
patches replace. The first page of the site leads to the newest release, or to ``dev`` before there is one.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
from pathlib import Path

REDIRECT = """<!DOCTYPE html>
<meta charset="utf-8"><title>skcrystal</title>
<meta http-equiv="refresh" content="0; url={}/">
"""


def folder_of(version: str) -> str:
    """Return where the pages of a version lie.

    >>> folder_of("0.1.0.dev0"), folder_of("0.1.2"), folder_of("1.10.0rc1")
    ('dev', '0.1', 'dev')
    """
    released = re.fullmatch(r"(\d+\.\d+)\.\d+", version)
    return released[1] if released else "dev"


def releases(site: Path) -> list[str]:
    """Return the releases of a site, the newest first."""
    found = [folder.name for folder in site.iterdir() if re.fullmatch(r"\d+\.\d+", folder.name)]
    return sorted(found, key=lambda name: [int(part) for part in name.split(".")], reverse=True)


def add(pages: Path, site: Path, version: str, address: str) -> None:
    """Copy pages to their place in a site and write its list of versions and its first page."""
    target = site / folder_of(version)
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(pages, target)
    known = releases(site)
    shown = (["dev"] if (site / "dev").exists() else []) + known
    first = (known or ["dev"])[0]
    entries = [
        {"name": name, "version": name, "url": f"{address}/{name}/", "preferred": name == first}
        for name in shown
    ]
    (site / "switcher.json").write_text(json.dumps(entries, indent=2) + "\n", encoding="utf-8")
    (site / "index.html").write_text(REDIRECT.format(first), encoding="utf-8")


def main() -> None:
    import skcrystal

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pages", type=Path, help="folder that `make docs` wrote")
    parser.add_argument("site", type=Path, help="folder of the site")
    parser.add_argument("--address", required=True, help="where the site is served")
    given = parser.parse_args()
    given.site.mkdir(parents=True, exist_ok=True)
    add(given.pages, given.site, skcrystal.__version__, given.address.rstrip("/"))


if __name__ == "__main__":
    main()
