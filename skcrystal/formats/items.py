"""One item, whatever it is, into a crystal: text, a dict, an object of another package.

Every door reads through here: what :func:`skcrystal.as_crystals` is given, cells of tables, entries of JSON.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from skcrystal.crystals.admission import checked
from skcrystal.crystals.crystal import Crystal, CrystalError
from skcrystal.formats.cif import first_of_cif, iter_cif
from skcrystal.formats.detect import holds_quoted_cifs, kind_of
from skcrystal.formats.documents import crystal_of, entries_of, identifier, values_beside
from skcrystal.formats.entries import Entry, attempt, one_line
from skcrystal.formats.extxyz import extxyz_entries
from skcrystal.formats.foreign import is_a
from skcrystal.formats.from_ase import crystal_from_atoms, crystal_from_row, is_atoms, is_row
from skcrystal.formats.from_jarvis import crystal_from_jarvis, is_jarvis_dict
from skcrystal.formats.from_pymatgen import (
    crystal_from_dict,
    crystal_from_structure,
    is_structure,
    structure_of,
)
from skcrystal.formats.names import is_xdatcar
from skcrystal.formats.options import Options
from skcrystal.formats.problems import MAX_BYTES, MAX_SITES, NOTES, Notes, check_size, warn_of_one
from skcrystal.formats.trajectories import poscar_entries

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "first_of",
    "first_of_text",
    "is_missing",
    "is_one_crystal",
    "read_item",
    "read_text",
    "text_crystal",
    "text_entries",
]

KINDS = (
    "a pymatgen Structure, ASE Atoms, the text of a CIF, POSCAR, extended XYZ or JSON file, a path to one, "
    "a pymatgen dict or a Crystal"
)


def read_text(
    text: str, source: str = "", *, max_bytes: int = MAX_BYTES, max_sites: int = MAX_SITES
) -> Crystal:
    """Read a crystal from the text of a CIF, POSCAR, extended XYZ or JSON file, whichever it is.

    Parameters
    ----------
    text : str
    source : str, default=""
        Where the text came from; begins every message and is kept in the crystal.
    max_bytes : int, default=20_000_000
        Longer texts are refused.
    max_sites : int, default=100_000
        Crystals with more sites are refused.

    Returns
    -------
    Crystal
        The first, with a :class:`skcrystal.formats.ReadWarning` if there are more.

    Raises
    ------
    CrystalError
        If the text is none of them, or holds no readable crystal.

    Examples
    --------
    >>> from skcrystal.formats import read_text
    >>> read_text("silicon, probably")
    Traceback (most recent call last):
        ...
    skcrystal.CrystalError: the text is neither CIF, POSCAR, extended XYZ nor JSON: it begins with
    'silicon, probably'; give the content of such a file.
    """
    crystal = checked([text_crystal(text, source, max_bytes=max_bytes, max_sites=max_sites)])[0]
    warn_of_one(source, crystal.notes)
    return crystal


def text_crystal(
    text: str,
    source: str = "",
    *,
    max_bytes: int = MAX_BYTES,
    max_sites: int = MAX_SITES,
    options: Options | None = None,
) -> Crystal:
    """Read as :func:`read_text`, without a warning: what was repaired stands in the crystal's notes."""
    return first_of_text(text, source, max_bytes=max_bytes, max_sites=max_sites, options=options)[0]


def first_of_text(
    text: str,
    source: str = "",
    *,
    max_bytes: int = MAX_BYTES,
    max_sites: int = MAX_SITES,
    options: Options | None = None,
) -> tuple[Crystal, bool]:
    """Read as :func:`text_crystal`, and tell whether it is a CIF in which nothing needed repair.

    Of such a one the sites are known to be apart.
    """
    kind = (options and options.format) or _kind_of(text, source)
    if options is None:
        if kind == "cif":
            return first_of_cif(text, source=source, max_bytes=max_bytes, max_sites=max_sites)
        options = Options(max_bytes=max_bytes, max_sites=max_sites)
    if kind == "cif":
        return first_of_cif(
            text,
            source=source,
            block=options.block,
            check_symmetry=options.check_symmetry,
            max_bytes=options.max_bytes,
            max_sites=options.max_sites,
        )
    return first_of(text_entries(text, source, replace(options, format=kind)), source), False


