"""`ConformalRegressor`: prediction intervals from cross-validated errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from sklearn.base import BaseEstimator, MetaEstimatorMixin, RegressorMixin, clone
from sklearn.model_selection import KFold, check_cv
from sklearn.utils import get_tags, indexable

from skcrystal._documentation import Documented
from skcrystal._sklearn import HasMethods, take_rows
from skcrystal.models.fitted import ensure_fitted
from skcrystal.models.intervals import Center, ErrorModel
from skcrystal.models.out_of_fold import (
    combine,
    fit_out_of_fold,
    has_parts,
    mixture,
    predict_parts,
    weight_params,
)
from skcrystal.models.surroundings import Surroundings, columns_of
from skcrystal.models.target_kind import target_kinds

if TYPE_CHECKING:
    from typing import Self

    from numpy.typing import NDArray

    Array = NDArray[np.float64]

__all__ = ["ConformalRegressor"]

# Folds of a model that predicts its training rows out of fold by itself, and of any other.
FOLDS_WITHIN, FOLDS_AROUND = 3, 5


class ConformalRegressor(Documented, MetaEstimatorMixin, RegressorMixin, BaseEstimator):
    """A regressor that also says how far it may be off.

    ``fit`` has each training row predicted by a model that has not seen it, with the folds of `cv`, and the
    regressor fitted to all rows. Those of :func:`~skcrystal.models.make_regressor` do both at once: they
    predict out of fold anyway, to weigh their members.

    From the errors a distribution of the target around each prediction is made. Its scale is a product of
    powers, found by ridge regression of the logarithms of absolute errors, of

    - the distance to the nearest training rows, in the columns as the model weighs them
    - the errors on those rows, and on rows of like predictions
    - how far the members of a stack are apart
    - the prediction

    Its shape is that of the errors over their scales, and need not be symmetric. Of a target that is never
    negative it holds the probability of exactly 0 as well. An interval
    of coverage c is the shortest one that holds some mass of that distribution, and the prediction;
    the mass is the least for which ceil((n + 1) c) of the n training rows lie in their own intervals, made of
    predictions out of fold. Where n is too small for the coverage that is asked, the interval is infinite.

    For crystals drawn as the training set was, about a share c of the true values lies inside. No promise
    holds for crystals of another kind; :class:`~skcrystal.models.DomainOfApplicability` tells them. With `cv`
    by groups (``GroupKFold`` and `groups`), the errors are those on formulas that the model has not seen.

    Parameters
    ----------
    regressor : estimator
        A pipeline from crystals to predictions, or any other regressor. Cloned, not fitted itself.
    cv : int, splitter or None, default=None
        Folds, as in scikit-learn; rows are shuffled if it is an int. None is 3 for a model that predicts out
        of fold by itself, and 5 for any other.
    random_state : int, RandomState or None, default=0
        Shuffles the rows.

    Attributes
    ----------
    regressor_ : estimator
        Fitted to all rows.
    predicted_ : ndarray of shape (n_samples,) or (n_samples, n_outputs)
        Out-of-fold predictions, NaN for a row in no test fold or one that could not be read.
    errors_ : ndarray of the same shape
        Their absolute errors, in the unit of y.
    n_features_in_ : int
        Set where the fitted regressor has it.

    References
    ----------
    V. Vovk, Ann. Math. Artif. Intell. 74, 9 (2015), https://doi.org/10.1007/s10472-013-9368-4, for
    cross-conformal prediction; H. Papadopoulos, V. Vovk, A. Gammerman, J. Artif. Intell. Res. 40, 815 (2011),
    https://doi.org/10.1613/jair.3198, for errors over scales; R. Izbicki, G. Shimizu, R. Stern, J. Mach.
    Learn. Res. 23, 87 (2022), for intervals of highest density; R. F. Barber, E. J. Candes, A. Ramdas, R. J.
    Tibshirani, Ann. Statist. 49, 486 (2021), https://doi.org/10.1214/20-AOS1965, for what cross-validated
    errors promise.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import LinearRegression
    >>> from skcrystal.models import ConformalRegressor
    >>> random = np.random.default_rng(0)
    >>> X = random.uniform(-1, 1, (1000, 1))
    >>> y = X[:, 0] + random.normal(0, 0.1, 1000)
    >>> model = ConformalRegressor(LinearRegression()).fit(X[:500], y[:500])
    >>> low, high = model.predict_interval(X[500:], coverage=0.9).T
    >>> float(np.mean((low <= y[500:]) & (y[500:] <= high)).round(1))
    0.9
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "regressor": [HasMethods(["fit", "predict"])],
        "cv": ["cv_object"],
        "random_state": ["random_state"],
    }
    # With scikit-learn's metadata routing on, these are taken by their names.
    __metadata_request__fit: ClassVar[dict[str, bool]] = {"groups": True, "sample_weight": True}

    def __init__(self, regressor: Any, *, cv: Any = None, random_state: Any = 0) -> None:
        self.regressor = regressor
        self.cv = cv
        self.random_state = random_state

    def fit(
        self, X: Any, y: Any, *, groups: Any = None, sample_weight: Any = None, **fit_params: Any
    ) -> Self:
        """Measure errors out of fold, and fit the regressor to all rows.

        Parameters
        ----------
        X : crystals or array-like of n_samples rows
            Passed on to the regressor.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
        groups : array-like of shape (n_samples,), default=None
            For a `cv` that splits by groups.
        sample_weight : array-like of shape (n_samples,), default=None
            Passed on to the regressor's ``fit``.
        **fit_params
            Passed on to the regressor's ``fit``; arrays of n_samples entries are split along.

        Returns
        -------
        self
        """
        self._validate_params()
        if y is None:
            raise ValueError("This ConformalRegressor requires y to be passed, but the target y is None")
        given = y
        y = np.asarray(y)
        X, y = indexable(X, y.astype(np.float64) if y.dtype == object else y)
        folds = list(self._folds().split(np.zeros(len(y)), y, groups))
        if sample_weight is not None:
            sample_weight = np.asarray(sample_weight, dtype=np.float64)
        if has_parts(self.regressor) and not fit_params:
            self.regressor_, parts = fit_out_of_fold(self.regressor, X, given, folds, sample_weight)
        else:
            fit_params = {**fit_params, **weight_params(self.regressor, sample_weight)}
            self.regressor_, parts = self._fit_around(X, y, folds, fit_params)
        predicted, spread = combine(self.regressor_, parts)
        self.predicted_ = predicted
        self.errors_ = np.abs(predicted - y)
        self._learn_errors(X, y, folds, parts, spread)
        return self

    def _fit_around(self, X: Any, y: Any, folds: Any, fit_params: dict[str, Any]) -> tuple[Any, Array]:
        predicted = np.full(y.shape, np.nan)
        for train, test in folds:
            params = {name: _rows_of(value, train, len(y)) for name, value in fit_params.items()}
            model = clone(self.regressor).fit(take_rows(X, train), y[train], **params)
            predicted[test] = np.reshape(model.predict(take_rows(X, test)), y[test].shape)
        return clone(self.regressor).fit(X, y, **fit_params), predicted[..., None]

    def _learn_errors(self, X: Any, y: Array, folds: Any, parts: Array, spread: Array) -> None:
        columns = columns_of(self.regressor_, X)
        values, probabilities = mixture(self.regressor_, parts)
        self._surroundings = Surroundings(self.regressor_, columns, self.random_state)
        self._error_models, self._known = [], []
        targets = _by_target(values, probabilities, spread, y)
        kinds = target_kinds(self.regressor_, len(targets))
        for kind, (value, probability, wide, target) in zip(kinds, targets, strict=True):
            model = ErrorModel(kind)
            probability = None if kind == "real" else probability
            errors = target - value
            # Where the target is 0, nothing is known of how large it might have been.
            learned = np.isfinite(errors) & ((target > 0) | (probability is None))
            if not learned.any():
                learned = np.isfinite(errors)
            known = value, np.where(learned, np.abs(errors), np.nan)
            terms = self._surroundings.out_of_fold(columns, folds, *known, wide)
            rows = np.flatnonzero(np.isfinite(errors) & np.isfinite(terms).all(axis=1))
            center = Center(value, probability)
            self._error_models.append(model.fit(_part(center, rows), terms[rows], target[rows]))
            self._known.append(known)

    def _folds(self) -> Any:
        folds = FOLDS_WITHIN if has_parts(self.regressor) else FOLDS_AROUND
        cv = folds if self.cv is None else self.cv
        if isinstance(cv, int | np.integer):
            return KFold(cv, shuffle=True, random_state=self.random_state)
        return check_cv(cv)

    def predict(self, X: Any, **params: Any) -> Any:
        """Predict targets, as the fitted regressor does.

        Parameters
        ----------
        X : crystals or array-like of n_samples rows
        **params
            Passed on to the regressor, as ``return_std=True``.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_outputs)
            NaN for a row that could not be read.
        """
        ensure_fitted(self, "regressor_")
        return self.regressor_.predict(X, **params)

    def predict_interval(self, X: Any, *, coverage: float = 0.9) -> Array:
        """Predict lower and upper ends of the intervals.

        Parameters
        ----------
        X : crystals or array-like of n_samples rows
        coverage : float, default=0.9
            Share of true values that the intervals are to contain, between 0 and 1.

        Returns
        -------
        ndarray of shape (n_samples, 2) or (n_samples, n_outputs, 2)
            In the unit of y, around the prediction; NaN for a row that could not be read. No end is negative
            where the target cannot be: where the regressor, whatever wraps it, says by scikit-learn's tag
            ``positive_only`` that it is not, or learns its logarithm.
        """
        ensure_fitted(self, "regressor_")
        if not 0 < coverage < 1:
            raise ValueError(f"coverage is a share between 0 and 1, and {coverage} was given")
        columns = columns_of(self.regressor_, X)
        parts = self._parts(X, columns)
        center, spread = combine(self.regressor_, parts)
        found = np.full((*center.shape, 2), np.nan)
        rows = np.flatnonzero(np.isfinite(center.reshape(len(center), -1)).all(axis=1))
        if not len(rows):
            return found
        table = None if columns is None else columns[rows]
        values, probabilities = mixture(self.regressor_, parts[rows])
        flat = found.reshape(len(center), -1, 2)
        middles = center[rows].reshape(len(rows), -1)
        targets = _by_target(values, probabilities, spread[rows])
        for k, (value, probability, wide, _) in enumerate(targets):
            model = self._error_models[k]
            probability = None if model.kind == "real" else probability
            terms = self._surroundings.of(table, value, wide, *self._known[k])
            low, high = model.interval(Center(value, probability), terms, coverage)
            low = np.minimum(low, middles[:, k])
            flat[rows, k, 0] = low if model.kind == "real" else np.maximum(low, 0.0)
            flat[rows, k, 1] = np.maximum(high, middles[:, k])
        return found

    def _parts(self, X: Any, columns: Any) -> Array:
        """Return what predictions are made of, crystals being described once."""
        if hasattr(self.regressor_, "parts_of_columns"):
            parts: Array = self.regressor_.parts_of_columns(columns)
            return parts
        return predict_parts(self.regressor_, X)

    @property
    def n_features_in_(self) -> int:
        ensure_fitted(self, "regressor_")
        return int(self.regressor_.n_features_in_)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        inner = get_tags(self.regressor)
        tags.target_tags = inner.target_tags
        tags.input_tags = inner.input_tags
        return tags


def _by_target(values: Array, probabilities: Any, spread: Array, y: Any = None) -> list[Any]:
    """Return value, probability, spread and target of each target, for one target or several."""

    def columns(table: Any) -> Any:
        return [None] * n if table is None else table.reshape(len(table), -1).T

    n = values.reshape(len(values), -1).shape[1]
    return list(zip(*map(columns, (values, probabilities, spread, y)), strict=True))


def _part(center: Center, rows: NDArray[np.intp]) -> Center:
    return Center(center.value[rows], None if center.probability is None else center.probability[rows])


def _rows_of(value: Any, rows: NDArray[np.intp], n_samples: int) -> Any:
    return take_rows(value, rows) if np.ndim(value) > 0 and len(value) == n_samples else value
