"""`ZeroInflatedRegressor`: a classifier says whether, a regressor says how much."""

from __future__ import annotations

from numbers import Real
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from sklearn.base import BaseEstimator, MetaEstimatorMixin, RegressorMixin, clone
from sklearn.utils import get_tags
from sklearn.utils.validation import check_is_fitted, column_or_1d

from skcrystal.descriptors.base import HasMethods, Interval

if TYPE_CHECKING:
    from typing import Self

    from numpy.typing import NDArray

__all__ = ["ZeroInflatedRegressor"]


class ZeroInflatedRegressor(MetaEstimatorMixin, RegressorMixin, BaseEstimator):
    """Regression of a target that is never negative and often exactly 0.

    Half of all compounds are metals, with a band gap of exactly 0; a regressor alone blurs that half. Here
    the classifier learns whether y > 0 and the regressor learns y, both from all rows, and

        prediction = max(regressor, 0)  where the classifier's P(y > 0) >= threshold
                     0                  elsewhere

    Both are fitted in ``fit``, so that cross-validation shows neither of them a test row. A training set
    in which all targets are 0, or none is, needs no classifier, and gets none.

    Parameters
    ----------
    regressor : estimator
        Cloned, not fitted itself.
    classifier : estimator
        With ``predict_proba``. Cloned, not fitted itself.
    threshold : float, default=0.5
        Least probability of y > 0 that counts. 0 only clips negative predictions; what suits the error
        that matters is found by a grid search over this parameter.

    Attributes
    ----------
    regressor_ : estimator
        Fitted.
    classifier_ : estimator or None
        Fitted; None where all training targets are on one side.
    n_features_in_ : int
        As the fitted regressor says.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Set where the fitted regressor has it.

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
        "threshold": [Interval(Real, 0, 1, closed="both")],
    }

    def __init__(self, regressor: Any, classifier: Any, *, threshold: float = 0.5) -> None:
        self.regressor = regressor
        self.classifier = classifier
        self.threshold = threshold

    def fit(self, X: Any, y: Any) -> Self:
        """Fit both models on all rows.

        Parameters
        ----------
        X : whatever both models take
            Passed on as it is.
        y : array-like of shape (n_samples,)
            Not negative.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            Names the first negative target.
        """
        self._validate_params()
        if y is None:
            raise ValueError("This ZeroInflatedRegressor requires y to be passed, but the target y is None")
        y = column_or_1d(y, dtype=np.float64, warn=True)
        negative = np.flatnonzero(y < 0)
        if len(negative):
            first = negative[0]
            raise ValueError(f"y is never negative for a ZeroInflatedRegressor, and y[{first}] is {y[first]}")
        self.regressor_ = clone(self.regressor).fit(X, y)
        positive = y > 0
        one_sided = positive.all() or not positive.any()
        self.classifier_ = None if one_sided else clone(self.classifier).fit(X, positive)
        return self

    def predict(self, X: Any) -> NDArray[np.float64]:
        """Predict targets.

        Parameters
        ----------
        X : whatever both models take

        Returns
        -------
        ndarray of shape (n_samples,), float64
            Not negative.
        """
        check_is_fitted(self)
        y = np.maximum(np.asarray(self.regressor_.predict(X), dtype=np.float64), 0.0)
        if self.classifier_ is not None:
            # The classes are False and True, in this order.
            y[self.classifier_.predict_proba(X)[:, 1] < self.threshold] = 0.0
        return y

    @property
    def n_features_in_(self) -> int:
        check_is_fitted(self)
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