def _kind_of(text: str, source: str) -> str | None:
    """Return the format of a text that is not that of a table.

    Raises
    ------
    CrystalError
        If it holds CIF texts in the cells of a table: read as one CIF, it would lose all but one.
    """
    kind = kind_of(text, source)
    if kind == "cif" and holds_quoted_cifs(text):
        raise Notes(source).error(
            "the text is a table with CIF texts in one of its columns; give the column, or read the file "
            "with read_many, which takes its name as structure_column."
        )
    return kind


def first_of(entries: Iterator[Entry], source: str) -> Crystal:
    """Return the first crystal, with a note if there are more.

    Raises
    ------
    CrystalError
        If there is none, or the first cannot be read.
    """
    first = next(entries, None)
    if first is None:
        raise Notes(source).error("it holds no crystal; give files in a format that is known.")
    crystal = first.get()
    if next(entries, None) is None:
        return crystal
    return replace(crystal, notes=tuple(dict.fromkeys((*crystal.notes, NOTES["several_crystals"].template))))


def text_entries(text: str, source: str, options: Options) -> Iterator[Entry]:
    """Yield all crystals of a text, or why there is none; what was repaired stands in their notes.

    Parameters
    ----------
    text, source
        As in :func:`read_text`.
    options : Options
        Without a format, the content tells it (:func:`skcrystal.formats.detect.kind_of`).
    """
    try:
        kind = options.format or _kind_of(text, source)
    except CrystalError as error:
        yield Entry(source, None, error)
        return
    if kind == "cif":
        yield from _cif_entries(text, source, options)
        return
    notes = Notes(source)
    try:
        if options.block is not None:
            raise notes.error(f"a data block was asked for ({options.block!r}), and this is no CIF.")
        check_size(text, options.max_bytes, notes)
        if kind == "extxyz":
            yield from extxyz_entries(text, source, options.max_sites)
        elif kind == "json":
            yield from _json_entries(text, source, options)
        elif kind == "poscar":
            yield from poscar_entries(
                text,
                source,
                options.known_elements,
                named_xdatcar=is_xdatcar(source),
                max_bytes=options.max_bytes,
                max_sites=options.max_sites,
            )
        else:
            start = " ".join(text[:200].split())[:40]
            raise notes.error(
                f"the text is neither CIF, POSCAR, extended XYZ nor JSON: it begins with {start!r}; "
                "give the content of such a file."
            )
    except CrystalError as error:
        yield Entry(source, None, error)


def _cif_entries(text: str, source: str, options: Options) -> Iterator[Entry]:
    try:
        for found in iter_cif(
            text,
            source=source,
            block=options.block,
            check_symmetry=options.check_symmetry,
            max_bytes=options.max_bytes,
            max_sites=options.max_sites,
        ):
            # The source of a block, and of its error, is followed by its name where there are several.
            said = str(found) if isinstance(found, CrystalError) else f"{found.source}: "
            block = re.match(r"data_(\S*): ", said.removeprefix(f"{source}, "))
            name = ", ".join(filter(None, (source, f"data_{block[1]}" if block else "")))
            crystal, error = (None, found) if isinstance(found, CrystalError) else (found, None)
            yield Entry(name, crystal, error, block=block[1] if block else "")
    except CrystalError as error:
        yield Entry(source, None, error)


def _json_entries(text: str, source: str, options: Options) -> Iterator[Entry]:
    notes = Notes(source)
    try:
        data = json.loads(text.lstrip("\ufeff"))
    except (ValueError, RecursionError) as error:
        raise notes.error(f"the text is no JSON: {str(error)[:100]}.") from None
    try:
        found = entries_of(data)
    except CrystalError as error:
        raise notes.error(f"{error}.") from None
    for i, (key, entry) in enumerate([("", data)] if found is None else found):
        label = one_line(key)
        name = ", ".join(filter(None, (source, label if found is not None and len(found) > 1 else "")))

        def read(entry: Any = entry, name: str = name) -> Crystal:
            return read_item(entry, source=name, max_bytes=options.max_bytes, max_sites=options.max_sites)

        yield attempt(read, name, name="" if label == f"entry {i}" else label, targets=values_beside(entry))


