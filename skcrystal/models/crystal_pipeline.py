"""`CrystalPipeline`: a pipeline that has no answer for a crystal that it could not read."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from threading import local
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import issparse
from sklearn import config_context
from sklearn.base import clone
from sklearn.pipeline import Pipeline
from sklearn.utils import get_tags
from sklearn.utils.metadata_routing import MetadataRequest
from sklearn.utils.metaestimators import available_if

from skcrystal._documentation import Documented
from skcrystal._sklearn import take_rows
from skcrystal.descriptors.base import StatelessTransformer
from skcrystal.models.out_of_fold import combine, fit_out_of_fold, mixture, predict_parts
from skcrystal.models.readable import blank_rows, part_of, spread_out
from skcrystal.models.record import record_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Self

    from numpy.typing import NDArray

    from skcrystal.models.out_of_fold import Folds

__all__ = ["CrystalPipeline"]


# The rows of crystals that a thread is about to ask several questions of.
_described = local()


def _last_has(method: str) -> Callable[[Any], bool]:
    return lambda pipeline: hasattr(pipeline.steps[-1][1], method)


class CrystalPipeline(Documented, Pipeline):
    """A scikit-learn ``Pipeline`` from crystals to predictions: NaN rows in, NaN out.

    With ``CrystalFeaturizer(on_error="nan")`` an item that could not be read becomes a row of NaN. ``fit``
    leaves such rows out and warns how many they are; ``predict``, ``predict_proba`` and their like answer NaN
    for them. A column that is missing in a row which has others is left to the steps behind, as
    :class:`~skcrystal.models.SoftStandardScaler`, which takes the mean.

    Sample weights are given as ``fit(X, y, sample_weight=...)`` and go to the last step, with scikit-learn's
    metadata routing and without. Other parameters of a step's ``fit`` are given by the step's name, as
    ``stackingregressor__sample_weight``.

    Parameters
    ----------
    steps : list of (str, estimator)
        As of scikit-learn's ``Pipeline``, whose other parameters are here too.

    Attributes
    ----------
    n_left_out_ : int
        Training rows that could not be read.
    record_ : TrainingRecord
        Versions of the packages, feature schema of each descriptor, units, digest of the training data, and
        the target. A model that is loaded where its descriptors make other columns refuses to predict and
        says the way out; where versions differ, loading warns.

    Examples
    --------
    >>> from sklearn.linear_model import Ridge
    >>> from skcrystal import CrystalFeaturizer
    >>> from skcrystal.datasets import load_experimental
    >>> from skcrystal.models import CrystalPipeline, SoftStandardScaler
    >>> X, y = load_experimental(return_X_y=True)
    >>> featurizer = CrystalFeaturizer("composition", on_error="nan")
    >>> steps = [("featurizer", featurizer), ("scaler", SoftStandardScaler()), ("ridge", Ridge(100))]
    >>> model = CrystalPipeline(steps).fit(X, y)
    >>> import warnings
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore")  # that one of the two is no crystal
    ...     model.predict([X[0], "no crystal"]).round(1)
    array([11.3,  nan])
    """

    steps: list[tuple[str, Any]]

    def fit(self, X: Any, y: Any = None, sample_weight: Any = None, **params: Any) -> Self:
        """Fit all steps, to the rows that could be read.

        Parameters
        ----------
        X : crystals or array-like of n_samples rows
            What the first step takes.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
        sample_weight : array-like of shape (n_samples,), default=None
            Passed on to the last step.
        **params
            Of a step's ``fit``, by ``<step>__<parameter>``; arrays of n_samples entries are split along.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            No row could be read, or a target is NaN.

        Warns
        -----
        UserWarning
            Some rows could not be read: how many.
        """
        rest, rows, y, params, _ = self._begin(X, y, sample_weight, params)
        # Inside, weights have names, whatever the caller's settings: no step has to request them.
        with config_context(enable_metadata_routing=False):
            rest.fit(rows, y, **params)
        self.steps = [*self.steps[: self._n_reading()], *rest.steps]
        return self

    def _begin(
        self, X: Any, y: Any, sample_weight: Any, params: dict[str, Any]
    ) -> tuple[Pipeline, Any, Any, dict[str, Any], NDArray[np.intp]]:
        """Read X; return the steps that learn, the readable part of what they learn from, and its places."""
        self.steps = list(self.steps)
        self._validate_steps()
        if sample_weight is not None:
            params = {**params, f"{self.steps[-1][0]}__sample_weight": sample_weight}
        unknown = [name for name in params if name.partition("__")[0] not in dict(self.steps)]
        if unknown:
            raise TypeError(
                f"fit takes sample_weight and <step>__<parameter>, and got {', '.join(unknown)}; "
                f"the steps are {', '.join(dict(self.steps))}"
            )
        _refuse_missing_targets(y)
        rows = X
        for _, step in self.steps[: self._n_reading()]:
            if step is not None and step != "passthrough":
                rows = step.fit_transform(rows, y)
        blank = blank_rows(rows)
        if sample_weight is not None and np.shape(sample_weight) != (len(blank),):
            raise ValueError(
                f"sample_weight has the shape {np.shape(sample_weight)}; give one for each of "
                f"{len(blank)} rows"
            )
        self.n_left_out_ = int(blank.sum())
        n, kept = len(blank), np.flatnonzero(~blank)
        if self.n_left_out_:
            if not len(kept):
                raise ValueError(f"none of {n} rows could be read: there is nothing to fit")
            warnings.warn(
                f"{self.n_left_out_} of {n} rows could not be read and are left out of fitting", stacklevel=3
            )
            rows, y = take_rows(rows, kept), None if y is None else take_rows(y, kept)
            params = {name: part_of(value, kept, n) for name, value in params.items()}
        self._shape = np.shape(y)[1:]
        self.record_ = record_of(self._reader(), rows, y)
        self._refusal = ""
        rest = Pipeline(self.steps[self._n_reading() :], memory=self.memory, verbose=self.verbose)
        return rest, rows, y, params, kept

    def fit_out_of_fold(self, X: Any, y: Any, folds: Folds, sample_weight: Any = None) -> NDArray[np.float64]:
        """Fit, and return of what each row's prediction without its fold is made.

        Crystals are described once. Steps that learn from X alone, as a scaler, are shared by the folds.

        Parameters
        ----------
        X : crystals or array-like of n_samples rows
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
        folds : sequence of (train, test)
        sample_weight : array-like of shape (n_samples,), default=None

        Returns
        -------
        ndarray of shape (n_samples, n_parts) or (n_samples, n_outputs, n_parts)
            NaN of a row that could not be read, or is in no test fold.
        """
        rest, rows, y, params, kept = self._begin(X, y, sample_weight, {})
        weight = params.get(f"{self.steps[-1][0]}__sample_weight")
        n_samples = len(kept) + self.n_left_out_
        place = np.full(n_samples, -1)
        place[kept] = np.arange(len(kept))
        inner = [(place[train][place[train] >= 0], place[test][place[test] >= 0]) for train, test in folds]
        y = np.asarray(y)
        with config_context(enable_metadata_routing=False):
            between = [step for _, step in rest.steps[:-1] if step is not None and step != "passthrough"]
            if any(get_tags(step).target_tags.required for step in between):
                found = _parts_fold_by_fold(rest, rows, y, inner, weight)
            else:
                for step in between:
                    rows = step.fit_transform(rows, y)
                last, found = fit_out_of_fold(rest.steps[-1][1], rows, y, inner, weight)
                rest.steps[-1] = (rest.steps[-1][0], last)
        self.steps = [*self.steps[: self._n_reading()], *rest.steps]
        self._parts_shape = found.shape[1:]
        parts = np.full((n_samples, *self._parts_shape), np.nan)
        parts[kept] = found
        return parts

    def predict_parts(self, X: Any) -> NDArray[np.float64]:
        """Return of what each row's prediction is made; NaN of a row that could not be read.

        Parameters
        ----------
        X : crystals or array-like of n_samples rows

        Returns
        -------
        ndarray of shape (n_samples, n_parts) or (n_samples, n_outputs, n_parts)
        """
        return self.parts_of_columns(self.columns(X))

    def parts_of_columns(self, columns: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return of what predictions are made, where :meth:`columns` is known already.

        Parameters
        ----------
        columns : ndarray of shape (n_samples, n_features)

        Returns
        -------
        ndarray of shape (n_samples, n_parts) or (n_samples, n_outputs, n_parts)
        """
        read = ~blank_rows(columns)
        parts = np.full((len(columns), *self._parts_shape), np.nan)
        if read.any():
            last: Any = self.steps[-1][1]
            table: Any = columns[read]
            names = getattr(last, "feature_names_in_", None)
            if names is not None:
                import pandas as pd

                table = pd.DataFrame(table, columns=names)
            parts[read] = predict_parts(last, table)
        return parts

    def combine(self, parts: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the predictions that parts make, and how far they are apart, as the last step does."""
        return combine(self.steps[-1][1], parts)

    def mixture(self, parts: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64] | None]:
        """Return what parts predict where a target is not 0, and the probability that it is not."""
        return mixture(self.steps[-1][1], parts)

    def columns(self, X: Any) -> NDArray[np.float64]:
        """Return what the last step is given; NaN of a row that could not be read.

        Parameters
        ----------
        X : crystals or array-like of n_samples rows

        Returns
        -------
        ndarray of shape (n_samples, n_features)
        """
        rows = self.described(X)
        for _, step in self.steps[self._n_reading() : -1]:
            if step is not None and step != "passthrough":
                rows = step.transform(rows)
        return np.asarray(rows.toarray() if issparse(rows) else rows, dtype=np.float64)

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        record = state.get("record_")
        if record is None:
            return
        self._refusal = record.refusal(self._reader())
        if differences := record.differences():
            warnings.warn(
                f"the model was fitted with {differences}: what it predicts may differ from what it did then",
                stacklevel=2,
            )

    def _reader(self) -> Any:
        """Return the step that makes numbers of crystals; None where there is none."""
        n_reading = self._n_reading()
        return self.steps[n_reading - 1][1] if n_reading else None

    def _n_reading(self) -> int:
        """Return the number of steps up to the one that makes numbers of crystals, that one included."""
        for index, (_, step) in enumerate(self.steps[:-1]):
            if isinstance(step, StatelessTransformer):
                return index + 1
        return 0

    def described(self, X: Any) -> Any:
        """Return what the steps that learn are given: the featurizer's rows, NaN where X could not be read.

        Parameters
        ----------
        X : crystals or array-like of n_samples rows

        Returns
        -------
        ndarray, sparse array or data frame of shape (n_samples, n_features)

        Raises
        ------
        ValueError
            The model was saved where its descriptors made other columns.
        """
        if getattr(self, "_refusal", ""):
            raise ValueError(self._refusal)
        known = getattr(_described, "known", None)
        if known is not None and known[0] is self and known[1] is X:
            return known[2]
        for _, step in self.steps[: self._n_reading()]:
            if step is not None and step != "passthrough":
                X = step.transform(X)
        return X

    @contextmanager
    def described_once(self, X: Any) -> Iterator[None]:
        """Describe X once for all that this thread asks of the pipeline within the block.

        Parameters
        ----------
        X : crystals
            What is asked within the block must be asked of this very object.
        """
        before = getattr(_described, "known", None)
        _described.known = (self, X, self.described(X))
        try:
            yield
        finally:
            _described.known = before

    def _answer(self, method: str, X: Any, params: dict[str, Any]) -> Any:
        rows = self.described(X)
        blank = blank_rows(rows)
        if not blank.any():
            return self._ask(method, rows, params)
        if blank.all():
            width = (len(self.classes_),) if method not in ("predict", "score_samples") else self._shape
            nothing = np.full((len(blank), *width), np.nan)
            return (nothing, nothing.copy()) if params.get("return_std") else nothing
        found = self._ask(method, take_rows(rows, np.flatnonzero(~blank)), params)
        if isinstance(found, tuple):
            return tuple(spread_out(part, ~blank) for part in found)
        return spread_out(found, ~blank)

    def _ask(self, method: str, rows: Any, params: dict[str, Any]) -> Any:
        for _, step in self.steps[self._n_reading() : -1]:
            if step is not None and step != "passthrough":
                rows = step.transform(rows)
        return getattr(self.steps[-1][1], method)(rows, **params)

    @available_if(_last_has("predict"))
    def predict(self, X: Any, **params: Any) -> Any:
        """Predict targets; NaN for a row that could not be read.

        Parameters
        ----------
        X : crystals or array-like of n_samples rows
        **params
            Passed on to the last step, as ``return_std=True``.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_outputs)
            Labels that are no floats are objects where one of them is missing.
        """
        return self._answer("predict", X, params)

    @available_if(_last_has("predict_proba"))
    def predict_proba(self, X: Any, **params: Any) -> Any:
        """Predict the probability of each class; NaN for a row that could not be read.

        Parameters
        ----------
        X : crystals or array-like of n_samples rows
        **params
            Passed on to the last step.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
        """
        return self._answer("predict_proba", X, params)

    @available_if(_last_has("predict_log_proba"))
    def predict_log_proba(self, X: Any, **params: Any) -> Any:
        """Predict logarithms of the probabilities; NaN for a row that could not be read.

        Parameters
        ----------
        X : crystals or array-like of n_samples rows
        **params
            Passed on to the last step.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
        """
        return self._answer("predict_log_proba", X, params)

    @available_if(_last_has("score"))
    def score(self, X: Any, y: Any = None, sample_weight: Any = None, **params: Any) -> float:
        """Return the last step's score, R2 or accuracy.

        Parameters
        ----------
        X : crystals or array-like of n_samples rows
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
        sample_weight : array-like of shape (n_samples,), default=None
        **params
            Passed on to the last step.

        Returns
        -------
        float

        Raises
        ------
        ValueError
            A row could not be read, and a score without it would say too much.
        """
        rows = self.described(X)
        blank = blank_rows(rows)
        if blank.any():
            raise ValueError(
                f"{blank.sum()} of {len(blank)} rows could not be read, the first being row "
                f"{int(blank.argmax())}: leave them out of what is scored"
            )
        if sample_weight is not None:
            params = {**params, "sample_weight": sample_weight}
        return float(self._ask("score", rows, {"y": y, **params}))

    def get_metadata_routing(self) -> MetadataRequest:
        """Say which metadata are taken: sample weights, by ``fit`` and ``score``.

        Returns
        -------
        MetadataRequest
        """
        request = MetadataRequest(owner=self)
        request.fit.add_request(param="sample_weight", alias=True)
        request.score.add_request(param="sample_weight", alias=True)
        return request

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        last = self.steps[-1][1] if self.steps else None
        if last is not None and hasattr(last, "__sklearn_tags__"):
            tags.target_tags = get_tags(last).target_tags
        return tags


def _refuse_missing_targets(y: Any) -> None:
    """Name the first target that is NaN, before minutes are spent on X."""
    values = np.asarray(y) if y is not None else np.empty(0)
    if values.dtype.kind != "f" or not values.size:
        return
    missing = np.flatnonzero(np.isnan(values).reshape(len(values), -1).any(axis=1))
    if len(missing):
        raise ValueError(
            f"y[{missing[0]}] is NaN, and {len(missing)} of {len(values)} targets are in all: leave those "
            "rows out of X and y"
        )


def _parts_fold_by_fold(
    rest: Pipeline, rows: Any, y: Any, folds: Any, sample_weight: Any
) -> NDArray[np.float64]:
    """Fit all steps to all rows and without each fold, since one of them learns from the targets."""
    name = f"{rest.steps[-1][0]}__sample_weight"

    def fit(model: Pipeline, part: Any) -> Pipeline:
        weight = {} if sample_weight is None else {name: np.asarray(sample_weight)[part]}
        return model.fit(take_rows(rows, part), y[part], **weight)

    parts: NDArray[np.float64] | None = None
    for train, test in folds:
        fold = fit(clone(rest), train)
        found = predict_parts(fold.steps[-1][1], fold[:-1].transform(take_rows(rows, test)))
        if parts is None:
            parts = np.full((len(y), *found.shape[1:]), np.nan)
        parts[test] = found
    fit(rest, np.arange(len(y)))
    return np.empty((len(y), 0)) if parts is None else parts
