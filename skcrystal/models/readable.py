"""Rows that could be read and rows that could not: which they are, and answers put back to their places."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import issparse

from skcrystal._sklearn import take_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["blank_rows", "part_of", "spread_out"]


def blank_rows(rows: Any) -> NDArray[np.bool_]:
    """Tell which rows hold no number at all: what a featurizer makes of an item that it could not read.

    Parameters
    ----------
    rows : array, sparse array or data frame of shape (n_samples, n_features)
        Something that is no table of numbers has no such row.

    Returns
    -------
    ndarray of bool of shape (n_samples,)
    """
    if issparse(rows):
        stored = rows.tocsr()
        missing = stored.copy()
        missing.data = np.isnan(stored.data).astype(np.int64)
        blank: NDArray[np.bool_] = np.asarray(missing.sum(axis=1)).ravel() == max(rows.shape[1], 1)
        return blank
    table: NDArray[Any] = np.asarray(rows) if len(getattr(rows, "shape", ())) == 2 else np.empty(0)
    if table.ndim != 2 or table.dtype.kind != "f" or not table.size:
        return np.zeros(len(rows), dtype=bool)
    nothing: NDArray[np.bool_] = np.isnan(table).all(axis=1)
    return nothing


def part_of(value: Any, kept: NDArray[np.intp], n_samples: int) -> Any:
    """Return the kept entries of what has an entry for each row."""
    return take_rows(value, kept) if np.ndim(value) > 0 and len(value) == n_samples else value


def spread_out(found: Any, readable: NDArray[np.bool_]) -> NDArray[Any]:
    """Put answers to their rows, with NaN between them."""
    found = np.asarray(found)
    dtype = found.dtype if found.dtype.kind == "f" else object
    spread = np.full((len(readable), *found.shape[1:]), np.nan, dtype=dtype)
    spread[readable] = found
    return spread
