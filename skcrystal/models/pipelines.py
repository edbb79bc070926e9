"""Ready pipelines: featurizer, scaler, regressor or classifier."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import clone

from skcrystal.descriptors import (
    AlloyStats,
    Descriptor,
    ElementFractions,
    PairSpectrum,
    PaulingEnergy,
    StretchingFrequencies,
)
from skcrystal.featurizer import CrystalFeaturizer
from skcrystal.featurizer.presets import PRESETS
from skcrystal.models.best_of import BestOfRegressor
from skcrystal.models.curves import CurveRegressor
from skcrystal.models.extra_trees import ExtraTreesClassifier, ExtraTreesRegressor
from skcrystal.models.gaussian_process import ARDGaussianProcessRegressor
from skcrystal.models.gaussian_process_classifier import ARDGaussianProcessClassifier
from skcrystal.models.losses import LOSSES
from skcrystal.models.mixtures import SPREAD_PER_ERROR
from skcrystal.models.scaling import SoftStandardScaler
from skcrystal.models.stacking import ConvexCombinationRegressor
from skcrystal.models.steps import import_xgboost, named_pipeline
from skcrystal.models.zero_inflated import ZeroInflatedRegressor

if TYPE_CHECKING:
    from skcrystal.models.crystal_pipeline import CrystalPipeline

__all__ = ["make_classifier", "make_regressor"]


# Many columns that overlap: each split sees a fifth of the columns, each tree part of the rows. 64 bins are
# as exact here as 256, and faster. Small steps and many trees pay more than deeper ones.
TREES = {
    "learning_rate": 0.03,
    "max_depth": 6,
    "colsample_bynode": 0.2,
    "subsample": 0.7,
    "min_child_weight": 3,
    "max_bin": 64,
}
# A classifier takes half as many: more make its probabilities too sure.
N_TREES = {"auto": 800, "small": 800, "large": 1500}
# Rows that the processes of the stack learn weights of columns on.
LIKELIHOOD_ROWS = {"auto": 1500, "small": 1500, "large": 3000}
# Rows from which more trees pay, and weights learnt on more rows; fitting then takes minutes in any case.
LARGE_ROWS = 5000
# The fits without a fold serve to weigh the members and to judge them: they learn weights of columns on fewer
# rows, and take fewer and larger steps.
FOLD_PROCESS = {"max_likelihood_rows": 500, "max_iter": 30}
FOLD_TREES = {"n_estimators": 300, "learning_rate": 0.08}
# Rows of the Gaussian process: all, and no more than memory takes; or a sample that is quickly solved.
GAUSSIAN_PROCESS: dict[str, dict[str, Any]] = {
    "auto": {"max_rows": 15_000, "excess": "sample"},
    "small": {"max_rows": 20_000},
    "large": {"max_rows": 10_000, "excess": "sample"},
}
FOLDS = 3
# An energy is smoother in the columns than other targets: on development rows the error of the stack is 2 to
# 4 % less with 5/2 than with 3/2, and that of phonon frequencies 1 % more.
SMOOTHNESS = {"real": 2.5, "positive": 1.5, "nonnegative": 1.5}
# Degrees of freedom of the noise of Gaussian processes. Some energies are far off, and Student's t lets them
# pull less: on development rows the error of a process is 2 to 5 % less with 4.
FREEDOM = {"real": 4.0, "positive": None, "nonnegative": None}
# Whether a target is 0: trees are right more often, and a process that is sure outvotes trees that are not.
# Trees that split at random err otherwise than boosted ones. The weights were chosen on development rows;
# weights learnt from a training set of hundreds are noise.
VOTES = {"gaussian_process": 0.2, "xgboost": 0.4, "extra_trees": 0.4}
# What learnt weights make use of, and what to a scaled distance is many columns that say little: not of the
# default preset, which is for any model. Pair spectra serve energies; what tells metals from others is worse
# with them, and frequencies are no better. How bonds vibrate serves what follows from their stiffness; the
# rules of Miedema and Pauling serve energies of formation.
WIDE_FAMILIES: dict[str, tuple[Descriptor, tuple[str, ...]]] = {
    "pair_spectrum": (PairSpectrum(), ("real",)),
    "element_fractions": (ElementFractions(), ("real", "positive", "nonnegative")),
    "stretching": (StretchingFrequencies(log10=True), ("positive",)),
    "alloys": (AlloyStats(), ("real",)),
    "pauling_energy": (PaulingEnergy(), ("real",)),
}
# A column that has one value in more than this share of the rows is a flag or the share of a rare element:
# what it weighs is learnt from few rows. One process leaves such columns out, the other one sees them.
MOSTLY_ONE_VALUE = 0.5


# What changes within a short way, as a critical temperature does with doping, is seen by trees that split at
# random and remember every row. They predict means: the squared error of the stack is 5 % less with them on
# development rows of critical temperatures, the absolute one of gaps 0.3 % more. The second ones see flags
# and shares alone, which hundreds of smooth columns hide, and draw more of those at each split.
SHARES_DRAWN = 0.4


def make_regressor(
    descriptors: Any = "default",
    *,
    target: str = "real",
    loss: str = "absolute_error",
    size: str = "auto",
    several: bool = False,
    keep_area: bool = False,
    n_jobs: int | None = 1,
    random_state: int | None = 0,
    verbose: bool | int = False,
) -> CrystalPipeline:
    """Make the regressor to start with: two Gaussian processes and boosted trees, weighed against each other.

    They err differently. Gaussian processes suit smooth targets such as energies and phonon frequencies;
    trees follow steps, and gaps have them. Beside the columns of a preset, all see the share of each element
    (:class:`~skcrystal.descriptors.ElementFractions`), which tells of an element what no property does, and
    misleads where there are few rows to learn it from: the first process leaves out what is the same in more
    than half the rows, flags and shares of rare elements. For real targets, which kinds of atoms touch
    (:class:`~skcrystal.descriptors.PairSpectrum`) joins them, with rules for energies of alloys
    (:class:`~skcrystal.descriptors.AlloyStats`) and of other compounds
    (:class:`~skcrystal.descriptors.PaulingEnergy`), and for positive ones, how fast bonds vibrate
    (:class:`~skcrystal.descriptors.StretchingFrequencies`). Where the squared error of a non-negative target
    counts, two sorts of trees that split at random join the three
    (:class:`~skcrystal.models.ExtraTreesRegressor`): of all columns, and of those alone that the first
    process leaves out. The prediction is the weighted mean of all, with the weights that would have made the
    mean absolute error, or the squared one, least on training rows that the models had not seen, by 3-fold
    cross-validation inside ``fit``. NaN in a row counts as the column's mean; a row of NaN alone, which is a
    crystal that could not be read, is left out of ``fit`` and predicted as NaN.

    Each model is reached, replaced or dropped by scikit-learn's names for the members of a
    ``StackingRegressor``, as the last example shows. Sample weights are the pipeline's
    ``fit(X, y, sample_weight=...)``. For prediction intervals,
    wrap the pipeline: ``ConformalRegressor(make_regressor())``.

    Parameters
    ----------
    descriptors : str or list of (str, Descriptor), default="default"
        As for :class:`~skcrystal.CrystalFeaturizer`. Shares of elements, for real targets pair spectra and
        two rules for energies, and for positive ones stretching frequencies join a preset, but
        ``"notebook"`` and for curves; a list is taken as it is.
    target : {"real", "positive", "nonnegative", "auto", "curve"}, default="real"
        What values the target takes:

        - ``"real"``: any, as a formation energy; some may be far off, and pull the Gaussian processes less
        - ``"positive"``: above 0, over orders of magnitude, as a modulus or a frequency; models learn its
          logarithm
        - ``"nonnegative"``: never below and often exactly 0, as a band gap or a critical temperature; a
          Gaussian process and two kinds of trees vote on whether it is 0, and models learn it where it is not
          (:class:`~skcrystal.models.ZeroInflatedRegressor`)
        - ``"auto"``: the values of the target in ``fit`` say. Negative ones make it ``"real"``, and 0
          ``"nonnegative"``; of one that is above 0, with and without logarithms are both fitted, which takes
          twice the time, and the one with the least `loss` out of fold is kept
          (:class:`~skcrystal.models.BestOfRegressor`)
        - ``"curve"``: many ordered columns that are never negative, as a density of states or a spectrum; one
          Gaussian process learns the scores of a few principal components
          (:class:`~skcrystal.models.CurveRegressor`)
    loss : {"absolute_error", "squared_error"}, default="absolute_error"
        What predictions are to make least in the mean, and so what a prediction is: the median of what the
        target may be, or its mean. The second serves whoever judges by R2 or the root of the mean square. It
        weighs the members, and counts where median and mean differ: where a target may be 0, and where
        logarithms are learned. Members are fitted alike, and with the second of a non-negative target there
        are two more.
    size : {"auto", "small", "large"}, default="auto"
        How much there is to learn from. ``"auto"`` takes any number: from 5,000 crystals on twice as many
        boosted trees, which learn from all crystals, and Gaussian processes that find the weights of columns
        on 3,000 rows in place of 1,500 and learn from no more than 15,000, drawn at random. ``"small"`` has
        what suits 5,000 crystals, and its Gaussian processes learn from all, of which they refuse more than
        20,000. ``"large"`` always has the many trees and rows, and Gaussian processes that learn from 10,000.
    several : bool, default=False
        Whether y has several columns; each target then gets models and weights of its own.
    keep_area : bool, default=False
        For curves: whether a predicted curve is scaled to an area of its own, which is that of the training
        curves where they have one in common.
    n_jobs : int, default=1
        Threads of the trees; None is all cores.
    random_state : int or None, default=0
        Seed.
    verbose : bool or int, default=False
        Whether to show the progress of the featurizer, and to say which member and fold is fitted.

    Returns
    -------
    CrystalPipeline
        ``crystalfeaturizer``, ``softstandardscaler`` and the regressor: ``stackingregressor``,
        ``transformedtargetregressor`` for positive or ``zeroinflatedregressor`` for non-negative targets,
        ``bestofregressor`` around all three for ``"auto"``, and ``multioutputregressor`` around any of
        them for several; ``curveregressor`` for curves.

    Raises
    ------
    ImportError
        XGBoost, of which curves have no need, is not installed.

    Examples
    --------
    >>> from skcrystal.models import make_regressor
    >>> model = make_regressor()
    >>> list(model.named_steps)
    ['crystalfeaturizer', 'softstandardscaler', 'stackingregressor']
    >>> list(dict(model[-1].estimators))
    ['gaussian_process', 'gaussian_process_of_all', 'xgboost']
    >>> only_the_gaussian_processes = model.set_params(stackingregressor__xgboost="drop")
    """
    from skcrystal.models.several import MultiOutputRegressor

    _check_choice("target", target, (*SMOOTHNESS, "auto", "curve"))
    _check_choice("loss", loss, tuple(sorted(LOSSES)))
    _check_choice("size", size, tuple(N_TREES))
    if target == "curve":
        if several:
            raise ValueError("several=True has a model for each column of y, and target='curve' one for all")
        curves = CurveRegressor(
            ARDGaussianProcessRegressor(outputs="by_variance", **_process_settings(size, random_state)),
            keep_area=keep_area,
            cv=FOLDS,
            random_state=random_state,
        )
        featurizer = CrystalFeaturizer(descriptors, verbose=verbose)
        return named_pipeline(featurizer, SoftStandardScaler(), curves)
    if keep_area:
        raise ValueError(f"keep_area=True is for target='curve', and the target is {target!r}")
    settings: dict[str, Any] = {"loss": loss, "size": size, "n_jobs": n_jobs, "verbose": verbose}
    settings["random_state"] = random_state
    if target == "auto":
        kinds = [(kind, _model_of(kind, **settings)) for kind in SMOOTHNESS]
        model: Any = BestOfRegressor(kinds, loss=loss, cv=_folds(random_state))
    else:
        model = _model_of(target, **settings)
    if several:
        model = MultiOutputRegressor(model)
    featurizer = CrystalFeaturizer(_with_wide_families(descriptors, target), verbose=verbose)
    return named_pipeline(featurizer, SoftStandardScaler(), model)


def make_classifier(
    descriptors: Any = "default",
    *,
    size: str = "small",
    n_jobs: int | None = 1,
    random_state: int | None = 0,
) -> CrystalPipeline:
    """Make the classifier to start with, metal or not for instance: boosted trees.

    Labels may be of any type, and more than two. Trees are the one member of a ``VotingClassifier``, whose
    `estimators` take others beside them. NaN in a row counts as the column's mean; a row of NaN alone is left
    out of ``fit`` and predicted as NaN.

    Parameters
    ----------
    descriptors : str or list of (str, Descriptor), default="default"
        As for :class:`~skcrystal.CrystalFeaturizer`.
    size : {"small", "large"}, default="small"
        ``"large"``, for 5,000 crystals and more, takes twice as many trees.
    n_jobs : int, default=1
        Threads of the trees; None is all cores.
    random_state : int or None, default=0
        Seed.

    Returns
    -------
    CrystalPipeline
        ``crystalfeaturizer``, ``softstandardscaler``, ``votingclassifier``.

    Raises
    ------
    ImportError
        XGBoost is not installed.

    Examples
    --------
    >>> from skcrystal.datasets import load_experimental
    >>> from skcrystal.models import make_classifier
    >>> X, gaps = load_experimental(return_X_y=True)
    >>> model = make_classifier("notebook").fit(X[:40], gaps[:40] > 3)
    >>> model.predict_proba(X[:40]).shape
    (40, 2)
    """
    from skcrystal.models.voting import VotingClassifier

    _check_choice("size", size, ("small", "large"))
    xgboost = import_xgboost("make_classifier")
    trees = xgboost.XGBClassifier(
        **TREES, n_estimators=N_TREES[size] // 2, n_jobs=n_jobs, random_state=random_state
    )
    return named_pipeline(
        CrystalFeaturizer(descriptors),
        SoftStandardScaler(),
        VotingClassifier([("xgboost", trees)], voting="soft"),
    )


def _model_of(
    target: str, *, loss: str, size: str, n_jobs: int | None, random_state: int | None, verbose: bool | int
) -> Any:
    """Return what learns a target of some kind from scaled columns."""
    from skcrystal.models.transformed_target import TransformedTargetRegressor
    from skcrystal.models.voting import VotingClassifier
    from skcrystal.models.weighted import StackingRegressor

    xgboost = import_xgboost("make_regressor")
    trees = {**TREES, "n_estimators": N_TREES[size], "n_jobs": n_jobs, "random_state": random_state}
    process = _process_settings(size, random_state)
    process |= {"nu": SMOOTHNESS[target], "freedom": FREEDOM[target]}
    process |= {"max_likelihood_rows": LIKELIHOOD_ROWS[size]}
    of_many = {"max_likelihood_rows": LIKELIHOOD_ROWS["large"]}
    at_random: dict[str, Any] = {"n_jobs": n_jobs, "random_state": random_state}
    of_all = {"max_features": TREES["colsample_bynode"], **at_random}
    members = [
        ("gaussian_process", ARDGaussianProcessRegressor(max_one_value=MOSTLY_ONE_VALUE, **process)),
        ("gaussian_process_of_all", ARDGaussianProcessRegressor(**process)),
        ("xgboost", xgboost.XGBRegressor(**trees)),
    ]
    if target == "nonnegative" and loss == "squared_error":
        of_shares = {"max_features": SHARES_DRAWN, "min_one_value": MOSTLY_ONE_VALUE, **at_random}
        members += [
            ("extra_trees", ExtraTreesRegressor(**of_all)),
            ("extra_trees_of_shares", ExtraTreesRegressor(**of_shares)),
        ]
    stack = StackingRegressor(
        members,
        final_estimator=ConvexCombinationRegressor(loss=loss),
        cv=_folds(random_state),
        verbose=int(verbose),
        fold_params={
            "gaussian_process": dict(FOLD_PROCESS),
            "gaussian_process_of_all": dict(FOLD_PROCESS),
            "xgboost": dict(FOLD_TREES),
        },
        large_rows=LARGE_ROWS,
        large_params={
            "gaussian_process": of_many,
            "gaussian_process_of_all": dict(of_many),
            "xgboost": {"n_estimators": N_TREES["large"]},
        }
        if size == "auto"
        else None,
    )
    if target == "real":
        return stack
    if target == "positive":
        return TransformedTargetRegressor(
            stack, func=np.log, inverse_func=np.exp, loss=loss, spread=_spread_of_stack
        )
    of_zeros = {**trees, "n_estimators": N_TREES[size] // 2}
    voters = {
        "gaussian_process": ARDGaussianProcessClassifier(random_state=random_state),
        "xgboost": xgboost.XGBClassifier(**of_zeros),
        "extra_trees": ExtraTreesClassifier(**of_all),
    }
    weights = [VOTES[name] for name in voters]
    votes = VotingClassifier([*voters.items()], voting="soft", weights=weights, verbose=bool(verbose))
    return ZeroInflatedRegressor(stack, votes, loss=loss, spread=_spread_of_stack)


def _folds(random_state: int | None) -> Any:
    from sklearn.model_selection import KFold

    return KFold(FOLDS, shuffle=True, random_state=random_state)


def _process_settings(size: str, random_state: int | None) -> dict[str, Any]:
    return {**GAUSSIAN_PROCESS[size], "keep_factor": False, "random_state": random_state}


def _with_wide_families(descriptors: Any, target: str) -> Any:
    """Return the steps of a preset, joined by `WIDE_FAMILIES`; anything else, and the notebook's, as it is.

    Where the kind of target is found in ``fit``, the families of all kinds join it.
    A preset that needs no positions is joined by what needs none.
    """
    if not isinstance(descriptors, str) or descriptors not in PRESETS or descriptors == "notebook":
        return descriptors
    steps = PRESETS[descriptors]()
    positions = any(step.needs_positions for _, step in steps)
    known = {type(step) for _, step in steps}
    added = [
        (name, clone(step))
        for name, (step, targets) in WIDE_FAMILIES.items()
        if target in ("auto", *targets)
        and type(step) not in known
        and (positions or not step.needs_positions)
    ]
    return [*steps, *added] if added else descriptors


def _spread_of_stack(stack: Any) -> float:
    """Return the standard deviation that a stack's out-of-fold error stands for."""
    return float(SPREAD_PER_ERROR * stack.final_estimator_.error_)


def _check_choice(name: str, value: Any, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise ValueError(f"{name} is one of {', '.join(map(repr, choices))}, and {value!r} was given")
