"""What a loaded model may do where it is loaded: no file, no process, no talk, and nothing without bounds."""

from __future__ import annotations

import inspect
import math
from typing import TYPE_CHECKING, Any

from sklearn.base import BaseEstimator

from skcrystal.crystals.crystal import CrystalError
from skcrystal.descriptors.base import Descriptor
from skcrystal.featurizer import CrystalFeaturizer
from skcrystal.models.sharing.allowlist import TYPES

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["drop_local", "featurizers_in", "mapped", "tamed"]

#: Parameters that speak of the machine that a model was made on.
LOCAL: dict[str, Any] = {"cache": None, "n_jobs": None, "verbose": False, "memory": None, "verbosity": 0}

LARGEST_CHUNK = 1024
LARGEST_NUMBER = 1e9
LONGEST_TEXT = 1000
LONGEST_LIST = 10_000
#: Columns of a featurizer, and the longest cutoff of a descriptor, in angstrom.
MOST_COLUMNS = 100_000
LARGEST_CUTOFF = 30.0


def mapped(value: Any, change: Callable[[Any], Any], memo: dict[int, Any]) -> Any:
    """Copy what an estimator holds, with some of it changed; what is shared stays shared.

    Parameters
    ----------
    value : object
    change : callable
        Is given each object that is no container, and returns it or what takes its place.
    memo : dict
        Empty.
    """
    if id(value) in memo:
        return memo[id(value)][1]
    found = change(value)
    if found is value:
        if isinstance(value, dict):
            # A Bunch stays one.
            found = (
                type(value)(**{key: mapped(one, change, memo) for key, one in value.items()})
                if all(isinstance(key, str) for key in value)
                else {key: mapped(one, change, memo) for key, one in value.items()}
            )
        elif type(value) in {list, tuple}:
            found = type(value)(mapped(one, change, memo) for one in value)
        elif isinstance(value, BaseEstimator) or f"{type(value).__module__}.{type(value).__name__}" in TYPES:
            found = object.__new__(type(value))
            memo[id(value)] = value, found
            for name, held in vars(value).items():
                found.__dict__[name] = mapped(held, change, memo)
    # With the object itself, so that no other one takes its number.
    memo[id(value)] = value, found
    return found


def drop_local(value: Any) -> Any:
    """Forget, in a copy, the machine that a model was made on."""
    if isinstance(value, BaseEstimator):
        for name in LOCAL.keys() & vars(value).keys():
            setattr(value, name, LOCAL[name])
    return value


def tamed(value: Any) -> Any:
    """Return an object of a loaded model with its local parameters dropped and the others bounded.

    A featurizer and a descriptor are made anew from their parameters: whatever else a file put into them is
    gone.

    Raises
    ------
    CrystalError
        Names the first parameter that is beyond its bounds.
    """
    if not isinstance(value, BaseEstimator):
        return value
    name = type(value).__name__
    # A parameter that did not exist when the file was written has what it has today by default.
    for key, parameter in inspect.signature(type(value).__init__).parameters.items():
        if parameter.default is not parameter.empty and key not in vars(value):
            setattr(value, key, parameter.default)
    try:
        params = value.get_params(deep=False)
    except AttributeError as error:
        raise CrystalError(f"its {name} lacks a parameter: {str(error)[:100]}") from None
    for key, held in params.items():
        if key in LOCAL:
            params[key] = 1 if key == "n_jobs" and held is not None else LOCAL[key]
        else:
            _check(f"{name}({key}=...)", held)
    if isinstance(value, CrystalFeaturizer):
        return _made_anew_featurizer(params)
    if isinstance(value, Descriptor):
        return _made_anew(type(value), params)
    for key in params.keys() & LOCAL.keys():
        setattr(value, key, params[key])
    if hasattr(value, "_parameter_constraints"):
        _validate(value)
    return value


def _validate(value: Any) -> None:
    try:
        value._validate_params()
    except (ValueError, TypeError) as error:
        raise CrystalError(
            f"its {type(value).__name__} has a parameter out of bounds: {str(error)[:150]}"
        ) from None


def _made_anew(kind: type[Descriptor], params: dict[str, Any]) -> Descriptor:
    for key in ("cutoff", "r_cut"):
        cutoff = params.get(key)
        if isinstance(cutoff, int | float) and not cutoff <= LARGEST_CUTOFF:
            raise CrystalError(
                f"its {kind.__name__} has a cutoff of {cutoff:g}, more than {LARGEST_CUTOFF:g}"
            )
    descriptor = kind(**params)
    _validate(descriptor)
    return descriptor


def _made_anew_featurizer(params: dict[str, Any]) -> CrystalFeaturizer:
    if isinstance(params["descriptors"], list):
        steps = []
        for step in params["descriptors"]:
            if not isinstance(step, tuple) or len(step) != 2 or not isinstance(step[0], str):
                raise CrystalError("its featurizer has descriptors without names")
            steps.append((step[0], tamed(step[1])))
        params["descriptors"] = steps
    if not isinstance(params["chunk_size"], int) or params["chunk_size"] > LARGEST_CHUNK:
        raise CrystalError(f"its featurizer has chunks of more than {LARGEST_CHUNK} crystals")
    featurizer = CrystalFeaturizer(**params)
    _validate(featurizer)
    if len(featurizer.get_feature_names_out()) > MOST_COLUMNS:
        raise CrystalError(f"its featurizer has more than {MOST_COLUMNS:,} columns")
    return featurizer


def _check(name: str, value: Any, depth: int = 0) -> None:
    """Bound a parameter: numbers, texts and lists of them; others are estimators or one of a few "
    "functions."""
    if isinstance(value, bool) or value is None:
        return
    if isinstance(value, int | float):
        # Infinity is no more than "without a limit" to the estimators that take it; NaN is "missing".
        if math.isfinite(value) and abs(value) > LARGEST_NUMBER:
            raise CrystalError(f"{name} is {value:g}, beyond what is sensible")
    elif isinstance(value, str):
        if len(value) > LONGEST_TEXT:
            raise CrystalError(f"{name} is a text of {len(value):,} characters")
    elif isinstance(value, list | tuple | dict):
        if len(value) > LONGEST_LIST or depth > 5:
            raise CrystalError(f"{name} is a list of {len(value):,} entries, or one in another in another")
        for one in value.values() if isinstance(value, dict) else value:
            _check(name, one, depth + 1)


def featurizers_in(model: Any) -> list[CrystalFeaturizer]:
    """Return all featurizers of a model, unfitted copies included."""
    found: list[CrystalFeaturizer] = []

    def keep(value: Any) -> Any:
        if isinstance(value, CrystalFeaturizer):
            found.append(value)
        return value

    mapped(model, keep, {})
    return found
