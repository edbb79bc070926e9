"""The share of each element among the atoms, one column per element."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from scipy.sparse import csr_array

from skcrystal._sklearn import StrOptions
from skcrystal.chemistry import elements
from skcrystal.descriptors.base import Descriptor, Invariance
from skcrystal.descriptors.columns import Column

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skcrystal.crystals import Compositions, Crystals

__all__ = ["ElementFractions"]


class ElementFractions(Descriptor):
    """The share of each element among the atoms, one column per element: 0.4 under ``fraction_fe`` for Fe2O3.

    Shares are atomic, occupancies counted, and a row of all elements sums to 1. Columns know no chemistry:
    to a model sodium is no nearer to potassium than to chlorine, but nothing of the formula is lost.

    Invariant to everything that leaves the composition as it is. The row does not depend on where the
    atoms are: formulas are taken as well as crystals.

    Parameters
    ----------
    elements : "all" or sequence of str, default="all"
        Symbols, in the order wanted; "all" are the 118 elements by atomic number. A crystal's other elements
        have no column, and count among its atoms.
    sparse_output : bool, default=False
        Whether to return a ``scipy.sparse.csr_array``: few of the columns of a row are not 0.

    References
    ----------
    Jha et al., Sci. Rep. 8 (2018) 17593, doi 10.1038/s41598-018-35934-y, for learning from fractions alone.

    Examples
    --------
    >>> from skcrystal.descriptors import ElementFractions
    >>> ElementFractions(elements=["O", "Fe"]).transform(["Fe2O3", "FeO"])
    array([[0.6, 0.4],
           [0.5, 0.5]])
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
    )
    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "elements": [StrOptions({"all"}), list, tuple, np.ndarray],
        "sparse_output": ["boolean"],
    }

    def __init__(self, *, elements: Any = "all", sparse_output: bool = False) -> None:
        self.elements = elements
        self.sparse_output = sparse_output

    def _validate_params(self) -> None:
        super()._validate_params()
        numbers = self._atomic_numbers()
        if len(set(numbers)) < len(numbers):
            raise ValueError("ElementFractions has an element twice among its elements; name each once")

    def _atomic_numbers(self) -> list[int]:
        if isinstance(self.elements, str):
            return list(range(1, elements.MAX_ATOMIC_NUMBER + 1))
        return [elements.atomic_number(symbol) for symbol in self.elements]

    def describe_columns(self) -> list[Column]:
        """Describe ``fraction_<symbol>``, the symbol in small letters."""
        names = elements.symbols()
        return [
            Column.of(f"fraction_{names[z].lower()}", "1", f"share of the atoms that are {names[z]}")
            for z in self._atomic_numbers()
        ]

    def describe(self, crystals: Crystals | Compositions) -> NDArray[np.float64] | csr_array:
        """Return the shares of each crystal's elements."""
        amounts = crystals.element_amounts
        shares = amounts / amounts.sum(axis=1, keepdims=True)
        rows: NDArray[np.float64] = shares[:, self._atomic_numbers()]
        if not self.sparse_output:
            return rows
        sparse = csr_array(rows)
        # Indices of 32 bits: scikit-learn's trees take no others.
        sparse.indices, sparse.indptr = sparse.indices.astype(np.int32), sparse.indptr.astype(np.int32)
        return sparse
