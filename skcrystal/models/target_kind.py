"""What values the target of a model takes, whatever is wrapped around the model that knows."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.utils import get_tags

__all__ = ["target_kind"]

# Attributes by which models name the model that they are made around.
AROUND = ("best_estimator_", "model", "regressor", "estimator")
INTO_LOGARITHMS = (np.log, np.log10, np.log2)


def target_kind(model: Any) -> str:
    """Return "positive", "nonnegative" or "real".

    A model learns a positive target where a target's logarithm is learned, and one that is not negative where
    a model within says so by scikit-learn's tag ``positive_only``.
    """
    while model is not None and not isinstance(model, str):
        if any(getattr(model, "func", None) is function for function in INTO_LOGARITHMS):
            return "positive"
        if hasattr(model, "__sklearn_tags__") and get_tags(model).target_tags.positive_only:
            return "nonnegative"
        steps = getattr(model, "steps", None)
        if steps:
            model = steps[-1][1]
            continue
        model = next((getattr(model, name) for name in AROUND if hasattr(model, name)), None)
    return "real"
