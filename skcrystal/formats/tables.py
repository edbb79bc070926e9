"""Tables with a column of structures (CSV, Parquet, JSON lines) into crystals, and back."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

from skcrystal.crystal import Crystal, CrystalError
from skcrystal.formats.detect import read_text
from skcrystal.formats.formula import formula_text
from skcrystal.formats.pymatgen_json import crystal_from_dict

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["STRUCTURE_COLUMNS", "read_table", "table_bytes"]

STRUCTURE_COLUMNS = ("structure", "cif", "poscar", "cif_string", "atoms")
"""Names of the column that holds the crystals; the first that is present is read."""

_ID_COLUMNS = ("id", "material_id", "name")


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
    names = [column] if column is not None else list(STRUCTURE_COLUMNS)
    chosen = next((name for name in names if name in frame.columns), None)
    if chosen is None:
        shown = ", ".join(map(str, list(frame.columns)[:10]))
        raise CrystalError(
            f"{source!r} has no column {' or '.join(map(repr, names))} (it has: {shown}); name the column of "
            "structures."
        )
    ids = next((name for name in _ID_COLUMNS if name in frame.columns), None)
    labels = frame.index if ids is None else frame[ids]
    for label, value in zip(labels, frame[chosen], strict=True):
        name = f"{source}, row {label}"
        if isinstance(value, str) and value.lstrip().startswith("{"):
            try:
                value = json.loads(value)
            except (ValueError, RecursionError):
                raise CrystalError(f"{name}: the structure is no JSON.") from None
        if isinstance(value, dict):
            yield crystal_from_dict(value, source=name, max_sites=max_sites)
        elif isinstance(value, str):
            yield read_text(value, name, max_bytes=max_bytes, max_sites=max_sites)
        else:
            raise CrystalError(f"{name}: the column {chosen!r} holds no structure but {value!r:.60}.")


def _frame(content: bytes, kind: str, source: str) -> Any:
    import pandas as pd

    try:
        if kind == "csv":
            # A formula may read as a missing value: NaN is sodium nitride.
            return pd.read_csv(io.BytesIO(content), keep_default_na=False)
        if kind == "jsonl":
            return pd.DataFrame([json.loads(line) for line in content.splitlines() if line.strip()])
        return pd.read_parquet(io.BytesIO(content))
    except ImportError as error:
        raise CrystalError(
            f"{source!r} needs another package: {' '.join(str(error).split())[:200]}"
        ) from None
    except (OSError, ValueError, RecursionError) as error:
        raise CrystalError(f"{source!r} is no {kind} table: {' '.join(str(error).split())[:200]}.") from None


def table_bytes(crystals: Sequence[Crystal], texts: Sequence[str], kind: str) -> bytes:
    """Write crystals as a table with the columns id, formula and structure (CIF text)."""
    import pandas as pd

    frame = pd.DataFrame(
        {
            "id": [crystal.source or str(i) for i, crystal in enumerate(crystals)],
            "formula": [formula_text(c.atomic_numbers, c.occupancies).replace(" ", "") for c in crystals],
            "structure": list(texts),
        }
    )
    if kind == "csv":
        return frame.to_csv(index=False).encode()
    if kind == "jsonl":
        return frame.to_json(orient="records", lines=True).encode()
    buffer = io.BytesIO()
    frame.to_parquet(buffer, index=False)
    return buffer.getvalue()
