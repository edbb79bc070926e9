"""What each model is asked when it is saved, and again when it is loaded."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from skcrystal.crystals.crystal import Crystal
from skcrystal.models.sharing.parameters import drop_local, featurizers_in, mapped

__all__ = ["probed", "same_answers"]

# Rock salt.
PROBE = Crystal.ordered(2.82 * (1 - np.eye(3)), [[0, 0, 0], [0.5, 0.5, 0.5]], [11, 17])


def probed(model: Any) -> dict[str, Any]:
    """Return what a model says of rock salt; nothing, of a model that does not begin with crystals."""
    if not featurizers_in(model):
        return {}
    # A copy that keeps no rows and starts no processes, as the one that is loaded.
    model = mapped(model, lambda value: value, {})
    mapped(model, drop_local, {})
    names = [name for name in ("predict", "predict_interval", "predict_proba") if hasattr(model, name)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return {name: np.asarray(getattr(model, name)([PROBE])).tolist() for name in names}


def same_answers(found: dict[str, Any], known: dict[str, Any]) -> bool:
    """Tell whether predictions are the same, labels exactly, numbers but for rounding on other machines."""
    if set(found) != set(known):
        return False
    for name, values in found.items():
        one, other = np.asarray(values), np.asarray(known[name])
        numbers = one.dtype.kind in "fiub" and other.dtype.kind in "fiub"
        if one.shape != other.shape:
            return False
        if not numbers and one.tolist() != other.tolist():
            return False
        if numbers and not np.allclose(one, other, rtol=1e-5, atol=1e-8, equal_nan=True):
            return False
    return True
