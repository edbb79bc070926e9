"""`OutOfFoldRegressor`: a model that answers for its training crystals as if it had not seen them."""

from __future__ import annotations

from hashlib import blake2b
from numbers import Integral
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from sklearn.base import BaseEstimator, MetaEstimatorMixin, RegressorMixin, clone
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import Pipeline
from sklearn.utils import get_tags

from skcrystal._documentation import Documented
from skcrystal._sklearn import HasMethods, Interval, take_rows
from skcrystal.descriptors.base import StatelessTransformer
from skcrystal.inputs import column_of, read_compositions, split_items
from skcrystal.models.domain_terms import reader_of
from skcrystal.models.fitted import ensure_fitted
from skcrystal.models.out_of_fold import mixture, predict_parts, weight_params
from skcrystal.models.readable import blank_rows, part_of

if TYPE_CHECKING:
    from typing import Self

    from numpy.typing import NDArray

    Array = NDArray[np.float64]

__all__ = ["OutOfFoldRegressor"]

# Atomic fractions are told apart to four decimals: what formulas are written with.
FRACTION_DECIMALS = 4


class OutOfFoldRegressor(Documented, MetaEstimatorMixin, RegressorMixin, BaseEstimator):
    """A model that predicts crystals of its training formulas by fits that have not seen them.

    What a model says of its own training crystals is too good, and whoever learns from that trusts it too
    much. Here each reduced formula belongs to one of a few folds. ``predict`` answers for a crystal of a
    known formula, polymorphs included, by the fit without that formula's fold, and for any other by the fit
    to all rows.

    It serves two fidelities: fitted to calculated gaps, it is the base of a
    :class:`~skcrystal.models.DeltaRegressor` of measured ones, or, as
    ``Embedding(fitted.predict, "pbe_gap", "1", structures="crystals")``, a column for them
    (:class:`~skcrystal.descriptors.Embedding`). :meth:`recall`
    in its place gives the calculated value itself where a formula has one.

    Parameters
    ----------
    estimator : regressor
        A pipeline from crystals to predictions. Cloned, not fitted itself. Crystals are described once for
        all its fits.
    n_splits : int, default=5
        Folds.
    random_state : int, RandomState or None, default=0
        Assigns formulas to folds.

    Attributes
    ----------
    estimator_ : regressor
        Fitted to all rows.
    estimators_ : list of regressor
        Fitted without each fold; where the model is a pipeline, the steps behind its featurizer.

    Examples
    --------
    A nearest neighbour knows its training crystals, and does not say so here:

    >>> from sklearn.neighbors import KNeighborsRegressor
    >>> from sklearn.pipeline import make_pipeline
    >>> from skcrystal import CrystalFeaturizer
    >>> from skcrystal.datasets import load_experimental
    >>> from skcrystal.models import OutOfFoldRegressor
    >>> X, y = load_experimental(return_X_y=True)
    >>> nearest = make_pipeline(CrystalFeaturizer("composition"), KNeighborsRegressor(1))
    >>> float(abs(nearest.fit(X, y).predict(X) - y).mean()) < 0.1
    True
    >>> float(abs(OutOfFoldRegressor(nearest).fit(X, y).predict(X) - y).mean()) > 0.5
    True
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "estimator": [HasMethods(["fit", "predict"])],
        "n_splits": [Interval(Integral, 2, None, closed="left")],
        "random_state": ["random_state"],
    }
    # With scikit-learn's metadata routing on, this is taken by its name.
    __metadata_request__fit: ClassVar[dict[str, bool]] = {"sample_weight": True}

    def __init__(self, estimator: Any, *, n_splits: int = 5, random_state: Any = 0) -> None:
        self.estimator = estimator
        self.n_splits = n_splits
        self.random_state = random_state

    def fit(self, X: Any, y: Any, *, sample_weight: Any = None) -> Self:
        """Fit to all rows, and without each fold of formulas.

        Parameters
        ----------
        X : crystals or formulas, n_samples of them
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
        sample_weight : array-like of shape (n_samples,), default=None
            Passed on.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            X has fewer formulas than there are folds.
        """
        self._validate_params()
        y = np.asarray(y)
        formulas = self._formulas(X)
        n_formulas = len(set(formulas))
        if n_formulas < self.n_splits:
            raise ValueError(f"n_splits={self.n_splits} folds need as many formulas, and X has {n_formulas}")
        weight = weight_params(self.estimator, None if sample_weight is None else np.asarray(sample_weight))
        self.estimator_ = clone(self.estimator).fit(X, y, **weight)
        rows, learner = self._described(X), self._learner()
        read = ~blank_rows(rows)
        distinct, labels = np.unique(np.array(formulas), return_inverse=True)
        targets = y.reshape(len(y), -1)
        self._n_targets = targets.shape[1]
        sums = np.zeros((len(distinct), targets.shape[1]))
        np.add.at(sums, labels, targets)
        self._targets: dict[bytes, Array] = dict(
            zip(distinct.tolist(), sums / np.bincount(labels)[:, None], strict=True)
        )
        some = take_rows(rows, np.flatnonzero(read)[:1])
        self._may_be_zero = _values_and_chances(self._fitted_learner(), some)[1] is not None
        splitter = GroupKFold(self.n_splits, shuffle=True, random_state=self.random_state)
        self.estimators_ = []
        self._fold_of: dict[bytes, int] = {}
        for number, (train, test) in enumerate(splitter.split(np.zeros(len(y)), groups=labels)):
            train = train[read[train]]
            own = {name: part_of(value, train, len(y)) for name, value in weight.items()}
            self.estimators_.append(clone(learner).fit(take_rows(rows, train), y[train], **own))
            self._fold_of.update((formulas[row], number) for row in test.tolist())
        return self

    def predict(self, X: Any) -> Any:
        """Predict targets, those of training formulas by fits without them.

        Parameters
        ----------
        X : crystals or formulas, n_samples of them

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_outputs)
            NaN for what could not be read.
        """
        ensure_fitted(self, "estimators_")
        return self._answers(self._formulas(X), X, lambda model, rows: model.predict(rows))

    def recall(self, X: Any) -> Array:
        """Return what is known of formulas, as columns for a model of another quantity.

        What was calculated is better than what a model makes of it. Of training formulas this returns the
        targets as they were given, of all others predictions, and says which is which, so that a model may
        trust the one more than the other.

        Parameters
        ----------
        X : crystals or formulas, n_samples of them

        Returns
        -------
        ndarray of shape (n_samples, n_columns)
            The target; of one that may be 0, as a :class:`~skcrystal.models.ZeroInflatedRegressor` in a
            :class:`~skcrystal.models.CrystalPipeline` predicts it, also what it is where it is not 0, and the
            probability that it is not. At last 1 where the target is known, and 0 elsewhere. Several targets
            have their columns behind each other. Of a formula with several training crystals the mean of
            their targets: fit to the most stable one of each where that is meant. NaN for what could not be
            read.
        """
        formulas = self._formulas(X)
        answers = self._answers(formulas, X, _mixture_of if self._may_be_zero else _targets_of)
        if answers.ndim == 1:
            # Nothing could be read.
            answers = np.full((len(formulas), self._n_targets * (3 if self._may_be_zero else 1)), np.nan)
        known = np.where(np.isnan(answers).all(axis=1), np.nan, 0.0)
        for row in np.flatnonzero(known == 0).tolist():
            if (target := self._targets.get(formulas[row])) is None:
                continue
            known[row] = 1.0
            if self._may_be_zero:
                elsewhere = answers[row, target.size : 2 * target.size]
                parts = (target, np.where(target > 0, target, elsewhere), target > 0)
                answers[row] = np.concatenate(parts)
            else:
                answers[row] = target
        return np.column_stack([answers, known])

    def _answers(self, formulas: list[bytes], X: Any, ask: Any) -> Any:
        """Return what the fit that has not seen a formula answers for each; NaN for what cannot be read."""
        found = np.array([self._fold_of.get(formula, -1) for formula in formulas])
        rows = self._described(X)
        read = ~blank_rows(rows)
        answers: Array | None = None
        for fold in np.unique(found[read]).tolist():
            part = np.flatnonzero((found == fold) & read)
            model = self.estimators_[fold] if fold >= 0 else self._fitted_learner()
            own = np.asarray(ask(model, take_rows(rows, part)), dtype=np.float64)
            if answers is None:
                answers = np.full((len(found), *own.shape[1:]), np.nan)
            answers[part] = own
        return np.full(len(found), np.nan) if answers is None else answers

    def _formulas(self, X: Any) -> list[bytes]:
        column = getattr(reader_of(self.estimator), "column", None)
        return formula_keys(X if column is None else column_of(X, column))

    def _n_reading(self, model: Any) -> int:
        """Return the number of steps that learn nothing of the rows: those that read crystals."""
        if not isinstance(model, Pipeline):
            return 0
        is_reader = [isinstance(step, StatelessTransformer) for _, step in model.steps[:-1]]
        return is_reader.index(False) if False in is_reader else len(is_reader)

    def _described(self, X: Any) -> Any:
        """Return what the steps that learn are given."""
        n_reading = self._n_reading(self.estimator_)
        return self.estimator_[:n_reading].transform(X) if n_reading else X

    def _learner(self) -> Any:
        n_reading = self._n_reading(self.estimator)
        return self.estimator[n_reading:] if n_reading else self.estimator

    def _fitted_learner(self) -> Any:
        n_reading = self._n_reading(self.estimator_)
        return self.estimator_[n_reading:] if n_reading else self.estimator_

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        inner = get_tags(self.estimator)
        tags.input_tags, tags.target_tags = inner.input_tags, inner.target_tags
        return tags


def _targets_of(model: Any, rows: Any) -> Array:
    predicted = np.asarray(model.predict(rows), dtype=np.float64)
    return predicted.reshape(len(predicted), -1)


def _mixture_of(model: Any, rows: Any) -> Array:
    """Return predictions, what they are where a target is not 0, and the probability of that."""
    values, chances = _values_and_chances(model, rows)
    # A fold without zeros, or of nothing else, has learned nothing of them.
    return np.column_stack([_targets_of(model, rows), values, values > 0 if chances is None else chances])


def _values_and_chances(model: Any, rows: Any) -> tuple[Array, Array | None]:
    if isinstance(model, Pipeline):
        rows = model[:-1].transform(rows) if len(model.steps) > 1 else rows
        model = model.steps[-1][1]
    values, chances = mixture(model, predict_parts(model, rows))
    return values.reshape(len(values), -1), None if chances is None else chances.reshape(len(values), -1)


def formula_keys(X: Any) -> list[bytes]:
    """Return a digest of the reduced formula of each crystal; of those that cannot be read, their numbers."""
    items = split_items(X)
    compositions, faults, _ = read_compositions(items)
    amounts = compositions.element_amounts
    shares = np.round(amounts / amounts.sum(axis=1, keepdims=True), FRACTION_DECIMALS)
    known = iter([blake2b(row.tobytes(), digest_size=16).digest() for row in shares])
    return [b"%016d" % index if index in faults else next(known) for index in range(len(items))]
