"""`DomainOfApplicability`: a model that says which crystals are unlike those that it has learned from."""

from __future__ import annotations

import warnings
from contextlib import nullcontext
from functools import cache
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np
from scipy.optimize import nnls
from sklearn.base import BaseEstimator, MetaEstimatorMixin, clone
from sklearn.utils import check_random_state, get_tags
from sklearn.utils.metaestimators import available_if

from skcrystal._documentation import Documented
from skcrystal._sklearn import HasMethods, Interval, take_rows
from skcrystal.chemistry.elements import symbols as element_symbols
from skcrystal.models.column_weights import column_weights, nearby, pipeline_within
from skcrystal.models.crystal_pipeline import CrystalPipeline
from skcrystal.models.domain_terms import (
    excess_over,
    learned_columns,
    ranges_of,
    raw_columns,
    read_once,
    reader_of,
    standardised,
    total_excess,
    unseen_share,
)
from skcrystal.models.fitted import ensure_fitted
from skcrystal.models.held_out import KernelHeldOut
from skcrystal.models.out_of_fold import weight_params
from skcrystal.models.readable import blank_rows
from skcrystal.models.scaling import SoftStandardScaler

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

    import pandas as pd
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

__all__ = ["DomainOfApplicability"]

# An element in more rows than this share is no element to leave out: too little would be left.
LARGEST_SHARE = 0.5
# Random folds beside the elements left out.
FOLDS = 10


class _Seen(NamedTuple):
    """What is known of rows: in the model's columns, in the featurizer's columns, and their elements."""

    weighted: Array
    columns: Array
    amounts: Array


