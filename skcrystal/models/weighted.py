"""scikit-learn's meta-estimators that pass sample weights on, and here say so in the signature of ``fit``.

``MultiOutputRegressor`` reads the signature, and refuses weights where it does not name them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sklearn import compose, ensemble

if TYPE_CHECKING:
    from typing import Self

__all__ = ["StackingRegressor", "TransformedTargetRegressor"]


class TakesWeights:
    """What both classes below change."""

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Fit as the base class does.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
        y : array-like of shape (n_samples,)
        sample_weight : array-like of shape (n_samples,), default=None

        Returns
        -------
        self
        """
        weight = {} if sample_weight is None else {"sample_weight": sample_weight}
        fitted: Self = super().fit(X, y, **weight)  # type: ignore[misc]
        return fitted


# The names are scikit-learn's, since make_pipeline makes those of the steps from them.
class StackingRegressor(TakesWeights, ensemble.StackingRegressor):
    """scikit-learn's, whose ``fit`` names `sample_weight`."""


class TransformedTargetRegressor(TakesWeights, compose.TransformedTargetRegressor):
    """scikit-learn's, whose ``fit`` names `sample_weight`."""
