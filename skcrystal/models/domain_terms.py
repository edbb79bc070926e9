"""What tells crystals apart from a training set: their elements, and the ranges of columns."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import is_classifier

from skcrystal.crystals import Compositions, Crystals
from skcrystal.descriptors.base import StatelessTransformer
from skcrystal.inputs import column_of, read_compositions, read_items, split_items
from skcrystal.models.crystal_pipeline import CrystalPipeline

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

__all__ = [
    "excess_over",
    "learned_columns",
    "ranges_of",
    "raw_columns",
    "read_once",
    "reader_of",
    "standardised",
    "total_excess",
    "unseen_share",
]

# What counts as outside a column's range, in units of the range: more than rounding.
RANGE_TOLERANCE = 1e-6
# Attributes by which models name the model that they are made around.
AROUND = ("model", "regressor", "correction", "estimator")


def reader_of(model: Any) -> Any:
    """Return the step that makes numbers of crystals, of a model fitted or not; None where there is none."""
    while not hasattr(model, "steps"):
        inner = [getattr(model, name) for name in AROUND if hasattr(model, name)]
        if not inner:
            return None
        model = inner[0]
    return next((step for _, step in model.steps if isinstance(step, StatelessTransformer)), None)


def read_once(X: Any, reader: Any) -> tuple[Any, Array]:
    """Return X, with crystals read, and the amounts of the elements in each.

    Returns
    -------
    X : Crystals, Compositions, or as given
        As given where `reader` has something to say of it: of an item that is no crystal, or of a note.
    amounts : ndarray of shape (n_samples, n_elements + 1)
        Column Z is the element Z; 0 of what could not be read. No column where X holds numbers.
    """
    if reader is None:
        return X, np.zeros((X.shape[0] if hasattr(X, "shape") else len(X), 0))
    if isinstance(X, Crystals | Compositions):
        return X, X.element_amounts
    column = getattr(reader, "column", None)
    items = split_items(X if column is None else column_of(X, column))
    # A descriptor says itself whether formulas suffice, a featurizer by its steps.
    steps = [step for _, step in reader._active()] if hasattr(reader, "_active") else [reader]
    positions = any(getattr(step, "needs_positions", True) for step in steps)
    read: Any = read_items if positions else read_compositions
    found, faults, notes = read(items, disorder=getattr(reader, "disorder", "average"))
    if not faults and not notes:
        return found, found.element_amounts
    good = np.setdiff1d(np.arange(len(items)), list(faults))
    amounts = np.zeros((len(items), found.element_amounts.shape[1]))
    amounts[good] = found.element_amounts
    return X, amounts


def _halves(pipeline: Any) -> tuple[list[Any], list[Any]]:
    """Return the steps up to the one that makes numbers, and those between it and the last."""
    if pipeline is None:
        return [], []
    steps = [step for _, step in pipeline.steps]
    reading = [k for k, step in enumerate(steps[:-1]) if _reads_crystals(step)]
    n_reading = reading[0] + 1 if reading else 0
    active = [step is not None and step != "passthrough" for step in steps]
    first = [step for step, on in zip(steps[:n_reading], active, strict=False) if on]
    last = [step for step, on in zip(steps[n_reading:-1], active[n_reading:], strict=False) if on]
    return first, last


def _reads_crystals(step: Any) -> bool:
    """Tell whether a step makes numbers of crystals, alone or within a union or a ``ColumnTransformer``."""
    if isinstance(step, StatelessTransformer) or not hasattr(step, "get_params"):
        return isinstance(step, StatelessTransformer)
    return any(isinstance(held, StatelessTransformer) for held in step.get_params().values())


def raw_columns(X: Any, pipeline: Any) -> Array:
    """Return the numbers that a fitted pipeline makes of crystals, or X itself."""
    if isinstance(pipeline, CrystalPipeline) and reader_of(pipeline) is not None:
        return _dense(pipeline.described(X))
    for step in _halves(pipeline)[0]:
        X = step.transform(X)
    return _dense(X)


def learned_columns(columns: Array, pipeline: Any) -> Array:
    """Return the columns as a fitted pipeline's last step is given them, missing ones as 0."""
    found: Any = columns
    with warnings.catch_warnings():
        # The steps may have been fitted on named columns.
        warnings.filterwarnings("ignore", message="X does not have valid feature names")
        for step in _halves(pipeline)[1]:
            found = step.transform(found)
    return np.nan_to_num(_dense(found))


def _dense(X: Any) -> Array:
    return np.asarray(X.toarray() if hasattr(X, "toarray") else X, dtype=np.float64)


def standardised(y: Any, model: Any) -> Array:
    """Return targets of mean 0 and variance 1, those of a classifier as a column for each class."""
    y = np.asarray(y)
    if is_classifier(model):
        table = (y[:, None] == np.asarray(model.classes_)).astype(np.float64)
    else:
        table = np.asarray(y, dtype=np.float64).reshape(len(y), -1)
    spread = table.std(axis=0)
    return np.asarray((table - table.mean(axis=0)) / np.where(spread > 0, spread, 1.0))


def ranges_of(columns: Array) -> tuple[Array, Array]:
    """Return the least and the largest value of each column; a column without one has no range to leave."""
    known = ~np.isnan(columns)
    lowest = np.min(columns, axis=0, where=known, initial=np.inf)
    highest = np.max(columns, axis=0, where=known, initial=-np.inf)
    empty = ~known.any(axis=0)
    return np.where(empty, -np.inf, lowest), np.where(empty, np.inf, highest)


def excess_over(columns: Array, lowest: Array, highest: Array) -> Array:
    """Return how far each value lies outside the range of its column, in units of the range's width.

    Outside a range without a width it is 1, whatever the value; of a missing value it is 0.
    """
    beyond = np.nan_to_num(np.maximum(np.maximum(lowest - columns, columns - highest), 0.0))
    width = highest - lowest
    size = np.maximum(np.abs(lowest), np.abs(highest))
    constant = width <= RANGE_TOLERANCE * size
    with np.errstate(invalid="ignore"):
        excess = beyond / np.where(constant, 1.0, width)
        flat = (beyond > RANGE_TOLERANCE * np.where(size > 0, size, 1.0)).astype(np.float64)
    excess = np.where(constant, flat, excess)
    return np.asarray(np.where(excess > RANGE_TOLERANCE, excess, 0.0))


def total_excess(excess: Array) -> Array:
    """Return one number for each row: far outside one range counts little more than a bit outside."""
    return np.asarray(np.log1p(excess).sum(axis=1))


def unseen_share(amounts: Array, unseen: NDArray[np.bool_]) -> Array:
    """Return which share of each crystal's atoms is of elements in a mask."""
    total = amounts.sum(axis=1)
    return np.asarray(amounts[:, unseen].sum(axis=1) / np.where(total > 0, total, 1.0))
