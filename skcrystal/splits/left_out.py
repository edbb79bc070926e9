"""One element, or one part of the periodic table, left out at a time."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.model_selection import BaseCrossValidator

from skcrystal.chemistry import elements
from skcrystal.inputs import as_compositions

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

__all__ = ["LeaveOneElementOut", "LeaveOnePeriodOut", "LeaveOnePeriodicGroupOut"]


class _LeaveOneOut(BaseCrossValidator):
    """One fold per kind of element: the crystals that hold it are tested, all others train."""

    def __init__(self, kinds: Iterable[Any] | None = None, *, min_test: int = 1) -> None:
        self.kinds = kinds
        self.min_test = min_test

    @abstractmethod
    def _members(self) -> dict[Any, NDArray[np.int64]]:
        """Kind -> the atomic numbers that belong to it."""

    def _folds(self, X: Any) -> dict[Any, NDArray[np.bool_]]:
        amounts = as_compositions(X).element_amounts
        members = self._members()
        wanted = list(members) if self.kinds is None else list(self.kinds)
        folds = {}
        for kind in wanted:
            if kind not in members:
                known = ", ".join(map(str, list(members)[:6]))
                raise ValueError(f"{type(self).__name__} knows no {kind!r}; kinds are {known}, ...")
            tested = np.asarray(amounts[:, members[kind]].max(axis=1) > 0)
            # What every crystal holds cannot be left out, and what none holds cannot be tested.
            if self.min_test <= tested.sum() < len(tested):
                folds[kind] = tested
        if not folds:
            raise ValueError(
                f"{type(self).__name__} finds nothing that at least {self.min_test} and not all of the "
                f"{len(amounts)} crystals hold; lower min_test, or take another split"
            )
        return folds

    def kinds_left_out(self, X: Any) -> list[Any]:
        """Return what each fold leaves out, in the order of the folds."""
        return list(self._folds(X))

    def get_n_splits(self, X: Any = None, y: Any = None, groups: Any = None) -> int:
        """Return the number of folds, which depends on X.

        Parameters
        ----------
        X : collection of crystals or formulas
        y, groups : ignored

        Returns
        -------
        int
        """
        if X is None:
            raise ValueError(
                f"{type(self).__name__} needs X to tell the number of its folds; give the crystals"
            )
        return len(self._folds(X))

    def _iter_test_masks(
        self, X: Any = None, y: Any = None, groups: Any = None
    ) -> Iterator[NDArray[np.bool_]]:
        yield from self._folds(X).values()

    def split(self, X: Any, y: Any = None, groups: Any = None) -> Iterator[tuple[NDArray[Any], NDArray[Any]]]:
        """Yield train and test indices, a fold per kind.

        Parameters
        ----------
        X : collection of crystals or formulas
        y, groups : ignored

        Yields
        ------
        train, test : ndarray of int
        """
        for tested in self._iter_test_masks(X):
            yield np.flatnonzero(~tested), np.flatnonzero(tested)


class LeaveOneElementOut(_LeaveOneOut):
    """One fold per element: crystals that hold it are tested, and no training crystal does.

    Parameters
    ----------
    kinds : iterable of str, default=None
        Symbols of the elements to leave out, one at a time; None is all that are in X. An element that is in
        all crystals of X is passed over.
    min_test : int, default=1
        Elements in fewer crystals are passed over.

    References
    ----------
    Meredig et al., Mol. Syst. Des. Eng. 3 (2018) 819, doi 10.1039/C8ME00012C.

    Examples
    --------
    >>> from skcrystal.splits import LeaveOneElementOut
    >>> X = ["TiO2", "SrTiO3", "NaCl", "KCl"]
    >>> splitter = LeaveOneElementOut(min_test=2)
    >>> splitter.kinds_left_out(X), [test.tolist() for _, test in splitter.split(X)]
    (['O', 'Cl', 'Ti'], [[0, 1], [2, 3], [0, 1]])
    """

    def _members(self) -> dict[Any, NDArray[np.int64]]:
        return {symbol: np.array([z]) for z, symbol in enumerate(elements.symbols()) if z}


class LeaveOnePeriodOut(_LeaveOneOut):
    """One fold per row of the periodic table: crystals that hold one of its elements are tested.

    Parameters
    ----------
    kinds : iterable of int, default=None
        Rows to leave out, 1 to 7; None is all.
    min_test : int, default=1
        As for :class:`LeaveOneElementOut`.
    """

    def _members(self) -> dict[Any, NDArray[np.int64]]:
        return _elements_by("row")


class LeaveOnePeriodicGroupOut(_LeaveOneOut):
    """One fold per group of the periodic table: crystals that hold one of its elements are tested.

    Parameters
    ----------
    kinds : iterable of int, default=None
        Groups to leave out, 1 to 18; None is all. Lanthanides and actinides belong to group 3.
    min_test : int, default=1
        As for :class:`LeaveOneElementOut`.
    """

    def _members(self) -> dict[Any, NDArray[np.int64]]:
        return _elements_by("group")


def _elements_by(name: str) -> dict[Any, NDArray[np.int64]]:
    values = elements.property_table([name])[1:, 0]
    return {int(value): np.flatnonzero(values == value) + 1 for value in np.unique(values).tolist()}
