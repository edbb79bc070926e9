"""`StackingRegressor`: a stack that takes sample weights, and predicts its training rows out of fold.

Its name is scikit-learn's, since the names of a pipeline's steps are made of it.
"""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn import ensemble
from sklearn.base import clone
from sklearn.model_selection import check_cv
from sklearn.utils import Bunch
from sklearn.utils.validation import column_or_1d

from skcrystal._documentation import Documented
from skcrystal._sklearn import check_sample_weight, take_rows
from skcrystal.models import boosted_trees
from skcrystal.models.fitted import ensure_fitted
from skcrystal.models.mixtures import SPREAD_PER_ERROR
from skcrystal.models.out_of_fold import combine, fit_out_of_fold

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

    from numpy.typing import NDArray

    from skcrystal.models.out_of_fold import Folds

    Array = NDArray[np.float64]

__all__ = ["StackingRegressor"]


class StackingRegressor(Documented, ensemble.StackingRegressor):
    """scikit-learn's stack of regressors, whose members may be cheaper in the folds.

    The members predict each training row without its fold; the final estimator learns from that how to weigh
    them. Those fits only serve to weigh the members and need not be as good as the last ones: `fold_params`
    says what they may save.

    XGBoost sees no split that makes squared errors less by under 1e-6, whatever the unit of the target. So a
    target that varies by less than 1 is learned in a unit, a power of 2, in which it varies by 1 to 2. What
    the stack predicts and transforms to is in the unit of the target, what its members predict in theirs.

    Parameters
    ----------
    estimators : list of (str, estimator)
        The members; ``"drop"`` in place of an estimator leaves it out.
    final_estimator : estimator
        Learns from their predictions.
    cv : int or splitter, default=None
    n_jobs : int, default=None
        Processes; None is 1.
    passthrough : bool, default=False
    verbose : int, default=0
        1 says which member and fold is done.
    fold_params : dict of str to dict, default=None
        Name of a member -> parameters that differ in the fits without a fold. Names of members that were
        dropped or replaced by others are passed over.
    large_rows : int, default=5000
        Rows from which on `large_params` count.
    large_params : dict of str to dict, default=None
        Name of a member -> parameters that differ where there are many rows, in the fit to all of them.

    Attributes
    ----------
    estimators_, named_estimators_, final_estimator_
        As scikit-learn's.
    """

    # In the unit of the target, that in which members learn it.
    _unit: float

    def __init__(
        self,
        estimators: Any,
        final_estimator: Any = None,
        *,
        cv: Any = None,
        n_jobs: int | None = None,
        passthrough: bool = False,
        verbose: int = 0,
        fold_params: dict[str, dict[str, Any]] | None = None,
        large_rows: int = 5000,
        large_params: dict[str, dict[str, Any]] | None = None,
    ) -> None:
        super().__init__(
            estimators, final_estimator, cv=cv, n_jobs=n_jobs, passthrough=passthrough, verbose=verbose
        )
        self.fold_params = fold_params
        self.large_rows = large_rows
        self.large_params = large_params

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Fit members and final estimator.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
        y : array-like of shape (n_samples,)
        sample_weight : array-like of shape (n_samples,), default=None
            Rows of weight 0 are left out.

        Returns
        -------
        self
        """
        y = column_or_1d(y, warn=True)
        self.fit_out_of_fold(X, y, list(check_cv(self.cv, y).split(X, y)), sample_weight)
        return self

    def fit_out_of_fold(self, X: Any, y: Any, folds: Folds, sample_weight: Any = None) -> Array:
        """Fit, and return the members' predictions of each row without its fold.

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
        ndarray of shape (n_samples, n_members)
        """
        y = np.asarray(y)
        names, members = self._validate_estimators()
        self._validate_final_estimator()
        final = clone(self.final_estimator_)
        n_learned = len(y) if sample_weight is None else int(np.count_nonzero(sample_weight))
        large = (self.large_params or {}) if n_learned >= self.large_rows else {}
        width = np.ptp(y if sample_weight is None or not n_learned else y[np.asarray(sample_weight) != 0])
        self._unit = float(np.exp2(np.floor(np.log2(min(width, 1.0) or 1.0))))
        fitted, parts = [], []
        for name, member in zip(names, members, strict=True):
            if isinstance(member, str):
                continue
            settings = _accepted((self.fold_params or {}).get(name), member)
            extra = _accepted(large.get(name), member)
            model, part = fit_out_of_fold(
                clone(member).set_params(**extra) if extra else member,
                X,
                y / self._unit,
                folds,
                sample_weight,
                settings,
                self._progress(name, n_learned) if self.verbose else None,
            )
            fitted.append(model)
            parts.append(self._unit * combine(model, part)[0])
        self.estimators_ = fitted
        kept = [name for name, member in self.estimators if not isinstance(member, str)]
        self.named_estimators_ = Bunch(**dict(zip(kept, fitted, strict=True)))
        self.stack_method_ = ["predict"] * len(fitted)
        if hasattr(fitted[0], "feature_names_in_"):
            self.feature_names_in_ = fitted[0].feature_names_in_
        found: Array = np.column_stack(parts)
        learned = np.isfinite(found).all(axis=1)
        if sample_weight is not None:
            learned &= check_sample_weight(sample_weight, found) > 0
        rows = np.flatnonzero(learned)
        table = self._concatenate_predictions(take_rows(X, rows), list(found[rows].T))
        weight = {} if sample_weight is None else {"sample_weight": np.asarray(sample_weight)[rows]}
        self.final_estimator_: Any = final.fit(table, y[rows], **weight)
        return found

    def predict(self, X: Any, return_std: bool = False) -> Any:
        """Predict targets, and how sure the members are.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
        return_std : bool, default=False
            Whether to return standard deviations too.

        Returns
        -------
        y : ndarray of shape (n_samples,)
        std : ndarray of shape (n_samples,)
            Of the members' predictions and of the error out of fold together, the latter where the final
            estimator knows it (``error_``); with ``return_std=True`` only.
        """
        if not return_std:
            # scikit-learn's way to the same looks at all members' tags first.
            return super().predict(X) if self.passthrough else self.combine(self.predict_parts(X))[0]
        prediction, spread = self.combine(self.predict_parts(X))
        return prediction, np.hypot(spread, SPREAD_PER_ERROR * getattr(self.final_estimator_, "error_", 0.0))

    def _progress(self, name: str, n_rows: int) -> Callable[[str], None]:
        start = perf_counter()

        def said(what: str) -> None:
            print(f"[skcrystal] {name}: {what} of {n_rows} rows, {perf_counter() - start:.1f} s", flush=True)

        return said

    def predict_parts(self, X: Any) -> Array:
        """Return the members' predictions.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)

        Returns
        -------
        ndarray of shape (n_samples, n_members)
        """
        ensure_fitted(self, "estimators_")
        return self._unit * np.column_stack([boosted_trees.predict(model, X) for model in self.estimators_])

    def _transform(self, X: Any) -> Any:
        return self._concatenate_predictions(X, list(self.predict_parts(X).T))

    def combine(self, parts: Array) -> tuple[Array, Array]:
        """Return the prediction that the members' predictions make, and how far they are apart.

        Parameters
        ----------
        parts : ndarray of shape (n_samples, n_members)

        Returns
        -------
        prediction, spread : ndarray of shape (n_samples,)
        """
        if self.passthrough:
            raise ValueError("passthrough=True makes a prediction of columns too, and not of its parts alone")
        prediction = np.full(len(parts), np.nan)
        known = np.isfinite(parts).all(axis=1)
        if known.any():
            prediction[known] = self.final_estimator_.predict(parts[known])
        return prediction, parts.std(axis=1)


def _accepted(settings: dict[str, Any] | None, member: Any) -> dict[str, Any]:
    """Return the settings that a member has parameters for: another may stand in its place."""
    known = member.get_params(deep=False)
    return {name: value for name, value in (settings or {}).items() if name in known}
