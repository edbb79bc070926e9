"""Tables with a column of structures (CSV, Parquet, JSON lines) into crystals, and back.

A labelled data set is a table with the columns ``id``, ``formula`` and ``structure`` (CIF text), and behind
them its targets, a column each.
"""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

from skcrystal.crystals.crystal import Crystal, CrystalError
from skcrystal.formats.documents import ID_KEYS, STRUCTURE_KEYS
from skcrystal.formats.files import members
from skcrystal.formats.formula import formula_text
from skcrystal.formats.items import read_item
from skcrystal.formats.names import format_of
from skcrystal.formats.problems import MAX_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from os import PathLike

__all__ = ["STRUCTURE_COLUMNS", "TABLES", "read_table", "read_targets", "table_bytes"]

TABLES = frozenset({"csv", "jsonl", "parquet"})
"""Formats of tables."""

STRUCTURE_COLUMNS = STRUCTURE_KEYS
"""Names of the column that holds the crystals; the first that is present is read."""

MAX_COLUMNS = 10_000
"""Limit on the columns of a CSV file."""

_ID_COLUMNS = ID_KEYS


def read_table(
    content: bytes, kind: str, *, source: str, column: str | None, max_bytes: int, max_sites: int
) -> Iterator[Crystal]:
    """Read the crystals of a table, row by row.

    Parameters
    ----------
    content : bytes
    kind : {"csv", "jsonl", "parquet"}
    source : str
    column : str or None
        The column of structures (CIF text, POSCAR text, or pymatgen's JSON); None looks for one of
        :data:`STRUCTURE_COLUMNS`.
    max_bytes, max_sites : int
        Limits for each structure.

    Raises
    ------
    CrystalError
        If there is no such column, or a row holds no crystal; names the row.
    """
    frame = _frame(content, kind, source)
    chosen = _structure_column(frame, column, source)
    ids = next((name for name in _ID_COLUMNS if name in frame.columns), None)
    labels = frame.index if ids is None else frame[ids]
    for label, value in zip(labels, frame[chosen], strict=True):
        name = f"{source}, row {label}"
        yield read_item(value, source=name, max_bytes=max_bytes, max_sites=max_sites)


def read_targets(path: str | PathLike[str], *, column: str | None = None, max_bytes: int = MAX_BYTES) -> Any:
    """Read what a table holds besides its crystals.

    Parameters
    ----------
    path : str or path-like
        A CSV, JSON lines or Parquet file, perhaps compressed.
    column : str or None, default=None
        The column of structures, as in :func:`read_table`.
    max_bytes : int, default=20_000_000
        A table may be 50 times as large.

    Returns
    -------
    DataFrame
        The columns that are neither identifier, formula nor structure, with missing values as NaN. The index
        holds the identifiers, as text.

    Raises
    ------
    CrystalError
        If there is no such table.
    """
    name, content = next(members(path, 50 * max_bytes))
    kind = format_of(name)
    if kind not in TABLES:
        raise CrystalError(f"{name!r} is no table; give a .csv, .jsonl or .parquet file.")
    frame = _frame(content, kind, name, keep_text=False)
    ids = next((name for name in _ID_COLUMNS if name in frame.columns), None)
    if ids is not None:
        frame = frame.set_index(ids)
    frame.index = frame.index.map(str)
    used = {column, "formula", *(STRUCTURE_COLUMNS if column is None else ())}
    return frame[[name for name in frame.columns if name not in used]]


def _structure_column(frame: Any, column: str | None, source: str) -> str:
    names = [column] if column is not None else list(STRUCTURE_COLUMNS)
    chosen = next((name for name in names if name in frame.columns), None)
    if chosen is None:
        shown = ", ".join(map(str, list(frame.columns)[:10]))
        raise CrystalError(
            f"{source!r} has no column {' or '.join(map(repr, names))} (it has: {shown}); name the column of "
            "structures."
        )
    return chosen


def _frame(content: bytes, kind: str, source: str, *, keep_text: bool = True) -> Any:
    import pandas as pd

    try:
        if kind == "csv":
            # pandas needs minutes to tell apart the names of very many columns.
            if content.partition(b"\n")[0].count(b",") >= MAX_COLUMNS:
                raise CrystalError(f"{source!r} has more than {MAX_COLUMNS:,} columns; leave some out.")
            # A formula may read as a missing value: NaN is sodium nitride.
            return pd.read_csv(io.BytesIO(content), keep_default_na=not keep_text)
        if kind == "jsonl":
            return pd.DataFrame([json.loads(line) for line in content.splitlines() if line.strip()])
        return pd.read_parquet(io.BytesIO(content))
    except ImportError as error:
        raise CrystalError(
            f"{source!r} needs another package: {' '.join(str(error).split())[:200]}"
        ) from None
    except CrystalError:
        raise
    except (OSError, ValueError, RecursionError) as error:
        raise CrystalError(f"{source!r} is no {kind} table: {' '.join(str(error).split())[:200]}.") from None


def table_bytes(
    crystals: Sequence[Crystal],
    texts: Sequence[str],
    kind: str,
    targets: Mapping[str, Sequence[Any]] | None = None,
) -> bytes:
    """Write crystals as a table with the columns id, formula, structure (CIF text) and the targets."""
    import pandas as pd

    frame = pd.DataFrame(
        {
            "id": [crystal.source or str(i) for i, crystal in enumerate(crystals)],
            "formula": [formula_text(c.atomic_numbers, c.occupancies).replace(" ", "") for c in crystals],
            "structure": list(texts),
        }
    )
    for name in targets if targets is not None else ():
        # A target called id must not take the place of the identifiers.
        if name not in frame.columns:
            frame[name] = list(targets[name])  # type: ignore[index]
    if kind == "csv":
        return frame.to_csv(index=False).encode()
    if kind == "jsonl":
        return frame.to_json(orient="records", lines=True).encode()
    buffer = io.BytesIO()
    frame.to_parquet(buffer, index=False)
    return buffer.getvalue()
