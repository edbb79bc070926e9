"""`RelevanceRedundancySelector`: columns that say much of the target, and little that others say already."""

from __future__ import annotations

from numbers import Integral, Real
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.feature_selection import SelectorMixin
from sklearn.utils.multiclass import type_of_target
from sklearn.utils.validation import check_is_fitted, validate_data

from skcrystal._documentation import Documented
from skcrystal._sklearn import Interval

if TYPE_CHECKING:
    from typing import Self

    from numpy.typing import NDArray

    Array = NDArray[np.float64]

__all__ = ["RelevanceRedundancySelector"]


class RelevanceRedundancySelector(Documented, SelectorMixin, BaseEstimator):
    """Select columns by their mutual information with the target and with each other, as MODNet does.

    The normalised mutual information of two columns is I(a, b) = MI(a, b) / ((H(a) + H(b)) / 2), from counts
    in bins of equal count: 0 where they say nothing of each other, and 1 where each tells the other. The
    first column is the one that says most of the target; then, with n columns selected, the one of largest

        I(column, target) / (max I(column, selected one)^p + c)

    with p = max(0.1, 4.5 - n^0.4) and c = 1e-6 n^3: redundancy counts much at first and little later.

    Parameters
    ----------
    n_features : int or float, default=100
        Columns to select, or the share of all; all where there are fewer.
    bins : int, default=12
        Bins of each column and of a target of numbers. Missing values have one of their own.

    Attributes
    ----------
    relevance_ : ndarray of shape (n_features,)
        I(column, target); of several targets the largest.
    ranking_ : ndarray of int of shape (n_selected,)
        The selected columns, in the order of their selection.
    n_features_in_ : int
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Set where X has column names.

    References
    ----------
    P.-P. De Breuck, G. Hautier, G.-M. Rignanese, npj Comput. Mater. 7, 83 (2021),
    https://doi.org/10.1038/s41524-021-00552-2; H. Peng, F. Long, C. Ding, IEEE Trans. Pattern Anal. Mach.
    Intell. 27, 1226 (2005), https://doi.org/10.1109/TPAMI.2005.159.

    Examples
    --------
    The second column repeats the first, and the third says less: the repetition comes last.

    >>> import numpy as np
    >>> from skcrystal.models import RelevanceRedundancySelector
    >>> random = np.random.default_rng(0)
    >>> a, b = random.normal(size=(2, 500))
    >>> X = np.column_stack([a, a, b])
    >>> selector = RelevanceRedundancySelector(n_features=2).fit(X, a + 0.5 * b)
    >>> selector.get_support()
    array([ True, False,  True])
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "n_features": [
            Interval(Integral, 1, None, closed="left"),
            Interval(Real, 0, 1, closed="neither"),
        ],
        "bins": [Interval(Integral, 2, 200, closed="both")],
    }

    def __init__(self, n_features: float = 100, *, bins: int = 12) -> None:
        self.n_features = n_features
        self.bins = bins

    def fit(self, X: Any, y: Any) -> Self:
        """Rank the columns.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            May hold NaN.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Numbers, or labels.

        Returns
        -------
        self
        """
        self._validate_params()
        X, y = validate_data(
            self,
            X,
            y,
            dtype=np.float64,
            ensure_all_finite="allow-nan",
            multi_output=True,
            ensure_min_samples=2,
        )
        targets = np.asarray(y).reshape(len(y), -1)
        numbers = targets.dtype.kind in "fiu" and type_of_target(targets[:, 0]) == "continuous"
        columns = np.column_stack([_binned(column, self.bins) for column in X.T])
        coded = np.column_stack(
            [
                _binned(target.astype(np.float64), self.bins)
                if numbers
                else np.unique(target, return_inverse=True)[1]
                for target in targets.T
            ]
        )
        self.relevance_ = _shared(columns, coded).max(axis=1)
        wanted = self.n_features if isinstance(self.n_features, Integral) else self.n_features * X.shape[1]
        self.ranking_ = _ranked(columns, self.relevance_, min(max(int(wanted), 1), X.shape[1]))
        return self

    def _get_support_mask(self) -> NDArray[np.bool_]:
        check_is_fitted(self)
        mask = np.zeros(self.n_features_in_, dtype=bool)
        mask[self.ranking_] = True
        return mask

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.target_tags.required = True
        return tags


def _ranked(columns: NDArray[np.int64], relevance: Array, count: int) -> NDArray[np.intp]:
    """Return columns in the order of their selection."""
    chosen = [int(np.argmax(relevance))]
    redundancy = np.zeros(len(relevance))
    for n in range(1, count):
        redundancy = np.maximum(redundancy, _shared(columns, columns[:, chosen[-1:]])[:, 0])
        score = relevance / (redundancy ** max(0.1, 4.5 - n**0.4) + 1e-6 * n**3)
        score[chosen] = -np.inf
        chosen.append(int(np.argmax(score)))
    return np.array(chosen, dtype=np.intp)


def _binned(column: Array, bins: int) -> NDArray[np.int64]:
    """Return the bin of each value, bins being of equal count as far as equal values allow."""
    known = ~np.isnan(column)
    coded = np.zeros(len(column), dtype=np.int64)
    if known.any():
        edges = np.unique(np.quantile(column[known], np.linspace(0, 1, bins + 1)[1:-1]))
        coded[known] = 1 + np.searchsorted(edges, column[known], side="left")
    return np.unique(coded, return_inverse=True)[1].reshape(-1)


def _shared(A: NDArray[np.int64], B: NDArray[np.int64]) -> Array:
    """Return the normalised mutual information of each column of A with each of B."""
    found = np.empty((A.shape[1], B.shape[1]))
    entropies = [np.array([_entropy(np.bincount(column)) for column in table.T]) for table in (A, B)]
    width = int(A.max()) + 1
    for j, other in enumerate(B.T):
        pairs = A + width * other[:, None]
        joint = np.array([_entropy(np.bincount(column)) for column in pairs.T])
        both = entropies[0] + entropies[1][j]
        found[:, j] = np.where(both > 0, 2.0 * (both - joint) / np.where(both > 0, both, 1.0), 0.0)
    return np.clip(found, 0.0, 1.0)


def _entropy(counts: NDArray[np.int64]) -> float:
    share = counts[counts > 0] / counts.sum()
    return float(-(share * np.log(share)).sum())
