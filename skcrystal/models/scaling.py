"""`SoftStandardScaler`: columns standardised, outliers bounded smoothly; what columns hold, for models."""

from __future__ import annotations

from numbers import Real
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.utils.validation import validate_data

from skcrystal._documentation import Documented
from skcrystal._sklearn import Interval
from skcrystal.models.fitted import checked_rows, ensure_fitted

if TYPE_CHECKING:
    from typing import Self

    from numpy.typing import NDArray

__all__ = ["SoftStandardScaler", "mean_and_spread", "share_of_median"]

# A column whose spread is this small beside its values is constant up to rounding: divided by its spread,
# it would be noise of unit size.
RELATIVE_SPREAD_OF_CONSTANT = 1e-6


def mean_and_spread(X: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return mean and standard deviation of each column over its values that are not NaN.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)

    Returns
    -------
    mean : ndarray of shape (n_features,)
        0 for a column without a value.
    spread : ndarray of shape (n_features,)
        Infinite for a column that is constant or without a value.
    """
    known = ~np.isnan(X)
    count = np.maximum(known.sum(axis=0), 1)
    mean = np.sum(X, axis=0, where=known) / count
    spread = np.sqrt(np.sum((X - mean) ** 2, axis=0, where=known) / count)
    largest = np.max(np.abs(X), axis=0, where=known, initial=0.0)
    return mean, np.where(spread <= RELATIVE_SPREAD_OF_CONSTANT * largest, np.inf, spread)


def share_of_median(X: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the share of rows that have the median of their column: what most rows have is the median."""
    median = np.partition(X, len(X) // 2, axis=0)[len(X) // 2]
    share: NDArray[np.float64] = np.mean(median == X, axis=0)
    return share


class SoftStandardScaler(Documented, OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
    """Standardise columns and bound their outliers smoothly.

    With the mean and the standard deviation of the training rows,

    .. math:: u = (x - mean) / std, \\qquad z = u / \\sqrt{1 + (u / limit)^2}

    so that z is u near the mean and tends to plus or minus `limit` far from it. Kernels and networks need
    that: one crystal with a value 50 standard deviations away would otherwise be far from everything in
    every direction. Unlike clipping, z keeps the order of all values and is smooth. It is scikit-learn's
    ``StandardScaler`` where `limit` is infinite.

    A column that is constant in training becomes 0, for new rows too. NaN becomes 0, which is the mean, in a
    row that has other columns; a row that holds nothing else stays NaN, since nothing is known of it.
    Infinite values are refused.

    Parameters
    ----------
    limit : float, default=3.0
        Bound of the result, in standard deviations. Infinite only standardises.

    Attributes
    ----------
    mean_ : ndarray of shape (n_features,)
        Mean of each column, NaN left out.
    scale_ : ndarray of shape (n_features,)
        Standard deviation of each column, NaN left out; infinite for a constant column.
    n_features_in_ : int
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Set where X has column names.

    Examples
    --------
    The last row is an outlier, the second column constant, and one value is missing.

    >>> import numpy as np
    >>> from skcrystal.models import SoftStandardScaler
    >>> X = [[0.0, 7.0], [1.0, 7.0], [2.0, 7.0], [np.nan, 7.0], [1000.0, 7.0]]
    >>> SoftStandardScaler(limit=1.0).fit_transform(X).round(2)
    array([[-0.5 ,  0.  ],
           [-0.5 ,  0.  ],
           [-0.5 ,  0.  ],
           [ 0.  ,  0.  ],
           [ 0.87,  0.  ]])
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "limit": [Interval(Real, 0, np.inf, closed="right")],
    }

    def __init__(self, *, limit: float = 3.0) -> None:
        self.limit = limit

    def fit(self, X: Any, y: Any = None) -> Self:
        """Learn mean and standard deviation of each column.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            May hold NaN.
        y : ignored

        Returns
        -------
        self
        """
        self._validate_params()
        X = validate_data(self, X, dtype=np.float64, ensure_all_finite="allow-nan")
        self.mean_, self.scale_ = mean_and_spread(X)
        return self

    def transform(self, X: Any) -> NDArray[np.float64]:
        """Scale the columns.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            May hold NaN. It is not modified.

        Returns
        -------
        ndarray of shape (n_samples, n_features), float64
            Within plus and minus `limit`; NaN in rows of NaN alone.
        """
        ensure_fitted(self, "scale_")
        X = checked_rows(self, X, allow_nan=True)
        missing = np.isnan(X)
        u = np.nan_to_num((X - self.mean_) / self.scale_, nan=0.0)
        # hypot, since the square of a far outlier overflows.
        u /= np.hypot(1.0, u / self.limit)
        u[missing.all(axis=1)] = np.nan
        return u

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags
