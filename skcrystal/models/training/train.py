"""Honest cross-validation beside simple models, a final fit, and what was found as a `TrainingRun`."""

from __future__ import annotations

import platform
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import clone
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import GroupKFold

from skcrystal import splits as splitters
from skcrystal._version import __version__
from skcrystal.crystals import CrystalError, Crystals
from skcrystal.featurizer import CrystalFeaturizer
from skcrystal.models.conformal import ConformalRegressor
from skcrystal.models.domain import DomainOfApplicability
from skcrystal.models.notebook_models import forest_regressor
from skcrystal.models.pipelines import make_classifier, make_regressor
from skcrystal.models.runs import SplitResult, TrainingRun
from skcrystal.models.training.data import TrainingData, check_kind, guess_kind
from skcrystal.models.training.judging import (
    COVERAGE,
    OURS,
    domain_scores,
    fitted,
    importance_of,
    judge,
    learning_curve,
    one_thread,
)
from skcrystal.models.training.remarks import nearest_distances, remarks_on
from skcrystal.models.training.splitting import FEWEST_ROWS, NEEDS_POSITIONS, SPLITS, folds_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    Array = NDArray[np.float64]

__all__ = ["SPLITS", "Trained", "train_model"]

FOREST, MEAN = "notebook forest", "mean"
SHOWN = 20
#: Of the errors that intervals are made of.
INTERVAL_FOLDS = 3
LARGE = 5000
#: What `quick` changes, to see the steps: a few trees in larger steps.
QUICK = {"n_estimators": 100, "learning_rate": 0.1, "max_iter": 10}
N_TREES = {False: 400, True: 40}


@dataclass(frozen=True, eq=False)
class Trained:
    """A fitted model, and what was found on the way.

    Attributes
    ----------
    model : DomainOfApplicability
        Around a :class:`~skcrystal.models.ConformalRegressor`, or a classifier: ``predict``, ``assess``, and
        ``predict_interval`` of numbers or ``predict_proba`` of classes.
    run : TrainingRun
    """

    model: DomainOfApplicability
    run: TrainingRun


def train_model(
    data: TrainingData,
    *,
    kind: str | None = None,
    loss: str = "absolute_error",
    unit: str = "",
    splits: Sequence[str] = ("formula",),
    descriptors: Any = None,
    quick: bool = False,
    n_splits: int = 5,
    seed: int = 0,
    n_jobs: int = 1,
    cache: Any = None,
    command: str = "",
    progress: Callable[[str], None] = lambda _: None,
) -> Trained:
    """Judge a model by rows that it has not seen, beside simple ones, and fit it to all rows.

    Folds are drawn at random, and so that no formula is in training and test rows; beside
    :func:`~skcrystal.models.make_regressor` or :func:`~skcrystal.models.make_classifier` stand the lecture
    notebook's random forest and the mean of the training rows. Each fit uses one thread, so that the same
    seed gives the same bits, whatever `n_jobs`.

    The intervals of the fitted model are made of the errors on formulas that it had not seen. Their coverage
    is told by the intervals of the models of each fold, on rows that these had not seen.

    Parameters
    ----------
    data : TrainingData
    kind : str or None, default=None
        One of :data:`skcrystal.models.runs.KINDS`; None guesses it (:func:`guess_kind`).
    loss : {"absolute_error", "squared_error"}, default="absolute_error"
        As for :func:`~skcrystal.models.make_regressor`; labels have none.
    unit : str, default=""
        Of the target.
    splits : sequence of str, default=("formula",)
        Keys of :data:`SPLITS`, beside the random one: formula, ..., element.
    descriptors : str, list or None, default=None
        As for :func:`~skcrystal.models.make_regressor`, which joins some to a preset; None is "default", for
        formulas "composition".
    quick : bool, default=False
        Few trees, and no learning curve: to see the steps, not the accuracy.
    n_splits : int, default=5
        Folds.
    seed : int, default=0
    n_jobs : int, default=1
        Processes, each of which reads crystals or fits one fold of one model at a time.
    cache : str, path-like or None, default=None
        As for :class:`~skcrystal.CrystalFeaturizer`.
    command : str, default=""
        What was called, for the model card.
    progress : callable
        Is given a line before each step.

    Returns
    -------
    Trained

    Raises
    ------
    CrystalError
        The targets are not of this kind, there are too few rows, or a split is not known.
    """
    unknown = [name for name in splits if name not in {"random", *SPLITS}]
    if unknown:
        raise CrystalError(f"there is no split {unknown[0]!r}; take one of random, {', '.join(SPLITS)}.")
    is_crystals = isinstance(data.X, Crystals)
    structural = [name for name in splits if name in NEEDS_POSITIONS]
    if structural and not is_crystals:
        raise CrystalError(
            f"formulas cannot be split by {structural[0]!r}, which asks for structures; take another split."
        )
    descriptors = descriptors or ("default" if is_crystals else "composition")
    if not is_crystals and any(step.needs_positions for _, step in CrystalFeaturizer(descriptors)._active()):
        raise CrystalError(
            f"formulas say nothing of positions, which columns of {descriptors!r} ask for; give structures, "
            "or take the preset 'composition'."
        )
    progress(f"computing the columns of {len(data.ids)} {'crystals' if is_crystals else 'formulas'}")
    kind = kind or guess_kind(data.y)[0]
    check_kind(data.y, kind)
    makers, joined = _makers(kind, loss, descriptors, quick, seed, len(data.y))
    data, tables, featurizer = _described(data, joined, n_jobs, cache)
    y, classes = check_kind(data.y, kind)
    results = []
    for folds in folds_of(
        data.X,
        y,
        splits,
        labels=kind == "classes",
        n_splits=n_splits,
        seed=seed,
        table=tables[OURS],
        progress=progress,
    ):
        progress(f"cross-validating: {folds.description}")
        results.append(judge(folds, makers, tables, y, kind, n_jobs))
    random = results[0]
    progress("looking at the data, at importances and at the domain")
    with one_thread():
        fold = random.folds == 0
        judged = fitted(makers[OURS], tables[OURS][~fold], y, ~fold)
        score, importance = importance_of(judged, tables[OURS][fold], y[fold], featurizer, seed, len(classes))
        domain = domain_scores(makers[OURS], tables[OURS], y, random.folds, n_jobs)
        curve = None if quick else learning_curve(makers, tables, y, random, kind, seed, n_jobs)
        progress("fitting to all rows")
        model = _final(makers[OURS], featurizer, data, y, classes, seed)
    shown = _shown(results, y)
    preset = descriptors if isinstance(descriptors, str) else ""
    what = "Boosted trees" if kind == "classes" else "Gaussian process and boosted trees"
    names = {
        OURS: f"{what} on the columns of {preset or 'own descriptors'}"
        + (" and those that join it" if joined is not descriptors else "")
        + (", for the least squared error" if kind != "classes" and loss == "squared_error" else ""),
        FOREST: f"The lecture notebook's random forest, {N_TREES[quick]} trees on "
        f"{'its 327 columns' if is_crystals else 'the columns of composition'}",
        MEAN: "The mean of the training rows"
        if kind != "classes"
        else "The frequencies of the training rows",
    }
    card = {
        "versions": _versions(),
        "seed": seed,
        "quick": quick,
        "parameters": {name: repr(value) for name, value in sorted(makers[OURS].get_params().items())},
        "data": {"source": data.source, "digest": data.digest(), "n_rows": len(y)},
        "columns": [str(name) for name in featurizer.get_feature_names_out()],
        "preset": preset,
        "intended_use": f"Predicting {data.target} of crystals of the kinds that the training data holds.",
        "limits": [
            "Nothing is promised for crystals outside the domain, which predictions say.",
            "Errors of new compounds are those of the split by formula, not those of the random one."
            if len(results) > 1
            else "Nothing is known of errors on other compounds: all rows are of one.",
        ],
        "command": command,
    }
    run = TrainingRun(
        target=data.target,
        unit=unit,
        kind=kind,
        classes=classes,
        ids=data.ids,
        formulas=_formulas(data.X),
        y=y,
        amounts=np.array(data.X.element_amounts),
        sites=np.array(data.X.site_counts)
        if isinstance(data.X, Crystals)
        else np.zeros(len(y), dtype=np.int64),
        space_groups=np.array(data.X.symmetry().numbers)
        if isinstance(data.X, Crystals)
        else np.zeros(len(y), dtype=np.int64),
        nearest=nearest_distances(data.X) if isinstance(data.X, Crystals) else np.full(len(y), np.nan),
        models=names,
        splits=tuple(results),
        coverage=COVERAGE,
        importance=importance,
        importance_score=score,
        learning_curve=curve,
        remarks=remarks_on(data.X, y, random.folds, unit=unit, classes=classes),
        domain=domain,
        domain_description=(
            "score of DomainOfApplicability fitted to the other random folds, over its limit: above 1 is "
            "outside"
        ),
        shown=shown,
        structures=data.X[shown] if isinstance(data.X, Crystals) else None,
        failures=data.failures,
        card=card,
    )
    return Trained(model, run)


