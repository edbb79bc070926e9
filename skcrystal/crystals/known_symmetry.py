"""What searches for symmetry found, known by the content of crystals, so that none is searched twice."""

from __future__ import annotations

import struct
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from skcrystal.crystals.arrays import offsets_of
from skcrystal.crystals.symmetry import SymmetryTable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

__all__ = ["KnownSymmetry", "entries_of", "look_up"]

# Space group, sites, multiplicity, whether a lattice and whether images of the sites follow, tolerance.
HEADER = struct.Struct("<BIIBd")
LINEAR, IMAGES = 1, 2
WIDTHS = {"<u1": 1, "<u2": 2, "<u4": 4}
IDENTITY = np.eye(3)


class KnownSymmetry:
    """Symmetry that was found, as bytes: about 20 for a crystal, and one or two for each site.

    A batch shares it with all that is taken from it, so that folds, chunks and grid points search once.

    Attributes
    ----------
    is_shared : bool
        Whether more than one batch looks here. Until then nothing is written: keys and entries cost a
        hundredth of a row.
    """

    def __init__(self) -> None:
        self.is_shared = False
        self._entries: dict[float, dict[bytes, bytes]] = {}

    def read(self, keys: Iterable[bytes], symprec: float) -> dict[bytes, bytes]:
        """Return what is known of crystals at a tolerance, by their keys.

        Parameters
        ----------
        keys : iterable of bytes
            As :meth:`skcrystal.Crystals.keys` returns them.
        symprec : float

        Returns
        -------
        dict
            Key -> entry.
        """
        entries = self._entries.get(symprec, {})
        return {key: entries[key] for key in keys if key in entries}

    def write(self, entries: dict[bytes, bytes], symprec: float) -> None:
        """Remember what a search found."""
        self._entries.setdefault(symprec, {}).update(entries)


def entries_of(
    keys: Sequence[bytes], table: SymmetryTable, site_counts: NDArray[np.int64]
) -> dict[bytes, bytes]:
    """Return what a search found, as :class:`KnownSymmetry` holds it."""
    return dict(zip(keys, _packed(table, site_counts), strict=True))


def look_up(
    keys: Sequence[bytes],
    site_counts: NDArray[np.int64],
    symprec: float,
    known: KnownSymmetry,
    find: Callable[[NDArray[np.intp]], SymmetryTable],
) -> SymmetryTable:
    """Return the symmetry of each crystal of a batch, searching for what is not known, equal crystals once.

    Parameters
    ----------
    keys : sequence of bytes
        Of the crystals.
    site_counts : ndarray of shape (n_crystals,)
    symprec : float
        In angstrom.
    known : KnownSymmetry
        Where to look, and where to remember what is found.
    find : callable
        Indices of crystals -> SymmetryTable.

    Returns
    -------
    SymmetryTable
    """
    first: dict[bytes, int] = {}
    for index, key in enumerate(keys):
        first.setdefault(key, index)
    entries = known.read(first, symprec)
    missing = [key for key in first if key not in entries]
    if not missing:
        return _unpacked([entries[key] for key in keys])
    places = np.array([first[key] for key in missing], dtype=np.intp)
    table = find(places)
    found = entries_of(missing, table, site_counts[places])
    known.write(found, symprec)
    if len(missing) == len(keys):
        return table
    entries.update(found)
    return _unpacked([entries[key] for key in keys])


def _packed(table: SymmetryTable, site_counts: NDArray[np.int64]) -> list[bytes]:
    """Return the symmetry of each crystal as bytes."""
    offsets = offsets_of(site_counts.tolist())
    has_linear = (table.primitive_linears != IDENTITY).any(axis=(1, 2))
    own = np.arange(offsets[-1]) - np.repeat(offsets[:-1], site_counts)
    has_images = np.logical_or.reduceat(table.primitive_sites != own, offsets[:-1])
    flags = (LINEAR * has_linear + IMAGES * has_images).tolist()
    # Converted all at once: of each width that some crystal needs.
    narrow = {
        kind: (table.orbits.astype(kind).tobytes(), table.primitive_sites.astype(kind).tobytes())
        for kind in {_kind(count) for count in site_counts.tolist()}
    }
    entries = []
    heads = zip(table.numbers.tolist(), table.multiplicities.tolist(), table.symprecs.tolist(), strict=True)
    for i, ((start, stop), (number, multiplicity, symprec)) in enumerate(
        zip(pairwise(offsets.tolist()), heads, strict=True)
    ):
        kind = _kind(stop - start)
        orbits, images = narrow[kind]
        sites = slice(start * WIDTHS[kind], stop * WIDTHS[kind])
        entry = HEADER.pack(number, stop - start, multiplicity, flags[i], symprec) + orbits[sites]
        if flags[i] & LINEAR:
            entry += table.primitive_linears[i].astype("<f8").tobytes()
        if flags[i] & IMAGES:
            entry += images[sites]
        entries.append(entry)
    return entries


def _kind(count: int) -> str:
    """Return the narrowest whole numbers that tell sites apart."""
    return next(kind for kind, width in WIDTHS.items() if count <= 1 << 8 * width)


def _unpacked(entries: Sequence[bytes]) -> SymmetryTable:
    """Return the table that entries were packed from."""
    heads = [HEADER.unpack_from(entry) for entry in entries]
    linears = np.broadcast_to(IDENTITY, (len(entries), 3, 3)).copy()
    orbits, images = [], []
    for i, (entry, (_, count, _, flags, _)) in enumerate(zip(entries, heads, strict=True)):
        kind, place = _kind(count), HEADER.size
        orbits.append(np.frombuffer(entry, kind, count, place))
        place += orbits[-1].nbytes
        if flags & LINEAR:
            linears[i] = np.frombuffer(entry, "<f8", 9, place).reshape(3, 3)
            place += 72
        images.append(np.frombuffer(entry, kind, count, place) if flags & IMAGES else np.arange(count))
    return SymmetryTable(
        np.array([head[0] for head in heads], dtype=np.int64),
        np.array([head[2] for head in heads], dtype=np.int64),
        linears,
        np.concatenate(images).astype(np.int64),
        np.array([head[4] for head in heads]),
        np.concatenate(orbits).astype(np.int64),
    )
