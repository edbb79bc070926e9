"""`SiteRegressor`, `SiteClassifier`: what belongs to a site, learned crystal by crystal."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from scipy.sparse import csr_array, hstack, issparse
from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin, RegressorMixin, clone
from sklearn.metrics import accuracy_score, r2_score
from sklearn.model_selection import GroupKFold
from sklearn.utils.validation import check_is_fitted

from skcrystal._documentation import Documented
from skcrystal._sklearn import HasMethods
from skcrystal.descriptors import SOAP, SiteDescriptor
from skcrystal.inputs import as_crystals

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Self

    from numpy.typing import NDArray

    from skcrystal.crystals.batch import Crystals

__all__ = ["SiteClassifier", "SiteRegressor", "per_site"]

# Folds inside a model whose `cv` is None, as scikit-learn has them.
FOLDS = 5


class SiteValues(list[Any]):
    """A list with an array for each crystal, a value for each of its sites.

    numpy takes it as an array of arrays, however many sites each crystal has, so that it passes through
    scikit-learn's ``cross_val_predict``.
    """

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[np.object_]:
        array = np.empty(len(self), dtype=object)
        for index, values in enumerate(self):
            array[index] = values
        return array


class CrystalFolds:
    """Folds of rows of sites that keep those of a crystal together: what a `cv` of scikit-learn's may be."""

    def __init__(self, n_splits: int, owners: NDArray[np.int64]) -> None:
        self.n_splits = n_splits
        self.owners = owners

    def get_n_splits(self, X: Any = None, y: Any = None, groups: Any = None) -> int:
        """Return the number of folds."""
        return self.n_splits

    def split(self, X: Any, y: Any = None, groups: Any = None) -> Iterator[tuple[Any, Any]]:
        """Yield train and test rows."""
        if X.shape[0] != len(self.owners):
            raise ValueError(
                f"folds that keep the sites of a crystal together are made of {len(self.owners)} sites, and "
                f"the model inside splits {X.shape[0]}; take one that splits all rows that it is given"
            )
        yield from GroupKFold(self.n_splits).split(np.zeros(len(self.owners)), groups=self.owners)


def fold_by_crystal(model: Any, owners: NDArray[np.int64]) -> Any:
    """Return a clone of which each parameter `cv` keeps the sites of a crystal together.

    The weights of a stack, or a grid search, would else be judged by sites whose twins were learned from.
    """
    model = clone(model)
    n_crystals = len(np.unique(owners))
    for name, value in model.get_params().items():
        if name.rpartition("__")[2] != "cv" or isinstance(value, str):
            continue
        n_splits = FOLDS if value is None else value if isinstance(value, int) else value.get_n_splits()
        if n_splits <= n_crystals:
            model.set_params(**{name: CrystalFolds(n_splits, owners)})
    return model


def per_site(metric: Callable[..., float]) -> Callable[..., float]:
    """Make a metric of flat arrays one of lists of arrays, for ``make_scorer``.

    Sites without a true value do not count.

    Parameters
    ----------
    metric : callable
        As ``sklearn.metrics.mean_absolute_error``.

    Returns
    -------
    callable
        Takes true and predicted values, each a list with an array per crystal.

    Examples
    --------
    >>> from sklearn.metrics import mean_absolute_error
    >>> from skcrystal.models import per_site
    >>> per_site(mean_absolute_error)([[1.0, 2.0], [3.0]], [[1.5, 2.0], [4.0]])
    0.5
    """

    def of_lists(y_true: Any, y_pred: Any, **kwargs: Any) -> float:
        true, predicted = (np.concatenate([np.asarray(one) for one in y]) for y in (y_true, y_pred))
        known = has_value(true)
        return float(metric(true[known], predicted[known], **kwargs))

    return of_lists


def has_value(values: NDArray[Any]) -> NDArray[np.bool_]:
    """Tell which sites have a value: not NaN, nor None."""
    import pandas as pd

    known: Any = ~np.asarray(pd.isna(values))
    result: NDArray[np.bool_] = known if known.ndim == 1 else known.all(axis=1)
    return result


