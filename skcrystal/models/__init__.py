"""Ready pipelines from crystals to predictions, and the estimators that they are made of.

The estimators work on any numeric table; only the pipelines know crystals.
"""

from skcrystal.models.gaussian_process import ARDGaussianProcessRegressor
from skcrystal.models.pipelines import forest_regressor, make_regressor, notebook_models, xgboost_regressor
from skcrystal.models.scaling import SoftStandardScaler
from skcrystal.models.zero_inflated import ZeroInflatedRegressor

__all__ = [
    "ARDGaussianProcessRegressor",
    "SoftStandardScaler",
    "ZeroInflatedRegressor",
    "forest_regressor",
    "make_regressor",
    "notebook_models",
    "xgboost_regressor",
]
