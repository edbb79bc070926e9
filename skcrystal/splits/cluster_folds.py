"""K folds by clusters of crystals that are alike in their columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from skcrystal.splits.label_folds import LabelKFold

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["ClusterKFold"]


class ClusterKFold(LabelKFold):
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
        n_clusters = min(self.n_clusters, len(np.unique(rows, axis=0)))
        clusters = KMeans(n_clusters, n_init=10, random_state=self.random_state)
        return clusters.fit_predict(rows)
