"""K folds by symmetry and structure type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from skcrystal.crystals.prototypes import protostructures
from skcrystal.inputs import as_crystals
from skcrystal.splits.composition_folds import FormulaKFold
from skcrystal.splits.label_folds import LabelKFold

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["CrystalSystemKFold", "PointGroupKFold", "PrototypeKFold", "SpaceGroupKFold", "StructureKFold"]


class _SymmetryKFold(LabelKFold):
    """K folds by what the symmetry search finds."""

    def __init__(
        self,
        n_splits: int = 5,
        *,
        shuffle: bool = False,
        random_state: int | np.random.RandomState | None = None,
        symprec: float = 0.01,
    ) -> None:
        super().__init__(n_splits, shuffle=shuffle, random_state=random_state)
        self.symprec = symprec


class SpaceGroupKFold(_SymmetryKFold):
    """K folds in which no space group is on both sides.

    Parameters
    ----------
    n_splits : int, default=5
    shuffle : bool, default=False
    random_state : int, RandomState or None, default=None
        As for :class:`FormulaKFold`.
    symprec : float, default=0.01
        Tolerance of the symmetry search, in angstrom.
    """

    def labels(self, X: Any) -> NDArray[Any]:
        """Return the space group numbers."""
        return as_crystals(X).symmetry(self.symprec).numbers


class PointGroupKFold(_SymmetryKFold):
    """K folds in which no crystallographic point group is on both sides.

    Parameters
    ----------
    n_splits : int, default=5
    shuffle : bool, default=False
    random_state : int, RandomState or None, default=None
    symprec : float, default=0.01
        As for :class:`SpaceGroupKFold`.
    """

    def labels(self, X: Any) -> NDArray[Any]:
        """Return the Hermann-Mauguin symbols of the point groups."""
        import gemmi

        numbers = as_crystals(X).symmetry(self.symprec).numbers
        return np.array([gemmi.SpaceGroup(number).point_group_hm() for number in numbers.tolist()])


class CrystalSystemKFold(_SymmetryKFold):
    """K folds in which no crystal system is on both sides; there are seven, hence at most seven folds.

    Parameters
    ----------
    n_splits : int, default=5
    shuffle : bool, default=False
    random_state : int, RandomState or None, default=None
    symprec : float, default=0.01
        As for :class:`SpaceGroupKFold`.
    """

    def labels(self, X: Any) -> NDArray[Any]:
        """Return the names of the crystal systems."""
        import gemmi

        numbers = as_crystals(X).symmetry(self.symprec).numbers
        return np.array([gemmi.SpaceGroup(number).crystal_system_str() for number in numbers.tolist()])


class PrototypeKFold(_SymmetryKFold):
    """K folds in which no structure type is on both sides: all rock salts stay together.

    A structure type is what :func:`skcrystal.protostructure` tells: anonymous formula, space group and
    Wyckoff positions.

    Parameters
    ----------
    n_splits : int, default=5
    shuffle : bool, default=False
    random_state : int, RandomState or None, default=None
    symprec : float, default=0.01
        As for :class:`SpaceGroupKFold`.
    """

    def labels(self, X: Any) -> NDArray[Any]:
        """Return the labels of the structure types."""
        return np.array(protostructures(as_crystals(X), self.symprec))


class StructureKFold(_SymmetryKFold):
    """K folds in which no crystal is on both sides: entries of one formula and structure type stay together.

    Databases hold a crystal several times, relaxed with other settings or reported by other authors.

    Parameters
    ----------
    n_splits : int, default=5
    shuffle : bool, default=False
    random_state : int, RandomState or None, default=None
    symprec : float, default=0.01
        As for :class:`SpaceGroupKFold`.
    """

    def labels(self, X: Any) -> NDArray[Any]:
        """Return formula and structure type as one text."""
        crystals = as_crystals(X)
        formulas = FormulaKFold().labels(crystals)
        types = protostructures(crystals, self.symprec)
        return np.array([f"{formula} {kind}" for formula, kind in zip(formulas, types, strict=True)])
