"""Splits that tell how a model does on crystals unlike those that it has learned from.

A random split asks for crystals of the kinds that are in the training rows. These ask for another formula,
another chemistry, another structure type: each is a splitter as scikit-learn's ``cross_val_score`` and
``GridSearchCV`` take it, and looks at X, crystals or formulas, by itself; no groups are given.
"""

from skcrystal.splits.cluster_folds import ClusterKFold
from skcrystal.splits.composition_folds import ChemicalSystemKFold, FormulaKFold
from skcrystal.splits.left_out import LeaveOneElementOut, LeaveOnePeriodicGroupOut, LeaveOnePeriodOut
from skcrystal.splits.structure_folds import (
    CrystalSystemKFold,
    PointGroupKFold,
    PrototypeKFold,
    SpaceGroupKFold,
    StructureKFold,
)

__all__ = [
    "ChemicalSystemKFold",
    "ClusterKFold",
    "CrystalSystemKFold",
    "FormulaKFold",
    "LeaveOneElementOut",
    "LeaveOnePeriodOut",
    "LeaveOnePeriodicGroupOut",
    "PointGroupKFold",
    "PrototypeKFold",
    "SpaceGroupKFold",
    "StructureKFold",
]
