"""Atoms of ASE and rows of its databases into crystals; ASE itself is not imported.

ASE keeps partial occupancies beside the atoms, each of which is the element that there is most of:
``info["occupancy"]`` gives the elements of each kind of site, and the array ``spacegroup_kinds`` the kind of
each atom (https://ase-lib.org/ase/spacegroup/spacegroup.html).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from skcrystal.chemistry.elements import atomic_number, symbols
from skcrystal.crystals.crystal import Crystal, CrystalError, real_numbers, whole_numbers
from skcrystal.formats.cell import check_periodic
from skcrystal.formats.problems import MAX_SITES, check_count

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["crystal_from_atoms", "crystal_from_row", "fractional", "is_atoms", "is_row", "with_occupancies"]

Kind = tuple[tuple[int, float], ...]
"""What a site holds: atomic numbers, each with its occupancy."""


def is_atoms(item: Any) -> bool:
    """Tell whether an object is an ``ase.Atoms``."""
    loaded = sys.modules.get("ase")
    return loaded is not None and isinstance(item, getattr(loaded, "Atoms", ()))


def is_row(item: Any) -> bool:
    """Tell whether an object is a row of an ASE database."""
    loaded = sys.modules.get("ase.db.row")
    return loaded is not None and isinstance(item, loaded.AtomsRow)


def crystal_from_atoms(atoms: Any, *, source: str = "", max_sites: int = MAX_SITES) -> Crystal:
    """Make a crystal of an ``ase.Atoms`` that is periodic in all three directions.

    Raises
    ------
    CrystalError
        If it is not, or if its ``info["occupancy"]`` does not fit its atoms.
    """
    check_periodic(atoms.pbc)
    check_count(len(atoms), max_sites)
    cell = real_numbers(np.asarray(atoms.cell), "the cell", (3, 3)).copy()
    positions = real_numbers(atoms.positions, "the positions", (len(atoms), 3))
    crystal = Crystal.ordered(cell, fractional(positions, cell), atoms.numbers.copy(), source=source)
    return with_occupancies(crystal, atoms.info.get("occupancy"), atoms.arrays.get("spacegroup_kinds"))


def crystal_from_row(row: Any, *, source: str = "", max_sites: int = MAX_SITES) -> Crystal:
    """Make a crystal of a row of an ASE database.

    The database keeps no ``info``; occupancies are read where they were stored with the row's ``data``.
    """
    check_count(int(row.natoms), max_sites)
    data = row.data if isinstance(row.data, Mapping) else {}
    crystal = crystal_from_atoms(row.toatoms(), source=source)
    return with_occupancies(crystal, data.get("occupancy"), data.get("spacegroup_kinds"))


def fractional(positions: NDArray[np.float64], cell: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return Cartesian positions in units of the cell's vectors."""
    try:
        return np.asarray(np.linalg.solve(cell.T, positions.T).T, dtype=np.float64).reshape(-1, 3)
    except np.linalg.LinAlgError:
        raise CrystalError(
            "its lattice vectors span no volume; give three vectors that are not in one plane"
        ) from None


def with_occupancies(crystal: Crystal, occupancy: Any, kinds: Any) -> Crystal:
    """Return an ordered crystal with the partial occupancies that ASE keeps beside its atoms.

    Parameters
    ----------
    crystal : Crystal
        Of the elements that the sites hold most of.
    occupancy : mapping, JSON text of one, or None
        Kind of a site -> {symbol: occupancy}; the kinds as int or text.
    kinds : array-like of shape (n_sites,) or None
        The kind of each site. Trajectories lose it: then each atom is of the kind that it is the main element
        of, provided that this leaves no choice.

    Raises
    ------
    CrystalError
        If the occupancies cannot be read, or do not fit the atoms: they were left behind by a change of them.
    """
    if occupancy is None or (isinstance(occupancy, Sequence | Mapping) and not len(occupancy)):
        return crystal
    table = _table(occupancy)
    numbers = crystal.atomic_numbers.tolist()
    if kinds is None:
        contents = [_main_kind(number, site, table) for site, number in enumerate(numbers)]
    else:
        contents = []
        found = whole_numbers(kinds, "the spacegroup_kinds of the atoms", (len(numbers),)).tolist()
        for site, (kind, number) in enumerate(zip(found, numbers, strict=True)):
            if kind not in table:
                raise CrystalError(
                    f"info['occupancy'] says nothing of kind {kind}, that of site {site}; add it, or delete "
                    "info['occupancy']"
                )
            if all(number != own for own, _ in table[kind]):
                raise _stale(site, number, table[kind])
            contents.append(table[kind])
    flat = [species for content in contents for species in content]
    return Crystal(
        crystal.lattice,
        crystal.frac_coords,
        np.cumsum([0] + [len(content) for content in contents]).astype(np.int64),
        np.array([number for number, _ in flat], dtype=np.int64),
        np.array([amount for _, amount in flat], dtype=np.float64),
        np.full(len(flat), np.nan),
        crystal.source,
        crystal.notes,
    )


