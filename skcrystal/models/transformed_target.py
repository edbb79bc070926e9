"""`TransformedTargetRegressor`: a function of the target is learned, as its logarithm.

Its name is scikit-learn's, since the names of a pipeline's steps are made of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import BaseEstimator, MetaEstimatorMixin, RegressorMixin, clone
from sklearn.utils import get_tags

from skcrystal._documentation import Documented
from skcrystal.models.fitted import ensure_fitted
from skcrystal.models.losses import LOSSES, mean_of_function
from skcrystal.models.out_of_fold import combine, fit_out_of_fold, predict_parts

if TYPE_CHECKING:
    from typing import Self

    from numpy.typing import NDArray

    from skcrystal.models.out_of_fold import Folds

    Array = NDArray[np.float64]

__all__ = ["TransformedTargetRegressor"]


class TransformedTargetRegressor(Documented, MetaEstimatorMixin, RegressorMixin, BaseEstimator):
    """A regressor that learns a function of the target, and predicts the target.

    Parameters
    ----------
    regressor : estimator
        Cloned, not fitted itself.
    func : callable
        From targets to what the regressor learns, as ``np.log``.
    inverse_func : callable
        And back, as ``np.exp``; it must rise.
    loss : {"absolute_error", "squared_error"}, default="absolute_error"
        What a prediction is to make least. For the absolute error it is `inverse_func` of the regressor's,
        the median of a target whose function has that median; for the squared error it is the mean of
        `inverse_func` over a normal distribution around it.
    spread : float or callable, default=0.0
        The standard deviation of that distribution, in the unit of the function of the target. A callable is
        given the fitted regressor and returns it, as a stack's error out of fold. It is one for all rows:
        where models of logarithms disagree, an exponential of their variance would have no bounds.

    Attributes
    ----------
    regressor_ : estimator
        Fitted.
    spread_ : float
    n_features_in_ : int
    """

    def __init__(
        self,
        regressor: Any,
        *,
        func: Any,
        inverse_func: Any,
        loss: str = "absolute_error",
        spread: Any = 0.0,
    ) -> None:
        self.regressor = regressor
        self.func = func
        self.inverse_func = inverse_func
        self.loss = loss
        self.spread = spread

    def _take(self, regressor: Any) -> None:
        if self.loss not in LOSSES:
            raise ValueError(
                f"loss is one of {', '.join(map(repr, sorted(LOSSES)))}, and {self.loss!r} was given"
            )
        self.regressor_ = regressor
        self.spread_ = float(self.spread(regressor) if callable(self.spread) else self.spread)

    def _typical(self, center: Array) -> Any:
        if self.loss == "absolute_error":
            return self.inverse_func(center)
        return mean_of_function(self.inverse_func, center, np.full_like(center, self.spread_))

    def _learned(self, y: Any) -> Any:
        y = np.asarray(y, dtype=np.float64)
        with np.errstate(all="ignore"):
            learned = self.func(y)
        wrong = np.argwhere(~np.isfinite(learned))
        if len(wrong):
            first = ", ".join(map(str, wrong[0]))
            raise ValueError(
                f"{getattr(self.func, '__name__', 'func')} of the target is not finite for y[{first}] = "
                f"{y[tuple(wrong[0])]:g}; a target that is not above 0 is no positive one"
            )
        return learned

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Fit the regressor to the function of the targets.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
        sample_weight : array-like of shape (n_samples,), default=None

        Returns
        -------
        self
        """
        weight = {} if sample_weight is None else {"sample_weight": sample_weight}
        self._take(clone(self.regressor).fit(X, self._learned(y), **weight))
        return self

    def fit_out_of_fold(self, X: Any, y: Any, folds: Folds, sample_weight: Any = None) -> Array:
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
        """
        fitted, parts = fit_out_of_fold(self.regressor, X, self._learned(y), folds, sample_weight)
        self._take(fitted)
        return parts

    def predict(self, X: Any, return_std: bool = False) -> Any:
        """Predict targets.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
        return_std : bool, default=False
            Whether to return standard deviations too.

        Returns
        -------
        y : ndarray of shape (n_samples,) or (n_samples, n_outputs)
        std : ndarray of the same shape
            Half the distance between what one standard deviation of the regressor up and down gives; with
            ``return_std=True`` only.
        """
        ensure_fitted(self, "regressor_")
        if not return_std:
            return self._typical(self.regressor_.predict(X))
        center, std = self.regressor_.predict(X, return_std=True)
        width = self.inverse_func(center + std) - self.inverse_func(center - std)
        return self._typical(center), 0.5 * width

    def predict_parts(self, X: Any) -> Array:
        """Return the parts of the regressor's prediction.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)

        Returns
        -------
        ndarray of shape (n_samples, n_parts)
        """
        ensure_fitted(self, "regressor_")
        return predict_parts(self.regressor_, X)

    def combine(self, parts: Array) -> tuple[Array, Array]:
        """Return the prediction that parts make, and half the distance that one spread up and down makes.

        Parameters
        ----------
        parts : ndarray of shape (n_samples, n_parts)

        Returns
        -------
        prediction, spread : ndarray of shape (n_samples,)
        """
        center, spread = combine(self.regressor_, parts)
        width = self.inverse_func(center + spread) - self.inverse_func(center - spread)
        return self._typical(center), 0.5 * width

    @property
    def n_features_in_(self) -> int:
        ensure_fitted(self, "regressor_")
        return int(self.regressor_.n_features_in_)

    @property
    def feature_names_in_(self) -> Any:
        # A regressor without it raises AttributeError, as it should be where X has no column names.
        return self.regressor_.feature_names_in_

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        inner = get_tags(self.regressor)
        tags.input_tags, tags.target_tags.multi_output = inner.input_tags, inner.target_tags.multi_output
        return tags
