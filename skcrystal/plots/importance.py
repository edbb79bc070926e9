"""`ImportanceDisplay`: what each family of columns is worth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np

from skcrystal.plots.display import BLUE, GREY, VERMILION, Display

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike

    from skcrystal.models.runs import TrainingRun

__all__ = ["ImportanceDisplay"]


class ImportanceDisplay(Display):
    """The importance of each family of columns as a bar, the largest on top, and each repeat as a dot.

    Parameters
    ----------
    importances : array-like of shape (n_families, n_repeats)
        As :func:`skcrystal.inspection.family_importance` returns them.
    names : sequence of str, of length n_families
    score : str, default="score"
        What the model is scored by, with its unit, for the label of the axis.
    title : str, default=None
        Which model it is.

    Examples
    --------
    >>> from skcrystal.plots import ImportanceDisplay
    >>> table = [[0.1, 0.2], [0.6, 0.5]]
    >>> ax = ImportanceDisplay.from_importances(table, ["lattice", "composition"], score="R²").ax_
    >>> ax.get_xlabel(), [label.get_text() for label in ax.get_yticklabels()]
    ('loss of R² without the family', ['lattice', 'composition'])
    """

    def __init__(
        self, importances: ArrayLike, names: Sequence[str], *, score: str = "score", title: str | None = None
    ) -> None:
        table = np.asarray(importances, dtype=np.float64)
        if table.ndim != 2 or not table.size or len(table) != len(names) or not np.isfinite(table).all():
            raise ValueError(
                f"importances has one row of finite numbers per name ({len(names)}), not shape {table.shape}"
            )
        self.importances = table
        self.names = list(names)
        self.score = score
        self.title = title

    @classmethod
    def from_importances(
        cls,
        importances: ArrayLike,
        names: Sequence[str],
        *,
        score: str = "score",
        title: str | None = None,
        ax: Axes | None = None,
    ) -> Self:
        """Draw importances.

        Parameters
        ----------
        importances, names, score, title
            As of the class.
        ax : matplotlib Axes, default=None
            Where to draw; None makes a new figure.

        Returns
        -------
        ImportanceDisplay
        """
        return cls(importances, names, score=score, title=title).plot(ax)

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        y: ArrayLike,
        *,
        scoring: Any = None,
        n_repeats: int = 5,
        random_state: Any = None,
        score: str = "score",
        title: str | None = None,
        ax: Axes | None = None,
    ) -> Self:
        """Shuffle each family of a fitted pipeline's columns, and draw by how much its score falls.

        Parameters
        ----------
        estimator : Pipeline
            Fitted, with a :class:`~skcrystal.CrystalFeaturizer`.
        X : crystals or formulas
            Best ones that the model has not seen.
        y : array-like of shape (n_samples,)
        scoring, n_repeats, random_state
            Of :func:`skcrystal.inspection.family_importance`.
        score, title, ax
            As of :meth:`from_importances`.

        Returns
        -------
        ImportanceDisplay
        """
        from skcrystal.inspection import family_importance

        found = family_importance(
            estimator, X, y, scoring=scoring, n_repeats=n_repeats, random_state=random_state
        )
        return cls.from_importances(found.importances, found.names, score=score, title=title, ax=ax)

    @classmethod
    def from_run(cls, run: TrainingRun, *, ax: Axes | None = None) -> Self:
        """Draw what a training run measured on crystals that were held out."""
        if not run.importance:
            raise ValueError("the run measured no importance")
        names, values = zip(*run.importance.items(), strict=True)
        return cls.from_importances(np.array(values), names, score=run.importance_score, ax=ax)

    def _size(self) -> tuple[float, float]:
        return 6.4, 1.2 + 0.32 * len(self.names)

    def _draw(self, ax: Axes) -> None:
        table = self.importances
        order = np.argsort(table.mean(axis=1), kind="stable")
        place = np.arange(len(table))
        ax.barh(place, table.mean(axis=1)[order], color=BLUE, height=0.7)
        rows = np.broadcast_to(place, table.T.shape)
        ax.plot(table[order].T, rows, "o", color=VERMILION, ms=4, mec="white", mew=0.4)
        ax.axvline(0, color=GREY, lw=1)
        ax.set_yticks(place, [self.names[k] for k in order])
        ax.set(xlabel=f"loss of {self.score} without the family", ylim=(-0.6, len(table) - 0.4))
        if self.title is not None:
            ax.set_title(self.title)
        ax.grid(visible=False, axis="y")
