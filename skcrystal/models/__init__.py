"""Ready pipelines from crystals to predictions, and the estimators that they are made of.

The estimators work on any numeric table; only the pipelines know crystals.
"""

from skcrystal.models.best_of import BestOfRegressor
from skcrystal.models.conformal import ConformalRegressor
from skcrystal.models.crystal_pipeline import CrystalPipeline
from skcrystal.models.curves import CurveRegressor
from skcrystal.models.delta import DeltaRegressor
from skcrystal.models.domain import DomainOfApplicability
from skcrystal.models.extra_trees import ExtraTreesClassifier, ExtraTreesRegressor
from skcrystal.models.gaussian_process import ARDGaussianProcessRegressor
from skcrystal.models.gaussian_process_classifier import ARDGaussianProcessClassifier
from skcrystal.models.notebook_models import forest_regressor, notebook_models, xgboost_regressor
from skcrystal.models.out_of_fold_regressor import OutOfFoldRegressor
from skcrystal.models.pipelines import make_classifier, make_regressor
from skcrystal.models.request_batcher import RequestBatcher
from skcrystal.models.runs import LearningCurve, Remark, SplitResult, TrainingRun
from skcrystal.models.scaling import SoftStandardScaler
from skcrystal.models.selection import RelevanceRedundancySelector
from skcrystal.models.sharing import ModelHeader, load, read_header, save
from skcrystal.models.sites import SiteClassifier, SiteRegressor, per_site
from skcrystal.models.stacking import ConvexCombinationRegressor
from skcrystal.models.zero_inflated import ZeroInflatedRegressor

__all__ = [
    "ARDGaussianProcessClassifier",
    "ARDGaussianProcessRegressor",
    "BestOfRegressor",
    "ConformalRegressor",
    "ConvexCombinationRegressor",
    "CrystalPipeline",
    "CurveRegressor",
    "DeltaRegressor",
    "DomainOfApplicability",
    "ExtraTreesClassifier",
    "ExtraTreesRegressor",
    "LearningCurve",
    "ModelHeader",
    "OutOfFoldRegressor",
    "RelevanceRedundancySelector",
    "Remark",
    "RequestBatcher",
    "SiteClassifier",
    "SiteRegressor",
    "SoftStandardScaler",
    "SplitResult",
    "TrainingRun",
    "ZeroInflatedRegressor",
    "forest_regressor",
    "load",
    "make_classifier",
    "make_regressor",
    "notebook_models",
    "per_site",
    "read_header",
    "save",
    "xgboost_regressor",
]
