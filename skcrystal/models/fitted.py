"""A check that costs nothing where a model is fitted."""

from __future__ import annotations

from typing import Any

from sklearn.utils.validation import check_is_fitted

__all__ = ["ensure_fitted"]


def ensure_fitted(model: Any, attribute: str) -> None:
    """Raise scikit-learn's error where a model has no fitted attribute.

    scikit-learn's own check gathers the tags of all models within first, which takes longer than to predict
    one crystal.
    """
    if attribute not in vars(model):
        check_is_fitted(model, attribute)
