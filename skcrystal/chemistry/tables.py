"""The data tables of the package: their rows, and one number that changes when any of them does."""

from __future__ import annotations

import csv
from functools import cache
from hashlib import blake2b
from pathlib import Path

__all__ = ["table_rows", "tables_digest"]

_DATA = Path(__file__).parent / "data"


def table_rows(name: str, folder: Path = _DATA) -> list[dict[str, str]]:
    """Return the rows of a CSV file with a header in ``chemistry/data``, or in another folder."""
    with (folder / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@cache
def tables_digest() -> str:
    """Return a digest of the names and contents of all files in ``chemistry/data``."""
    digest = blake2b(digest_size=16)
    for file in sorted(path for path in _DATA.rglob("*") if path.is_file()):
        content = file.read_bytes()
        digest.update(f"{file.relative_to(_DATA)}:{len(content)}:".encode())
        digest.update(content)
    return digest.hexdigest()
