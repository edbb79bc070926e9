"""What a fitted pipeline uses: the importance of each family of columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin

from skcrystal.featurizer import CrystalFeaturizer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray
    from sklearn.pipeline import Pipeline

__all__ = ["family_importance", "partial_dependence", "permutation_importance"]


def family_importance(
    model: Pipeline,
    X: Any,
    y: Any,
    *,
    scoring: Any = None,
    n_repeats: int = 5,
    random_state: Any = None,
    n_jobs: int | None = None,
    groups: Mapping[str, Sequence[str]] | None = None,
) -> Any:
    """Measure how much worse a fitted pipeline predicts without one family of columns.

    The crystals are described once. Then all columns of a family are exchanged between the crystals, by one
    random order for the whole family, and the loss of the score is its importance, in units of the score: 0
    where the model makes no use of the family, and slightly negative where it is better off without.

    Give crystals that the model was not fitted on: on its own training set, a model makes use of noise, too.
    Families that say the same stand in for each other. A small importance means that the model can predict
    without this family while it keeps the others, and no more than that.

    Parameters
    ----------
    model : Pipeline
        Fitted, with a :class:`~skcrystal.CrystalFeaturizer` as its first step and a regressor or classifier
        as its last.
    X : Crystals or a collection of crystals
        Anything that :func:`skcrystal.as_crystals` takes.
    y : array-like of shape (n_crystals,)
        The targets.
    scoring : str, callable, or a list or dict of them, default=None
        As for scikit-learn's ``permutation_importance``. None is the model's own ``score``: R2 of a
        regressor, accuracy of a classifier.
    n_repeats : int, default=5
        Number of random orders per family.
    random_state : int or RandomState, default=None
        Seed of the random orders.
    n_jobs : int, default=None
        Number of processes, one family each at a time. The featurizer has an ``n_jobs`` of its own.
    groups : dict of str to sequence of str, default=None
        Name of a family -> the featurizer's steps or columns that belong to it. None makes each step of the
        featurizer a family. A column that no group names is never exchanged.

    Returns
    -------
    :class:`~sklearn.utils.Bunch`
        As of scikit-learn's ``permutation_importance``, for several scorers a dict of these:

        importances_mean, importances_std : ndarray of shape (n_families,)
            Over the repeats.
        importances : ndarray of shape (n_families, n_repeats)
            Loss of the score.
        names : list of str
            The families, in the order of the featurizer's steps or of `groups`.

    Raises
    ------
    TypeError
        The model is no pipeline that begins with a CrystalFeaturizer.
    ValueError
        A group names a step or column that does not exist, or one column belongs to two groups.
    NotFittedError
        The model is not fitted.

    References
    ----------
    Breiman, Machine Learning 45 (2001) 5, doi 10.1023/A:1010933404324, for the importance of a column.

    Examples
    --------
    A linear model of the volume per site needs the columns of the density, and no angle:

    >>> from sklearn.linear_model import LinearRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from skcrystal import CrystalFeaturizer
    >>> from skcrystal.datasets import load_experimental
    >>> from skcrystal.descriptors import Density, LatticeAngles
    >>> from skcrystal.inspection import family_importance
    >>> X = load_experimental().data[:50]
    >>> y = X.volumes / X.site_counts
    >>> steps = [("density", Density()), ("lattice", LatticeAngles())]
    >>> model = make_pipeline(CrystalFeaturizer(steps), LinearRegression()).fit(X, y)
    >>> result = family_importance(model, X, y, random_state=0)
    >>> result.names, (result.importances_mean > 0.01).tolist()
    (['density', 'lattice'], [True, False])
    >>> family_importance(LinearRegression(), X, y)
    Traceback (most recent call last):
    ...
    TypeError: what is inspected is a pipeline whose first step is a CrystalFeaturizer, ...
    """
    from sklearn.inspection import permutation_importance
    from sklearn.pipeline import Pipeline
    from sklearn.utils.validation import check_is_fitted

    featurizer = _featurizer_of(model)
    check_is_fitted(model)
    families = _family_columns(featurizer, groups)
    rows = featurizer.transform(X)
    shuffled = _FamilyGatherer(rows, list(families.values()), featurizer.get_feature_names_out())
    # One column of row numbers per family: exchanging its entries exchanges the whole family.
    numbers = np.repeat(np.arange(rows.shape[0])[:, None], len(families), axis=1)
    result = permutation_importance(
        Pipeline([("rows", shuffled), *model.steps[1:]]),
        numbers,
        y,
        scoring=scoring,
        n_repeats=n_repeats,
        random_state=random_state,
        n_jobs=n_jobs,
    )
    for bunch in [result] if "importances" in result else result.values():
        bunch.names = list(families)
    return result


def permutation_importance(model: Pipeline, X: Any, y: Any, **params: Any) -> Any:
    """Measure how much worse a fitted pipeline predicts with one column exchanged between the crystals.

    scikit-learn's function of this name on the columns that the featurizer makes: the crystals are described
    once. :func:`family_importance` does the same for whole families of columns, which stand in for each other
    less.

    Parameters
    ----------
    model : Pipeline
        Fitted, with a :class:`~skcrystal.CrystalFeaturizer` as its first step.
    X : Crystals or a collection of crystals
    y : array-like of shape (n_crystals,)
    **params
        Of scikit-learn's ``permutation_importance``: ``scoring``, ``n_repeats``, ``random_state``,
        ``n_jobs``.

    Returns
    -------
    :class:`~sklearn.utils.Bunch`
        As scikit-learn's, with ``names``, the columns.

    Examples
    --------
    >>> from sklearn.linear_model import LinearRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from skcrystal import CrystalFeaturizer
    >>> from skcrystal.datasets import load_experimental
    >>> from skcrystal.descriptors import LatticeAngles
    >>> from skcrystal.inspection import permutation_importance
    >>> X = load_experimental().data[:50]
    >>> model = make_pipeline(CrystalFeaturizer([("angles", LatticeAngles())]), LinearRegression())
    >>> result = permutation_importance(model.fit(X, X.volumes), X, X.volumes, random_state=0)
    >>> len(result.importances_mean) == len(result.names)
    True
    """
    from sklearn.inspection import permutation_importance as measure

    rest, rows, names = _described(model, X)
    result = measure(rest, rows, y, **params)
    for bunch in [result] if "importances" in result else result.values():
        bunch.names = names
    return result


def partial_dependence(model: Pipeline, X: Any, features: Any, **params: Any) -> Any:
    """Return how the mean prediction of a fitted pipeline depends on some of its columns.

    scikit-learn's function of this name on the columns that the featurizer makes. The other columns keep the
    values that the crystals have: what is averaged over is mostly no crystal.

    Parameters
    ----------
    model : Pipeline
        Fitted, with a :class:`~skcrystal.CrystalFeaturizer` as its first step.
    X : Crystals or a collection of crystals
    features : str, int or sequence of them
        Columns, by name or number.
    **params
        Of scikit-learn's ``partial_dependence``.

    Returns
    -------
    :class:`~sklearn.utils.Bunch`
        As scikit-learn's: ``grid_values`` and ``average``.

    Raises
    ------
    ValueError
        There is no such column.

    Examples
    --------
    >>> from sklearn.linear_model import LinearRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from skcrystal import CrystalFeaturizer
    >>> from skcrystal.datasets import load_experimental
    >>> from skcrystal.descriptors import Density
    >>> from skcrystal.inspection import partial_dependence
    >>> X = load_experimental().data[:50]
    >>> model = make_pipeline(CrystalFeaturizer([("density", Density())]), LinearRegression())
    >>> model = model.fit(X, X.volumes / X.site_counts)
    >>> found = partial_dependence(model, X, "volume_per_site", grid_resolution=5)
    >>> found.average.shape
    (1, 5)
    """
    from sklearn.inspection import partial_dependence as measure

    rest, rows, names = _described(model, X)
    wanted = [features] if isinstance(features, str | int | np.integer) else list(features)
    unknown = [name for name in wanted if isinstance(name, str) and name not in names]
    if unknown:
        raise ValueError(f"the featurizer has no column {unknown[0]!r}; describe_features() lists them")
    places = [names.index(name) if isinstance(name, str) else int(name) for name in wanted]
    return measure(rest, rows, places, **params)


def _described(model: Any, X: Any) -> tuple[Pipeline, NDArray[np.float64], list[str]]:
    """Return what follows the featurizer, the rows of crystals, and the names of their columns."""
    from sklearn.pipeline import Pipeline
    from sklearn.utils.validation import check_is_fitted

    featurizer = _featurizer_of(model)
    check_is_fitted(model)
    rows = featurizer.transform(X)
    names = [str(name) for name in featurizer.get_feature_names_out()]
    table = rows.toarray() if hasattr(rows, "toarray") else np.asarray(rows, dtype=np.float64)
    return Pipeline(model.steps[1:]), table, names


class _FamilyGatherer(TransformerMixin, BaseEstimator):
    """Row numbers, one column per family, into rows whose families come from these rows.

    It stands where the featurizer stood, so that scikit-learn exchanges, predicts and scores.
    """

    def __init__(self, rows: Any, families: list[NDArray[np.int64]], names: NDArray[np.object_]) -> None:
        self.rows = rows
        self.families = families
        self.names = names
        # The steps behind may have been fitted on named columns, and warn where they miss them.
        container = type(rows).__module__.partition(".")[0]
        self.set_output(transform=container if container in {"pandas", "polars"} else "default")

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        return self.names

    def fit(self, X: Any, y: Any = None) -> _FamilyGatherer:
        return self

    def transform(self, X: NDArray[np.int64]) -> Any:
        from scipy.sparse import hstack, issparse

        if issparse(self.rows):
            # Not through a dense array: to XGBoost, an entry that is not stored is missing, and no zero.
            held = np.concatenate(self.families)
            rest = np.setdiff1d(np.arange(self.rows.shape[1]), held)
            parts = [self.rows[X[:, k]][:, columns] for k, columns in enumerate(self.families)]
            joined = hstack([*parts, self.rows[:, rest]], format="csr")
            return joined[:, np.argsort(np.concatenate([held, rest]))]
        table = self.rows.to_numpy() if hasattr(self.rows, "to_numpy") else self.rows
        gathered = table.copy()
        for k, columns in enumerate(self.families):
            gathered[:, columns] = table[np.ix_(X[:, k], columns)]
        return gathered


def _featurizer_of(model: Any) -> CrystalFeaturizer:
    """Return the first step, where it is a featurizer and a model follows."""
    from sklearn.pipeline import Pipeline

    if not isinstance(model, Pipeline) or not isinstance(model.steps[0][1], CrystalFeaturizer):
        found = f"an object of type {type(model).__name__}"
        if isinstance(model, Pipeline):
            found = f"a pipeline that begins with {type(model.steps[0][1]).__name__}"
        held = [name for name in ("best_estimator_", "regressor_", "model_") if hasattr(model, name)]
        hint = f"; give its {held[0]}" if held else ""
        raise TypeError(
            "what is inspected is a pipeline whose first step is a CrystalFeaturizer, as make_pipeline("
            f"CrystalFeaturizer(), ...) makes it, and got {found}{hint}"
        )
    if len(model.steps) == 1:
        raise TypeError("the pipeline ends with its CrystalFeaturizer; add the model that predicts")
    featurizer: CrystalFeaturizer = model.steps[0][1]
    return featurizer


def _family_columns(
    featurizer: CrystalFeaturizer, groups: Mapping[str, Sequence[str]] | None
) -> dict[str, NDArray[np.int64]]:
    """Return the columns of each family by its name."""
    known: dict[str, NDArray[np.int64]] = {}
    start = 0
    for step, descriptor in featurizer._active():
        stop = start + len(descriptor.get_feature_names_out())
        known[step] = np.arange(start, stop)
        start = stop
    if groups is None:
        return known
    steps = list(known)
    for k, name in enumerate(featurizer.get_feature_names_out()):
        known.setdefault(name, np.array([k]))

    families: dict[str, NDArray[np.int64]] = {}
    owners: dict[int, str] = {}
    for family, members in groups.items():
        if isinstance(members, str):
            raise ValueError(f"the group {family!r} is the text {members!r}; give a list of names")
        for member in members:
            if member not in known:
                raise ValueError(
                    f"the group {family!r} names {member!r}, which is neither a step of the featurizer "
                    f"({', '.join(steps)}) nor one of its columns"
                )
        columns = np.concatenate([np.zeros(0, dtype=np.int64), *(known[member] for member in members)])
        for column in columns.tolist():
            if column in owners:
                name = featurizer.get_feature_names_out()[column]
                raise ValueError(
                    f"the column {name!r} is in the groups {owners[column]!r} and {family!r}; "
                    "each column belongs to one group at most"
                )
            owners[column] = family
        families[family] = columns
    return families
