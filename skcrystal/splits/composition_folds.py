"""K folds by what crystals are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from skcrystal.inputs import as_compositions
from skcrystal.splits.label_folds import LabelKFold

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["ChemicalSystemKFold", "FormulaKFold"]

# Atomic fractions are told apart to four decimals: what formulas are written with.
FRACTION_DECIMALS = 4


class FormulaKFold(LabelKFold):
    """K folds in which no reduced formula is on both sides: polymorphs stay together.

    Parameters
    ----------
    n_splits : int, default=5
    shuffle : bool, default=False
        Whether formulas are assigned to folds at random; otherwise folds are as equal in size as can be.
    random_state : int, RandomState or None, default=None

    Examples
    --------
    >>> from skcrystal.splits import FormulaKFold
    >>> X = ["TiO2", "Ti2O4", "SrTiO3", "NaCl"]
    >>> [test.tolist() for _, test in FormulaKFold(n_splits=3).split(X)]
    [[0, 1], [2], [3]]
    """

    def labels(self, X: Any) -> NDArray[Any]:
        """Return a number for each formula."""
        amounts = as_compositions(X).element_amounts
        shares = np.round(amounts / amounts.sum(axis=1, keepdims=True), FRACTION_DECIMALS)
        return np.unique(shares, axis=0, return_inverse=True)[1].reshape(-1)


class ChemicalSystemKFold(LabelKFold):
    """K folds in which no set of elements is on both sides: FeO, Fe2O3 and Fe3O4 stay together.

    Parameters
    ----------
    n_splits : int, default=5
    shuffle : bool, default=False
    random_state : int, RandomState or None, default=None
        As for :class:`FormulaKFold`.
    """

    def labels(self, X: Any) -> NDArray[Any]:
        """Return a number for each set of elements."""
        present = as_compositions(X).element_amounts > 0
        return np.unique(present, axis=0, return_inverse=True)[1].reshape(-1)
