"""`ARDGaussianProcessClassifier`: a Gaussian process that tells two classes apart."""

from __future__ import annotations

from numbers import Integral, Real
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import validate_data

from skcrystal._documentation import Documented
from skcrystal._sklearn import Interval, check_sample_weight
from skcrystal.models.fitted import checked_rows, ensure_fitted
from skcrystal.models.gaussian_process import ARDGaussianProcessRegressor

if TYPE_CHECKING:
    from typing import Self

    from numpy.typing import NDArray

    Array = NDArray[np.float64]

__all__ = ["ARDGaussianProcessClassifier"]


class ARDGaussianProcessClassifier(Documented, ClassifierMixin, BaseEstimator):
    """Two classes told apart by a Gaussian process with one learnt weight per column.

    The process learns -1 for the first class and 1 for the second, as
    :class:`~skcrystal.models.ARDGaussianProcessRegressor` learns a target. What it would have predicted for
    each training row without that row follows from the same factorisation; a logistic function is fitted to
    that, and turns predictions into probabilities:

    .. math:: p(x) = 1 / (1 + e^{-(\\alpha f(x) + \\beta)})

    Parameters
    ----------
    max_likelihood_rows : int, default=500
        Rows, drawn at random, on which weights are learnt. More are slower and more exact.
    max_iter : int, default=30
        Iterations of the search for weights.
    penalty : float, default=0.02
        Strength of the prior on the weights.
    max_one_value : float, default=1.0
        A column that has one value in more than this share of the training rows gets weight 0.
    max_rows : int, default=5000
        Beyond it, a random sample of so many rows is learned from.
    random_state : int, RandomState or None, default=None
        Draws the subsets.

    Attributes
    ----------
    classes_ : ndarray of shape (2,)
    process_ : ARDGaussianProcessRegressor
        Fitted.
    slope_, intercept_ : float
        Of the logistic function.
    n_iter_ : int
        Iterations of the search for weights.
    n_features_in_ : int
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Set where X has column names.

    References
    ----------
    C. E. Rasmussen, C. K. I. Williams, Gaussian Processes for Machine Learning, MIT Press (2006), sections
    5.4.2 (predictions without a row) and 6.5 (least-squares classification).
    https://doi.org/10.7551/mitpress/3206.001.0001

    J. Platt, Probabilistic outputs for support vector machines, in Advances in Large Margin Classifiers, MIT
    Press (2000), on the logistic function.

    Examples
    --------
    >>> import numpy as np
    >>> from skcrystal.models import ARDGaussianProcessClassifier
    >>> X = np.random.default_rng(0).uniform(-2, 2, (60, 2))
    >>> model = ARDGaussianProcessClassifier().fit(X, np.where(X[:, 0] > 0, "metal", "insulator"))
    >>> model.predict([[1.0, 0.0], [-1.0, 0.0]])
    array(['metal', 'insulator'], dtype='<U9')
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "max_likelihood_rows": [Interval(Integral, 2, None, closed="left")],
        "max_iter": [Interval(Integral, 0, None, closed="left")],
        "penalty": [Interval(Real, 0, None, closed="left")],
        "max_one_value": [Interval(Real, 0.5, 1, closed="both")],
        "max_rows": [Interval(Integral, 2, None, closed="left")],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        *,
        max_likelihood_rows: int = 500,
        max_iter: int = 30,
        penalty: float = 0.02,
        max_one_value: float = 1.0,
        max_rows: int = 5000,
        random_state: Any = None,
    ) -> None:
        self.max_likelihood_rows = max_likelihood_rows
        self.max_iter = max_iter
        self.penalty = penalty
        self.max_one_value = max_one_value
        self.max_rows = max_rows
        self.random_state = random_state

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Learn the process, and from its errors the logistic function.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Finite.
        y : array-like of shape (n_samples,)
            Labels of two kinds.
        sample_weight : array-like of shape (n_samples,), default=None
            Not negative; a row of weight 0 is left out.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            The labels are of one kind, or of more than two.
        """
        self._validate_params()
        X, y = validate_data(self, X, y, dtype=np.float64, ensure_min_samples=2)
        check_classification_targets(y)
        weight = check_sample_weight(sample_weight, X, dtype=np.float64, ensure_non_negative=True)
        if (weight == 0).any():
            X, y, weight = X[weight > 0], y[weight > 0], weight[weight > 0]
        self.classes_, codes = np.unique(y, return_inverse=True)
        if len(self.classes_) != 2:
            # scikit-learn's checks look for the words before the colon.
            raise ValueError(
                "Only binary classification is supported. The classifier tells two classes apart, and y has "
                f"{len(self.classes_)} class{'es' if len(self.classes_) != 1 else ''}: take another model"
            )
        random = check_random_state(self.random_state)
        if len(X) > self.max_rows:
            kept = np.sort(random.permutation(len(X))[: self.max_rows])
            X, codes, weight = X[kept], codes[kept], weight[kept]
        target = 2.0 * codes - 1.0
        process = ARDGaussianProcessRegressor(
            max_likelihood_rows=self.max_likelihood_rows,
            max_iter=self.max_iter,
            penalty=self.penalty,
            max_one_value=self.max_one_value,
            max_rows=self.max_rows,
            random_state=random,
        ).fit(X, target, weight)
        unseen = process.leave_one_out(target)[:, None]
        logistic = LogisticRegression().fit(unseen, codes, sample_weight=weight)
        self.slope_, self.intercept_ = float(logistic.coef_[0, 0]), float(logistic.intercept_[0])
        self.process_, self.n_iter_ = process.drop_factor(), process.n_iter_
        return self

    def decision_function(self, X: Any) -> Array:
        """Return the logarithm of the odds of the second class.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)

        Returns
        -------
        ndarray of shape (n_samples,)
        """
        ensure_fitted(self, "process_")
        odds: Array = self.slope_ * self.process_.predict(checked_rows(self, X)) + self.intercept_
        return odds

    def predict_proba(self, X: Any) -> Array:
        """Return the probability of each class.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)

        Returns
        -------
        ndarray of shape (n_samples, 2)
        """
        odds = self.decision_function(X)
        return np.column_stack([expit(-odds), expit(odds)])

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the likelier class of each row.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)

        Returns
        -------
        ndarray of shape (n_samples,)
        """
        second = self.decision_function(X) > 0
        labels: NDArray[Any] = self.classes_[second.astype(int)]
        return labels

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        return tags
