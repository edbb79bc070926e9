"""`ExtraTreesClassifier`: extremely randomised trees, kept as arrays."""

from __future__ import annotations

from numbers import Integral, Real
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from sklearn import ensemble
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import validate_data

from skcrystal._documentation import Documented
from skcrystal._sklearn import Interval, check_sample_weight
from skcrystal.models.fitted import checked_rows, ensure_fitted
from skcrystal.models.likelihood import row_blocks

if TYPE_CHECKING:
    from typing import Self

    from numpy.typing import NDArray

    Array = NDArray[np.float64]

__all__ = ["ExtraTreesClassifier"]

# Rows that go down the trees at once: temporaries stay small.
BLOCK = 512


class ExtraTreesClassifier(Documented, ClassifierMixin, BaseEstimator):
    """Classes told apart by extremely randomised trees.

    Each tree splits all rows until a leaf holds one class. At each split some columns are drawn, for each of
    them one threshold between the least and the largest value, and the best of these is taken. The mean over
    many such trees is smooth where a boosted tree has steps.

    scikit-learn grows the trees; what is kept of them is arrays. One row goes down all trees at once, in a
    small part of the time that scikit-learn's forest takes for it, and the model can be shared as data alone.

    Parameters
    ----------
    n_estimators : int, default=100
        Trees.
    max_features : float, default=0.2
        Share of the columns that are drawn at each split.
    n_jobs : int, default=None
        Threads that grow trees; None is 1, -1 all cores.
    random_state : int, RandomState or None, default=None

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
    n_features_in_ : int
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Set where X has column names.

    See Also
    --------
    sklearn.ensemble.ExtraTreesClassifier : Grows them, and has the other parameters.

    References
    ----------
    P. Geurts, D. Ernst, L. Wehenkel, Machine Learning 63, 3 (2006).
    https://doi.org/10.1007/s10994-006-6226-1

    Examples
    --------
    >>> import numpy as np
    >>> from skcrystal.models import ExtraTreesClassifier
    >>> X = np.random.default_rng(0).uniform(-2, 2, (60, 2))
    >>> y = np.where(X[:, 0] > 0, "metal", "insulator")
    >>> model = ExtraTreesClassifier(random_state=0).fit(X, y)
    >>> model.predict([[1.0, 0.0], [-1.0, 0.0]])
    array(['metal', 'insulator'], dtype='<U9')
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "n_estimators": [Interval(Integral, 1, None, closed="left")],
        "max_features": [Interval(Real, 0, 1, closed="right")],
        "n_jobs": [Integral, None],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        *,
        n_estimators: int = 100,
        max_features: float = 0.2,
        n_jobs: int | None = None,
        random_state: Any = None,
    ) -> None:
        self.n_estimators = n_estimators
        self.max_features = max_features
        self.n_jobs = n_jobs
        self.random_state = random_state

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Grow the trees.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Finite.
        y : array-like of shape (n_samples,)
            Labels.
        sample_weight : array-like of shape (n_samples,), default=None
            Not negative; a row of weight 0 is left out.

        Returns
        -------
        self
        """
        self._validate_params()
        X, y = validate_data(self, X, y, dtype=np.float64)
        check_classification_targets(y)
        weight = check_sample_weight(sample_weight, X, dtype=np.float64, ensure_non_negative=True)
        if (weight == 0).any() and (weight > 0).any():
            X, y, weight = X[weight > 0], y[weight > 0], weight[weight > 0]
        forest = ensemble.ExtraTreesClassifier(**self.get_params()).fit(
            X, y, None if sample_weight is None else weight
        )
        self.classes_ = forest.classes_
        trees = [member.tree_ for member in forest.estimators_]
        sizes = np.array([tree.node_count for tree in trees])
        self._roots = np.concatenate([[0], np.cumsum(sizes)[:-1]])
        # A leaf is its own child: a row that has arrived stays.
        children, columns = [], []
        for tree, root in zip(trees, self._roots, strict=True):
            nodes = np.arange(tree.node_count)
            sides = np.column_stack([tree.children_left, tree.children_right])
            leaf = sides[:, :1] < 0
            children.append(root + np.where(leaf, nodes[:, None], sides))
            columns.append(np.where(leaf[:, 0], 0, tree.feature))
        self._children = np.concatenate(children).astype(np.int32)
        self._columns = np.concatenate(columns).astype(np.int32)
        self._thresholds = np.concatenate([tree.threshold for tree in trees])
        shares = np.concatenate([tree.value[:, 0, :] for tree in trees])
        self._shares = shares / shares.sum(axis=1, keepdims=True)
        return self

    def predict_proba(self, X: Any) -> Array:
        """Return the probability of each class: the mean of its share in the leaf of each tree.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
        """
        ensure_fitted(self, "_shares")
        # As scikit-learn compares them.
        rows = checked_rows(self, X).astype(np.float32)
        found = np.empty((len(rows), len(self.classes_)))
        for part in row_blocks(len(rows), BLOCK):
            found[part] = self._shares[self._leaves(rows[part])].mean(axis=1)
        return found

    def _leaves(self, X: NDArray[np.float32]) -> NDArray[np.intp]:
        """Return the leaf of each row in each tree."""
        rows = np.arange(len(X))[:, None]
        node = np.repeat(self._roots[None], len(X), axis=0)
        while True:
            right = X[rows, self._columns[node]] > self._thresholds[node]
            # A child stands behind its parent, so that every way ends.
            below = np.maximum(self._children[node, right.astype(np.intp)], node)
            if np.array_equal(below, node):
                return node
            node = below

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the likeliest class of each row.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)

        Returns
        -------
        ndarray of shape (n_samples,)
        """
        likeliest = np.argmax(self.predict_proba(X), axis=1)
        labels: NDArray[Any] = self.classes_[likeliest]
        return labels
