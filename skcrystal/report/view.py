"""`View`: a training run in the words of a reader."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from skcrystal.plots.display import labelled
from skcrystal.plots.summaries import crystal_systems, errors_of
from skcrystal.report.numbers import fixed, shown

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skcrystal.models.runs import SplitResult, TrainingRun

__all__ = ["View"]

# What the splitters are called in titles.
SPLITS = {
    "random": "random folds",
    "formula": "new formulas",
    "chemical-system": "new chemical systems",
    "space-group": "new space groups",
    "crystal-system": "new crystal systems",
    "prototype": "new structure types",
    "structure": "new structures",
    "point-group": "new point groups",
    "cluster": "new clusters",
    "element": "new elements",
    "period": "new rows of the periodic table",
    "periodic-group": "new groups of the periodic table",
}


@dataclass(frozen=True, eq=False)
class View:
    """A training run with what every section needs: names, units, errors of the saved model.

    Attributes
    ----------
    run : TrainingRun
    """

    run: TrainingRun

    @property
    def labels(self) -> bool:
        """Whether classes are predicted."""
        return self.run.kind == "classes"

    @property
    def model(self) -> str:
        """Name of the model that was saved."""
        return next(iter(self.run.models))

    @property
    def noun(self) -> tuple[str, str]:
        """What the rows are: one and many."""
        return ("crystal", "crystals") if (self.run.sites > 0).any() else ("formula", "formulas")

    @property
    def quantity(self) -> str:
        """The target, for people."""
        return self.run.target.replace("_", " ")

    @property
    def axis(self) -> str:
        """The target with its unit, for an axis."""
        return labelled(self.quantity, self.run.unit)

    @property
    def error_axis(self) -> str:
        """What `errors` are, for an axis."""
        if self.labels:
            return "1 − probability of the true class"
        return labelled("mean absolute error", self.run.unit)

    @cached_property
    def decimals(self) -> int | None:
        """Decimals that tell targets apart; None where they are too small or large to be written out."""
        scale = float(np.std(self.run.y))
        power = int(np.floor(np.log10(scale))) if scale > 0 else 0
        return max(0, 2 - power) if -4 <= power < 7 else None

    def number(self, value: float) -> str:
        """Return a value of the target without its unit, with as many decimals as all of them."""
        return shown(value) if self.decimals is None else fixed(value, self.decimals)

    def valued(self, value: float) -> str:
        """Return a value of the target with its unit; of classes its label."""
        if self.labels:
            return self.run.classes[int(value)]
        return f"{self.number(value)} {self.run.unit}".rstrip()

    def amount(self, error: float) -> str:
        """Return an error with its unit."""
        return f"{shown(error)} {self.run.unit}".rstrip() if not self.labels else shown(error)

    @cached_property
    def systems(self) -> NDArray[np.int64]:
        """The crystal system of each row, as a place in `CRYSTAL_SYSTEMS`; -1 of formulas."""
        return crystal_systems(self.run.space_groups)

    def errors(self, split: SplitResult, model: str = "") -> NDArray[np.float64]:
        """Return the errors of a model, the saved one by default, on the rows of a way to split."""
        return errors_of(self.run.y, split.predictions[model or self.model])

    @staticmethod
    def title(split: SplitResult) -> str:
        """Return what a way to split is called."""
        return SPLITS.get(split.name, split.name.replace("-", " "))

    def worst(self, split: SplitResult, count: int = 20) -> NDArray[np.int64]:
        """Return the rows with the largest errors of the saved model, the largest first."""
        errors = self.errors(split)
        order = np.argsort(-np.where(np.isfinite(errors), errors, -1.0), kind="stable")
        return order[: min(count, int(np.isfinite(errors).sum()))]
