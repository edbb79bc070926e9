"""Displays of the error by element and by crystal system."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np

from skcrystal.chemistry import elements
from skcrystal.plots.display import BLUE, GREY, Display, labelled, same_length, vector
from skcrystal.plots.element_map import draw_map
from skcrystal.plots.summaries import (
    CRYSTAL_SYSTEMS,
    Group,
    crystal_systems,
    error_by_element,
    error_by_label,
    errors_of,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike

    from skcrystal.models.runs import TrainingRun

__all__ = ["CrystalSystemErrorDisplay", "ElementErrorDisplay"]

KINDS = ("bars", "table")


class _ErrorDisplay(Display):
    """Mean errors of groups of crystals, as bars, with the standard error of each mean.

    Parameters
    ----------
    groups : sequence of Group
    overall : float
        Mean error of all crystals, drawn as a line.
    unit : str, default=""
    label : str, default="mean absolute error"
    """

    def __init__(
        self, groups: Sequence[Group], overall: float, *, unit: str = "", label: str = "mean absolute error"
    ) -> None:
        if not groups:
            raise ValueError("no group has enough crystals to be drawn")
        self.groups = list(groups)
        self.overall = overall
        self.unit = unit
        self.label = label

    def _draw(self, ax: Axes) -> None:
        place = np.arange(len(self.groups))
        means = [group.mean for group in self.groups]
        bars = [0.0 if np.isnan(group.uncertainty) else group.uncertainty for group in self.groups]
        ax.bar(place, means, yerr=bars, color=BLUE, error_kw={"elinewidth": 0.8, "capsize": 2})
        ax.axhline(self.overall, color=GREY, lw=1, ls="--")
        ax.set_xticks(place, [self._named(group) for group in self.groups])
        ax.set(ylabel=labelled(self.label, self.unit), ylim=(0, None), xlim=(-0.7, len(place) - 0.3))
        ax.grid(visible=False, axis="x")

    def _named(self, group: Group) -> str:
        return group.name


class ElementErrorDisplay(_ErrorDisplay):
    """Mean absolute errors of the crystals that hold each element.

    Parameters
    ----------
    groups : sequence of Group
        As :func:`~skcrystal.plots.summaries.error_by_element` returns them.
    overall : float
        Mean absolute error of all crystals.
    unit : str, default=""
    kind : {"bars", "table"}, default="bars"
        Bars, the largest first, or the periodic table.
    min_crystals : int, default=3
        Elements of fewer crystals are left out.
    max_bars : int, default=30
    label : str, default="mean absolute error"

    Examples
    --------
    >>> from skcrystal.plots import ElementErrorDisplay
    >>> X = ["MgO", "CaO", "MgS", "CaS"]
    >>> display = ElementErrorDisplay.from_predictions([1, 2, 3, 4], [1, 2, 4, 4], X, min_crystals=2)
    >>> [(group.name, group.mean) for group in display.groups]
    [('Mg', 0.5), ('S', 0.5), ('O', 0.0), ('Ca', 0.0)]
    """

    size = (7.6, 4.0)

    def __init__(
        self,
        groups: Sequence[Group],
        overall: float,
        *,
        unit: str = "",
        kind: str = "bars",
        min_crystals: int = 3,
        max_bars: int = 30,
        label: str = "mean absolute error",
    ) -> None:
        if kind not in KINDS:
            raise ValueError(f"kind is 'bars' or 'table', and {kind!r} was given")
        enough = sorted((one for one in groups if one.size >= min_crystals), key=lambda one: -one.mean)
        super().__init__(enough, overall, unit=unit, label=label)
        self.kind = kind
        self.max_bars = max_bars

    @classmethod
    def from_predictions(
        cls,
        y_true: ArrayLike,
        y_pred: ArrayLike,
        X: Any,
        *,
        unit: str = "",
        kind: str = "bars",
        min_crystals: int = 3,
        ax: Axes | None = None,
    ) -> Self:
        """Draw the errors of predictions.

        Parameters
        ----------
        y_true, y_pred : array-like of shape (n_samples,)
        X : crystals or formulas
            Anything that :func:`skcrystal.as_compositions` takes.
        unit, kind, min_crystals
            As of the class.
        ax : matplotlib Axes, default=None
            Where to draw; None makes a new figure.

        Returns
        -------
        ElementErrorDisplay
        """
        from skcrystal.inputs import as_compositions

        true, predicted = vector(y_true, "y_true"), vector(y_pred, "y_pred")
        amounts = as_compositions(X).element_amounts
        same_length(y_true=true, y_pred=predicted, X=amounts)
        errors = errors_of(true, predicted)
        groups = error_by_element(errors, amounts)
        found = cls(groups, float(errors.mean()), unit=unit, kind=kind, min_crystals=min_crystals)
        return found.plot(ax)

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        y: ArrayLike,
        *,
        unit: str = "",
        kind: str = "bars",
        min_crystals: int = 3,
        ax: Axes | None = None,
    ) -> Self:
        """Draw the errors of a fitted model; the parameters are those of :meth:`from_predictions`."""
        predicted = estimator.predict(X)
        return cls.from_predictions(y, predicted, X, unit=unit, kind=kind, min_crystals=min_crystals, ax=ax)

    @classmethod
    def from_run(
        cls, run: TrainingRun, *, split: str = "random", kind: str = "bars", ax: Axes | None = None
    ) -> Self:
        """Draw the errors of the saved model of a training run; of classes what the true one lacks to 1."""
        errors = errors_of(run.y, run.split(split).predictions[next(iter(run.models))])
        groups = error_by_element(errors, run.amounts)
        label = _label(run)
        return cls(groups, float(np.nanmean(errors)), unit=run.unit, kind=kind, label=label).plot(ax)

    def _draw(self, ax: Axes) -> None:
        if self.kind == "table":
            numbers = {symbol: z for z, symbol in enumerate(elements.symbols())}
            values = {numbers[group.name]: group.mean for group in self.groups}
            draw_map(ax, values, labelled(self.label, self.unit))
            return
        every, self.groups = self.groups, self.groups[: self.max_bars]
        super()._draw(ax)
        self.groups = every


class CrystalSystemErrorDisplay(_ErrorDisplay):
    """Mean absolute errors of the crystals of each crystal system.

    Parameters
    ----------
    groups : sequence of Group
        As :func:`~skcrystal.plots.summaries.error_by_label` returns them.
    overall : float
        Mean absolute error of all crystals.
    unit : str, default=""
    label : str, default="mean absolute error"

    Examples
    --------
    >>> from skcrystal.datasets import load_experimental
    >>> from skcrystal.plots import CrystalSystemErrorDisplay
    >>> X, y = load_experimental(return_X_y=True)
    >>> display = CrystalSystemErrorDisplay.from_predictions(y, y + 1.0, X)
    >>> display.groups[-1].name, round(display.groups[-1].mean, 6)
    ('cubic', 1.0)
    """

    size = (7.0, 4.0)

    @classmethod
    def from_predictions(
        cls, y_true: ArrayLike, y_pred: ArrayLike, X: Any, *, unit: str = "", ax: Axes | None = None
    ) -> Self:
        """Draw the errors of predictions.

        Parameters
        ----------
        y_true, y_pred : array-like of shape (n_samples,)
        X : crystals
            Anything that :func:`skcrystal.as_crystals` takes.
        unit : str, default=""
        ax : matplotlib Axes, default=None
            Where to draw; None makes a new figure.

        Returns
        -------
        CrystalSystemErrorDisplay
        """
        from skcrystal.inputs import as_crystals

        true, predicted = vector(y_true, "y_true"), vector(y_pred, "y_pred")
        numbers = as_crystals(X).symmetry().numbers
        same_length(y_true=true, y_pred=predicted, X=numbers)
        errors = errors_of(true, predicted)
        groups = error_by_label(errors, crystal_systems(numbers), CRYSTAL_SYSTEMS)
        return cls(groups, float(errors.mean()), unit=unit).plot(ax)

    @classmethod
    def from_estimator(
        cls, estimator: Any, X: Any, y: ArrayLike, *, unit: str = "", ax: Axes | None = None
    ) -> Self:
        """Draw the errors of a fitted model; the parameters are those of :meth:`from_predictions`."""
        return cls.from_predictions(y, estimator.predict(X), X, unit=unit, ax=ax)

    @classmethod
    def from_run(cls, run: TrainingRun, *, split: str = "random", ax: Axes | None = None) -> Self:
        """Draw the errors of the saved model of a training run; of classes what the true one lacks to 1."""
        errors = errors_of(run.y, run.split(split).predictions[next(iter(run.models))])
        groups = error_by_label(errors, crystal_systems(run.space_groups), CRYSTAL_SYSTEMS)
        return cls(groups, float(np.nanmean(errors)), unit=run.unit, label=_label(run)).plot(ax)

    def _named(self, group: Group) -> str:
        return f"{group.name}\n({group.size:,})"


def _label(run: TrainingRun) -> str:
    return "1 − probability of the true class" if run.kind == "classes" else "mean absolute error"
