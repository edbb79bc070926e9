"""Steps of a featurizer that were validated once, as long as none of its parameters changes."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from sklearn.base import clone

if TYPE_CHECKING:
    from collections.abc import Sequence

    from skcrystal.descriptors import Descriptor

__all__ = ["prepared_steps"]

# Beside the featurizers and not in them: to transform changes nothing in a featurizer, its pickle included.
_PREPARED: WeakKeyDictionary[Any, tuple[Any, list[Descriptor]]] = WeakKeyDictionary()


def prepared_steps(featurizer: Any) -> Sequence[Descriptor]:
    """Return the validated descriptors of a featurizer, clones that no caller changes.

    To validate and to clone a dozen descriptors takes as long as to describe a small crystal with half of
    them. Descriptors keep nothing while they describe, so that threads share the clones.
    """
    now = _parameters(featurizer)
    known = _PREPARED.get(featurizer)
    if known is not None and _same(known[0], now):
        return known[1]
    featurizer._validate_params()
    steps = [clone(step) for _, step in featurizer._active()]
    _PREPARED[featurizer] = (deepcopy(now, _functions(now)), steps)
    return steps


def _functions(now: Any) -> dict[int, Any]:
    """Return what is not to be copied: functions, which are compared by what they are."""
    _, entries = now
    entries = entries if isinstance(entries, list) else []
    last = [entry[-1] for entry in entries if isinstance(entry, tuple) and entry]
    held = [value for step in last if isinstance(step, dict) for value in step.values()]
    return {id(value): value for value in held if callable(value)}


def _parameters(featurizer: Any) -> Any:
    """Return all that decides what a featurizer does, without asking each descriptor for its signature."""
    own = {name: value for name, value in vars(featurizer).items() if name != "descriptors"}
    if not isinstance(featurizer.descriptors, list):
        return own, featurizer.descriptors
    return own, [
        (type(entry[1]), entry[0], vars(entry[1]))
        if isinstance(entry, tuple) and len(entry) == 2 and hasattr(entry[1], "__dict__")
        else entry
        for entry in featurizer.descriptors
    ]


def _same(known: Any, now: Any) -> bool:
    try:
        return bool(known == now)
    except ValueError:
        # Arrays among the parameters do not compare to one answer.
        return False
