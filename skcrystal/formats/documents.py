"""Data as JSON and databases give them: which of it is one crystal, and which holds many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from skcrystal.crystals.crystal import CrystalError
from skcrystal.formats.from_jarvis import is_jarvis_dict

__all__ = [
    "ID_KEYS",
    "STRUCTURE_KEYS",
    "crystal_of",
    "entries_of",
    "identifier",
    "is_structure_dict",
    "values_beside",
]

STRUCTURE_KEYS = ("structure", "cif", "poscar", "cif_string", "atoms", "final_structure")
"""Names under which records and tables hold the crystal itself; the first that is present is taken."""

ID_KEYS = ("id", "material_id", "entry_id", "name")
"""Names under which they hold the identifier."""

_LISTS = ("entries", "data", "response", "structures")


def is_structure_dict(data: Any) -> bool:
    """Tell whether data are a dict as pymatgen's ``Structure.as_dict`` gives it, or one of JARVIS."""
    return isinstance(data, Mapping) and (("lattice" in data and "sites" in data) or is_jarvis_dict(data))


def crystal_of(document: Mapping[str, Any]) -> Any:
    """Return what a dict holds as its crystal: itself, or what stands under one of :data:`STRUCTURE_KEYS`.

    So are read the dict of a structure, a record, an entry and a summary document of the Materials Project.

    Raises
    ------
    CrystalError
        If it holds none, or several crystals.
    """
    if is_structure_dict(document):
        return document
    known = _lowered(document)
    for key in STRUCTURE_KEYS:
        if known.get(key) is not None and not _is_column(known[key]):
            return known[key]
    if "sites" in document and "Molecule" in str(document.get("@class", "")):
        raise CrystalError("a Molecule has no lattice; put it into a cell with get_boxed_structure")
    if "ids" in document and "nextid" in document:
        raise CrystalError(
            "a database of ASE as JSON is not read; give the Atoms of ase.io.read(path, ':'), or write "
            "it as .db"
        )
    if entries_of(document) is not None:
        raise CrystalError(
            "a dict that holds several crystals stands for one; give it by itself, or one of them"
        )
    raise CrystalError(
        f"a dict with the keys {sorted(map(str, document))[:8]} is no structure; "
        "give what Structure.as_dict returns: 'lattice' with a 'matrix', and 'sites'"
    )


def _lowered(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return what stands under names, in lower or upper case as in tables; the first of equals counts."""
    return {key.lower(): document[key] for key in reversed(list(document)) if isinstance(key, str)}


def identifier(document: Any) -> str:
    """Return the identifier that stands in a record; empty if there is none."""
    known = _lowered(document) if isinstance(document, Mapping) else {}
    found = (known.get(key) for key in ID_KEYS)
    return next((str(value) for value in found if isinstance(value, str | int)), "")


def values_beside(record: Any) -> dict[str, Any]:
    """Return the numbers, texts and truth values that stand beside the crystal in a record."""
    if not isinstance(record, Mapping) or is_structure_dict(record):
        return {}
    passed = {*STRUCTURE_KEYS, *ID_KEYS, "formula"}
    return {
        key: value
        for key, value in record.items()
        if isinstance(key, str)
        and key.lower() not in passed
        and not key.startswith("@")
        and (value is None or isinstance(value, bool | int | float | str))
    }


def entries_of(data: Any) -> list[tuple[str, Any]] | None:
    """Return the crystals that data hold, each with its label; None where they are one crystal or none.

    Parameters
    ----------
    data : mapping or sequence
        A list of structures or records; ``{"entries": [...]}``, as well with ``data`` and ``response``; a
        table as pandas writes it, with ``columns`` and ``data`` (split) or by columns; a dict of identifier
        and structure.
    """
    if not isinstance(data, Mapping):
        if isinstance(data, str | bytes) or not isinstance(data, Sequence | np.ndarray):
            return None
        return [(identifier(entry) or f"entry {i}", entry) for i, entry in enumerate(data)]
    if is_structure_dict(data):
        return None
    known = _lowered(data)
    held = [known[key] for key in STRUCTURE_KEYS if known.get(key) is not None]
    if any(not _is_column(value) for value in held):
        return None
    if isinstance(data.get("columns"), Sequence | np.ndarray) and "data" in data:
        return _split(data)
    for key in _LISTS:
        if isinstance(data.get(key), Sequence | np.ndarray) and not isinstance(data[key], str):
            return entries_of(list(data[key]))
    if held:
        return _column(known, held[0])
    if data and all(isinstance(entry, Mapping) or _is_text(entry) for entry in data.values()):
        return [(str(label), entry) for label, entry in data.items()]
    return None


def _is_text(value: Any) -> bool:
    """Tell whether a value is the text of a file, which has several lines."""
    return isinstance(value, str) and ("\n" in value.strip() or "\r" in value.strip())


def _is_column(value: Any) -> bool:
    """Tell whether a list, or a dict by row labels, is a column of a table, and not one structure."""
    if isinstance(value, Mapping):
        entries = [] if is_structure_dict(value) else list(value.values())
    elif isinstance(value, Sequence | np.ndarray) and not isinstance(value, str | bytes):
        entries = list(value)
    else:
        return False
    return bool(entries) and all(isinstance(entry, str) or is_structure_dict(entry) for entry in entries)


def _column(table: Mapping[str, Any], column: Any) -> list[tuple[str, Any]]:
    """Return the crystals of a column, with the labels of its rows or the identifiers beside it."""
    if isinstance(column, Mapping):
        return [(str(label), entry) for label, entry in column.items()]
    labels = next((table[key] for key in ID_KEYS if table.get(key) is not None), ())
    if isinstance(labels, str | int | float) or len(labels) != len(column):
        labels = [f"entry {i}" for i in range(len(column))]
    return [(str(label), entry) for label, entry in zip(labels, column, strict=True)]


def _split(data: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Return the crystals of a table that is split into its index, its columns and the rows of its data."""
    columns = list(data["columns"])
    names = [str(name).lower() for name in columns]
    chosen = next((key for key in STRUCTURE_KEYS if key in names), None)
    if chosen is None:
        raise CrystalError(
            f"a table with the columns {columns[:8]} holds no crystals; call one of them 'structure'"
        )
    named = next((names.index(key) for key in ID_KEYS if key in names), None)
    rows = list(data["data"])
    labels = data.get("index")
    if named is not None:
        labels = [row[named] for row in rows]
    elif labels is None or len(labels) != len(rows):
        labels = range(len(rows))
    try:
        return [
            (str(label), dict(zip(columns, row, strict=True)))
            for label, row in zip(labels, rows, strict=True)
        ]
    except (TypeError, ValueError):
        raise CrystalError(
            f"a row of the table has not {len(columns)} values, one a column; complete it"
        ) from None
