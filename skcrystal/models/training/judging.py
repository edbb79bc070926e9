"""Models judged on rows that they have not seen: folds, intervals, importances, domain, learning curve."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
from joblib import Parallel, delayed, parallel_config
from sklearn.base import clone
from threadpoolctl import threadpool_limits

from skcrystal.models.conformal import ConformalRegressor
from skcrystal.models.domain import DomainOfApplicability
from skcrystal.models.runs import LearningCurve, SplitResult
from skcrystal.models.scores import scores_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from skcrystal.featurizer import CrystalFeaturizer
    from skcrystal.models.training.splitting import Folds

    Array = NDArray[np.float64]

__all__ = [
    "COVERAGE",
    "OURS",
    "domain_scores",
    "fitted",
    "importance_of",
    "judge",
    "learning_curve",
    "one_thread",
]

#: The model that is trained, among those that it is compared with.
OURS = "model"
COVERAGE = 0.9
N_REPEATS = 5
#: Of the training rows of a fold, for the learning curve; the whole is known from the cross-validation.
SHARES = (0.125, 0.25, 0.5)
CURVE_FOLDS = 3


@contextmanager
def one_thread() -> Iterator[None]:
    """Let the linear algebra use one thread: sums are then the same bits on every machine of a kind."""
    with threadpool_limits(1):
        yield


def fitted(maker: Any, table: Array, y: Array, rows: NDArray[np.bool_]) -> Any:
    with warnings.catch_warnings():
        # Convergence is a matter of budgets here, and the errors tell what it is worth.
        warnings.simplefilter("ignore")
        return clone(maker).fit(table, y[rows])


def _predict_fold(
    maker: Any,
    table: Array,
    y: Array,
    train: NDArray[np.bool_],
    test: NDArray[np.bool_],
    n_classes: int,
    *,
    intervals: bool = False,
) -> Array:
    """Fit to some rows and predict others.

    Returns
    -------
    ndarray
        Numbers, with ``intervals`` and the ends of theirs as three columns; or probabilities of all classes.
    """
    with one_thread():
        if intervals:
            model = fitted(ConformalRegressor(maker), table[train], y, train)
            ends = model.predict_interval(table[test], coverage=COVERAGE)
            return np.column_stack([model.predict(table[test]), ends])
        model = fitted(maker, table[train], y, train)
        if not n_classes:
            return np.asarray(model.predict(table[test]), dtype=np.float64).reshape(-1)
        found = np.zeros((int(test.sum()), n_classes))
        # A class that is in no training row has probability 0. Trees give single precision, in which
        # probabilities do not quite sum to 1.
        found[:, model.classes_.astype(int)] = model.predict_proba(table[test])
        return found / found.sum(axis=1, keepdims=True)


def _run(jobs: Sequence[Any], n_jobs: int) -> list[Any]:
    with parallel_config("loky", inner_max_num_threads=1):
        found: list[Any] = Parallel(n_jobs=n_jobs)(jobs)
    return found


def judge(
    folds: Folds,
    makers: dict[str, Any],
    tables: dict[str, Array],
    y: Array,
    kind: str,
    n_jobs: int,
) -> SplitResult:
    n_classes = int(y.max()) + 1 if kind == "classes" else 0
    numbers = range(len(folds.training))
    keys = [(model, k) for model in makers for k in numbers]
    with_intervals = {model: model == OURS and not n_classes for model in makers}
    found = _run(
        [
            delayed(_predict_fold)(
                makers[model],
                tables[model],
                y,
                folds.training[k],
                folds.tested == k,
                n_classes,
                intervals=with_intervals[model],
            )
            for model, k in keys
        ],
        n_jobs,
    )
    predictions = {model: np.full((len(y), n_classes) if n_classes else len(y), np.nan) for model in makers}
    low, high = np.full((2, len(y)), np.nan)
    for (model, k), values in zip(keys, found, strict=True):
        if with_intervals[model]:
            test = folds.tested == k
            predictions[model][test], low[test], high[test] = values.T
        else:
            predictions[model][folds.tested == k] = values
    return SplitResult(folds.name, folds.description, folds.tested, predictions, low, high)


def domain_scores(maker: Any, table: Array, y: Array, folds: NDArray[np.int64], n_jobs: int) -> Array:
    """Return how far each row lies from the rows of the other folds: above 1 is outside."""
    found = np.full(len(y), np.nan)
    numbers = range(int(folds.max()) + 1)
    jobs = [delayed(_domain_fold)(maker, table, y, folds, k) for k in numbers]
    for k, scores in zip(numbers, _run(jobs, n_jobs), strict=True):
        found[folds == k] = scores
    return found


def _domain_fold(maker: Any, table: Array, y: Array, folds: NDArray[np.int64], k: int) -> Array:
    rest = folds != k
    with one_thread(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        domain = DomainOfApplicability(maker, random_state=0, warn=False).fit(table[rest], y[rest])
        scores: Array = domain.assess(table[~rest])["score"].to_numpy() / domain.limit
    return scores


def importance_of(
    model: Any, table: Array, y: Array, featurizer: CrystalFeaturizer, seed: int, n_classes: int
) -> tuple[str, dict[str, Array]]:
    """Return by how much worse the score gets when a family of columns is exchanged between the rows."""
    random = np.random.default_rng(seed)
    families = featurizer.describe_features()["family"].to_numpy()
    orders = [random.permutation(len(y)) for _ in range(N_REPEATS)]

    def loss(rows: Array) -> float:
        if n_classes:
            return float(np.mean(model.predict(rows) != y))
        return float(np.mean(np.abs(model.predict(rows) - y)))

    usual = loss(table)
    found = {}
    for family in dict.fromkeys(families.tolist()):
        columns = np.flatnonzero(families == family)
        worse = []
        for order in orders:
            rows = table.copy()
            rows[:, columns] = table[np.ix_(order, columns)]
            worse.append(loss(rows) - usual)
        found[str(family)] = np.array(worse)
    return ("accuracy" if n_classes else "MAE"), found


def learning_curve(
    makers: dict[str, Any],
    tables: dict[str, Array],
    y: Array,
    split: SplitResult,
    kind: str,
    seed: int,
    n_jobs: int,
) -> LearningCurve:
    """Measure the error of models that learn from a part of the training rows of some random folds."""
    n_classes = int(y.max()) + 1 if kind == "classes" else 0
    score = "accuracy" if n_classes else "MAE"
    folds = list(range(min(CURVE_FOLDS, int(split.folds.max()) + 1)))
    random = np.random.default_rng(seed)
    orders = {k: random.permutation(np.flatnonzero(split.folds != k)) for k in folds}
    whole = int(np.mean([len(order) for order in orders.values()]))
    keys, jobs = [], []
    for share in SHARES:
        for k in folds:
            train = np.zeros(len(y), dtype=bool)
            train[orders[k][: max(10, int(share * len(orders[k])))]] = True
            if n_classes and len(set(y[train].tolist())) < n_classes:
                continue
            for model in makers:
                keys.append((share, k, model))
                jobs.append(
                    delayed(_predict_fold)(
                        makers[model], tables[model], y, train, split.folds == k, n_classes
                    )
                )
    values = {model: np.full((len(SHARES) + 1, len(folds)), np.nan) for model in makers}
    for (share, k, model), predicted in zip(keys, _run(jobs, n_jobs), strict=True):
        test = split.folds == k
        (found,) = (
            one
            for one in scores_of(model, y[test], predicted, split.folds[test], labels=n_classes)
            if one.name == score
        )
        values[model][SHARES.index(share), k] = found.value
    for model in makers:
        for one in scores_of(model, y, split.predictions[model], split.folds, labels=n_classes):
            if one.name == score:
                values[model][-1] = one.folds[: len(folds)]
    sizes = np.array([*(max(10, int(share * whole)) for share in SHARES), whole])
    return LearningCurve(split.name, score, sizes, values)
