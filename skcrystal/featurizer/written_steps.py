"""Descriptors as JSON and back, so that another process makes the same ones."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from skcrystal.crystals.crystal import CrystalError
from skcrystal.descriptors.base import Descriptor

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from skcrystal.featurizer.presets import Steps

__all__ = ["read_steps", "written_steps"]


def written_steps(steps: Steps) -> list[dict[str, Any]]:
    """Return steps as JSON can hold them, each with the version of its columns and the key of its rows.

    Raises
    ------
    CrystalError
        Another process could not make one of them.
    """
    return [_written(name, step) for name, step in steps]


def _written(name: str, step: Descriptor) -> dict[str, Any]:
    key = step.key()
    if key is None:
        raise CrystalError(
            f"the descriptor {name!r} is known in this program alone; define its class in a module that "
            "other processes can import, and give it parameters of plain values."
        )
    return {
        "name": name,
        "class": f"{type(step).__module__}:{type(step).__qualname__}",
        "parameters": {key: _packed(value, name) for key, value in step.get_params(deep=False).items()},
        "schema_version": step.schema_version,
        "key": key,
    }


def _packed(value: Any, name: str) -> Any:
    """Return a value of JSON; a tuple is marked, which JSON would make a list of."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list):
        return [_packed(one, name) for one in value]
    if isinstance(value, tuple):
        return {"tuple": [_packed(one, name) for one in value]}
    raise CrystalError(
        f"the descriptor {name!r} has a parameter of type {type(value).__name__}, which a plan cannot hold; "
        "give numbers, text, truth values, or lists and tuples of them."
    )


def _unpacked(value: Any) -> Any:
    if isinstance(value, list):
        return [_unpacked(one) for one in value]
    return tuple(_unpacked(one) for one in value["tuple"]) if isinstance(value, dict) else value


def read_steps(written: Sequence[Mapping[str, Any]]) -> Steps:
    """Make the steps that were written.

    Raises
    ------
    CrystalError
        This environment has no such descriptor, or one that gives other rows.
    """
    steps: Steps = []
    for one in written:
        module, _, qualname = one["class"].partition(":")
        found: Any = None
        try:
            found = import_module(module)
            for part in qualname.split("."):
                found = getattr(found, part)
        except (ImportError, AttributeError):
            found = None
        if not (isinstance(found, type) and issubclass(found, Descriptor)):
            raise CrystalError(
                f"the descriptor {one['name']!r} is {one['class']}, which is no descriptor here; install "
                "what the plan was made with."
            )
        step = found(**{key: _unpacked(value) for key, value in one["parameters"].items()})
        if step.key() != one["key"]:
            raise CrystalError(
                f"the descriptor {one['name']!r} gives other rows here than where the plan was made; take "
                "the same versions of skcrystal and moyopy everywhere, or plan anew."
            )
        steps.append((one["name"], step))
    return steps