def read_item(
    item: Any, *, source: str = "", max_bytes: int = MAX_BYTES, max_sites: int = MAX_SITES
) -> Crystal:
    """Read one crystal from text or an object; no file is opened.

    Parameters
    ----------
    item : str, mapping or object
        Text of a file, a dict of a structure or a record that holds one, a pymatgen ``Structure`` or what
        carries one (an entry, a ``Poscar``, a summary document), ``ase.Atoms``, a row of an ASE database, or
        a :class:`skcrystal.Crystal`, which is returned as it is.
    source : str, default=""
        Begins every message and is kept in the crystal.
    max_bytes, max_sites : int
        As in :func:`read_text`.

    Returns
    -------
    Crystal
        With notes on what was repaired, which are not issued as a warning here.

    Raises
    ------
    CrystalError
        If it holds no crystal, or one that cannot be read.
    """
    if isinstance(item, str):
        return text_crystal(item, source, max_bytes=max_bytes, max_sites=max_sites)
    if isinstance(item, Crystal):
        return item
    try:
        return _from_object(item, source, max_bytes, max_sites)
    except CrystalError as error:
        text = str(error)
        raise (
            error if not source or text.startswith(source) else CrystalError(f"{source}: {text}")
        ) from None


def _from_object(item: Any, source: str, max_bytes: int, max_sites: int) -> Crystal:
    if isinstance(item, Mapping):
        source = source or identifier(item)
        held = crystal_of(item)
        if is_jarvis_dict(held):
            return crystal_from_jarvis(held, source=source, max_sites=max_sites)
        if held is item:
            return crystal_from_dict(item, source=source, max_sites=max_sites)
        if isinstance(held, Mapping) and "lattice" not in held:
            raise CrystalError(
                f"the structure of a record has the keys {sorted(map(str, held))[:8]}; give one"
            )
        return read_item(held, source=source, max_bytes=max_bytes, max_sites=max_sites)
    if is_structure(item):
        return crystal_from_structure(item, source=source, max_sites=max_sites)
    if is_atoms(item):
        return crystal_from_atoms(item, source=source, max_sites=max_sites)
    if is_row(item):
        return crystal_from_row(item, source=source, max_sites=max_sites)
    if isinstance(item, bytes):
        raise CrystalError("an item of type bytes is no crystal; decode it to text")
    structure = structure_of(item)
    if structure is not None:
        return crystal_from_structure(structure, source=source or _id_of(item), max_sites=max_sites)
    if is_a(item, "pymatgen.core.structure", "IMolecule"):
        raise CrystalError(
            f"a Molecule ({item.composition.reduced_formula}) has no lattice; "
            "put it into a cell with get_boxed_structure"
        )
    if is_missing(item):
        raise CrystalError(f"the item is missing ({item}); drop it together with its target, or fill it in")
    raise CrystalError(f"an item of type {type(item).__name__} is no crystal; give {KINDS}")


def _id_of(item: Any) -> str:
    found = (getattr(item, name, None) for name in ("material_id", "entry_id"))
    return next((str(value) for value in found if value), "")


def is_missing(item: Any) -> bool:
    """Tell whether an item stands for a missing value: None, NaN, ``pandas.NA`` or ``NaT``."""
    pandas = sys.modules.get("pandas")
    if item is None or (pandas is not None and (item is pandas.NA or item is pandas.NaT)):
        return True
    kind = getattr(getattr(item, "dtype", None), "kind", "f" if isinstance(item, float) else "")
    return kind in "fmM" and bool(kind) and getattr(item, "shape", ()) == () and bool(item != item)


def is_one_crystal(item: Any) -> bool:
    """Tell whether an object is one crystal, however many sites it can be iterated over."""
    return (
        isinstance(item, str | Crystal)
        or (isinstance(item, Mapping) and entries_of(item) is None)
        or is_atoms(item)
        or is_row(item)
        or is_a(item, "pymatgen.core.structure", "SiteCollection")
        or structure_of(item) is not None
    )
