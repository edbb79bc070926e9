"""`DomainDisplay`: errors by how far crystals lie from the training set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np

from skcrystal.plots.display import BLUE, GREY, VERMILION, Display, labelled, same_length, vector
from skcrystal.plots.summaries import errors_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike

    from skcrystal.models.runs import TrainingRun

__all__ = ["DomainDisplay"]

# Bins that the mean error over a score is drawn for: enough to see whether it rises.
BINS = 8


class DomainDisplay(Display):
    """Errors on crystals that were held out over their scores, and the mean in bins of equal count.

    Parameters
    ----------
    scores, errors : array-like of shape (n_held_out,)
        How unlike the training set each crystal is, and the error on it.
    left_out : array-like of shape (n_held_out,), default=None
        The atomic number of the element that was left out with it; 0, as by default, for crystals held out
        at random.
    limit : float, default=None
        Score beyond which crystals are outside, drawn as a line.
    score_label, error_label : str
        For the axes.

    Examples
    --------
    >>> from skcrystal.plots import DomainDisplay
    >>> ax = DomainDisplay.from_scores([0.5, 1.0, 2.0], [0.2, 1.1, 3.0], [0, 0, 26], limit=2.0).ax_
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['at random: 2', 'with an element left out: 1', 'outside from here']
    """

    def __init__(
        self,
        scores: ArrayLike,
        errors: ArrayLike,
        left_out: ArrayLike | None = None,
        *,
        limit: float | None = None,
        score_label: str = "score",
        error_label: str = "error",
    ) -> None:
        self.scores, self.errors = vector(scores, "scores"), vector(errors, "errors")
        self.left_out = np.zeros(len(self.scores)) if left_out is None else vector(left_out, "left_out")
        same_length(scores=self.scores, errors=self.errors, left_out=self.left_out)
        self.limit = limit
        self.score_label = score_label
        self.error_label = error_label

    @classmethod
    def from_scores(
        cls,
        scores: ArrayLike,
        errors: ArrayLike,
        left_out: ArrayLike | None = None,
        *,
        limit: float | None = None,
        score_label: str = "score",
        error_label: str = "error",
        ax: Axes | None = None,
    ) -> Self:
        """Draw scores and errors; the parameters are those of the class, and `ax` where to draw."""
        found = cls(scores, errors, left_out, limit=limit, score_label=score_label, error_label=error_label)
        return found.plot(ax)

    @classmethod
    def from_estimator(cls, estimator: Any, *, ax: Axes | None = None) -> Self:
        """Draw what a domain was fitted to.

        Parameters
        ----------
        estimator : skcrystal.models.DomainOfApplicability
            Fitted.
        ax : matplotlib Axes, default=None
            Where to draw; None makes a new figure.

        Returns
        -------
        DomainDisplay
        """
        return cls.from_scores(
            estimator.held_out_scores_,
            estimator.held_out_errors_,
            estimator.held_out_elements_,
            limit=estimator.limit,
            score_label="score: expected error, in units of the usual",
            error_label="error, in units of the usual",
            ax=ax,
        )

    @classmethod
    def from_run(cls, run: TrainingRun, *, ax: Axes | None = None) -> Self:
        """Draw the errors of a training run's saved model by the distance from the training rows."""
        errors = errors_of(run.y, run.splits[0].predictions[next(iter(run.models))])
        rows = np.isfinite(run.domain + errors)
        if not rows.any():
            raise ValueError("the run measured no domain")
        return cls.from_scores(
            run.domain[rows],
            errors[rows],
            limit=1.0,
            score_label="distance from the training data",
            error_label=labelled("absolute error", run.unit),
            ax=ax,
        )

    def _draw(self, ax: Axes) -> None:
        for rows, color, label in (
            (self.left_out == 0, BLUE, "at random" if self.left_out.any() else "held out"),
            (self.left_out != 0, VERMILION, "with an element left out"),
        ):
            if not rows.any():
                continue
            score, error = self.scores[rows], self.errors[rows]
            ax.plot(score, error, "o", color=color, alpha=0.25, ms=3, mew=0)
            bins = np.array_split(np.argsort(score, kind="stable"), min(BINS, len(score)))
            means = [(score[part].mean(), error[part].mean()) for part in bins]
            ax.plot(
                *np.transpose(means), "o-", color=color, ms=6, mec="white", label=f"{label}: {rows.sum()}"
            )
        if self.limit is not None:
            ax.axvline(self.limit, color=GREY, lw=1, ls="--", label="outside from here")
        # A few errors are far larger than the means, which are what the figure is about.
        ax.set(ylim=(0, 1.05 * float(np.quantile(self.errors, 0.99)) or 1.0))
        ax.set(xlabel=self.score_label, ylabel=self.error_label)
        ax.legend(frameon=False, loc="upper left")
