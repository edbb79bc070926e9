"""The data tables of the package, as one number that changes when any of them does."""

from __future__ import annotations

from functools import cache
from hashlib import blake2b
from pathlib import Path

__all__ = ["tables_digest"]


@cache
def tables_digest() -> str:
    """Return a digest of the names and contents of all files in ``chemistry/data``."""
    digest = blake2b(digest_size=16)
    folder = Path(__file__).parent / "data"
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        content = file.read_bytes()
        digest.update(f"{file.relative_to(folder)}:{len(content)}:".encode())
        digest.update(content)
    return digest.hexdigest()
