"""`DeltaRegressor`: what is known already, and a model of what it lacks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from sklearn.base import BaseEstimator, MetaEstimatorMixin, RegressorMixin, clone
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import KFold, check_cv
from sklearn.utils import get_tags, indexable

from skcrystal._documentation import Documented
from skcrystal._sklearn import HasMethods, take_rows
from skcrystal.models.fitted import ensure_fitted
from skcrystal.models.out_of_fold import combine, fit_out_of_fold, has_parts, weight_params

if TYPE_CHECKING:
    from typing import Self

    from numpy.typing import NDArray

    Array = NDArray[np.float64]

__all__ = ["DeltaRegressor"]

FOLDS = 5


class DeltaRegressor(Documented, MetaEstimatorMixin, RegressorMixin, BaseEstimator):
    """A base that is nearly right, and a regressor that learns what is to be added to it.

    The difference of two quantities is often smaller and smoother than either: that of a measured and a
    calculated gap, or of a level of theory and a cheaper one, is learned from few rows.

    The base is one of three:

    - a fitted model in scikit-learn's ``FrozenEstimator``, as one of calculated gaps that many crystals have.
      Where it may have learned from crystals that the correction is fitted to, take
      :class:`~skcrystal.models.OutOfFoldRegressor`, which predicts those as if it had not seen them
    - a function of X that returns a value for each row, as a column of a data frame that holds what a cheaper
      calculation gave
    - a regressor, which is fitted to y itself; the correction then learns its errors on rows that it has not
      seen, by cross-validation

    Parameters
    ----------
    base : regressor, FrozenEstimator or callable
    correction : regressor
        Cloned, and fitted to y less what the base says.
    cv : int or splitter, default=None
        Folds of a base that is fitted here; None is 5, and an int shuffles the rows. Else of no meaning.
    random_state : int, RandomState or None, default=0
        Shuffles the rows.

    Attributes
    ----------
    base_ : regressor or callable
        Fitted to all rows, or as it was given.
    correction_ : regressor
        Fitted.
    n_features_in_ : int
        Set where the correction has it.

    References
    ----------
    R. Ramakrishnan, P. O. Dral, M. Rupp, O. A. von Lilienfeld, J. Chem. Theory Comput. 11, 2087 (2015),
    https://doi.org/10.1021/acs.jctc.5b00099.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import LinearRegression
    >>> from skcrystal.models import DeltaRegressor
    >>> X = np.linspace(0, 3, 10)[:, None]
    >>> model = DeltaRegressor(lambda X: np.exp(X[:, 0]), LinearRegression())
    >>> model.fit(X, np.exp(X[:, 0]) + 0.5 * X[:, 0]).predict(np.array([[2.0]])).round(3)
    array([8.389])
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "base": [HasMethods(["predict"]), callable],
        "correction": [HasMethods(["fit", "predict"])],
        "cv": ["cv_object"],
        "random_state": ["random_state"],
    }
    # With scikit-learn's metadata routing on, these are taken by their names.
    __metadata_request__fit: ClassVar[dict[str, bool]] = {"groups": True, "sample_weight": True}

    def __init__(self, base: Any, correction: Any, *, cv: Any = None, random_state: Any = 0) -> None:
        self.base = base
        self.correction = correction
        self.cv = cv
        self.random_state = random_state

    def fit(self, X: Any, y: Any, *, groups: Any = None, sample_weight: Any = None) -> Self:
        """Fit the base, where it is to be fitted, and the correction.

        Parameters
        ----------
        X : crystals or array-like of n_samples rows
            Passed on to base and correction.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
        groups : array-like of shape (n_samples,), default=None
            For a `cv` that splits by groups.
        sample_weight : array-like of shape (n_samples,), default=None
            Passed on to both.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            The base has no value for any row, or not one for each.

        Notes
        -----
        Rows that the base answers NaN for are left out of fitting the correction.
        """
        self._validate_params()
        if y is None:
            raise ValueError("This DeltaRegressor requires y to be passed, but the target y is None")
        given = y
        y = np.asarray(y)
        X, y = indexable(X, y.astype(np.float64) if y.dtype == object else y)
        weight = None if sample_weight is None else np.asarray(sample_weight, dtype=np.float64)
        if weight is not None and weight.shape != (len(y),):
            raise ValueError(
                f"sample_weight has the shape {weight.shape}; give one for each of {len(y)} rows"
            )
        if self._is_given():
            self.base_ = self.base
            before = _answers(self.base_, X, y.shape)
        else:
            folds = list(self._folds().split(np.zeros(len(y)), y, groups))
            self.base_, parts = fit_out_of_fold(
                self.base, X, given if has_parts(self.base) else y, folds, weight
            )
            before = combine(self.base_, parts)[0]
        known = np.flatnonzero(np.isfinite(before.reshape(len(y), -1)).all(axis=1))
        if not len(known):
            raise ValueError(f"the base has no finite value for any of {len(y)} rows: nothing to correct")
        rest = weight_params(self.correction, None if weight is None else weight[known])
        rows = X if len(known) == len(y) else take_rows(X, known)
        self.correction_ = clone(self.correction).fit(rows, y[known] - before[known], **rest)
        return self

    def _is_given(self) -> bool:
        """Tell whether the base is not to be fitted."""
        return isinstance(self.base, FrozenEstimator) or not hasattr(self.base, "fit")

    def _folds(self) -> Any:
        cv = FOLDS if self.cv is None else self.cv
        if isinstance(cv, int | np.integer):
            return KFold(cv, shuffle=True, random_state=self.random_state)
        return check_cv(cv)

    def predict(self, X: Any, return_std: bool = False) -> Any:
        """Predict targets.

        Parameters
        ----------
        X : crystals or array-like of n_samples rows
        return_std : bool, default=False
            Whether to return the standard deviations of the correction too, where it has them; what the base
            says counts as known.

        Returns
        -------
        y : ndarray of shape (n_samples,) or (n_samples, n_outputs)
            NaN where base or correction answers NaN.
        std : ndarray of the same shape
            With ``return_std=True`` only.
        """
        ensure_fitted(self, "correction_")
        if return_std:
            added, std = self.correction_.predict(X, return_std=True)
            return _answers(self.base_, X, added.shape) + added, std
        added = np.asarray(self.correction_.predict(X))
        return _answers(self.base_, X, added.shape) + added

    @property
    def n_features_in_(self) -> int:
        ensure_fitted(self, "correction_")
        return int(self.correction_.n_features_in_)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        inner = get_tags(self.correction)
        tags.input_tags = inner.input_tags
        tags.target_tags.multi_output = inner.target_tags.multi_output
        return tags


def _answers(base: Any, X: Any, shape: tuple[int, ...]) -> Array:
    """Return what a base says of rows, in the shape of the targets."""
    found = np.asarray(base.predict(X) if hasattr(base, "predict") else base(X), dtype=np.float64)
    if found.size != np.prod(shape) or len(found) != shape[0]:
        raise ValueError(
            f"the base returned an array of shape {found.shape}, and the targets have {shape}; "
            "it is to return a value for each"
        )
    return found.reshape(shape)
