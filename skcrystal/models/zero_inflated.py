"""`ZeroInflatedRegressor`: a classifier says whether, a regressor says how much."""

from __future__ import annotations

from numbers import Real
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from sklearn.base import BaseEstimator, MetaEstimatorMixin, RegressorMixin
from sklearn.model_selection import train_test_split
from sklearn.utils import get_tags, indexable
from sklearn.utils.validation import column_or_1d

from skcrystal._documentation import Documented
from skcrystal._sklearn import HasMethods, Interval, StrOptions, take_rows
from skcrystal.models.fitted import ensure_fitted
from skcrystal.models.losses import LOSSES
from skcrystal.models.mixtures import SPREAD_PER_ERROR, mean_of_mixture, median_of_mixture
from skcrystal.models.out_of_fold import combine, fit_out_of_fold, fit_rows, predict_parts

if TYPE_CHECKING:
    from typing import Self

    from numpy.typing import NDArray

    from skcrystal.models.out_of_fold import Folds

__all__ = ["ZeroInflatedRegressor"]

# The share of the positive rows that the spread is measured on, and how many it takes to do so.
HELD_OUT = 0.2
LEAST_ROWS = 20


class ZeroInflatedRegressor(Documented, MetaEstimatorMixin, RegressorMixin, BaseEstimator):
    """Regression of a target that is never negative and often exactly 0.

    Half of all compounds are metals, with a band gap of exactly 0; a regressor alone blurs that half. Here
    a classifier learns from all rows whether y > 0, and a regressor learns y from the rows where it is. The
    two make a distribution, 0 with probability 1 - p and else normal around the regressor's m, and the
    prediction is its median, which makes the mean absolute error least:

        0                                     where p <= 1/2
        max(m + s ndtri((p - 1/2) / p), 0)    elsewhere

    with ndtri the inverse of the normal distribution function: surely positive targets are predicted as m,
    and doubtful ones lower. The variance s^2 is that of the regressor's errors on rows that it has not seen
    and, where it is made of several models, that of their predictions of the row.

    All is learned in ``fit``, so that cross-validation shows no test row to either model. A training set
    in which all targets are 0, or none is, needs no classifier, and gets none.

    Parameters
    ----------
    regressor : estimator
        Cloned, not fitted itself.
    classifier : estimator
        With ``predict_proba``. Cloned, not fitted itself.
    spread : float, callable or None, default=None
        What s is where the regressor is one model, in the unit of y. A callable is given the fitted regressor
        and returns it: a stack, for one, has measured its error already. None measures it: the regressor is
        fitted once more, to four fifths of the positive rows, and s is sqrt(pi / 2) = 1.25 times, as for a
        normal error, its mean absolute error on the rest; with fewer than 20 positive rows s is 0. 0 predicts
        m wherever y > 0 is the likelier, of several models too.
    loss : {"absolute_error", "squared_error"}, default="absolute_error"
        What a prediction is to make least. For the squared error it is the mean of the distribution in place
        of its median: never exactly 0, unless p is.
    random_state : int, RandomState or None, default=None
        Draws the rows that the spread is measured on.

    Attributes
    ----------
    regressor_ : estimator
        Fitted.
    classifier_ : estimator or None
        Fitted; None where all training targets are on one side.
    spread_ : float
        s where the models within the regressor agree, in the unit of y.
    n_features_in_ : int
        As the fitted models say.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Set where the fitted models have it.

    References
    ----------
    J. G. Cragg, Econometrica 39, 829 (1971). https://doi.org/10.2307/1909582 (two models for one target,
    whether and how much)

    Examples
    --------
    >>> from sklearn.linear_model import LinearRegression, LogisticRegression
    >>> from skcrystal.models import ZeroInflatedRegressor
    >>> X, y = [[-3.0], [-2.0], [-1.0], [1.0], [2.0], [3.0]], [0.0, 0.0, 0.0, 1.0, 2.0, 3.0]
    >>> model = ZeroInflatedRegressor(LinearRegression(), LogisticRegression()).fit(X, y)
    >>> model.predict([[-0.5], [2.0]]).round(1)
    array([0., 2.])
    >>> model.fit(X, [-1.0, 0.0, 0.0, 1.0, 2.0, 3.0])
    Traceback (most recent call last):
    ...
    ValueError: y is never negative for a ZeroInflatedRegressor, and y[0] is -1.0
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "regressor": [HasMethods(["fit", "predict"])],
        "classifier": [HasMethods(["fit", "predict_proba"])],
        "spread": [Interval(Real, 0, None, closed="left"), callable, None],
        "loss": [StrOptions(LOSSES)],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        regressor: Any,
        classifier: Any,
        *,
        spread: Any = None,
        loss: str = "absolute_error",
        random_state: Any = None,
    ) -> None:
        self.regressor = regressor
        self.classifier = classifier
        self.spread = spread
        self.loss = loss
        self.random_state = random_state

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Fit the classifier on all rows and the regressor on the positive ones.

        Parameters
        ----------
        X : crystals or array-like of n_samples rows
            Passed on to both models.
        y : array-like of shape (n_samples,)
            Not negative.
        sample_weight : array-like of shape (n_samples,), default=None
            Passed on to both models; rows of weight 0 are left out.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            Names the first negative target.
        """
        X, y, sample_weight = self._checked(X, y, sample_weight)
        positive = np.flatnonzero((y > 0) & _counted(y, sample_weight))
        everything = np.arange(len(y))
        # With no positive row at all the regressor learns the zeros: its checks of X hold then, too.
        rows = positive if len(positive) else everything
        self.regressor_ = fit_rows(self.regressor, X, y, rows, sample_weight)
        if self.spread is None:
            self.spread_ = self._measure_spread(X, y, sample_weight, rows)
        else:
            self.spread_ = float(self.spread(self.regressor_) if callable(self.spread) else self.spread)
        self._fit_classifier(X, y, sample_weight)
        return self

    def _checked(self, X: Any, y: Any, sample_weight: Any) -> tuple[Any, Any, Any]:
        self._validate_params()
        if y is None:
            raise ValueError("This ZeroInflatedRegressor requires y to be passed, but the target y is None")
        y = column_or_1d(y, dtype=np.float64, warn=True)
        X, y, sample_weight = indexable(X, y, sample_weight)
        negative = np.flatnonzero(y < 0)
        if len(negative):
            first = negative[0]
            raise ValueError(f"y is never negative for a ZeroInflatedRegressor, and y[{first}] is {y[first]}")
        return X, y, sample_weight

    def _fit_classifier(self, X: Any, y: Any, sample_weight: Any) -> None:
        above = y[_counted(y, sample_weight)] > 0
        one_sided = np.all(above) or not np.any(above)
        everything = np.arange(len(y))
        self.classifier_ = (
            None if one_sided else fit_rows(self.classifier, X, y > 0, everything, sample_weight)
        )

    def fit_out_of_fold(self, X: Any, y: Any, folds: Folds, sample_weight: Any = None) -> NDArray[np.float64]:
        """Fit, and return the parts of each row's prediction without its fold.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
        y : array-like of shape (n_samples,)
        folds : sequence of (train, test)
        sample_weight : array-like of shape (n_samples,), default=None

        Returns
        -------
        ndarray of shape (n_samples, n_parts)
            The regressor's parts, and the probability that the target is not 0.
        """
        X, y, sample_weight = self._checked(X, y, sample_weight)
        above = y > 0
        counted = _counted(y, sample_weight)
        weight = np.ones(len(y)) if sample_weight is None else np.asarray(sample_weight, dtype=np.float64)
        # What is 0 is predicted, and not learned from.
        learned = np.where(above, weight, 0.0) if above[counted].any() else weight
        self.regressor_, parts = fit_out_of_fold(self.regressor, X, y, folds, learned)
        self._fit_classifier(X, y, sample_weight)
        probability = np.full(len(y), np.nan)
        for train, test in folds:
            share = above[train][counted[train]].mean()
            if self.classifier_ is None or share in (0.0, 1.0):
                probability[test] = 1.0 if self.classifier_ is None else share
                continue
            fold = fit_rows(self.classifier, X, above, train, sample_weight)
            probability[test] = fold.predict_proba(take_rows(X, test))[:, 1]
        if self.spread is None:
            errors = np.abs(combine(self.regressor_, parts)[0] - y)[above & counted]
            self.spread_ = float(SPREAD_PER_ERROR * np.nan_to_num(np.nanmean(errors))) if len(errors) else 0.0
        else:
            self.spread_ = float(self.spread(self.regressor_) if callable(self.spread) else self.spread)
        return np.column_stack([parts, probability])

    def _measure_spread(self, X: Any, y: Any, sample_weight: Any, rows: NDArray[np.intp]) -> float:
        if len(rows) < LEAST_ROWS:
            return 0.0
        train, test = train_test_split(rows, test_size=HELD_OUT, random_state=self.random_state)
        model = fit_rows(self.regressor, X, y, train, sample_weight)
        errors = np.abs(model.predict(take_rows(X, test)) - y[test])
        return float(SPREAD_PER_ERROR * errors.mean())

    def predict_parts(self, X: Any) -> NDArray[np.float64]:
        """Return the regressor's parts, and the probability that the target is not 0.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)

        Returns
        -------
        ndarray of shape (n_samples, n_parts)
        """
        ensure_fitted(self, "regressor_")
        parts = predict_parts(self.regressor_, X)
        # The classes are False and True, in this order.
        above = None if self.classifier_ is None else self.classifier_.predict_proba(X)[:, 1]
        return np.column_stack([parts, np.ones(len(parts)) if above is None else above])

    def combine(self, parts: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the prediction that parts make, and the standard deviation of what they say.

        Parameters
        ----------
        parts : ndarray of shape (n_samples, n_parts)

        Returns
        -------
        prediction : ndarray of shape (n_samples,)
        spread : ndarray of shape (n_samples,)
            Of the regressor's spread where the target is not 0, and 0 elsewhere.
        """
        center, spread = combine(self.regressor_, parts[:, :-1])
        center, probability = np.maximum(center, 0.0), parts[:, -1]
        variance = probability * spread**2 + probability * (1 - probability) * center**2
        if self.classifier_ is None:
            return center, np.sqrt(variance)
        whole = np.hypot(self.spread_, spread) if self.spread_ > 0 else 0.0
        typical = median_of_mixture if self.loss == "absolute_error" else mean_of_mixture
        prediction = typical(probability, center, whole)
        return np.where(np.isfinite(variance), prediction, np.nan), np.sqrt(variance)

    def mixture(self, parts: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64] | None]:
        """Return what the regressor predicts, and the probability that the target is not 0.

        Parameters
        ----------
        parts : ndarray of shape (n_samples, n_parts)

        Returns
        -------
        center : ndarray of shape (n_samples,)
        probability : ndarray of shape (n_samples,) or None
            None where no classifier was needed.
        """
        center = np.maximum(combine(self.regressor_, parts[:, :-1])[0], 0.0)
        return center, None if self.classifier_ is None else parts[:, -1]

    def predict(self, X: Any, return_std: bool = False) -> Any:
        """Predict targets.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
        return_std : bool, default=False
            Whether to return standard deviations too.

        Returns
        -------
        y : ndarray of shape (n_samples,), float64
            Not negative.
        std : ndarray of shape (n_samples,), float64
            Of 0 and of a normal distribution of the spread, as probable as they are; with
            ``return_std=True`` only.
        """
        ensure_fitted(self, "regressor_")
        parts = self.predict_parts(X)
        prediction, spread = self.combine(parts)
        if not return_std:
            return prediction
        return prediction, np.sqrt(spread**2 + parts[:, -1] * self.spread_**2)

    @property
    def n_features_in_(self) -> int:
        ensure_fitted(self, "regressor_")
        return int(self.regressor_.n_features_in_)

    @property
    def feature_names_in_(self) -> NDArray[np.object_]:
        # A regressor without it raises AttributeError, as it should be where X has no column names.
        names: NDArray[np.object_] = self.regressor_.feature_names_in_
        return names

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.positive_only = True
        tags.input_tags = get_tags(self.regressor).input_tags
        return tags


def _counted(y: NDArray[np.float64], sample_weight: Any) -> NDArray[np.bool_]:
    """Tell which rows have a weight; one that is none, negative or NaN, is left to the models to refuse."""
    if sample_weight is None:
        return np.ones(len(y), dtype=bool)
    counted: NDArray[np.bool_] = np.asarray(sample_weight, dtype=np.float64) != 0
    return counted
