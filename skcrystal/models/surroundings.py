"""What is known of a row before its target: its neighbours in training, and their errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.pipeline import Pipeline
from sklearn.utils import check_random_state

from skcrystal.models.column_weights import column_weights, nearby
from skcrystal.models.intervals import like_errors
from skcrystal.models.scaling import SoftStandardScaler

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

__all__ = ["Surroundings", "columns_of"]

# Training rows that are compared with: more cost memory and tell little more.
MOST_ROWS = 5000
# Neighbours to which the mean distance counts.
NEIGHBORS = 3


def columns_of(model: Any, X: Any) -> Array | None:
    """Return the numbers that a fitted model's last step is given; None where there are none."""
    if hasattr(model, "columns"):
        found: Any = model.columns(X)
    elif isinstance(model, Pipeline):
        found = X if len(model.steps) == 1 else model[:-1].transform(X)
    else:
        found = X
    found = found.toarray() if hasattr(found, "toarray") else found
    try:
        table = np.asarray(found, dtype=np.float64)
    except (TypeError, ValueError):
        # Texts, crystals, columns of several kinds.
        return None
    return table if table.ndim == 2 else None


class Surroundings:
    """The terms that scales of errors are made of.

    They are the distance to the nearest training rows, the errors on those, the errors on rows of like
    predictions, how far the members of the model are apart, and the size of the prediction.

    Parameters
    ----------
    model : estimator
        Fitted; its last step says how much each column counts.
    columns : ndarray of shape (n_samples, n_features) or None
        Of the training rows, as :func:`columns_of` returns them.
    random_state : int, RandomState or None
        Draws the rows to compare with, where there are more than 5,000.
    """

    def __init__(self, model: Any, columns: Array | None, random_state: Any) -> None:
        self._scaler: SoftStandardScaler | None = None
        if columns is None or not columns.shape[1]:
            return
        rows = np.flatnonzero(np.isfinite(columns).any(axis=1))
        if len(rows) > MOST_ROWS:
            rows = np.sort(check_random_state(random_state).permutation(rows)[:MOST_ROWS])
        self._rows = rows
        self._scaler = SoftStandardScaler().fit(columns[rows])
        last = model.steps[-1][1] if hasattr(model, "steps") else model
        self._root_weights = np.sqrt(column_weights(last, self._scaler.scale_))
        self._training = self._weighted(columns[rows])

    def _weighted(self, columns: Array) -> Array:
        assert self._scaler is not None
        return np.asarray(np.nan_to_num(self._scaler.transform(columns)) * self._root_weights)

    def out_of_fold(
        self, columns: Array | None, folds: Any, value: Array, errors: Array, spread: Array
    ) -> Array:
        """Return the terms of the training rows, each beside rows of other folds alone.

        Parameters
        ----------
        columns : ndarray of shape (n_samples, n_features) or None
        folds : list of (train, test)
        value, errors, spread : ndarray of shape (n_samples,)
            Predictions out of fold, their absolute errors (NaN where not known), and the members' spread.

        Returns
        -------
        ndarray of shape (n_samples, n_terms)
            NaN for rows in no test fold.
        """
        terms = np.full((len(value), 5), np.nan)
        for train, test in folds:
            rows = np.asarray(test)[np.isfinite(value[test])]
            others = np.zeros(len(value), dtype=bool)
            others[train] = np.isfinite(errors[train])
            if len(rows) and others.any():
                table = None if columns is None else columns[rows]
                terms[rows] = self._terms(table, value[rows], spread[rows], value, errors, others)
        return terms

    def of(self, columns: Array | None, value: Array, spread: Array, known: Array, errors: Array) -> Array:
        """Return the terms of other rows.

        Parameters
        ----------
        columns : ndarray of shape (n_samples, n_features) or None
        value, spread : ndarray of shape (n_samples,)
        known, errors : ndarray of shape (n_training_rows,)
            Predictions of the training rows out of fold, and their absolute errors.

        Returns
        -------
        ndarray of shape (n_samples, n_terms)
        """
        return self._terms(columns, value, spread, known, errors, np.isfinite(errors))

    def _terms(
        self,
        columns: Array | None,
        value: Array,
        spread: Array,
        known: Array,
        errors: Array,
        others: NDArray[np.bool_],
    ) -> Array:
        like = like_errors(value, known[others], errors[others])
        distance, near = np.zeros((2, len(value)))
        if columns is not None and self._scaler is not None and others[self._rows].any():
            counted = others[self._rows]
            training = self._training if counted.all() else self._training[counted]
            known_errors = errors[self._rows[counted]]
            distance, near = nearby(self._weighted(columns), training, known_errors, NEIGHBORS)
        return np.column_stack([distance, near, like, spread, np.abs(value)])
