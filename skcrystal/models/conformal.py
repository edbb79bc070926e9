"""`ConformalRegressor`: prediction intervals from cross-validated errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from sklearn.base import BaseEstimator, MetaEstimatorMixin, RegressorMixin, clone
from sklearn.model_selection import KFold, check_cv
from sklearn.utils import get_tags, indexable
from sklearn.utils.validation import check_is_fitted

from skcrystal._sklearn import HasMethods, take_rows

if TYPE_CHECKING:
    from typing import Self

    from numpy.typing import NDArray

    Array = NDArray[np.float64]

__all__ = ["ConformalRegressor"]

# Rows of like predictions that the width at a prediction is taken from: as many as this share, and never
# fewer than this number.
NEIGHBOR_SHARE = 0.2
LEAST_NEIGHBORS = 30


class ConformalRegressor(MetaEstimatorMixin, RegressorMixin, BaseEstimator):
    """A regressor that also says how far it may be off.

    ``fit`` predicts each training row by a model that has not seen it, with the folds of `cv`, keeps the
    absolute errors, and then fits the regressor to all rows. An interval of coverage c is

        prediction - q  to  prediction + q

    where q is the ceil((n + 1) c)-th smallest of n such errors: those of the n training rows whose
    out-of-fold predictions are nearest to the prediction (a fifth of all rows, but at least 30). Small
    gaps, say, are mostly predicted to better than large ones, and get narrower intervals. Where n is too
    small for the coverage that is asked, the interval is infinite.

    For crystals drawn as the training set was, about a share c of the true values lies inside, whatever
    the regressor. No promise holds for crystals of another kind. With `cv` by groups
    (``GroupKFold`` and `groups`), the errors are those on formulas that the model has not seen.

    Parameters
    ----------
    regressor : estimator
        A pipeline from crystals to predictions, or any other regressor. Cloned, not fitted itself.
    cv : int, splitter or None, default=5
        Folds, as in scikit-learn; rows are shuffled if it is an int.
    random_state : int, RandomState or None, default=0
        Shuffles the rows.

    Attributes
    ----------
    regressor_ : estimator
        Fitted to all rows.
    predicted_ : ndarray of shape (n_samples,) or (n_samples, n_outputs)
        Out-of-fold predictions, NaN for a row in no test fold.
    errors_ : ndarray of the same shape
        Their absolute errors, in the unit of y.
    n_features_in_ : int
        Set where the fitted regressor has it.

    References
    ----------
    V. Vovk, Ann. Math. Artif. Intell. 74, 9 (2015), https://doi.org/10.1007/s10472-013-9368-4, for
    cross-conformal prediction; R. F. Barber, E. J. Candes, A. Ramdas, R. J. Tibshirani, Ann. Statist. 49,
    486 (2021), https://doi.org/10.1214/20-AOS1965, for what cross-validated errors promise.

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
    >>> float(np.mean((low <= y[500:]) & (y[500:] <= high)).round(2))
    0.9
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "regressor": [HasMethods(["fit", "predict"])],
        "cv": ["cv_object"],
        "random_state": ["random_state"],
    }

    def __init__(self, regressor: Any, *, cv: Any = 5, random_state: Any = 0) -> None:
        self.regressor = regressor
        self.cv = cv
        self.random_state = random_state

    def fit(self, X: Any, y: Any, *, groups: Any = None, **fit_params: Any) -> Self:
        """Measure errors out of fold, then fit the regressor to all rows.

        Parameters
        ----------
        X : crystals or array-like of n_samples rows
            Passed on to the regressor.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
        groups : array-like of shape (n_samples,), default=None
            For a `cv` that splits by groups.
        **fit_params
            Passed on to the regressor's ``fit``; arrays of n_samples entries are split along.

        Returns
        -------
        self
        """
        self._validate_params()
        if y is None:
            raise ValueError("This ConformalRegressor requires y to be passed, but the target y is None")
        X, y = indexable(X, np.asarray(y))
        predicted = np.full(y.shape, np.nan)
        for train, test in self._folds().split(np.zeros(len(y)), y, groups):
            params = {name: _rows_of(value, train, len(y)) for name, value in fit_params.items()}
            model = clone(self.regressor).fit(take_rows(X, train), y[train], **params)
            predicted[test] = np.reshape(model.predict(take_rows(X, test)), y[test].shape)
        self.predicted_ = predicted
        self.errors_ = np.abs(predicted - y)
        self.regressor_ = clone(self.regressor).fit(X, y, **fit_params)
        return self

    def _folds(self) -> Any:
        cv = 5 if self.cv is None else self.cv
        if isinstance(cv, int | np.integer):
            return KFold(cv, shuffle=True, random_state=self.random_state)
        return check_cv(cv)

    def predict(self, X: Any) -> Any:
        """Predict targets, as the fitted regressor does.

        Parameters
        ----------
        X : crystals or array-like of n_samples rows

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_outputs)
        """
        check_is_fitted(self)
        return self.regressor_.predict(X)

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
            In the unit of y. The lower end is not negative where the regressor says, by scikit-learn's
            tag ``positive_only``, that targets are not.
        """
        if not 0 < coverage < 1:
            raise ValueError(f"coverage is a share between 0 and 1, and {coverage} was given")
        center = np.asarray(self.predict(X), dtype=np.float64)
        columns = center.reshape(len(center), -1).T
        known = self.predicted_.reshape(len(self.predicted_), -1).T
        errors = self.errors_.reshape(len(self.errors_), -1).T
        widths = [_widths(c, k, e, coverage) for c, k, e in zip(columns, known, errors, strict=True)]
        width = np.stack(widths, axis=1).reshape(center.shape)
        low = center - width
        if get_tags(self.regressor).target_tags.positive_only:
            low = np.maximum(low, 0.0)
        return np.stack([low, center + width], axis=-1)

    @property
    def n_features_in_(self) -> int:
        check_is_fitted(self)
        return int(self.regressor_.n_features_in_)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        inner = get_tags(self.regressor)
        tags.target_tags = inner.target_tags
        tags.input_tags = inner.input_tags
        return tags


def _widths(centers: Array, predicted: Array, errors: Array, coverage: float) -> Array:
    """Return for each prediction the quantile of the errors at the predictions nearest to it."""
    measured = np.isfinite(errors)
    order = np.argsort(predicted[measured], kind="stable")
    predicted, errors = predicted[measured][order], errors[measured][order]
    count = min(len(errors), max(LEAST_NEIGHBORS, int(NEIGHBOR_SHARE * len(errors))))
    rank = int(np.ceil((count + 1) * coverage))
    if rank > count:
        return np.full(len(centers), np.inf)
    windows = np.lib.stride_tricks.sliding_window_view(errors, count)
    quantiles = np.partition(windows, rank - 1, axis=1)[:, rank - 1]
    # The window around a prediction: as many on either side, as far as the ends allow.
    first = np.searchsorted(predicted, centers) - count // 2
    nearest: Array = quantiles[np.clip(first, 0, len(quantiles) - 1)]
    return nearest


def _rows_of(value: Any, rows: NDArray[np.intp], n_samples: int) -> Any:
    return take_rows(value, rows) if np.ndim(value) > 0 and len(value) == n_samples else value
