"""Tables of targets, and which of their rows belongs to which crystal."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from skcrystal.crystals.crystal import CrystalError
from skcrystal.formats.archives import Bundle
from skcrystal.formats.files import decoded
from skcrystal.formats.items import is_missing
from skcrystal.formats.names import COMPRESSED, TABLES, format_of, is_companion, without_suffix
from skcrystal.formats.problems import MANY, MAX_BYTES, listed
from skcrystal.formats.tables import ID_COLUMNS, STRUCTURE_COLUMNS, read_table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from os import PathLike

    from skcrystal.formats.tables import Table

__all__ = ["Join", "join", "names_of", "parse_targets", "read_targets"]

# How many folders above a file may stand in front of its name in a table.
DEPTH = 4


def read_targets(path: str | PathLike[str], max_bytes: int = MAX_BYTES) -> Table:
    """Read a table of targets; one that is called ``id_prop.csv`` or begins with numbers has no header.

    Parameters
    ----------
    path : str or path-like
        CSV (also with semicolons, tabulators, bars or white space, whatever its suffix), JSON lines or
        Parquet; perhaps compressed.
    max_bytes : int, default=20_000_000
        A table may be 50 times as large.

    Raises
    ------
    CrystalError
        If there is no such table.
    """
    bundle = Bundle(path, MANY * max_bytes)
    if bundle.is_archive:
        raise CrystalError(f"{bundle.name!r} is an archive; give the table of the targets itself.")
    name, content = next(iter(bundle.members()))
    if isinstance(content, CrystalError):
        raise content
    return parse_targets(name, content)


def parse_targets(name: str, content: bytes) -> Table:
    """Read as :func:`read_targets` from the content of a file."""
    kind = format_of(name)
    if kind is not None and kind not in TABLES:
        raise CrystalError(f"{name!r} is no table; give a .csv, .jsonl or .parquet file.")
    if kind in {None, "csv"} and (is_companion(name) or _lacks_header(decoded(content))):
        return read_table(content, "csv", name, header=False)
    table = read_table(content, kind or "csv", name)
    if len(table.columns) < 2:
        raise CrystalError(
            f"{name!r} is no table of targets; give one with a column of names and one of values."
        )
    return table


def _lacks_header(text: str) -> bool:
    from skcrystal.formats.delimited import delimiter_of, first_cells, typed

    cells = first_cells(text, delimiter_of(text, ID_COLUMNS))
    if any(cell.lower() in ID_COLUMNS for cell in cells[:1]):
        return False
    return any(cell and isinstance(typed([cell], comma=True)[0], int | float) for cell in cells[1:])


@dataclass(frozen=True)
class Join:
    """Which row of a table belongs to which crystal.

    Attributes
    ----------
    source : str
        Of the table.
    column : str
        What was taken for the identifiers.
    rows : list of (dict or None)
        The targets of each crystal.
    reasons : dict of int to str
        Number of a crystal without a row -> why.
    unused : list of str
        Identifiers of the rows that belong to no crystal.
    """

    source: str
    column: str
    rows: list[dict[str, Any] | None]
    reasons: dict[int, str] = field(default_factory=dict)
    unused: list[str] = field(default_factory=list)

    @property
    def n_joined(self) -> int:
        """Number of crystals with a row."""
        return sum(row is not None for row in self.rows)

    def sentence(self) -> str:
        """Say what was taken for the identifiers, how many fit, and examples of what does not."""
        text = (
            f"by its column {self.column!r}, {self.n_joined} of {len(self.rows)} crystals have a row in "
            f"{self.source}"
        )
        if self.unused:
            text += f"; {len(self.unused)} rows belong to none: {listed([repr(i) for i in self.unused])}"
        return text


def names_of(
    path: str, *, name: str = "", block: str = "", number: str = "", single: bool = True
) -> list[str]:
    """Return what a crystal may be called in a table of targets, the most certain first.

    Parameters
    ----------
    path : str
        Of its file; the archive's own name is that of a folder.
    name, block : str
        What its file calls it: the id of a row, the name of a data block.
    number : str
        The name that it is given with a number, in a file of several.
    single : bool, default=True
        It is the only crystal of its file, so that the file's names are its own.

    Returns
    -------
    list of str
        Always as long; "" where a name does not apply.

    Examples
    --------
    >>> print(*filter(None, names_of("rutile/TiO2.cif.gz")))
    rutile/TiO2.cif rutile/TiO2 TiO2.cif TiO2 rutile
    """
    parts = [part for part in re.split(r"[/\\]", path) if part not in {"", ".", ".."}]
    names = [name, block]
    for depth in range(DEPTH, 0, -1):
        known = single and not name and len(parts) >= depth
        whole = _identifier("/".join(parts[-depth:])) if known else ""
        bare = without_suffix(whole)
        names += [whole, bare if bare != whole else ""]
    names.append(number)
    for depth in range(DEPTH, 0, -1):
        known = single and not name and len(parts) > depth
        names.append("/".join(parts[-depth - 1 : -1]) if known else "")
    return names


def join(table: Table, names: Sequence[Sequence[str]]) -> Join:
    """Find the row of each crystal.

    A row belongs to the crystal that its identifier names most certainly; where it names two alike, to none.

    Parameters
    ----------
    table : Table
    names : sequence of (sequence of str)
        Of each crystal, as :func:`names_of` gives them.
    """
    column = _id_column(table, names)
    places: dict[str, list[int]] = {}
    for i, row in enumerate(table.rows):
        if isinstance(row, dict) and not is_missing(row.get(column)):
            places.setdefault(_identifier(row[column]), []).append(i)
    found: dict[int, int] = {}
    reasons: dict[int, str] = {}
    taken: set[str] = set()
    for level in range(len(names[0]) if names else 0):
        claims: dict[str, list[int]] = {}
        for crystal, own in enumerate(names):
            if crystal not in found and own[level] in places:
                claims.setdefault(own[level], []).append(crystal)
        for identifier, crystals in claims.items():
            if identifier in taken:
                why = f"its row {identifier!r} belongs to another crystal"
            elif len(places[identifier]) > 1:
                why = f"there are {len(places[identifier])} rows of the id {identifier!r}"
            elif len(crystals) > 1:
                why = f"the row {identifier!r} fits {len(crystals)} crystals; name them apart"
                taken.add(identifier)
            else:
                found[crystals[0]] = places[identifier][0]
                taken.add(identifier)
                continue
            for crystal in crystals:
                reasons.setdefault(crystal, why)
    targets = [name for name in table.columns if name != column and not _is_no_target(name)]
    rows: list[dict[str, Any] | None] = []
    for crystal in range(len(names)):
        values = table.rows[found[crystal]] if crystal in found else None
        rows.append({name: values.get(name) for name in targets} if isinstance(values, dict) else None)
    for crystal, own in enumerate(names):
        if crystal not in found:
            shown = listed([repr(name) for name in sorted(filter(None, own), key=len)], most=3)
            reasons.setdefault(crystal, f"none is called {shown}")
    used = set(found.values())
    unused = [identifier for identifier, own in places.items() if not used.intersection(own)]
    lacking = {crystal: reasons[crystal] for crystal in range(len(names)) if crystal not in found}
    return Join(table.source, column, rows, lacking, unused)


def _is_no_target(name: str) -> bool:
    return name.lower() in {"formula", *STRUCTURE_COLUMNS}


def _id_column(table: Table, names: Sequence[Sequence[str]]) -> str:
    """Return the column that names most crystals: one of a usual name, else the first or one of text."""
    lower = {column.lower(): column for column in reversed(table.columns)}
    usual = [lower[name] for name in ID_COLUMNS if name in lower]
    rows = [row for row in table.rows if isinstance(row, dict)]
    others = [
        column
        for i, column in enumerate(table.columns[:20])
        if i == 0 or any(isinstance(row.get(column), str) for row in rows)
    ]
    wanted = [{name for name in own if name} for own in names]

    def hits(column: str) -> int:
        ids = {_identifier(row[column]) for row in rows if not is_missing(row.get(column))}
        return sum(not own.isdisjoint(ids) for own in wanted)

    best = max(usual, key=hits, default=None)
    return best if best is not None and hits(best) else max([*usual, *others], key=hits)


def _identifier(value: Any) -> str:
    """Return an identifier as text; a path with slashes and without what changes nothing."""
    text = str(value).strip().replace("\\", "/")
    text = os.path.normpath(text).replace("\\", "/") if "/" in text else text
    return os.path.splitext(text)[0] if text.lower().endswith(COMPRESSED) and format_of(text) else text
