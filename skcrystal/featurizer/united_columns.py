"""The columns of several descriptors, each under a name of its own, and the table that explains them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from skcrystal.descriptors.columns import Column, describe_names

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from skcrystal.descriptors import Descriptor
    from skcrystal.featurizer.presets import Steps

__all__ = ["UnitedColumn", "feature_table", "unite_columns"]


class UnitedColumn(NamedTuple):
    """A column, the descriptor that gives it, and the name of its step."""

    family: str
    descriptor: Descriptor
    column: Column


def unite_columns(steps: Steps) -> list[UnitedColumn]:
    """Return the columns of all steps; a name that two steps share gets its step's name in front."""
    united = [
        UnitedColumn(family, step, column)
        for family, step in steps
        for column in describe_names(step.get_feature_names_out(), step.describe_columns())
    ]
    counts = Counter(one.column.name for one in united)
    return [
        one._replace(column=one.column._replace(name=f"{one.family}__{one.column.name}"))
        if counts[one.column.name] > 1
        else one
        for one in united
    ]


def feature_table(columns: Sequence[UnitedColumn]) -> pd.DataFrame:
    """Return what is known of columns as :meth:`skcrystal.CrystalFeaturizer.describe_features` has it."""
    import pandas as pd

    table = pd.DataFrame([one.column for one in columns], columns=list(Column._fields))
    table["family"] = [one.family for one in columns]
    table["invariances"] = [", ".join(one.descriptor.invariance.claims) for one in columns]
    order = ["name", "family", "quantity", "statistic", "unit", "missing", "invariances", "meaning"]
    return table[order]
