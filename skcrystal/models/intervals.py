"""How far predictions may be off, row by row: scales of errors, and the shortest intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from scipy.special import expit, logit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

__all__ = ["Center", "ErrorModel", "like_errors"]

# A scale is never below this share of the mean error: no row is surely exact.
LEAST_SCALE = 0.05
# What is added to a term before its logarithm is taken, as a share of its mean.
OFFSET = 0.02
# Ridge penalties that are tried.
PENALTIES = np.logspace(-1, 3, 10)
# Points that stand for the distribution of errors over scales, and masses of intervals that are tried.
POINTS = 200
LEVELS = 60
# Rows of alike predictions whose mean error is looked at: a share, and no fewer than a number.
LIKE_SHARE = 0.1
LIKE_ROWS = 30
# Probabilities are trusted to this.
CERTAIN = 1e-4


class Center(NamedTuple):
    """What a model predicts for rows.

    Attributes
    ----------
    value : ndarray of shape (n_samples,)
        Of the target where it is not 0.
    probability : ndarray of shape (n_samples,) or None
        Of not being 0; None where no model for that exists.
    """

    value: Array
    probability: Array | None


class ErrorModel:
    """The distribution of a target around predictions, calibrated by errors out of fold.

    The target is 0 with probability 1 - p, and else m + s z, with the prediction m, a scale s of the row and
    z from the distribution of errors over scales, which need not be symmetric. The scale is a product of
    powers of terms that are known of the row, fitted to absolute errors by ridge regression of the
    logarithms. An interval is the shortest that holds some mass; the mass is the least for which intervals
    around predictions out of fold hold the coverage that is asked.

    Parameters
    ----------
    kind : {"real", "nonnegative", "positive"}
        Values below 0 are none of a target that is not negative.
    """

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def fit(self, center: Center, terms: Array, y: Array) -> ErrorModel:
        """Learn scales, errors over scales, and which mass holds which coverage.

        Parameters
        ----------
        center : Center
            Predictions of the training rows out of fold.
        terms : ndarray of shape (n_samples, n_terms)
            Not negative.
        y : ndarray of shape (n_samples,)

        Returns
        -------
        self
        """
        self.n_samples = len(y)
        self._calibration = _calibration(center.probability, y > 0)
        learned = np.ones(len(y), dtype=bool) if center.probability is None else y > 0
        if not learned.any():
            learned = np.ones(len(y), dtype=bool)
        errors = y - center.value
        self._learn_scale(terms[learned], np.abs(errors[learned]))
        count = min(POINTS, int(learned.sum()))
        self._points = np.quantile((errors / self.scale(terms))[learned], (np.arange(count) + 0.5) / count)
        self._levels = 1.0 - np.geomspace(1.0 - 1e-3, 1.0 / (count + 1), LEVELS)
        inside = []
        for level in self._levels:
            low, high = self._ends(center, terms, float(level))
            inside.append(int(np.sum((low <= y) & (y <= high))))
        self._inside = np.maximum.accumulate(inside)
        return self

    def _learn_scale(self, terms: Array, sizes: Array) -> None:
        """Fit logarithms of sizes of errors by logarithms of the terms, by ridge regression."""
        from sklearn.linear_model import RidgeCV

        mean = sizes.mean()
        self._offsets = OFFSET * terms.mean(axis=0)
        # A term that is 0 everywhere says nothing.
        self._offsets[self._offsets == 0] = 1.0
        logarithms = np.log(terms + self._offsets)
        self._middle, spread = logarithms.mean(axis=0), logarithms.std(axis=0)
        self._spread = np.where(spread > 0, spread, 1.0)
        logs = np.log(sizes + LEAST_SCALE * mean) if mean > 0 else np.zeros(len(sizes))
        model = RidgeCV(PENALTIES).fit((logarithms - self._middle) / self._spread, logs)
        self._coef, self._intercept = model.coef_, float(model.intercept_)
        # Nothing is known of errors larger or smaller than any seen.
        self._range = float(logs.min()), float(logs.max())

    def scale(self, terms: Array) -> Array:
        """Return the scale of each row's errors."""
        logarithms = (np.log(terms + self._offsets) - self._middle) / self._spread
        return np.asarray(np.exp(np.clip(self._intercept + logarithms @ self._coef, *self._range)))

    def interval(self, center: Center, terms: Array, coverage: float) -> tuple[Array, Array]:
        """Return lower and upper ends of intervals.

        Parameters
        ----------
        center : Center
        terms : ndarray of shape (n_samples, n_terms)
        coverage : float

        Returns
        -------
        low, high : ndarray of shape (n_samples,)
            Infinite where the training rows are too few for the coverage.
        """
        rank = int(np.ceil((self.n_samples + 1) * coverage))
        enough = np.flatnonzero(self._inside >= rank)
        if not len(enough):
            least = -np.inf if self.kind == "real" else 0.0
            return np.full(len(terms), least), np.full(len(terms), np.inf)
        return self._ends(center, terms, float(self._levels[enough[0]]))

    def _ends(self, center: Center, terms: Array, level: float) -> tuple[Array, Array]:
        """Return the ends of the shortest intervals that hold a mass."""
        count = len(self._points)
        values = self.scale(terms)[:, None] * self._points
        values += center.value[:, None]
        if self.kind != "real":
            values = np.maximum(values, 0.0)
        above = np.ones(len(terms))
        if center.probability is not None:
            above = _calibrated(center.probability, self._calibration)
        # One point has the mass p / (count + 1): what is beyond the ends has some, too.
        needed = np.ceil(level * (count + 1) / above - 1e-9).astype(np.int64)
        starts = np.arange(count)
        last = starts + needed[:, None] - 1
        fits = last < count
        tops = np.take_along_axis(values, np.minimum(last, count - 1), axis=1)
        best = np.argmin(np.where(fits, tops - values, np.inf), axis=1)
        rows = np.arange(len(terms))
        found = fits[rows, best]
        low = np.where(found, values[rows, best], -np.inf if self.kind == "real" else 0.0)
        high = np.where(found, values[rows, np.minimum(last[rows, best], count - 1)], np.inf)
        if center.probability is None:
            return low, high
        # Beside it the interval from 0, which has the mass of 0 and needs fewer points.
        beyond = np.ceil((level - 1.0 + above) * (count + 1) / above - 1e-9).astype(np.int64)
        top = np.where(
            beyond > count, np.inf, np.where(beyond <= 0, 0.0, values[rows, np.clip(beyond, 1, count) - 1])
        )
        from_zero = top <= high - low
        return np.where(from_zero, 0.0, low), np.where(from_zero, top, high)


