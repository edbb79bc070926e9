"""Statistics of element properties over the atoms of a crystal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from skcrystal._sklearn import StrOptions
from skcrystal.chemistry import elements
from skcrystal.descriptors.base import Descriptor, Invariance
from skcrystal.descriptors.columns import Column, fate_of_unknown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from skcrystal.crystals import Compositions, Crystals

__all__ = ["STATISTICS", "CompositionStats"]

STATISTICS = ("mean", "max", "min", "std", "range", "mean_abs_dev", "mode")

# Some weigh each element by its share of the atoms; to others all that are present are the same.
OVER = {
    statistic: "the atoms" if statistic in ("mean", "std", "mean_abs_dev") else "the elements"
    for statistic in STATISTICS
}

# Amounts are sums of occupancies: elements this close are equally abundant.
TIE_TOLERANCE = 1e-6


def property_statistics(
    amounts: NDArray[np.float64], table: NDArray[np.float64], statistics: Sequence[str]
) -> NDArray[np.float64]:
    """Return statistics of element properties, weighted by the amounts of the elements.

    Parameters
    ----------
    amounts : ndarray of shape (n_crystals, 119)
        Atoms of each element; each row has at least one.
    table : ndarray of shape (119, n_properties)
    statistics : sequence of str
        Names out of ``STATISTICS``.

    Returns
    -------
    ndarray of shape (n_crystals, n_properties * n_statistics)
        All statistics of the first property come first.
    """
    from skcrystal.kernels.composition import element_statistics

    # The kernel is compiled for each layout, and for arrays that may be written to or not: copies are alike.
    crystal, element = map(np.array, np.nonzero(amounts))
    starts = np.searchsorted(crystal, np.arange(len(amounts) + 1))
    wanted = np.array([STATISTICS.index(statistic) for statistic in statistics], dtype=np.int64)
    found = element_statistics(
        starts, element, amounts[crystal, element], np.array(table, order="C"), wanted, TIE_TOLERANCE
    )
    rows: NDArray[np.float64] = found.reshape(len(amounts), table.shape[1] * len(wanted))
    return rows


class CompositionStats(Descriptor):
    """Statistics of element properties over the atoms of a crystal.

    With the share w of each element among the atoms (occupancies counted) and its property p, a property
    gives, in its own unit:

    - ``mean``: sum of w p
    - ``max``, ``min``, ``range``: over the elements present, whatever their amount
    - ``std``: square root of the sum of w (p - mean)^2
    - ``mean_abs_dev``: sum of w abs(p - mean)
    - ``mode``: p of the most abundant element, the smallest where several are equally abundant

    The properties, their units and sources are listed by :func:`skcrystal.chemistry.elements.column_info`. A
    name with ``log10_`` in front stands for the decimal logarithm.
    ``metal_fraction`` is the share of atoms whose element is a metal.

    Invariant to everything that leaves the composition as it is. The row does not depend on where the
    atoms are: formulas are taken as well as crystals.

    Parameters
    ----------
    properties : "all" or sequence of str, default="all"
        Names out of ``skcrystal.chemistry.elements.PROPERTIES``, in the order wanted; may be empty. "all" are
        those of ``EVEN_PROPERTIES``: the logarithm of what spans decades, as an electrical resistivity does.
    statistics : sequence of str, default=("mean", "max", "min", "std")
        Names out of mean, max, min, std, range, mean_abs_dev, mode, in the order wanted.
    metal_fraction : bool, default=True
        Whether to append the share of metal atoms.
    missing : {"trend", "zero", "nan"}, default="trend"
        What stands for a value that no source gives: an estimate by the neighbours in the periodic table
        (:func:`skcrystal.chemistry.elements.filled_table`), 0, or NaN (then every statistic of a crystal with
        that element is NaN).
    values : {"corrected", "pymatgen"}, default="corrected"
        Whether the values of :func:`skcrystal.chemistry.elements.corrections` take the place of pymatgen's.

    References
    ----------
    Ward, Agrawal, Choudhary & Wolverton, npj Comput. Mater. 2 (2016) 16028,
    doi 10.1038/npjcompumats.2016.28, for statistics of element properties as descriptors.

    Examples
    --------
    The mean atomic number of silicon carbide is (14 + 6) / 2:

    >>> import numpy as np
    >>> from skcrystal import Crystal
    >>> from skcrystal.descriptors import CompositionStats
    >>> sic = Crystal.ordered(4.36 * (1 - np.eye(3)) / 2, [[0, 0, 0], [0.25, 0.25, 0.25]], [14, 6])
    >>> stats = CompositionStats(properties=["atomic_number"], metal_fraction=False)
    >>> stats.transform([sic])
    array([[10., 14.,  6.,  4.]])
    >>> CompositionStats(properties=["colour"]).fit()
    Traceback (most recent call last):
    ...
    ValueError: CompositionStats knows no property 'colour'; skcrystal.elements.PROPERTIES lists them
    """

    needs_positions = False
    invariance = Invariance(
        origin=True,
        rotation=True,
        reflection=True,
        permutation=True,
        supercell=True,
        cell_choice=True,
        continuous=True,
        note="max, min, range and mode jump when a trace of another element comes in",
    )
    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "properties": [StrOptions({"all"}), list, tuple, np.ndarray],
        "statistics": [list, tuple, np.ndarray],
        "metal_fraction": ["boolean"],
        "missing": [StrOptions({"trend", "zero", "nan"})],
        "values": [StrOptions({"corrected", "pymatgen"})],
    }

    def __init__(
        self,
        *,
        properties: Any = "all",
        statistics: Any = ("mean", "max", "min", "std"),
        metal_fraction: bool = True,
        missing: str = "trend",
        values: str = "corrected",
    ) -> None:
        self.properties = properties
        self.statistics = statistics
        self.metal_fraction = metal_fraction
        self.missing = missing
        self.values = values

    def _validate_params(self) -> None:
        super()._validate_params()
        for name in self._property_names():
            if str(name).removeprefix("log10_") not in elements.PROPERTIES:
                raise ValueError(
                    f"CompositionStats knows no property {name!r}; skcrystal.elements.PROPERTIES lists them"
                )
        for name in self.statistics:
            if name not in STATISTICS:
                raise ValueError(
                    f"CompositionStats knows no statistic {name!r}; choose from {', '.join(STATISTICS)}"
                )

    def _property_names(self) -> list[str]:
        return list(elements.EVEN_PROPERTIES if isinstance(self.properties, str) else self.properties)

    def describe_columns(self) -> list[Column]:
        """Describe ``<statistic>_<property>``, and ``metal_fraction``."""
        columns = []
        for name in self._property_names():
            _, unit, _, meaning, _ = elements.column_info(name)
            missing = fate_of_unknown(name, self.missing, self.values)
            own = Column.of(name, unit, meaning, missing)
            columns += [own.over(statistic, OVER[statistic]) for statistic in self.statistics]
        if self.metal_fraction:
            columns.append(Column.of("metal_fraction", "1", "share of the atoms whose element is a metal"))
        return columns

    def describe(self, crystals: Crystals | Compositions) -> NDArray[np.float64]:
        """Return the statistics of each crystal, property after property."""
        amounts = crystals.element_amounts
        table = elements.filled_table(self._property_names(), self.missing, values=self.values)
        blocks = [property_statistics(amounts, table, self.statistics)]
        if self.metal_fraction:
            metals = amounts @ elements.is_metal().astype(np.float64)
            blocks.append((metals / amounts.sum(axis=1))[:, None])
        return np.concatenate(blocks, axis=1)
