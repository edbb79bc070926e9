"""`MultiOutputRegressor`: a model for each of several targets, which share the rows and the folds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn import config_context, multioutput
from sklearn.utils.validation import check_is_fitted

from skcrystal._documentation import Documented
from skcrystal._sklearn import take_rows
from skcrystal.models.out_of_fold import combine, fit_out_of_fold, mixture, predict_parts

if TYPE_CHECKING:
    from typing import Self

    from numpy.typing import NDArray

    from skcrystal.models.out_of_fold import Folds

    Array = NDArray[np.float64]

__all__ = ["MultiOutputRegressor"]


class MultiOutputRegressor(Documented, multioutput.MultiOutputRegressor):
    """scikit-learn's, which also predicts the rows of ``fit`` out of fold.

    The targets share the columns, which are described once, and the folds.
    """

    _n_parts: list[int]

    def fit_out_of_fold(self, X: Any, y: Any, folds: Folds, sample_weight: Any = None) -> Array:
        """Fit, and return the parts of each row's predictions without its fold.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
        y : array-like of shape (n_samples, n_outputs)
        folds : sequence of (train, test)
        sample_weight : array-like of shape (n_samples,), default=None

        Returns
        -------
        ndarray of shape (n_samples, n_outputs, n_parts)
        """
        y = np.asarray(y)
        found = [fit_out_of_fold(self.estimator, X, column, folds, sample_weight) for column in y.T]
        self.estimators_ = [model for model, _ in found]
        self._n_parts = [parts.shape[1] for _, parts in found]
        return self._stacked([parts for _, parts in found])

    def predict_parts(self, X: Any) -> Array:
        """Return the parts of each target's prediction.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)

        Returns
        -------
        ndarray of shape (n_samples, n_outputs, n_parts)
        """
        check_is_fitted(self)
        return self._stacked([predict_parts(model, X) for model in self.estimators_])

    def _stacked(self, parts: list[Array]) -> Array:
        """Return the parts of all targets, NaN behind those of which there are fewer."""
        found = np.full((len(parts[0]), len(parts), max(part.shape[1] for part in parts)), np.nan)
        for k, part in enumerate(parts):
            found[:, k, : part.shape[1]] = part
        return found

    def _by_model(self, parts: Array) -> list[tuple[Any, Array]]:
        """Return each model with its parts."""
        models = zip(self.estimators_, self._n_parts, strict=True)
        return [(model, parts[:, k, :n]) for k, (model, n) in enumerate(models)]

    def combine(self, parts: Array) -> tuple[Array, Array]:
        """Return the predictions that parts make, and the spreads that they stand for.

        Parameters
        ----------
        parts : ndarray of shape (n_samples, n_outputs, n_parts)

        Returns
        -------
        prediction, spread : ndarray of shape (n_samples, n_outputs)
        """
        found = (combine(model, part) for model, part in self._by_model(parts))
        predictions, spreads = zip(*found, strict=True)
        return np.stack(predictions, axis=1), np.stack(spreads, axis=1)

    def mixture(self, parts: Array) -> tuple[Array, Array | None]:
        """Return what parts predict where a target is not 0, and the probability that it is not.

        Parameters
        ----------
        parts : ndarray of shape (n_samples, n_outputs, n_parts)

        Returns
        -------
        center : ndarray of shape (n_samples, n_outputs)
        probability : ndarray of shape (n_samples, n_outputs) or None
        """
        found = [mixture(model, part) for model, part in self._by_model(parts)]
        center = np.stack([value for value, _ in found], axis=1)
        if all(probability is None for _, probability in found):
            return center, None
        columns = [np.ones(len(parts)) if probability is None else probability for _, probability in found]
        return center, np.stack(columns, axis=1)

    def predict(self, X: Any, return_std: bool = False) -> Any:
        """Predict targets.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
        return_std : bool, default=False
            Whether to return standard deviations too, where the models have them.

        Returns
        -------
        y : ndarray of shape (n_samples, n_outputs)
        std : ndarray of shape (n_samples, n_outputs)
            With ``return_std=True`` only.
        """
        if not return_std:
            return super().predict(X)
        check_is_fitted(self)
        found = [model.predict(X, return_std=True) for model in self.estimators_]
        return np.stack([y for y, _ in found], axis=1), np.stack([std for _, std in found], axis=1)

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Fit a model to each target.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
        y : array-like of shape (n_samples, n_outputs)
        sample_weight : array-like of shape (n_samples,), default=None

        Returns
        -------
        self
        """
        # Weights have a name here, whatever the caller's settings.
        with config_context(enable_metadata_routing=False):
            weight = {} if sample_weight is None else {"sample_weight": sample_weight}
            fitted: Self = super().fit(X, y, **weight)
        first = take_rows(X, [0])
        self._n_parts = [predict_parts(model, first).shape[1] for model in self.estimators_]
        return fitted
