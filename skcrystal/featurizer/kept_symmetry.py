"""Symmetry that was found, in the file of the rows: presets and processes do not search twice."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

from skcrystal.crystals.known_symmetry import KnownSymmetry
from skcrystal.featurizer.code_digests import code_digest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from skcrystal.featurizer.cache import RowCache

__all__ = ["KeptSymmetry", "search_key"]


def search_key(symprec: float) -> bytes:
    """Return what tells one search from others: its tolerance, moyo's version, and the code around it."""
    import moyopy

    digest = blake2b(code_digest("skcrystal.crystals", "skcrystal.kernels"), digest_size=16)
    digest.update(f"{moyopy.__version__} {float(symprec).hex()}".encode())
    return digest.digest()


class KeptSymmetry(KnownSymmetry):
    """What searches found, in the file of a cache, and beside it what is known in memory.

    Parameters
    ----------
    store : RowCache
    near : KnownSymmetry
        What is known of the crystals in memory.
    """

    def __init__(self, store: RowCache, near: KnownSymmetry) -> None:
        super().__init__()
        self.is_shared = True
        self._store, self._near = store, near
        self._fresh: dict[bytes, dict[bytes, bytes]] = {}

    def read(self, keys: Iterable[bytes], symprec: float) -> dict[bytes, bytes]:
        """Return what is known of crystals, in the file or in memory."""
        keys = list(keys)
        found = super().read(keys, symprec)
        missing = [key for key in keys if key not in found]
        kept = self._store.read_symmetry(missing, search_key(symprec)) if missing else {}
        super().write(kept, symprec)
        near = self._near.read([key for key in missing if key not in kept], symprec)
        self._remember(near, symprec)
        return {**found, **kept, **near}

    def write(self, entries: dict[bytes, bytes], symprec: float) -> None:
        """Remember what a search found; it comes into the file with the rows (:meth:`take_fresh`)."""
        self._remember(entries, symprec)
        self._near.write(entries, symprec)

    def _remember(self, entries: dict[bytes, bytes], symprec: float) -> None:
        super().write(entries, symprec)
        if entries:
            self._fresh.setdefault(search_key(symprec), {}).update(entries)

    def take_fresh(self) -> dict[bytes, dict[bytes, bytes]]:
        """Return what is not in the file: key of a search -> key of a crystal -> what was found."""
        fresh, self._fresh = self._fresh, {}
        return fresh
