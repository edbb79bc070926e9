"""Figures of models and training runs, in the shape of scikit-learn's displays.

``ParityDisplay.from_predictions(y, predicted).figure_.savefig("parity.svg")``: each class computes by
``from_estimator``, ``from_predictions`` or ``from_run``, draws on the axes that it is given (``ax=``) or on a
new figure that pyplot does not know, and has ``ax_`` and ``figure_``.
"""

from skcrystal.plots.coverage import IntervalCoverageDisplay
from skcrystal.plots.display import Display
from skcrystal.plots.domain import DomainDisplay
from skcrystal.plots.element_map import ElementCountDisplay
from skcrystal.plots.errors import CrystalSystemErrorDisplay, ElementErrorDisplay
from skcrystal.plots.figures import save_figures
from skcrystal.plots.importance import ImportanceDisplay
from skcrystal.plots.learning import LearningCurveDisplay
from skcrystal.plots.parity import ParityDisplay
from skcrystal.plots.targets import TargetDisplay

__all__ = [
    "CrystalSystemErrorDisplay",
    "Display",
    "DomainDisplay",
    "ElementCountDisplay",
    "ElementErrorDisplay",
    "ImportanceDisplay",
    "IntervalCoverageDisplay",
    "LearningCurveDisplay",
    "ParityDisplay",
    "TargetDisplay",
    "save_figures",
]