def like_errors(value: Array, known: Array, errors: Array) -> Array:
    """Return the mean error of the rows whose predictions are most like each prediction.

    Parameters
    ----------
    value : ndarray of shape (n_samples,)
    known, errors : ndarray of shape (n_others,)
        Predictions of other rows and their absolute errors.

    Returns
    -------
    ndarray of shape (n_samples,)
    """
    order = np.argsort(known, kind="stable")
    count = min(len(errors), max(LIKE_ROWS, int(LIKE_SHARE * len(errors))))
    sums = np.concatenate([[0.0], np.cumsum(errors[order])])
    means = (sums[count:] - sums[:-count]) / count
    # As many on either side, as far as the ends allow.
    first = np.searchsorted(known[order], value) - count // 2
    found: Array = means[np.clip(first, 0, len(means) - 1)]
    return found


def _calibration(probability: Array | None, above: NDArray[np.bool_]) -> tuple[float, float]:
    """Return slope and offset that make log-odds true to the share of rows above 0 (Platt 1999)."""
    if probability is None or above.all() or not above.any():
        return 1.0, 0.0
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=10.0).fit(_log_odds(probability)[:, None], above)
    slope = float(model.coef_[0, 0])
    return (slope, float(model.intercept_[0])) if slope > 0 else (1.0, 0.0)


def _calibrated(probability: Array, calibration: tuple[float, float]) -> Array:
    slope, offset = calibration
    return np.asarray(expit(slope * _log_odds(probability) + offset))


def _log_odds(probability: Any) -> Array:
    return np.asarray(logit(np.clip(probability, CERTAIN, 1.0 - CERTAIN)))