class _SiteModel(Documented, MetaEstimatorMixin, BaseEstimator):
    """What both models share: rows of sites, and values that come and go as one array per crystal."""

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {"descriptors": [SiteDescriptor, list, None]}
    _inner: ClassVar[str]

    def _steps(self) -> list[SiteDescriptor]:
        if self.descriptors is None:
            return [SOAP()]
        if isinstance(self.descriptors, SiteDescriptor):
            return [self.descriptors]
        for entry in self.descriptors:
            named = isinstance(entry, tuple) and len(entry) == 2 and isinstance(entry[1], SiteDescriptor)
            if not named:
                raise TypeError(
                    f"{type(self).__name__} takes (name, descriptor) pairs of descriptors with a row for "
                    f"each site, as SOAP has, and was given {entry!r}"
                )
        return [step for _, step in self.descriptors]

    def _rows(self, crystals: Crystals) -> NDArray[np.float64] | csr_array:
        blocks = [
            clone(step).set_output(transform="default").transform_sites(crystals) for step in self._steps()
        ]
        if any(issparse(block) for block in blocks):
            return csr_array(hstack(blocks))
        return np.concatenate(blocks, axis=1)

    def _standard(self) -> Any:
        """Make the model that stands for None."""
        raise NotImplementedError

    def fit(self, X: Any, y: Any) -> Self:
        """Learn from all sites that have a value.

        Parameters
        ----------
        X : Crystals or a collection of n_crystals crystals
            Anything that :func:`skcrystal.as_crystals` takes.
        y : list of n_crystals arrays of shape (n_sites,) or (n_sites, n_outputs)
            In the order of the sites. NaN or None says that a site has no value: it is not learned from.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            Names the first crystal that has not as many values as sites.
        """
        self._validate_params()
        crystals = as_crystals(X)
        values = check_values(crystals, y)
        known = has_value(values)
        if not known.any():
            raise ValueError(f"no site has a value in y; {type(self).__name__} has nothing to learn from")
        owners = crystals.site_index[known, 0]
        inner = getattr(self, self._inner)
        model = fold_by_crystal(self._standard() if inner is None else inner, owners)
        # A column of floats and None is one of objects.
        labels = values[known]
        if isinstance(self, RegressorMixin):
            labels = labels.astype(np.float64)
        elif labels.dtype == object:
            labels = np.array(labels.tolist())
        setattr(self, f"{self._inner}_", model.fit(self._rows(crystals)[known], labels))
        return self

    def _predict(self, X: Any, method: str) -> SiteValues:
        check_is_fitted(self)
        crystals = as_crystals(X)
        found = np.asarray(getattr(getattr(self, f"{self._inner}_"), method)(self._rows(crystals)))
        return SiteValues(found[first:last] for first, last in pairwise(crystals.site_offsets.tolist()))

    def predict(self, X: Any) -> list[NDArray[Any]]:
        """Predict a value for each site.

        Parameters
        ----------
        X : Crystals or a collection of n_crystals crystals

        Returns
        -------
        list of n_crystals arrays of shape (n_sites,) or (n_sites, n_outputs)
            numpy takes it as an array of arrays, as ``cross_val_predict`` wants.
        """
        return self._predict(X, "predict")

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, f"{self._inner}_")

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.input_tags.allow_nan = False
        tags.no_validation = True
        return tags


def check_values(crystals: Crystals, y: Any) -> NDArray[Any]:
    """Return the values of all sites, one below the other."""
    if len(y) != len(crystals):
        raise ValueError(f"y has {len(y)} arrays for {len(crystals)} crystals; give one for each")
    arrays = [np.asarray(values) for values in y]
    for index, (values, count) in enumerate(zip(arrays, crystals.site_counts.tolist(), strict=True)):
        if not values.ndim or len(values) != count:
            found = f"{len(values)} values" if values.ndim else "one value"
            raise ValueError(
                f"y[{index}] has {found}, and crystal {index} ({crystals[index].formula}) {count} sites; "
                "give one for each site, NaN where there is none"
            )
    return np.concatenate(arrays)


