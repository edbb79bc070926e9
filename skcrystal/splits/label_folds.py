"""K folds that keep what has one label together: the base of most splitters."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.model_selection import BaseCrossValidator, GroupKFold

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

__all__ = ["LabelKFold"]


class LabelKFold(BaseCrossValidator):
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
