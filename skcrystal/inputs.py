"""Anything a user calls a crystal, or a collection of them, becomes a batch."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from skcrystal.chemistry.elements import MAX_ATOMIC_NUMBER
from skcrystal.crystals.batch import Crystals
from skcrystal.crystals.checks import OCCUPANCY_TOLERANCE
from skcrystal.crystals.compositions import Compositions, are_whole
from skcrystal.crystals.crystal import Crystal, CrystalError
from skcrystal.crystals.notes import warn_of_notes
from skcrystal.formats.detect import looks_like_path
from skcrystal.formats.documents import entries_of
from skcrystal.formats.foreign import is_a
from skcrystal.formats.from_formula import amounts_of, is_formula
from skcrystal.formats.items import KINDS, first_of_text, is_one_crystal, read_item
from skcrystal.formats.reading import path_crystal

__all__ = ["as_compositions", "as_crystals", "column_of", "read_compositions", "read_items", "split_items"]


def as_crystals(X: Any) -> Crystals:
    """Turn any input into a batch of crystals.

    Parameters
    ----------
    X : Crystals, one crystal, or a collection of crystals
        A crystal is a pymatgen ``Structure`` (ordered or disordered, with or without oxidation states) or
        what carries one (an entry, a ``Poscar``, a document of the Materials Project), a periodic
        ``ase.Atoms`` (with the partial occupancies in its ``info``) or a row of an ASE database, the text of
        a CIF, POSCAR, extended XYZ or JSON file, a path to one (str with no line break, or ``Path``), a dict
        as pymatgen's ``Structure.as_dict`` makes it or one that holds such a dict or text as ``structure``,
        or a :class:`skcrystal.Crystal`. Kinds may be mixed. A collection is a list, tuple, object array,
        pandas Series, a DataFrame of one column, or a dict that holds one: ``{"entries": [...]}``, what
        ``DataFrame.to_dict`` gives, identifiers and structures. A ``Crystals`` is returned as it is. Nothing
        is modified.

    Returns
    -------
    Crystals

    Raises
    ------
    CrystalError
        Names the first item that is no usable crystal, and why.

    Warns
    -----
    ReadWarning
        Once, if something was repaired, guessed or is suspicious: how many crystals have notes, and the first
        of them. ``Crystals.notes`` has all.

    Examples
    --------
    >>> from skcrystal import as_crystals
    >>> as_crystals(["no such file.cif"])
    Traceback (most recent call last):
    ...
    skcrystal.CrystalError: crystal 0: there is no file 'no such file.cif'...
    """
    crystals, faults, notes = read_items(split_items(X))
    for index, reason in faults.items():
        raise CrystalError(f"crystal {index}: {reason}")
    warn_of_notes(notes, dict(enumerate(crystals.sources)), len(crystals))
    return crystals


def as_compositions(X: Any) -> Compositions:
    """Turn formulas, crystals or both into a batch of compositions.

    Parameters
    ----------
    X : Compositions, one item, or a collection of items
        A formula as text (:func:`skcrystal.chemistry.formulas.parse_formula` says what is read), a pymatgen
        ``Composition``, a dict of symbols and amounts, or anything that :func:`as_crystals` takes, of which
        the amounts count. Kinds may be mixed. A text that names a file is that file, even if it is a formula
        too. A ``Compositions`` is returned as it is.

    Returns
    -------
    Compositions

    Raises
    ------
    CrystalError
        Names the first item that is neither, and why: of a formula the place of the mistake.

    Warns
    -----
    ReadWarning
        Once, if something was repaired in a crystal.

    Examples
    --------
    >>> from skcrystal import as_compositions
    >>> as_compositions(["YBa2Cu3O6.93", {"Sr": 1, "Ti": 1, "O": 3}])[0]
    {'O': 6.93, 'Cu': 3.0, 'Y': 1.0, 'Ba': 2.0}
    >>> as_compositions(["SrTiO3", "SrTiO0"])
    Traceback (most recent call last):
    ...
    skcrystal.CrystalError: composition 1: the formula 'SrTiO0' has the amount 0 at character 6; ...
    """
    compositions, faults, notes = read_compositions(split_items(X))
    for index, reason in faults.items():
        raise CrystalError(f"composition {index}: {reason}")
    warn_of_notes(notes, dict(enumerate(compositions.sources)), len(compositions))
    return compositions


def column_of(X: Any, name: str) -> Any:
    """Return a column of a data frame by its name, and what is no data frame as it is.

    Raises
    ------
    CrystalError
        There is no such column.
    """
    columns = getattr(X, "columns", None)
    if columns is None:
        return X
    if name not in list(columns):
        raise CrystalError(f"X has no column {name!r}; its columns are {', '.join(map(str, columns))}")
    return X[name]


def split_items(X: Any) -> Sequence[Any]:
    """Return the items of X, unread, as something that has a length and can be sliced.

    Raises
    ------
    CrystalError
        X is no collection of crystals, for example a table of numbers.
    """
    if isinstance(X, Crystals | Compositions):
        return X  # type: ignore[return-value]  # it has what a chunk needs: len and slices
    if isinstance(X, str | os.PathLike) or is_formula(X) or is_one_crystal(X):
        return [X]
    if isinstance(X, Mapping):
        return [entry for _, entry in entries_of(X) or ()]
    if is_a(X, "pandas", "DataFrame") or is_a(X, "polars", "DataFrame"):
        if X.shape[1] != 1:
            raise CrystalError(
                f"X is a DataFrame of {X.shape[1]} columns; give the column that holds the crystals, "
                "as X['structure'], or its name: CrystalFeaturizer(column='structure')"
            )
        return list(X[X.columns[0]])
    if is_a(X, "pyarrow", "ChunkedArray") or is_a(X, "pyarrow", "Array"):
        items: list[Any] = X.to_pylist()
        return items
    if isinstance(X, np.ndarray):
        if X.ndim == 2 and X.shape[1] == 1:
            X = X[:, 0]
        if X.ndim != 1 or (X.dtype.kind not in "OUST" and len(X)):
            raise CrystalError(
                f"X is an array of shape {X.shape} and dtype {X.dtype}; give one crystal per entry, "
                "in a list or an object array of one dimension"
            )
    if isinstance(X, Iterable):
        return list(X)
    raise CrystalError(f"X is of type {type(X).__name__}; give a collection of crystals, each {KINDS}")


class ReadItems(NamedTuple):
    """What became of items.

    Attributes
    ----------
    crystals : Crystals
        The good ones, in order.
    faults : dict
        Index of each item that is no usable crystal -> reason.
    notes : dict
        Index of an item -> what was repaired in it or is suspicious, and was not said before.
    """

    crystals: Crystals
    faults: dict[int, str]
    notes: dict[int, tuple[str, ...]]


def read_items(items: Sequence[Any], *, disorder: str = "average") -> ReadItems:
    """Read items to crystals, and say what is wrong with those that are none.

    Parameters
    ----------
    items : sequence
        As :func:`split_items` returns them.
    disorder : {"average", "raise"}, default="average"
        With "raise", a disordered crystal is none of the good ones.

    Returns
    -------
    ReadItems
    """
    if isinstance(items, Compositions):
        items = list(items)
    if isinstance(items, Crystals):
        ordered, refused = _ordered(items) if disorder == "raise" else (items, {})
        return ReadItems(ordered, refused, {})
    faults: dict[int, str] = {}
    read: list[Crystal] = []
    apart: list[bool] = []
    origins: list[int] = []
    for index, item in enumerate(items):
        try:
            crystal, is_plain = _read(item)
        except CrystalError as error:
            faults[index] = str(error)
        else:
            read.append(crystal)
            apart.append(is_plain)
            origins.append(index)
    crystals, unusable = Crystals._joined(read, apart)
    for k, reason in unusable.items():
        source = read[k].source
        faults[origins[k]] = f"{source}: {reason}" if source else reason
    good = [k for k in range(len(read)) if k not in unusable]
    origins = [origins[k] for k in good]
    notes: dict[int, tuple[str, ...]] = {}
    for k, origin, own in zip(good, origins, crystals.notes, strict=True):
        # What a Crystal brought along was said when it was read.
        known = len(read[k].notes) if items[origin] is read[k] else 0
        if len(own) > known:
            notes[origin] = own[known:]
    if disorder == "raise":
        crystals, refused = _ordered(crystals)
        faults.update({origins[k]: reason for k, reason in refused.items()})
    return ReadItems(crystals, dict(sorted(faults.items())), notes)


class ReadCompositions(NamedTuple):
    """What became of items; as :class:`ReadItems`."""

    compositions: Compositions
    faults: dict[int, str]
    notes: dict[int, tuple[str, ...]]


def read_compositions(items: Sequence[Any], *, disorder: str = "average") -> ReadCompositions:
    """Read items to compositions: formulas as such, and of crystals what they are made of.

    Parameters
    ----------
    items : sequence
        As :func:`split_items` returns them.
    disorder : {"average", "raise"}, default="average"
        With "raise", a disordered crystal is none of the good ones; a formula always is.

    Returns
    -------
    ReadCompositions
    """
    if isinstance(items, Compositions):
        return ReadCompositions(items, {}, {})
    faults: dict[int, str] = {}
    given: dict[int, dict[int, float]] = {}
    others: list[int] = []
    for index, item in enumerate(() if isinstance(items, Crystals) else items):
        try:
            amounts = amounts_of(item)
        except CrystalError as error:
            faults[index] = str(error)
            continue
        if amounts is None:
            others.append(index)
        else:
            given[index] = amounts
    if isinstance(items, Crystals):
        others = list(range(len(items)))
        crystals, refused, said = read_items(items, disorder=disorder)
    else:
        crystals, refused, said = read_items([items[index] for index in others], disorder=disorder)
    faults.update({others[k]: reason for k, reason in refused.items()})
    found = [index for k, index in enumerate(others) if k not in refused]
    rows = np.zeros((len(items), MAX_ATOMIC_NUMBER + 1))
    sources, whole = [""] * len(items), np.zeros(len(items), dtype=bool)
    rows[found], whole[found] = crystals.element_amounts, crystals.whole
    for index, source in zip(found, crystals.sources, strict=True):
        sources[index] = source
    # All amounts at once: a formula is read in microseconds, and assigning its row alone takes as long.
    formulas = np.array(list(given), dtype=np.int64)
    counts = np.array([len(amounts) for amounts in given.values()], dtype=np.int64)
    numbers = np.array([z for amounts in given.values() for z in amounts], dtype=np.int64)
    rows[np.repeat(formulas, counts), numbers] = [x for amounts in given.values() for x in amounts.values()]
    for index in given:
        sources[index] = items[index] if isinstance(items[index], str) else ""
    whole[formulas] = are_whole(rows[formulas])
    good = np.setdiff1d(np.arange(len(items)), list(faults))
    batch = Compositions(rows[good], [sources[index] for index in good.tolist()], whole[good])
    notes = {others[k]: own for k, own in said.items()}
    return ReadCompositions(batch, dict(sorted(faults.items())), notes)


def _ordered(crystals: Crystals) -> tuple[Crystals, dict[int, str]]:
    """Return the ordered crystals, and of each other one the first site that is shared or partly vacant."""
    shared = np.diff(crystals.species_offsets) > 1
    vacant = np.add.reduceat(crystals.occupancies, crystals.species_offsets[:-1]) < 1 - OCCUPANCY_TOLERANCE
    sites = np.flatnonzero(shared | vacant)
    owners = np.searchsorted(crystals.site_offsets, sites, side="right") - 1
    faults: dict[int, str] = {}
    for owner, first in zip(*np.unique(owners, return_index=True), strict=True):
        crystal, site = crystals[int(owner)], int(sites[first] - crystals.site_offsets[owner])
        source = f"{crystal.source}: " if crystal.source else ""
        faults[int(owner)] = (
            f"{source}{crystal.formula} is disordered, its site {site} holds {_content(crystal, site)}; "
            "order it, or take disorder='average'"
        )
    good = np.setdiff1d(np.arange(len(crystals)), list(faults))
    return (crystals[good] if faults else crystals), faults


def _content(crystal: Crystal, site: int) -> str:
    from skcrystal.chemistry.elements import symbols

    parts = []
    for k in range(*crystal.species_offsets[site : site + 2].tolist()):
        state = crystal.oxidation_states[k]
        charge = "" if np.isnan(state) else f"{abs(state):g}{'-' if state < 0 else '+'}"
        parts.append(f"{crystal.occupancies[k]:.3g} {symbols()[crystal.atomic_numbers[k]]}{charge}")
    return " and ".join(parts)


def _read(item: Any) -> tuple[Crystal, bool]:
    """Return the crystal of an item, and whether its sites are known to be apart."""
    if is_formula(item):
        raise CrystalError(
            f"{str(item)[:60]!r} is a formula, which says nothing of positions; give the structure, or take "
            "what a formula alone can tell, the preset 'composition': CrystalFeaturizer('composition')"
        )
    if isinstance(item, os.PathLike) or (isinstance(item, str) and looks_like_path(item)):
        return path_crystal(item), False
    return first_of_text(item) if isinstance(item, str) else (read_item(item), False)