def _described(
    data: TrainingData, descriptors: Any, n_jobs: int, cache: Any
) -> tuple[TrainingData, dict[str, Array], CrystalFeaturizer]:
    """Compute the columns of each model; rows that cannot be described are failures."""
    found: dict[str, Array] = {}
    errors: dict[int, str] = {}
    simple = "notebook" if isinstance(data.X, Crystals) else "composition"
    for name, preset in ((OURS, descriptors), (FOREST, simple)):
        featurizer = CrystalFeaturizer(preset, n_jobs=n_jobs, cache=cache, on_error="nan").fit()
        with warnings.catch_warnings():
            # What was repaired was said when it was read, and what cannot be used is listed.
            warnings.simplefilter("ignore", UserWarning)
            report = featurizer.report(data.X)
        found[name] = np.asarray(report.rows, dtype=np.float64)
        errors |= report.errors
    if errors:
        failures = {data.ids[k]: reason for k, reason in sorted(errors.items())}
        kept = np.setdiff1d(np.arange(len(data.ids)), list(errors))
        data.failures.update(failures)
        data = data.take(kept)
        found = {name: table[kept] for name, table in found.items()}
    if len(data.ids) < FEWEST_ROWS:
        raise CrystalError(
            f"{len(data.ids)} rows can be used, and a model that can be judged takes {FEWEST_ROWS}; give "
            "more."
        )
    found[MEAN] = found[FOREST][:, :1]
    return data, found, CrystalFeaturizer(descriptors, n_jobs=n_jobs, cache=cache, on_error="nan").fit()


def _makers(
    kind: str, loss: str, descriptors: Any, quick: bool, seed: int, n_rows: int
) -> tuple[dict[str, Any], Any]:
    """Return the models, unfitted, as they stand behind a featurizer, and the descriptors of ours."""
    n_trees = N_TREES[quick]
    if kind == "classes":
        from sklearn.ensemble import RandomForestClassifier

        size = "large" if n_rows > LARGE else "small"
        ours = make_classifier(descriptors, size=size, random_state=seed)
        forest: Any = RandomForestClassifier(n_trees, max_depth=400, n_jobs=1, random_state=seed)
        mean: Any = DummyClassifier(strategy="prior")
    else:
        ours = make_regressor(descriptors, target=kind, loss=loss, random_state=seed)
        forest = forest_regressor("notebook", n_estimators=n_trees, n_jobs=1, random_state=seed)[1:]
        mean = DummyRegressor()
    if quick:
        params = {
            key: QUICK[key.rpartition("__")[2]]
            for key in ours.get_params()
            if key.rpartition("__")[2] in QUICK
        }
        ours.set_params(**{key: value for key, value in params.items() if "logistic" not in key})
    return {OURS: ours[1:], FOREST: forest, MEAN: mean}, ours[0].descriptors


def _final(
    maker: Any,
    featurizer: CrystalFeaturizer,
    data: TrainingData,
    y: Array,
    classes: tuple[str, ...],
    seed: int,
) -> DomainOfApplicability:
    """Fit to all rows, with the domain, and with intervals of the errors on formulas that were left out."""
    learned: Any = np.array(classes)[y.astype(int)] if classes else y
    pipeline = type(maker)([("crystalfeaturizer", featurizer), *maker.steps])
    with one_thread(), warnings.catch_warnings():
        # Convergence is a matter of budgets here, and the errors tell what it is worth.
        warnings.simplefilter("ignore")
        if classes:
            model: Any = clone(pipeline).fit(data.X, learned)
        else:
            groups = splitters.FormulaKFold().labels(data.X)
            n_splits = min(INTERVAL_FOLDS, len(set(groups.tolist())))
            folds = GroupKFold(n_splits, shuffle=True, random_state=seed) if n_splits > 1 else None
            model = ConformalRegressor(pipeline, cv=folds, random_state=seed)
            model.fit(data.X, learned, groups=groups if folds is not None else None)
        domain = DomainOfApplicability(FrozenEstimator(model), random_state=seed, warn=False)
        return domain.fit(data.X, learned)


def _shown(results: Sequence[SplitResult], y: Array) -> NDArray[np.int64]:
    """Return the rows with the largest errors of each split."""
    rows: set[int] = set()
    for split in results:
        found = split.predictions[OURS]
        errors = np.abs(found - y) if found.ndim == 1 else 1 - found[np.arange(len(y)), y.astype(int)]
        rows |= set(np.argsort(-np.nan_to_num(errors, nan=-1.0), kind="stable")[:SHOWN].tolist())
    return np.array(sorted(rows), dtype=np.int64)


def _formulas(X: Any) -> tuple[str, ...]:
    if isinstance(X, Crystals):
        return tuple(crystal.formula for crystal in X)
    from pymatgen.core import Composition

    return tuple(Composition(X[k]).reduced_formula for k in range(len(X)))


def _versions() -> dict[str, str]:
    import sklearn

    found = {"skcrystal": __version__, "numpy": np.__version__, "scikit-learn": sklearn.__version__}
    try:
        import xgboost
    except ImportError:
        pass
    else:
        found["xgboost"] = xgboost.__version__
    return {**found, "python": platform.python_version()}
