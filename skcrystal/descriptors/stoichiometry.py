"""Norms of the shares of the elements: how many there are, and how unlike in amount."""

from __future__ import annotations

from numbers import Real
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from skcrystal.descriptors.base import Descriptor, Invariance, decimal
from skcrystal.descriptors.columns import Column

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skcrystal.crystals import Compositions, Crystals

__all__ = ["StoichiometryNorms"]


class StoichiometryNorms(Descriptor):
    """Norms of the shares of the elements, whichever elements they are.

    With the share w of each element among the atoms, ``stoichiometry_norm_p`` is the sum of w^p to the power
    1/p; it has no unit, is 1 for an element and falls with the number of elements and the evenness of their
    amounts. ``stoichiometry_norm_0`` is the number of elements.

    Invariant to everything that leaves the composition as it is. The row does not depend on where the
    atoms are: formulas are taken as well as crystals.

    Parameters
    ----------
    p : sequence of float, default=(0, 2, 3, 5, 7, 10)
        0, or at least 1, in the order wanted.

    References
    ----------
    Ward, Agrawal, Choudhary & Wolverton, npj Comput. Mater. 2 (2016) 16028,
    doi 10.1038/npjcompumats.2016.28.

    Examples
    --------
    In Fe2O3 shares are 0.4 and 0.6, and the root of 0.16 + 0.36 is 0.72:

    >>> from skcrystal.descriptors import StoichiometryNorms
    >>> StoichiometryNorms(p=(0, 2)).transform(["Fe2O3", "Fe"]).round(2)
    array([[2.  , 0.72],
           [1.  , 1.  ]])
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
        note="stoichiometry_norm_0 jumps when a trace of another element comes in",
    )
    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {"p": [list, tuple, np.ndarray]}

    def __init__(self, *, p: Any = (0, 2, 3, 5, 7, 10)) -> None:
        self.p = p

    def _validate_params(self) -> None:
        super()._validate_params()
        for power in self.p:
            if not isinstance(power, Real) or not (power == 0 or 1 <= float(power) < np.inf):
                raise ValueError(
                    f"StoichiometryNorms takes p of 0 or at least 1, and was given {power!r}; what lies "
                    "between is no norm"
                )

    def describe_columns(self) -> list[Column]:
        """Describe ``stoichiometry_norm_<p>``."""
        return [
            Column.of(f"stoichiometry_norm_{decimal(p)}", "1", self._meaning(p)) for p in map(float, self.p)
        ]

    @staticmethod
    def _meaning(p: float) -> str:
        return f"{p:g}-norm of the shares of the elements" if p else "number of elements"

    def describe(self, crystals: Crystals | Compositions) -> NDArray[np.float64]:
        """Return the norms of each crystal's shares."""
        amounts = crystals.element_amounts
        shares = amounts / amounts.sum(axis=1, keepdims=True)
        rows = np.empty((len(shares), len(self.p)))
        for column, p in enumerate(map(float, self.p)):
            if p:
                rows[:, column] = np.sum(shares**p, axis=1) ** (1 / p)
            else:
                rows[:, column] = np.count_nonzero(shares, axis=1)
        return rows
