"""What columns mean: a record for each, and the units that go with a table."""

from __future__ import annotations

from functools import cache, wraps
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from skcrystal._sklearn import output_config
from skcrystal.chemistry import elements

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Self

__all__ = ["Column", "Units", "describe_names", "fate_of_unknown", "name_units", "with_units"]

#: What stands before a quantity in the name of a column -> the same in words.
STATISTICS = {
    "mean_abs_dev": "mean absolute deviation",
    "mean": "mean",
    "std": "standard deviation",
    "min": "smallest",
    "max": "largest",
    "range": "largest minus smallest",
    "mode": "that of the most abundant",
    "rms": "root mean square",
}


class Column(NamedTuple):
    """What one column is.

    ``Column("my_column")`` is one of which nothing but its name is known.

    Attributes
    ----------
    name : str
    unit : str, default=""
        "1" for a number without a unit; empty where nobody has said.
    meaning : str, default=""
        One line.
    missing : str, default=""
        What stands where the quantity is not known or not defined; empty where it always is.
    quantity : str, default=""
        Of what the statistic is taken: the name without it.
    statistic : str, default=""
        ``mean``, ``std`` and so on; empty where the column is no statistic.
    """

    name: str
    unit: str = ""
    meaning: str = ""
    missing: str = ""
    quantity: str = ""
    statistic: str = ""

    @classmethod
    def of(cls, name: str, unit: str, meaning: str, missing: str = "") -> Self:
        """Make a column whose statistic and quantity its name tells, as ``mean_bond_length``.

        Examples
        --------
        >>> from skcrystal.descriptors import Column
        >>> Column.of("max_distance", "angstrom", "largest of all distances").quantity
        'distance'
        """
        for statistic in STATISTICS:
            if name.startswith(f"{statistic}_"):
                return cls(name, unit, meaning, missing, name.removeprefix(f"{statistic}_"), statistic)
        return cls(name, unit, meaning, missing, name)

    def over(self, statistic: str, what: str) -> Self:
        """Make the column of a statistic of this one over what has it, as ``"the sites"``."""
        of = "of" if statistic in ("min", "max", "mode") else "over"
        meaning = f"{self.meaning}; {STATISTICS[statistic]} {of} {what}" if self.meaning else ""
        name = f"{statistic}_{self.name}"
        return type(self)(name, self.unit, meaning, self.missing, self.name, statistic)


class Units(dict[str, str]):
    """Name of a column -> its unit. Quick to copy, as pandas does whenever a part of a table is taken."""

    def __deepcopy__(self, memo: Any) -> Units:
        return Units(self)


@cache
def fate_of_unknown(name: str, missing: str = "trend", values: str = "corrected") -> str:
    """Say what stands for the values of an element property that no source gives; nothing if all are known.

    Parameters
    ----------
    name : str
        Of an element property.
    missing, values : str
        As of :func:`skcrystal.chemistry.elements.filled_table`.
    """
    unknown = np.flatnonzero(np.isnan(elements.property_table([name], values=values)[1:, 0])) + 1
    if not len(unknown):
        return ""
    if missing == "trend" and not elements.estimated_elements(name):
        return f"{len(unknown)} elements count as 0: no source gives them one"
    fate = {"trend": "are estimated by their neighbours in the periodic table", "zero": "count as 0"}
    which = ", ".join(elements.symbols()[z] for z in unknown) if len(unknown) <= 8 else ""
    return f"{len(unknown)} elements {fate.get(missing, 'make it NaN')}{f': {which}' if which else ''}"


def describe_names(names: Iterable[str], columns: Iterable[Column]) -> list[Column]:
    """Return the columns of some names, in their order; of those not among `columns`, the name alone."""
    known = {column.name: column for column in columns}
    return [known.get(str(name)) or Column(str(name)) for name in names]


def name_units(columns: Iterable[Column]) -> Units:
    """Return the units of columns by their names, as far as they are known."""
    return Units({column.name: column.unit for column in columns if column.unit})


def with_units(transform: Callable[..., Any]) -> Callable[..., Any]:
    """Let the tables of pandas that a method returns hold the units of their columns."""

    @wraps(transform)
    def transform_with_units(self: Any, *args: Any, **kwargs: Any) -> Any:
        table = transform(self, *args, **kwargs)
        if output_config("transform", self)["dense"] == "pandas":
            table.attrs["units"] = name_units(
                describe_names(self.get_feature_names_out(), self.describe_columns())
            )
        return table

    return transform_with_units
