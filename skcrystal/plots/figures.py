"""All figures of a training run, as files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from skcrystal.plots.coverage import IntervalCoverageDisplay
from skcrystal.plots.domain import DomainDisplay
from skcrystal.plots.element_map import ElementCountDisplay
from skcrystal.plots.errors import CrystalSystemErrorDisplay, ElementErrorDisplay
from skcrystal.plots.importance import ImportanceDisplay
from skcrystal.plots.learning import LearningCurveDisplay
from skcrystal.plots.parity import ParityDisplay
from skcrystal.plots.targets import TargetDisplay

if TYPE_CHECKING:
    from collections.abc import Iterator
    from os import PathLike

    from skcrystal.models.runs import TrainingRun
    from skcrystal.plots.display import Display

__all__ = ["save_figures"]


def save_figures(run: TrainingRun, folder: str | PathLike[str], *, suffix: str = ".svg") -> list[Path]:
    """Write the figures of a training run's report, one file each; the same run gives the same bytes.

    Parameters
    ----------
    run : TrainingRun
    folder : str or path-like
        Made if absent; files of the same names are replaced.
    suffix : str, default=".svg"
        Or ``".png"``, ``".pdf"``: what matplotlib writes.

    Returns
    -------
    list of Path
        What was written; a figure whose numbers the run does not have is left out.
    """
    import matplotlib as mpl

    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    # Names of parts in an SVG are random by default, and files hold the time.
    undated = {".svg": {"Date": None}, ".pdf": {"CreationDate": None}}.get(suffix)
    with mpl.rc_context({"svg.hashsalt": "skcrystal"}):
        for name, display in _figures(run):
            path = folder / f"{name}{suffix}"
            display.figure_.savefig(path, metadata=undated)
            written.append(path)
    return written


def _figures(run: TrainingRun) -> Iterator[tuple[str, Display]]:
    numbers = run.kind != "classes"
    if numbers:
        yield "targets", TargetDisplay.from_run(run)
        yield "targets_sorted", TargetDisplay.from_run(run, kind="sorted")
    yield "elements", ElementCountDisplay.from_run(run)
    for split in run.splits:
        if numbers:
            yield f"parity_{split.name}", ParityDisplay.from_run(run, split=split.name)
        if np.isfinite(run.inside(split.name)):
            yield f"coverage_{split.name}", IntervalCoverageDisplay.from_run(run, split=split.name)
    if run.learning_curve is not None:
        yield "learning_curve", LearningCurveDisplay.from_run(run)
    yield "error_by_element", ElementErrorDisplay.from_run(run)
    yield "error_map", ElementErrorDisplay.from_run(run, kind="table")
    if (run.space_groups > 0).any():
        yield "error_by_crystal_system", CrystalSystemErrorDisplay.from_run(run)
    if run.importance:
        yield "importance", ImportanceDisplay.from_run(run)
    if np.isfinite(run.domain).any():
        yield "domain", DomainDisplay.from_run(run)
