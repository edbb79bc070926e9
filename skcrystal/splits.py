"""Splits that tell how a model does on crystals unlike those that it has learned from.

A random split asks for crystals of the kinds that are in the training rows. These ask for another formula,
another chemistry, another structure type: each is a splitter as scikit-learn's ``cross_val_score`` and
``GridSearchCV`` take it, and looks at X, crystals or formulas, by itself; no groups are given.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.model_selection import BaseCrossValidator, GroupKFold

from skcrystal.chemistry import elements
from skcrystal.crystals.prototypes import protostructures
from skcrystal.inputs import as_compositions, as_crystals

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

__all__ = [
    "ChemicalSystemKFold",
    "ClusterKFold",
    "CrystalSystemKFold",
    "FormulaKFold",
    "LeaveOneElementOut",
    "LeaveOnePeriodOut",
    "LeaveOnePeriodicGroupOut",
    "PointGroupKFold",
    "PrototypeKFold",
    "SpaceGroupKFold",
    "StructureKFold",
]

# Atomic fractions are told apart to four decimals: what formulas are written with.
FRACTION_DECIMALS = 4


class _LabelKFold(BaseCrossValidator):
    """K folds that keep the crystals of one label together."""

    def __init__(
        self,
        n_splits: int = 5,
        *,
        shuffle: bool = False,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.n_splits = n_splits
        self.shuffle = shuffle
        self.random_state = random_state

    @abstractmethod
    def labels(self, X: Any) -> NDArray[Any]:
        """Return the label of each crystal; those of one label are never in train and test at once."""

    def get_n_splits(self, X: Any = None, y: Any = None, groups: Any = None) -> int:
        """Return the number of folds.

        Parameters
        ----------
        X, y, groups : ignored

        Returns
        -------
        int
        """
        return self.n_splits

    def split(self, X: Any, y: Any = None, groups: Any = None) -> Iterator[tuple[NDArray[Any], NDArray[Any]]]:
        """Yield train and test indices.

        Parameters
        ----------
        X : collection of crystals, or of formulas where the split needs no positions
        y, groups : ignored

        Yields
        ------
        train, test : ndarray of int
        """
        labels = self.labels(X)
        found = len(set(labels.tolist()))
        if found < self.n_splits:
            raise ValueError(
                f"{type(self).__name__} has n_splits={self.n_splits} and X only {found} different labels; "
                "take fewer folds, or another split"
            )
        seed = self.random_state if self.shuffle else None
        folds = GroupKFold(self.n_splits, shuffle=self.shuffle, random_state=seed)
        yield from folds.split(np.zeros(len(labels)), groups=labels)


class FormulaKFold(_LabelKFold):
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


class ChemicalSystemKFold(_LabelKFold):
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


class _SymmetryKFold(_LabelKFold):
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


class ClusterKFold(_LabelKFold):
    """K folds in which no cluster of crystals, alike in their columns, is on both sides.

    The rows of a transformer are standardized and put into clusters by k-means, the clusters into folds:
    the test crystals are far from all training crystals in these columns.

    Parameters
    ----------
    featurizer : transformer
        Makes rows of X: a :class:`skcrystal.CrystalFeaturizer`, or any descriptor.
    n_splits : int, default=5
    n_clusters : int, default=20
    shuffle : bool, default=False
        As for :class:`FormulaKFold`.
    random_state : int, RandomState or None, default=None
        Seed of k-means, and of the shuffling.

    References
    ----------
    Meredig et al., Mol. Syst. Des. Eng. 3 (2018) 819, doi 10.1039/C8ME00012C.
    """

    def __init__(
        self,
        featurizer: Any,
        n_splits: int = 5,
        *,
        n_clusters: int = 20,
        shuffle: bool = False,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        super().__init__(n_splits, shuffle=shuffle, random_state=random_state)
        self.featurizer = featurizer
        self.n_clusters = n_clusters

    def labels(self, X: Any) -> NDArray[Any]:
        """Return the number of each crystal's cluster."""
        from sklearn.base import clone
        from sklearn.cluster import KMeans
        from sklearn.preprocessing import StandardScaler

        rows = StandardScaler().fit_transform(np.asarray(clone(self.featurizer).fit_transform(X)))
        clusters = KMeans(min(self.n_clusters, len(rows)), n_init=10, random_state=self.random_state)
        return clusters.fit_predict(rows)


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
