"""Checks that cost nothing where a model is fitted and its rows are in order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.utils.validation import check_is_fitted, validate_data

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["checked_rows", "ensure_fitted"]


def ensure_fitted(model: Any, attribute: str) -> None:
    """Raise scikit-learn's error where a model has no fitted attribute.

    scikit-learn's own check gathers the tags of all models within first, which takes longer than to predict
    one crystal.
    """
    if attribute not in vars(model):
        check_is_fitted(model, attribute)


def checked_rows(model: Any, X: Any, *, allow_nan: bool = False) -> NDArray[np.float64]:
    """Return rows as a fitted model may compute on, or raise scikit-learn's error.

    An array of the right type and width, without NaN and infinity, needs no more than that said: scikit-learn
    takes longer to say it than a model to predict one row.

    Parameters
    ----------
    model : estimator
        Has ``n_features_in_``.
    X : array-like of shape (n_samples, n_features)
    allow_nan : bool, default=False
        Whether NaN may stand in X.

    Returns
    -------
    ndarray of shape (n_samples, n_features)
    """
    if (
        type(X) is np.ndarray
        and X.dtype == np.float64
        and X.ndim == 2
        and len(X)
        and X.shape[1] == model.n_features_in_
        and not hasattr(model, "feature_names_in_")
        and not (np.isinf(X).any() if allow_nan else not np.isfinite(X).all())
    ):
        return X
    finite = "allow-nan" if allow_nan else True
    rows: NDArray[np.float64] = validate_data(
        model, X, dtype=np.float64, ensure_all_finite=finite, reset=False
    )
    return rows
