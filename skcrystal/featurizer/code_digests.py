"""Digests of this package's own code: what it once found is good as long as the code that found it."""

from __future__ import annotations

from functools import cache
from hashlib import blake2b
from importlib.util import find_spec
from pathlib import Path

__all__ = ["code_digest"]


@cache
def code_digest(*packages: str) -> bytes:
    """Return a digest of the files of packages, which is another one once any of them was changed.

    Parameters
    ----------
    *packages : str
        Names, as ``skcrystal.crystals``.

    Returns
    -------
    bytes
    """
    digest = blake2b(digest_size=16)
    for package in packages:
        spec = find_spec(package)
        for folder in (spec and spec.submodule_search_locations) or ():
            for file in sorted(Path(folder).glob("*.py")):
                content = file.read_bytes()
                digest.update(f"{file.name} {len(content)} ".encode())
                digest.update(content)
    return digest.digest()
