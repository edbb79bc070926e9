"""`LearningCurveDisplay`: scores by the number of crystals that were learned from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np

from skcrystal.plots.display import COLORS, Display, labelled

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike

    from skcrystal.models.runs import TrainingRun

__all__ = ["LearningCurveDisplay"]

DASHES = ("-", "--", ":", "-.")


class LearningCurveDisplay(Display):
    """Scores of one or several models by the number of crystals learned from, with the spread over folds.

    Parameters
    ----------
    sizes : array-like of shape (n_sizes,)
    values : dict of str to array-like of shape (n_sizes, n_folds)
        Name of a model -> its scores on held-out crystals.
    score : str, default="MAE"
    unit : str, default=""
        Of the score.

    Examples
    --------
    >>> from skcrystal.plots import LearningCurveDisplay
    >>> scores = {"forest": [[0.9, 1.1], [0.5, 0.7]]}
    >>> display = LearningCurveDisplay.from_scores([50, 100], scores, score="MAE", unit="eV")
    >>> display.ax_.get_ylabel(), display.means["forest"].tolist()
    ('MAE (eV)', [1.0, 0.6])
    """

    def __init__(
        self, sizes: ArrayLike, values: Mapping[str, ArrayLike], *, score: str = "MAE", unit: str = ""
    ) -> None:
        self.sizes = np.asarray(sizes)
        tables = {name: np.asarray(table, dtype=np.float64) for name, table in values.items()}
        for name, table in tables.items():
            if table.ndim != 2 or len(table) != len(self.sizes):
                raise ValueError(
                    f"{name!r} has scores of shape {table.shape}; give one row for each of "
                    f"{len(self.sizes)} sizes"
                )
        self.means = {name: table.mean(axis=1) for name, table in tables.items()}
        self.spreads = {
            name: table.std(axis=1, ddof=1) if table.shape[1] > 1 else np.zeros(len(table))
            for name, table in tables.items()
        }
        self.score = score
        self.unit = unit

    @classmethod
    def from_scores(
        cls,
        sizes: ArrayLike,
        values: Mapping[str, ArrayLike],
        *,
        score: str = "MAE",
        unit: str = "",
        ax: Axes | None = None,
    ) -> Self:
        """Draw scores; the parameters are those of the class, and `ax` where to draw."""
        return cls(sizes, values, score=score, unit=unit).plot(ax)

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        y: ArrayLike,
        *,
        groups: Any = None,
        train_sizes: Any = (0.1, 0.2, 0.4, 0.7, 1.0),
        cv: Any = 5,
        unit: str = "",
        n_jobs: int | None = None,
        random_state: Any = None,
        ax: Axes | None = None,
    ) -> Self:
        """Fit a regressor to growing parts of the crystals, and draw its MAE on those that were held out.

        Parameters
        ----------
        estimator : estimator
            It is cloned, and remains as it was.
        X : crystals or array-like of n_samples rows
        y : array-like of shape (n_samples,)
        groups, train_sizes, cv, n_jobs, random_state
            Of scikit-learn's ``learning_curve``.
        unit : str, default=""
            Of y.
        ax : matplotlib Axes, default=None

        Returns
        -------
        LearningCurveDisplay
        """
        from sklearn.model_selection import learning_curve

        sizes, _, scores = learning_curve(
            estimator,
            X,
            y,
            groups=groups,
            train_sizes=np.asarray(train_sizes),
            cv=cv,
            scoring="neg_mean_absolute_error",
            n_jobs=n_jobs,
            shuffle=True,
            random_state=random_state,
        )
        last = getattr(estimator, "steps", [("", estimator)])[-1][1]
        return cls.from_scores(sizes, {type(last).__name__: -scores}, score="MAE", unit=unit, ax=ax)

    @classmethod
    def from_run(cls, run: TrainingRun, *, ax: Axes | None = None) -> Self:
        """Draw the learning curve of a training run."""
        curve = run.learning_curve
        if curve is None:
            raise ValueError("the run measured no learning curve")
        unit = run.unit if curve.score == "MAE" else ""
        return cls.from_scores(curve.sizes, curve.values, score=curve.score, unit=unit, ax=ax)

    def _draw(self, ax: Axes) -> None:
        for k, (name, mean) in enumerate(self.means.items()):
            style: dict[str, Any] = {"color": COLORS[k % 6], "ls": DASHES[k % 4], "marker": "osD^v<"[k % 6]}
            ax.errorbar(
                self.sizes, mean, self.spreads[name], label=name, capsize=3, ms=5, elinewidth=0.8, **style
            )
        ax.set(xlabel="crystals learned from", ylabel=labelled(self.score, self.unit), ylim=(0, None))
        ax.legend(frameon=False)
