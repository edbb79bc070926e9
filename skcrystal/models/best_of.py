"""`BestOfRegressor`: of several models the one that errs least out of fold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from sklearn.base import MetaEstimatorMixin, RegressorMixin
from sklearn.model_selection import check_cv
from sklearn.utils import get_tags, indexable
from sklearn.utils.validation import column_or_1d

from skcrystal._documentation import Documented
from skcrystal._sklearn import BaseComposition, StrOptions
from skcrystal.models.fitted import ensure_fitted
from skcrystal.models.losses import LOSSES, mean_loss
from skcrystal.models.out_of_fold import combine, fit_out_of_fold, fit_rows, mixture, predict_parts
from skcrystal.models.target_kind import target_kind

if TYPE_CHECKING:
    from typing import Self

    from numpy.typing import NDArray

    from skcrystal.models.out_of_fold import Folds

    Array = NDArray[np.float64]

__all__ = ["BestOfRegressor"]


class BestOfRegressor(Documented, MetaEstimatorMixin, RegressorMixin, BaseComposition):
    """Of several regressors the one that errs least on training rows that it has not seen.

    The values of the target say first which regressors are in question: one that learns logarithms is for
    targets above 0; one whose predictions are never negative is for targets that never are; any other one is
    for targets some of which are negative, or where there is no such regressor. Those in question are
    all fitted, and judged by their predictions out of fold; where there is one alone, it is simply
    fitted. All of it happens in ``fit``, so that cross-validation shows no test row to the choice.

    Parameters
    ----------
    regressors : list of (str, estimator)
        Cloned, not fitted themselves.
    loss : {"absolute_error", "squared_error"}, default="absolute_error"
        What is to be least in the mean over the training rows.
    cv : int or splitter, default=3

    Attributes
    ----------
    chosen_ : str
        The name of the one that was taken.
    regressor_ : estimator
        It, fitted to all rows.
    losses_ : dict of str to float
        The mean loss out of fold of each in question, in the unit of the target or its square; infinite
        for one without a finite prediction of a row that another one predicts, and NaN for one that was
        alone.
    n_features_in_ : int
        As the fitted regressor says.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Set where the fitted regressor has it.

    References
    ----------
    M. J. van der Laan, E. C. Polley, A. E. Hubbard, Stat. Appl. Genet. Mol. Biol. 6, 25 (2007),
    https://doi.org/10.2202/1544-6115.1309, whose discrete super learner this is.

    Examples
    --------
    A target that grows by orders of magnitude is told by its logarithm:

    >>> import numpy as np
    >>> from sklearn.compose import TransformedTargetRegressor
    >>> from sklearn.linear_model import LinearRegression
    >>> from skcrystal.models import BestOfRegressor
    >>> X = np.linspace(0, 5, 60)[:, None]
    >>> of_logarithms = TransformedTargetRegressor(LinearRegression(), func=np.log, inverse_func=np.exp)
    >>> both = [("as it is", LinearRegression()), ("logarithm", of_logarithms)]
    >>> BestOfRegressor(both).fit(X, np.exp(X[:, 0])).chosen_
    'logarithm'
    >>> BestOfRegressor(both).fit(X, X[:, 0] - 1).chosen_
    'as it is'
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "regressors": [list],
        "loss": [StrOptions(LOSSES)],
        "cv": ["cv_object"],
    }

    def __init__(self, regressors: Any, *, loss: str = "absolute_error", cv: Any = 3) -> None:
        self.regressors = regressors
        self.loss = loss
        self.cv = cv

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return parameters, those of the regressors by their names.

        Parameters
        ----------
        deep : bool, default=True

        Returns
        -------
        dict
        """
        params: dict[str, Any] = self._get_params("regressors", deep=deep)
        return params

    def set_params(self, **params: Any) -> Self:
        """Set parameters, those of the regressors by their names, or replace a regressor.

        Parameters
        ----------
        **params

        Returns
        -------
        self
        """
        self._set_params("regressors", **params)
        return self

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Fit the regressors in question, and keep the best.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
        y : array-like of shape (n_samples,)
        sample_weight : array-like of shape (n_samples,), default=None

        Returns
        -------
        self
        """
        y = column_or_1d(y, dtype=np.float64, warn=True)
        X, y, sample_weight = indexable(X, y, sample_weight)
        asked = self._in_question(y)
        if len(asked) > 1:
            self._fit_best(asked, X, y, list(check_cv(self.cv, y).split(X, y)), sample_weight)
            return self
        ((self.chosen_, model),) = asked.items()
        self.losses_ = {self.chosen_: float("nan")}
        self.regressor_ = fit_rows(model, X, y, np.arange(len(y)), sample_weight)
        return self

    def fit_out_of_fold(self, X: Any, y: Any, folds: Folds, sample_weight: Any = None) -> Array:
        """Fit, and return the parts of each row's prediction without its fold.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
        y : array-like of shape (n_samples,)
        folds : sequence of (train, test)
            In place of those of `cv`.
        sample_weight : array-like of shape (n_samples,), default=None
            A row of weight 0 is predicted and not learned from.

        Returns
        -------
        ndarray of shape (n_samples, n_parts)
            Those of the regressor that was taken.
        """
        y = np.asarray(y, dtype=np.float64)
        return self._fit_best(self._in_question(y), X, y, folds, sample_weight)

    def _in_question(self, y: Array) -> dict[str, Any]:
        self._validate_params()
        least = np.min(y, initial=np.inf)
        kinds = ["positive", "nonnegative"] if least > 0 else ["nonnegative"] if least == 0 else ["real"]
        kind_of = {name: target_kind(model) for name, model in self.regressors}
        found = {name: model for name, model in self.regressors if kind_of[name] in kinds}
        # What may be negative learns what is not, too, where there is nothing made for it.
        if "nonnegative" not in kind_of.values() or not found:
            found |= {name: model for name, model in self.regressors if kind_of[name] == "real"}
        if not found:
            raise ValueError(
                f"no regressor of {', '.join(kind_of)} is for a target of {least:g}, the least of y: give "
                "one whose predictions may be as low"
            )
        return found

    def _fit_best(self, asked: dict[str, Any], X: Any, y: Any, folds: Folds, sample_weight: Any) -> Array:
        fitted = {name: fit_out_of_fold(model, X, y, folds, sample_weight) for name, model in asked.items()}
        predicted = {name: combine(model, parts)[0] for name, (model, parts) in fitted.items()}
        # What none predicts is in no test fold. Who alone has no number for a row errs without bounds.
        rows = np.flatnonzero(np.any([np.isfinite(found) for found in predicted.values()], axis=0))
        weight = None if sample_weight is None else np.asarray(sample_weight, dtype=np.float64)[rows]
        self.losses_ = {}
        for name, found in predicted.items():
            known = np.isfinite(found[rows]).all()
            self.losses_[name] = mean_loss(self.loss, found[rows], y[rows], weight) if known else np.inf
        self.chosen_ = min(self.losses_, key=lambda name: self.losses_[name])
        self.regressor_, parts = fitted[self.chosen_]
        return parts

    def predict_parts(self, X: Any) -> Array:
        """Return the parts of the chosen regressor's prediction.

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
        """Return the prediction that parts make, and how far they are apart.

        Parameters
        ----------
        parts : ndarray of shape (n_samples, n_parts)

        Returns
        -------
        prediction, spread : ndarray of shape (n_samples,)
        """
        return combine(self.regressor_, parts)

    def mixture(self, parts: Array) -> tuple[Array, Array | None]:
        """Return what parts predict where the target is not 0, and the probability that it is not.

        Parameters
        ----------
        parts : ndarray of shape (n_samples, n_parts)

        Returns
        -------
        center : ndarray of shape (n_samples,)
        probability : ndarray of shape (n_samples,) or None
        """
        return mixture(self.regressor_, parts)

    def predict(self, X: Any, **params: Any) -> Any:
        """Predict targets, as the chosen regressor does.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
        **params
            Passed on to it, as ``return_std=True``.

        Returns
        -------
        ndarray of shape (n_samples,)
        """
        ensure_fitted(self, "regressor_")
        return self.regressor_.predict(X, **params)

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
        if hasattr(self, "regressor_"):
            tags.target_tags.positive_only = target_kind(self.regressor_) != "real"
        tags.input_tags = get_tags(self.regressors[0][1]).input_tags
        return tags
