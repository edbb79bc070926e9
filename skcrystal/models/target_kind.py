"""What values the target of a model takes, whatever is wrapped around the model that knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.multioutput import MultiOutputRegressor
from sklearn.utils import get_tags

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["target_kind", "target_kinds"]

# Attributes by which models name the model that they are made around; what is fitted may know more.
AROUND = ("best_estimator_", "model_", "regressor_", "estimator_", "model", "regressor", "estimator")
INTO_LOGARITHMS = (np.log, np.log10, np.log2)


def target_kind(model: Any) -> str:
    """Return "positive", "nonnegative" or "real".

    A model learns a positive target where a target's logarithm is learned, and one that is not negative where
    a model within says so by scikit-learn's tag ``positive_only``.
    """
    for inner in _inwards(model):
        if any(getattr(inner, "func", None) is function for function in INTO_LOGARITHMS):
            return "positive"
        if hasattr(inner, "__sklearn_tags__") and get_tags(inner).target_tags.positive_only:
            return "nonnegative"
    return "real"


def target_kinds(model: Any, n_targets: int) -> list[str]:
    """Return the kind of each target: models that are fitted one to each target may have found others."""
    for inner in _inwards(model):
        if isinstance(inner, MultiOutputRegressor) and hasattr(inner, "estimators_"):
            return [target_kind(one) for one in inner.estimators_]
    return [target_kind(model)] * n_targets


def _inwards(model: Any) -> Iterator[Any]:
    """Yield a model, the model that it is made around, and so on."""
    while model is not None and not isinstance(model, str):
        yield model
        steps = getattr(model, "steps", None)
        held = (getattr(model, name) for name in AROUND if hasattr(model, name))
        model = steps[-1][1] if steps else next(held, None)
