"""Ready pipelines: featurizer, scaler, regressor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from skcrystal.featurizer import CrystalFeaturizer
from skcrystal.models.gaussian_process import ARDGaussianProcessRegressor
from skcrystal.models.scaling import SoftStandardScaler
from skcrystal.models.zero_inflated import ZeroInflatedRegressor

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

__all__ = ["forest_regressor", "make_regressor", "notebook_models", "xgboost_regressor"]


# Many columns that overlap, few crystals: each split sees a fifth of the columns, each tree part of the
# rows. 64 bins are as exact here as 256, and faster.
SMALL_SET_TREES = {
    "learning_rate": 0.05,
    "max_depth": 6,
    "colsample_bynode": 0.2,
    "subsample": 0.7,
    "min_child_weight": 3,
    "max_bin": 64,
}


def make_regressor(
    descriptors: Any = "default",
    *,
    zero_inflated: bool = False,
    n_jobs: int | None = 1,
    random_state: int | None = None,
) -> Pipeline:
    """Make the regressor to start with: the mean of a Gaussian process and boosted trees.

    The two err differently. The Gaussian process alone suits smooth targets such as energies and phonon
    frequencies; trees follow steps, and gaps have them. Each is reached, replaced or dropped by
    scikit-learn's names for the members of a ``VotingRegressor``, as the last example shows.

    Training takes n_crystals^2 numbers of memory, 3.2 GB for 20,000 crystals, and refuses more: see
    :class:`~skcrystal.models.ARDGaussianProcessRegressor`.

    Parameters
    ----------
    descriptors : str or list of (str, Descriptor), default="default"
        As for :class:`~skcrystal.CrystalFeaturizer`.
    zero_inflated : bool, default=False
        Whether the target is never negative and often exactly 0, as the gap of a metal: predictions are
        then not negative, and 0 where a classifier says so.
    n_jobs : int, default=1
        Threads of the trees; None is all cores.
    random_state : int, default=None
        Seed.

    Returns
    -------
    Pipeline
        ``crystalfeaturizer``, ``softstandardscaler`` and ``votingregressor`` or ``zeroinflatedregressor``.

    Raises
    ------
    ImportError
        XGBoost is not installed.

    Examples
    --------
    >>> from skcrystal.models import make_regressor
    >>> model = make_regressor(random_state=0)
    >>> list(model.named_steps)
    ['crystalfeaturizer', 'softstandardscaler', 'votingregressor']
    >>> only_the_gaussian_process = model.set_params(votingregressor__xgboost="drop")
    """
    from sklearn.ensemble import VotingRegressor
    from sklearn.pipeline import make_pipeline

    xgboost = _import_xgboost("make_regressor")
    trees = {**SMALL_SET_TREES, "n_jobs": n_jobs, "random_state": random_state}
    model: Any = VotingRegressor(
        [
            ("gaussian_process", ARDGaussianProcessRegressor(random_state=random_state)),
            ("xgboost", xgboost.XGBRegressor(n_estimators=300, **trees)),
        ]
    )
    if zero_inflated:
        model = ZeroInflatedRegressor(model, xgboost.XGBClassifier(n_estimators=200, **trees))
    return make_pipeline(CrystalFeaturizer(descriptors), SoftStandardScaler(), model)


def forest_regressor(
    descriptors: Any = "default", *, n_jobs: int | None = None, random_state: int | None = None, **params: Any
) -> Pipeline:
    """Make the lecture notebook's random forest behind a featurizer and a scaler.

    Trees need no scaler; it stays so that the step can be replaced by a model that does.

    Parameters
    ----------
    descriptors : str or list of (str, Descriptor), default="default"
        As for :class:`~skcrystal.CrystalFeaturizer`.
    n_jobs : int, default=None
        Cores for the trees. The featurizer has an ``n_jobs`` of its own.
    random_state : int, default=None
        Seed of the forest; None differs from run to run.
    **params
        Further parameters of scikit-learn's ``RandomForestRegressor``; without them 400 trees, of a
        depth up to 400.

    Returns
    -------
    Pipeline

    Examples
    --------
    >>> from skcrystal.models import forest_regressor
    >>> list(forest_regressor().named_steps)
    ['crystalfeaturizer', 'standardscaler', 'randomforestregressor']
    """
    # Imported when used, to keep the import of the package short; the same below.
    from sklearn.ensemble import RandomForestRegressor

    settings = {"n_estimators": 400, "max_depth": 400, **params}
    return _pipeline(descriptors, RandomForestRegressor(n_jobs=n_jobs, random_state=random_state, **settings))


def xgboost_regressor(
    descriptors: Any = "default", *, n_jobs: int | None = 1, random_state: int | None = None, **params: Any
) -> Pipeline:
    """Make the lecture notebook's XGBoost model behind a featurizer and a scaler.

    Parameters
    ----------
    descriptors : str or list of (str, Descriptor), default="default"
        As for :class:`~skcrystal.CrystalFeaturizer`.
    n_jobs : int, default=1
        Threads; None is all cores. With a few hundred crystals, and other work on the machine, one
        thread is many times faster than two that wait for each other.
    random_state : int, default=None
        Seed. Without ``subsample`` and its like, XGBoost draws nothing and each run gives the same.
    **params
        Further parameters of ``xgboost.XGBRegressor``; without them squared error and trees of a depth
        up to 10, in XGBoost's default number.

    Returns
    -------
    Pipeline

    Raises
    ------
    ImportError
        XGBoost is not installed.
    """
    xgboost = _import_xgboost("xgboost_regressor")
    settings = {"objective": "reg:squarederror", "max_depth": 10, **params}
    return _pipeline(descriptors, xgboost.XGBRegressor(n_jobs=n_jobs, random_state=random_state, **settings))


def notebook_models(
    descriptors: Any = "notebook", *, n_jobs: int | None = 1, random_state: int | None = None
) -> dict[str, Pipeline]:
    """Make the two models of the lecture notebook, by the names under which it reports them.

    Parameters
    ----------
    descriptors : str or list of (str, Descriptor), default="notebook"
        As for :class:`~skcrystal.CrystalFeaturizer`.
    n_jobs : int, default=1
    random_state : int, default=None
        As for the two functions that make them.

    Returns
    -------
    dict of str to Pipeline
        "random forest" and "XGBoost".
    """
    return {
        "random forest": forest_regressor(descriptors, n_jobs=n_jobs, random_state=random_state),
        "XGBoost": xgboost_regressor(descriptors, n_jobs=n_jobs, random_state=random_state),
    }


def _pipeline(descriptors: Any, regressor: Any) -> Pipeline:
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return make_pipeline(CrystalFeaturizer(descriptors), StandardScaler(), regressor)


def _import_xgboost(function: str) -> Any:
    try:
        import xgboost
    except ImportError as error:
        raise ImportError(
            f"{function} needs XGBoost, which is not installed: pip install 'skcrystal[models]'"
        ) from error
    return xgboost
