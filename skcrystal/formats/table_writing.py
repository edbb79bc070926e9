"""Crystals as a labelled data set: a table with the columns id, formula, structure and targets."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from skcrystal.formats.formula import formula_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pandas import DataFrame

    from skcrystal.crystals.crystal import Crystal

__all__ = ["frame_bytes", "table_bytes"]


def table_bytes(
    crystals: Sequence[Crystal],
    ids: Sequence[str],
    texts: Sequence[str],
    kind: str,
    targets: Mapping[str, Sequence[Any]] | None = None,
    separator: str = ",",
) -> bytes:
    """Write crystals as a table with the columns id, formula, structure (CIF text) and the targets."""
    import pandas as pd

    frame = pd.DataFrame(
        {
            "id": list(ids),
            "formula": [formula_text(c.atomic_numbers, c.occupancies).replace(" ", "") for c in crystals],
            "structure": list(texts),
        }
    )
    for name in targets if targets is not None else ():
        # A target called id must not take the place of the identifiers.
        if name not in frame.columns:
            frame[name] = list(targets[name])  # type: ignore[index]
    return frame_bytes(frame, kind, separator)


def frame_bytes(frame: DataFrame, kind: str, separator: str = ",") -> bytes:
    """Write a table in one of the formats of tables, CSV with a separator between the columns."""
    if kind == "csv":
        return frame.to_csv(index=False, sep=separator).encode()
    if kind == "jsonl":
        return frame.to_json(orient="records", lines=True).encode()
    buffer = io.BytesIO()
    frame.to_parquet(buffer, index=False)
    return buffer.getvalue()
