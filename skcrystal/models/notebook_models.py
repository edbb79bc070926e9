"""The lecture notebook's two models behind a featurizer and a scaler."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from skcrystal.featurizer import CrystalFeaturizer
from skcrystal.models.steps import import_xgboost, named_pipeline

if TYPE_CHECKING:
    from skcrystal.models.crystal_pipeline import CrystalPipeline

__all__ = ["forest_regressor", "notebook_models", "xgboost_regressor"]


def forest_regressor(
    descriptors: Any = "default", *, n_jobs: int | None = None, random_state: int | None = None, **params: Any
) -> CrystalPipeline:
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
    CrystalPipeline

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
) -> CrystalPipeline:
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
    CrystalPipeline

    Raises
    ------
    ImportError
        XGBoost is not installed.
    """
    xgboost = import_xgboost("xgboost_regressor")
    settings = {"objective": "reg:squarederror", "max_depth": 10, **params}
    return _pipeline(descriptors, xgboost.XGBRegressor(n_jobs=n_jobs, random_state=random_state, **settings))


def notebook_models(
    descriptors: Any = "notebook", *, n_jobs: int | None = 1, random_state: int | None = None
) -> dict[str, CrystalPipeline]:
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
    dict of str to CrystalPipeline
        "random forest" and "XGBoost".
    """
    return {
        "random forest": forest_regressor(descriptors, n_jobs=n_jobs, random_state=random_state),
        "XGBoost": xgboost_regressor(descriptors, n_jobs=n_jobs, random_state=random_state),
    }


def _pipeline(descriptors: Any, regressor: Any) -> CrystalPipeline:
    from sklearn.preprocessing import StandardScaler

    return named_pipeline(CrystalFeaturizer(descriptors), StandardScaler(), regressor)
