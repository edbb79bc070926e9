"""`TrainingRecord`: what a fitted model was made of, and whether it can still be asked."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

import numpy as np

from skcrystal._version import __version__
from skcrystal.chemistry.tables import tables_digest
from skcrystal.descriptors.base import StatelessTransformer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

__all__ = ["TrainingRecord", "changed_versions", "record_of", "versions_now"]

# Packages whose versions may change what a fitted model predicts, beside this one.
PACKAGES = ("scikit-learn", "numpy", "scipy", "xgboost", "lightgbm", "moyopy")
# Names under which one package is installed.
ALIASES = {"xgboost": ("xgboost", "xgboost-cpu")}


@dataclass(frozen=True)
class TrainingRecord:
    """What a model was fitted with.

    Attributes
    ----------
    versions : dict of str to str
        Of the packages, and of Python.
    tables : str
        Digest of the tables of element values.
    schema : dict of str to tuple
        Step of the featurizer -> its class, the version of its feature schema, and a digest of the names of
        its columns.
    units : dict of str to str
        Column -> unit, where it is known.
    n_samples : int
        Rows that were fitted to.
    data : str
        Digest of the rows and targets.
    target : str
        Name of the target, where y had one; else empty.
    target_range : tuple of float
        Least and largest target; empty for labels.
    """

    versions: dict[str, str]
    tables: str
    schema: dict[str, tuple[str, int, str]]
    units: dict[str, str]
    n_samples: int
    data: str
    target: str
    target_range: tuple[float, ...]

    def refusal(self, reader: Any) -> str:
        """Return why a featurizer as it is now makes other columns; empty where it does not."""
        now = schema_of(reader)
        changed = [name for name in {**self.schema, **now} if self.schema.get(name) != now.get(name)]
        if not changed:
            return ""
        before_and_now = ((name, _said(self.schema.get(name)), _said(now.get(name))) for name in changed[:3])
        details = "; ".join(f"{name} had {before} and has {after}" for name, before, after in before_and_now)
        more = f" and {len(changed) - 3} more" if len(changed) > 3 else ""
        made_with = self.versions["skcrystal"]
        return (
            f"the model was fitted to columns of another kind: {details}{more}. Fit it again, or predict "
            f"where it was made: pip install skcrystal=={made_with}"
        )

    def differences(self) -> str:
        """Return which versions differ from those of now; empty where none does."""
        found = changed_versions(self.versions)
        if self.tables != tables_digest():
            found.append("other tables of element values")
        return ", ".join(found)


def versions_now() -> dict[str, str]:
    """Return the versions of the packages that predictions depend on."""
    found = {"skcrystal": __version__, "python": platform.python_version()}
    for package in PACKAGES:
        for name in ALIASES.get(package, (package,)):
            try:
                found[package] = version(name)
                break
            except PackageNotFoundError:
                continue
    return found


def changed_versions(versions: Mapping[str, str]) -> list[str]:
    """Return which versions are others now, each with that of now."""
    now = versions_now()
    return [
        f"{name} {then} (now {now.get(name, 'not installed')})"
        for name, then in versions.items()
        if now.get(name) != then
    ]


def schema_of(reader: Any) -> dict[str, tuple[str, int, str]]:
    """Return class, schema version and digest of the columns of each step of a featurizer."""
    import joblib

    if reader is None:
        return {}
    steps = reader._active() if hasattr(reader, "_active") else [(type(reader).__name__.lower(), reader)]
    return {
        name: (
            f"{type(step).__module__}.{type(step).__qualname__}",
            int(getattr(step, "schema_version", 1)),
            str(joblib.hash([str(column) for column in step.get_feature_names_out()])),
        )
        for name, step in steps
    }


def record_of(reader: Any, rows: Any, y: Any) -> TrainingRecord:
    """Return the record of a fit.

    Parameters
    ----------
    reader : CrystalFeaturizer, Descriptor or None
    rows : array or sparse array of shape (n_samples, n_features)
    y : array-like of n_samples targets, or None
    """
    import joblib

    units: dict[str, str] = {}
    if isinstance(reader, StatelessTransformer):
        units = {column.name: column.unit for column in reader.describe_columns() if column.unit}
    values: NDArray[Any] = np.asarray(y)
    numbers = values.dtype.kind in "fiu" and values.size > 0
    names = getattr(y, "name", None) or ", ".join(map(str, getattr(y, "columns", ())))
    return TrainingRecord(
        versions=versions_now(),
        tables=tables_digest(),
        schema=schema_of(reader),
        units=units,
        n_samples=rows.shape[0] if hasattr(rows, "shape") else len(rows),
        data=str(joblib.hash((rows, values))),
        target=str(names),
        target_range=(float(values.min()), float(values.max())) if numbers else (),
    )


def _said(schema: tuple[str, int, str] | None) -> str:
    if schema is None:
        return "no columns"
    name, number, columns = schema
    return f"columns {columns[:6]} of {name.rpartition('.')[2]}, schema {number}"
