"""`ConvexCombinationRegressor`: the best mean of several models' predictions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from scipy.optimize import linprog, nnls
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils.validation import validate_data

from skcrystal._documentation import Documented
from skcrystal._sklearn import StrOptions, check_sample_weight
from skcrystal.models.fitted import checked_rows, ensure_fitted
from skcrystal.models.losses import LOSSES

if TYPE_CHECKING:
    from typing import Self

    from numpy.typing import NDArray

    Array = NDArray[np.float64]

__all__ = ["ConvexCombinationRegressor"]


def least_absolute_weights(X: Array, y: Array, sample_weight: Array) -> Array:
    """Return the weights, not negative and of sum 1, for which the absolute error of X @ weights is least.

    Solved as the dual of the linear program over the weights and each row's error: it has one bounded
    variable for each row and one constraint for each weight, which the simplex method walks through in a
    time about proportional to the rows, and its marginal values are the weights.
    """
    n_members = X.shape[1]
    found = linprog(
        -np.append(y, 1.0),
        A_ub=np.column_stack([X.T, np.ones(n_members)]),
        b_ub=np.zeros(n_members),
        bounds=np.vstack([np.column_stack([-sample_weight, sample_weight]), [-np.inf, np.inf]]),
        method="highs-ds",
    )
    if not found.success:
        raise ValueError(f"no weights were found, since the linear program ended with: {found.message}")
    weights: Array = np.maximum(-found.ineqlin.marginals, 0.0)
    return weights / weights.sum()


def least_squares_weights(X: Array, y: Array, sample_weight: Array) -> Array:
    """Return the weights, not negative and of sum 1, for which the squared error of X @ weights is least.

    With G the members' mean products of errors, u >= 0 that makes u G u + (sum(u) - 1)^2 least has the
    direction of the weights asked for: along w of sum 1 the least is w G w / (1 + w G w), which rises with
    w G w. So the solver of least squares without negative coefficients finds them.
    """
    root = np.sqrt(sample_weight / sample_weight.sum())
    errors = np.linalg.qr(root[:, None] * (X - y[:, None]), mode="r")
    n_members = X.shape[1]
    found: Array = nnls(np.vstack([errors, np.ones(n_members)]), np.append(np.zeros(len(errors)), 1.0))[0]
    return found / found.sum()


SOLVERS = {"absolute_error": least_absolute_weights, "squared_error": least_squares_weights}


class ConvexCombinationRegressor(Documented, RegressorMixin, BaseEstimator):
    """A weighted mean of the columns, with the weights that make the mean error least.

    Weights are not negative and sum to 1: a prediction is never outside the range of the models that it is
    made of. Meant as the final estimator of scikit-learn's ``StackingRegressor``, which gives it one
    column per model, predicted out of fold: the weights then see no training error.

    Parameters
    ----------
    loss : {"absolute_error", "squared_error"}, default="absolute_error"
        The mean of what is made least.

    Attributes
    ----------
    coef_ : ndarray of shape (n_features,)
        The weights.
    error_ : float
        Mean absolute error, whatever the loss, of the weighted mean on the rows of ``fit``: in a stack,
        out of fold.
    n_features_in_ : int

    References
    ----------
    L. Breiman, Machine Learning 24, 49 (1996), https://doi.org/10.1007/BF00117832, for stacking with
    weights that are not negative.

    Examples
    --------
    >>> from skcrystal.models import ConvexCombinationRegressor
    >>> predicted = [[0.0, 4.0], [1.0, 5.0], [2.0, 6.0]]
    >>> model = ConvexCombinationRegressor().fit(predicted, [1.0, 2.0, 3.0])
    >>> model.coef_
    array([0.75, 0.25])
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {"loss": [StrOptions(LOSSES)]}

    def __init__(self, *, loss: str = "absolute_error") -> None:
        self.loss = loss

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Find the weights.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Predictions of each model.
        y : array-like of shape (n_samples,)
        sample_weight : array-like of shape (n_samples,), default=None

        Returns
        -------
        self
        """
        self._validate_params()
        X, y = validate_data(self, X, y, dtype=np.float64, y_numeric=True)
        weight = check_sample_weight(sample_weight, X, dtype=np.float64, ensure_non_negative=True)
        # In units of the target, so that the solver's tolerances fit any.
        unit = np.abs(y).max() or 1.0
        self.coef_ = SOLVERS[self.loss](X / unit, y / unit, weight / weight.max())
        self.error_ = float(np.average(np.abs(X @ self.coef_ - y), weights=weight))
        return self

    def predict(self, X: Any) -> Array:
        """Return the weighted mean of each row.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)

        Returns
        -------
        ndarray of shape (n_samples,), float64
        """
        ensure_fitted(self, "coef_")
        predicted: Array = checked_rows(self, X) @ self.coef_
        return predicted