class DomainOfApplicability(Documented, MetaEstimatorMixin, BaseEstimator):
    """A model that says which crystals are unlike its training set.

    Four things are looked at: elements that no training crystal holds, columns outside their range in
    training, the distance to the nearest training rows, in the columns as the model weighs them (the weights
    of its Gaussian process, its coefficients or importances), and how large the errors on those rows were
    when they were left out. From them a score is made, the error to be expected in units of that on crystals
    like the training set's: 1 is as usual, 3 is three times as much. It is

        c_0 + c_1 distance + c_2 share of unseen elements + c_3 log(1 + excess over the ranges)
            + c_4 error on the nearest rows

    with coefficients that are not negative, fitted to the errors on training rows that were left out: at
    random, and all crystals of an element at once, for each element in turn. Those errors are not the model's
    but of a kernel regression in the model's columns, which gives all of them from one matrix inverse.

    A crystal is outside the domain if its score exceeds `limit`, if it holds an unseen element, or if a
    column is further outside its range than the range is wide. ``predict`` warns of them.

    Parameters
    ----------
    model : estimator
        A pipeline from crystals to predictions, a :class:`~skcrystal.models.ConformalRegressor` or another
        model around one, or a regressor or classifier of numbers. Cloned, not fitted itself; to take a fitted
        one, give ``sklearn.frozen.FrozenEstimator(model)``.
    limit : float, default=3.0
        Score above which a crystal is outside.
    warn : bool, default=True
        Whether predictions warn of crystals outside.
    n_neighbors : int, default=3
        Training rows to which the mean distance counts.
    max_rows : int, default=3000
        Training rows that are kept to compare with, drawn at random where there are more: the score takes
        time of their third power to fit.
    random_state : int, RandomState or None, default=0
        Draws rows and folds.

    Attributes
    ----------
    model_ : estimator
        Fitted to all rows.
    elements_ : ndarray of int
        Atomic numbers in the training set; empty where X holds no crystals.
    coef_ : ndarray of shape (4,)
        c_1 to c_4.
    intercept_ : float
        c_0.
    held_out_scores_, held_out_errors_ : ndarray of shape (n_held_out,)
        What the score was fitted to, both in units of the mean on random folds.
    held_out_elements_ : ndarray of int of shape (n_held_out,)
        The atomic number that was left out; 0 in random folds.

    See Also
    --------
    skcrystal.plots.DomainDisplay : Errors over scores, held out both ways.

    References
    ----------
    For distances in a model's feature space as a measure of its domain: T. M. Janet, C. Duan, T. Yang, A.
    Nandy, H. J. Kulik, Chem. Sci. 10, 7913 (2019), https://doi.org/10.1039/C9SC02298H; for clusters left out:
    B. Meredig et al., Mol. Syst. Des. Eng. 3, 819 (2018), https://doi.org/10.1039/C8ME00012C.

    Examples
    --------
    >>> from skcrystal import Crystal
    >>> from skcrystal.datasets import load_experimental
    >>> from skcrystal.models import DomainOfApplicability, forest_regressor
    >>> X, y = load_experimental(return_X_y=True)
    >>> model = DomainOfApplicability(forest_regressor("composition", n_estimators=20, random_state=0))
    >>> unlike = Crystal.ordered([[4, 0, 0], [0, 4, 0], [0, 0, 4]], [[0, 0, 0]], [118])
    >>> report = model.fit(X, y).assess([X[0], unlike])
    >>> report["inside"].tolist()
    [True, False]
    >>> report.loc[1, "unseen_elements"]
    'Og'
    >>> from skcrystal.plots import DomainDisplay
    >>> figure = DomainDisplay.from_estimator(model).figure_
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "model": [HasMethods(["fit", "predict"])],
        "limit": [Interval(Real, 0, None, closed="neither")],
        "warn": ["boolean"],
        "n_neighbors": [Interval(Integral, 1, None, closed="left")],
        "max_rows": [Interval(Integral, 20, None, closed="left")],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        model: Any,
        *,
        limit: float = 3.0,
        warn: bool = True,
        n_neighbors: int = 3,
        max_rows: int = 3000,
        random_state: Any = 0,
    ) -> None:
        self.model = model
        self.limit = limit
        self.warn = warn
        self.n_neighbors = n_neighbors
        self.max_rows = max_rows
        self.random_state = random_state

    def fit(self, X: Any, y: Any, **fit_params: Any) -> Self:
        """Fit the model, and the score to the errors on rows left out.

        Parameters
        ----------
        X : crystals or array-like of n_samples rows
            Passed on to the model.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
        **fit_params
            Passed on to the model's ``fit``.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            Fewer than 20 rows could be read.
        """
        self._validate_params()
        X, amounts = self._read(X)
        weight = weight_params(self.model, fit_params.pop("sample_weight", None))
        self.model_ = clone(self.model).fit(X, y, **weight, **fit_params)
        columns = raw_columns(X, pipeline_within(self.model_))
        read = np.flatnonzero(~blank_rows(columns))
        if len(read) < 2 * FOLDS:
            raise ValueError(f"the domain of a model takes {2 * FOLDS} rows, and {len(read)} could be read")
        columns = columns[read]
        amounts = amounts[read]
        self.elements_ = np.flatnonzero(amounts.any(axis=0))
        self._lowest, self._highest = ranges_of(columns)
        pipeline = pipeline_within(self.model_)
        learned = learned_columns(columns, pipeline)
        last = self.model_ if pipeline is None else pipeline.steps[-1][1]
        # Bounded, so that one column far out is as far as can be, and not a thousand times as far.
        self._scaler = SoftStandardScaler().fit(learned)
        self._root_weights = np.sqrt(column_weights(last, self._scaler.scale_))
        self._training = self._scaler.transform(learned) * self._root_weights
        self._calibrate(
            _Seen(self._training, columns, amounts), standardised(take_rows(y, read), self.model_)
        )
        return self

    def _calibrate(self, known: _Seen, T: Array) -> None:
        """Fit the score to errors on rows left out."""
        random = check_random_state(self.random_state)
        if len(T) > self.max_rows:
            rows = np.sort(random.permutation(len(T))[: self.max_rows])
            known, T = _Seen(*(part[rows] for part in known)), T[rows]
        process = KernelHeldOut(known.weighted, T)
        held_by = known.amounts > 0
        shares = held_by.mean(axis=0)
        left_out = np.flatnonzero((shares > 0) & (shares <= LARGEST_SHARE))
        groups = list(np.array_split(random.permutation(len(T)), FOLDS))
        groups += [np.flatnonzero(held_by[:, element]) for element in left_out]
        numbers = np.concatenate([np.zeros(FOLDS, dtype=int), left_out])
        errors = np.concatenate(process.together(groups))
        self.held_out_elements_ = np.repeat(numbers, [len(group) for group in groups])
        at_random = self.held_out_elements_ == 0
        usual = errors[at_random].mean() or 1.0
        errors = errors / usual
        self._training, self._errors = known.weighted, process.alone() / usual
        terms = np.concatenate([self._terms_without(known, group) for group in groups])
        scale = np.maximum(terms.max(axis=0), np.finfo(float).tiny)
        found = nnls(np.column_stack([np.ones(len(terms)), terms / scale]), errors)[0]
        scores = found[0] + terms / scale @ found[1:]
        unit = scores[at_random].mean() or 1.0
        self.intercept_, self.coef_ = float(found[0] / unit), found[1:] / scale / unit
        self.held_out_scores_, self.held_out_errors_ = scores / unit, errors

    def _terms_without(self, known: _Seen, group: NDArray[np.intp]) -> Array:
        """Return the terms of the rows of a group beside all other rows."""
        rest = np.setdiff1d(np.arange(len(known.columns)), group)
        unseen: NDArray[np.bool_] = np.all(known.amounts[rest] == 0, axis=0)
        held_out = _Seen(*(part[group] for part in known))
        ranges = ranges_of(known.columns[rest])
        return self._terms(held_out, unseen, excess_over(held_out.columns, *ranges), rest)

    def _terms(self, seen: _Seen, unseen: NDArray[np.bool_], excess: Array, rows: Any) -> Array:
        """Return what the score is made of, beside the constant, with some of the training rows."""
        distance, error = nearby(seen.weighted, self._training[rows], self._errors[rows], self.n_neighbors)
        return np.column_stack([distance, unseen_share(seen.amounts, unseen), total_excess(excess), error])

    def assess(self, X: Any) -> pd.DataFrame:
        """Say of each crystal how far it is from the training set, and why.

        Parameters
        ----------
        X : crystals or array-like of n_samples rows

        Returns
        -------
        DataFrame
            A row for each crystal:

            - ``score``: the error to be expected, in units of the usual one
            - ``inside``: whether the crystal is in the domain
            - ``distance``: to the nearest training rows, in the columns as the model weighs them
            - ``unseen_elements``: symbols of elements that no training crystal holds, as "Og Ts"
            - ``columns_left``: how many columns are outside their range in training
            - ``reason``: one sentence, empty inside the domain

            NaN, False and a reason where a crystal could not be read.
        """
        X, amounts = self._read(X)
        return self._assess(X, amounts)

    def _assess(self, X: Any, amounts: Array) -> pd.DataFrame:
        import pandas as pd

        ensure_fitted(self, "model_")
        columns = raw_columns(X, pipeline_within(self.model_))
        blank = blank_rows(columns)
        score, distance = np.full((2, len(columns)), np.nan)
        left = np.zeros(len(columns), dtype=int)
        symbols, reasons = [""] * len(columns), ["could not be read"] * len(columns)
        inside = np.zeros(len(columns), dtype=bool)
        read = np.flatnonzero(~blank)
        if len(read):
            learned = learned_columns(columns[read], pipeline_within(self.model_))
            weighted = self._scaler.transform(learned) * self._root_weights
            excess = excess_over(columns[read], self._lowest, self._highest)
            unseen = np.ones(amounts.shape[1], dtype=bool)
            unseen[self.elements_] = False
            terms = self._terms(_Seen(weighted, columns[read], amounts[read]), unseen, excess, slice(None))
            distance[read], score[read] = terms[:, 0], self.intercept_ + terms @ self.coef_
            left[read] = (excess > 0).sum(axis=1)
            # Asked for where one is outside alone: to name columns takes as long as to describe a crystal.
            names = cache(lambda: self._column_names(columns.shape[1]))
            for k, row in enumerate(read.tolist()):
                strange = np.flatnonzero((amounts[row] > 0) & unseen)
                symbols[row] = " ".join(element_symbols()[number] for number in strange.tolist())
                reasons[row] = self._reason(symbols[row], excess[k], names, float(score[row]))
            inside[read] = [reasons[row] == "" for row in read]
        return pd.DataFrame(
            {
                "score": score,
                "inside": inside,
                "distance": distance,
                "unseen_elements": symbols,
                "columns_left": left,
                "reason": reasons,
            }
        )

    def _reason(self, symbols: str, excess: Array, names: Callable[[], Any], score: float) -> str:
        """Return why a crystal is outside; nothing where it is not."""
        found = []
        if symbols:
            found.append(f"no training crystal holds {symbols.replace(' ', ' or ')}")
        farthest = int(np.argmax(excess))
        if excess[farthest] > 1:
            others = int((excess > 0).sum()) - 1
            found.append(
                f"{names()[farthest]} is outside its range by {excess[farthest]:.3g} times the range's width"
                + (f", and {others} other columns are outside theirs" if others else "")
            )
        if score > self.limit:
            found.append(f"the error to be expected is {score:.3g} times the usual one")
        return "; ".join(found)

    def _read(self, X: Any) -> tuple[Any, Array]:
        return read_once(X, reader_of(getattr(self, "model_", self.model)))

    def _column_names(self, n: int) -> Any:
        reader = reader_of(self.model_)
        return [f"column {k}" for k in range(n)] if reader is None else reader.get_feature_names_out()

    def _ask(self, method: str, X: Any, **params: Any) -> Any:
        """Return the model's answer, after a warning of crystals outside."""
        ensure_fitted(self, "model_")
        X, amounts = self._read(X)
        pipeline = pipeline_within(self.model_)
        once = pipeline.described_once(X) if isinstance(pipeline, CrystalPipeline) else nullcontext()
        with once:
            if self.warn:
                self._warn_of_those_outside(self._assess(X, amounts))
            return getattr(self.model_, method)(X, **params)

    def _warn_of_those_outside(self, report: pd.DataFrame) -> None:
        if report["inside"].to_numpy().all():
            return
        outside = report[~report["inside"] & report["score"].notna()]
        if len(outside):
            warnings.warn(
                f"{len(outside)} of {len(report)} crystals are outside the model's domain; assess(X) says "
                f"why, the first being: crystal {outside.index[0]}: {outside['reason'].iloc[0]}",
                stacklevel=4,
            )

    def predict(self, X: Any, **params: Any) -> Any:
        """Predict targets, as the model does.

        Parameters
        ----------
        X : crystals or array-like of n_samples rows
        **params
            Passed on to the model.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_outputs)

        Warns
        -----
        UserWarning
            Crystals are outside the domain: how many, and why the first is.
        """
        return self._ask("predict", X, **params)

    @available_if(lambda self: hasattr(self.model, "predict_proba"))
    def predict_proba(self, X: Any) -> Any:
        """Predict the probability of each class, as the model does.

        Parameters
        ----------
        X : crystals or array-like of n_samples rows

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
        """
        return self._ask("predict_proba", X)

    @available_if(lambda self: hasattr(self.model, "predict_interval"))
    def predict_interval(self, X: Any, *, coverage: float = 0.9) -> Array:
        """Predict lower and upper ends of intervals, as the model does.

        Parameters
        ----------
        X : crystals or array-like of n_samples rows
        coverage : float, default=0.9

        Returns
        -------
        ndarray of shape (n_samples, 2) or (n_samples, n_outputs, 2)
            They promise nothing outside the domain.
        """
        found: Array = self._ask("predict_interval", X, coverage=coverage)
        return found

    @available_if(lambda self: hasattr(self.model, "score"))
    def score(self, X: Any, y: Any, **params: Any) -> float:
        """Return the model's score.

        Parameters
        ----------
        X : crystals or array-like of n_samples rows
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
        **params
            Passed on to the model.

        Returns
        -------
        float
        """
        ensure_fitted(self, "model_")
        return float(self.model_.score(X, y, **params))

    @property
    def classes_(self) -> Any:
        return self.model_.classes_

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        inner = get_tags(self.model)
        tags.estimator_type = inner.estimator_type
        tags.target_tags, tags.input_tags = inner.target_tags, inner.input_tags
        tags.classifier_tags, tags.regressor_tags = inner.classifier_tags, inner.regressor_tags
        return tags
