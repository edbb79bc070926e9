"""`ExtraTreesClassifier` and `ExtraTreesRegressor`: extremely randomised trees, kept as arrays."""

from __future__ import annotations

from numbers import Integral, Real
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from sklearn import ensemble
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import validate_data

from skcrystal._documentation import Documented
from skcrystal._sklearn import Interval, check_sample_weight
from skcrystal.models.fitted import checked_rows, ensure_fitted
from skcrystal.models.likelihood import row_blocks
from skcrystal.models.scaling import share_of_median

if TYPE_CHECKING:
    from typing import Self

    from numpy.typing import NDArray

    Array = NDArray[np.float64]

__all__ = ["ExtraTreesClassifier", "ExtraTreesRegressor"]

# Rows that go down the trees at once: temporaries stay small.
BLOCK = 512


class _TreesAsArrays(Documented, BaseEstimator):
    """What both kinds share: parameters, growing, and the way down the trees."""

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

    def _grow(self, grower: Any, X: Array, y: NDArray[Any], sample_weight: Any) -> Any:
        """Let a forest of scikit-learn's grow, keep where its trees lead, and return it."""
        forest = grower(
            n_estimators=self.n_estimators,
            max_features=self.max_features,
            n_jobs=self.n_jobs,
            random_state=self.random_state,
        ).fit(X, y, sample_weight)
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
        return forest

    def _mean_of_leaves(self, X: Any, values: Array) -> Array:
        """Return, for each row, the mean over the trees of what its leaves hold."""
        # As scikit-learn compares them.
        rows = checked_rows(self, X).astype(np.float32)
        found = np.empty((len(rows), *values.shape[1:]))
        for part in row_blocks(len(rows), BLOCK):
            found[part] = values[self._leaves(rows[part])].mean(axis=1)
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


def _rows_that_count(X: Array, y: NDArray[Any], sample_weight: Any) -> tuple[Array, NDArray[Any], Any]:
    """Return rows, targets and weights without those of weight 0; weights are None where none are given."""
    if sample_weight is None:
        return X, y, None
    weight = check_sample_weight(sample_weight, X, dtype=np.float64, ensure_non_negative=True)
    return X[weight > 0], y[weight > 0], weight[weight > 0]


class ExtraTreesClassifier(ClassifierMixin, _TreesAsArrays):
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
        forest = self._grow(ensemble.ExtraTreesClassifier, *_rows_that_count(X, y, sample_weight))
        self.classes_ = forest.classes_
        trees = [member.tree_ for member in forest.estimators_]
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
        return self._mean_of_leaves(X, self._shares)

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


class ExtraTreesRegressor(RegressorMixin, _TreesAsArrays):
    """A number predicted by extremely randomised trees.

    Each tree splits all rows until a leaf holds one value. At each split some columns are drawn, for each of
    them one threshold between the least and the largest value, and the best of these is taken: the one that
    leaves the least squared error. A tree passes through every row that it learned from, and the mean over
    many goes between them nearly in straight lines. That suits what changes within a short way, as a critical
    temperature does with doping, and columns that are few and each of its own meaning, as the shares of the
    elements are.

    scikit-learn grows the trees; what is kept of them is arrays. One row goes down all trees at once, in a
    small part of the time that scikit-learn's forest takes for it, and the model can be shared as data alone.

    Parameters
    ----------
    n_estimators : int, default=100
        Trees.
    max_features : float, default=0.2
        Share of the columns that are drawn at each split.
    min_one_value : float, default=0
        Only columns that have one value, their median, in more than this share of the rows are learned from;
        all, where there is none. 0.5 leaves flags and the shares of elements that half of the rows do
        not have, just what ``max_one_value=0.5`` hides from a Gaussian process.
    n_jobs : int, default=None
        Threads that grow trees; None is 1, -1 all cores.
    random_state : int, RandomState or None, default=None

    Attributes
    ----------
    n_features_in_ : int
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Set where X has column names.

    See Also
    --------
    sklearn.ensemble.ExtraTreesRegressor : Grows them, and has the other parameters.
    ExtraTreesClassifier : The same for labels.

    References
    ----------
    P. Geurts, D. Ernst, L. Wehenkel, Machine Learning 63, 3 (2006).
    https://doi.org/10.1007/s10994-006-6226-1

    Examples
    --------
    >>> from skcrystal.models import ExtraTreesRegressor
    >>> model = ExtraTreesRegressor(random_state=0).fit([[0.0], [1.0], [2.0]], [0.0, 1.0, 4.0])
    >>> model.predict([[1.0], [1.5]]).round(1)
    array([1. , 2.6])
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **_TreesAsArrays._parameter_constraints,
        "min_one_value": [Interval(Real, 0, 1, closed="left")],
    }

    def __init__(
        self,
        *,
        n_estimators: int = 100,
        max_features: float = 0.2,
        min_one_value: float = 0.0,
        n_jobs: int | None = None,
        random_state: Any = None,
    ) -> None:
        super().__init__(
            n_estimators=n_estimators, max_features=max_features, n_jobs=n_jobs, random_state=random_state
        )
        self.min_one_value = min_one_value

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Grow the trees.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Finite.
        y : array-like of shape (n_samples,)
        sample_weight : array-like of shape (n_samples,), default=None
            Not negative; a row of weight 0 is left out.

        Returns
        -------
        self
        """
        self._validate_params()
        X, y = validate_data(self, X, y, dtype=np.float64, y_numeric=True)
        X, y, weight = _rows_that_count(X, np.asarray(y, dtype=np.float64), sample_weight)
        # scikit-learn ends a tree where the variance is below rounding beside 1. Divided by a power of 2,
        # targets vary by about 1 in any unit, and lose no digit.
        unit = np.exp2(np.floor(np.log2(np.ptp(y) or 1.0)))
        learned = np.flatnonzero(share_of_median(X) > self.min_one_value)
        learned = learned if len(learned) else np.arange(X.shape[1])
        forest = self._grow(ensemble.ExtraTreesRegressor, X[:, learned], y / unit, weight)
        self._columns = learned[self._columns].astype(np.int32)
        self._values = unit * np.concatenate([member.tree_.value[:, 0, 0] for member in forest.estimators_])
        return self

    def predict(self, X: Any) -> Array:
        """Return the mean of the values in the leaves of each row.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)

        Returns
        -------
        ndarray of shape (n_samples,)
        """
        ensure_fitted(self, "_values")
        return self._mean_of_leaves(X, self._values)