def _table(occupancy: Any) -> dict[int, Kind]:
    if isinstance(occupancy, str):
        try:
            occupancy = json.loads(occupancy.removeprefix("_JSON "))
        except (ValueError, RecursionError):
            raise _malformed(f"is the text {occupancy!r:.60}") from None
    if not isinstance(occupancy, Mapping):
        raise _malformed(f"is of type {type(occupancy).__name__}")
    table: dict[int, Kind] = {}
    for key, content in occupancy.items():
        try:
            kind = int(key)
        except (TypeError, ValueError, OverflowError):
            raise _malformed(f"has the key {key!r:.40}") from None
        if not isinstance(content, Mapping) or not content:
            raise _malformed(f"gives {content!r:.60} for kind {kind}")
        amounts = real_numbers(list(content.values()), f"the occupancies of kind {kind}", (len(content),))
        if not np.isfinite(amounts).all():
            raise _malformed(f"gives {dict(content)!r:.60} for kind {kind}")
        try:
            elements = [atomic_number(symbol) for symbol in content]
        except ValueError as error:
            raise _malformed(f"names no element: {str(error)[:60]}") from None
        table[kind] = tuple(zip(elements, amounts.tolist(), strict=True))
    return table


def _main_kind(number: int, site: int, table: Mapping[int, Kind]) -> Kind:
    """Return what the kinds hold whose main element this is; an atom of no kind or of several is an error."""
    # Of equal amounts, ASE shows the last; others may show another.
    shown = {tuple(sorted(kind)): kind for kind in table.values() if _main_elements(kind)[-1] == number}
    equal = {tuple(sorted(kind)): kind for kind in table.values() if number in _main_elements(kind)}
    holding = shown or equal
    if not holding:
        raise _stale(site, number, None)
    if len(holding) > 1:
        raise CrystalError(
            f"info['occupancy'] leaves open what site {site} ({symbols()[number]}) holds, "
            f"{' or '.join(map(_content, holding.values()))}: the array spacegroup_kinds is missing, which "
            "trajectories do not keep; save the atoms as extended XYZ or CIF"
        )
    return next(iter(holding.values()))


def _main_elements(kind: Kind) -> list[int]:
    """Return the elements that there is most of, in their order."""
    most = max(amount for _, amount in kind)
    return [number for number, amount in kind if amount == most]


def _content(kind: Kind) -> str:
    return " ".join(f"{symbols()[number]}{amount:g}" for number, amount in kind)


def _stale(site: int, number: int, kind: Kind | None) -> CrystalError:
    held = f"that site {site} holds {_content(kind)}, and" if kind else f"nothing of site {site}, where"
    symbol = symbols()[number] if 0 < number < len(symbols()) else f"number {number}"
    return CrystalError(
        f"info['occupancy'] says {held} the atom is {symbol}: it was left behind by a change of the atoms; "
        "correct or delete it"
    )


def _malformed(found: str) -> CrystalError:
    return CrystalError(
        f"info['occupancy'] {found}; it must give symbols and occupancies of each kind, as "
        "{'0': {'Fe': 0.5, 'Co': 0.5}}"
    )