class SiteRegressor(RegressorMixin, _SiteModel):
    """Regression of what belongs to a site, as a magnetic moment, a charge or a shielding.

    X are crystals, and y a list with an array per crystal, a value per site: whatever splits X,
    ``cross_val_score`` or ``train_test_split``, keeps the sites of a crystal together. So do the folds inside
    `regressor`: each of its parameters named ``cv`` is replaced by folds by crystal.

    Invariant to what the descriptors' rows of sites are invariant to; predictions are in the order of the
    sites.

    Parameters
    ----------
    descriptors : SiteDescriptor or list of (str, SiteDescriptor), default=None
        What makes a row for each site; None is ``SOAP()``.
    regressor : estimator, default=None
        Cloned, not fitted itself. None is the model behind the featurizer of
        ``make_regressor(size="large")``.

    Attributes
    ----------
    regressor_ : estimator
        Fitted on one row per site.

    See Also
    --------
    skcrystal.models.per_site : Metrics of lists of arrays, for ``make_scorer``.

    Examples
    --------
    >>> from sklearn.linear_model import Ridge
    >>> from skcrystal import as_crystals, site_table
    >>> from skcrystal.datasets import load_experimental
    >>> from skcrystal.descriptors import CoordinationStats
    >>> from skcrystal.models import SiteRegressor
    >>> X = as_crystals(load_experimental().data[:20])
    >>> y = [charges.to_numpy() for _, charges in site_table(X)["oxidation_state"].groupby(level="crystal")]
    >>> model = SiteRegressor(CoordinationStats(), Ridge()).fit(X[:15], y[:15])
    >>> [len(values) for values in model.predict(X[15:])] == X[15:].site_counts.tolist()
    True
    """

    _inner = "regressor"
    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **_SiteModel._parameter_constraints,
        "regressor": [HasMethods(["fit", "predict"]), None],
    }

    def __init__(self, descriptors: Any = None, regressor: Any = None) -> None:
        self.descriptors = descriptors
        self.regressor = regressor

    def _standard(self) -> Any:
        from skcrystal.models.pipelines import make_regressor

        return make_regressor(size="large")[1:]

    def score(self, X: Any, y: Any) -> float:
        """Return R2 over all sites that have a value.

        Parameters
        ----------
        X : Crystals or a collection of n_crystals crystals
        y : list of n_crystals arrays

        Returns
        -------
        float
        """
        return per_site(r2_score)(y, self.predict(X))


class SiteClassifier(ClassifierMixin, _SiteModel):
    """Classification of sites, as an oxidation state or a kind of coordination.

    As :class:`SiteRegressor`, with labels of any type.

    Parameters
    ----------
    descriptors : SiteDescriptor or list of (str, SiteDescriptor), default=None
        What makes a row for each site; None is ``SOAP()``.
    classifier : estimator, default=None
        Cloned, not fitted itself. None is the model behind the featurizer of
        ``make_classifier(size="large")``.

    Attributes
    ----------
    classifier_ : estimator
        Fitted on one row per site.
    classes_ : ndarray of shape (n_classes,)
    """

    _inner = "classifier"
    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **_SiteModel._parameter_constraints,
        "classifier": [HasMethods(["fit", "predict"]), None],
    }

    def __init__(self, descriptors: Any = None, classifier: Any = None) -> None:
        self.descriptors = descriptors
        self.classifier = classifier

    def _standard(self) -> Any:
        from skcrystal.models.pipelines import make_classifier

        return make_classifier(size="large")[1:]

    @property
    def classes_(self) -> NDArray[Any]:
        check_is_fitted(self)
        classes: NDArray[Any] = self.classifier_.classes_
        return classes

    def predict_proba(self, X: Any) -> list[NDArray[np.float64]]:
        """Return the probability of each class for each site.

        Parameters
        ----------
        X : Crystals or a collection of n_crystals crystals

        Returns
        -------
        list of n_crystals arrays of shape (n_sites, n_classes)
        """
        return self._predict(X, "predict_proba")

    def score(self, X: Any, y: Any) -> float:
        """Return the share of right labels among the sites that have one.

        Parameters
        ----------
        X : Crystals or a collection of n_crystals crystals
        y : list of n_crystals arrays

        Returns
        -------
        float
        """
        return per_site(accuracy_score)(y, self.predict(X))
