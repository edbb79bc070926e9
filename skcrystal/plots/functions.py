"""Figures of a training run, drawn from plain arrays.

Every function draws on the axes that it is given, or on a new figure that pyplot does not know, so that
nothing stays open and no display is needed: ``plot_parity(y, y_pred).figure.savefig("parity.png")``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike, NDArray

__all__ = ["plot_domain", "plot_histogram", "plot_importance", "plot_parity", "plot_sorted"]

# Okabe and Ito's colours stay apart for colour-blind readers.
BLUE, VERMILION = "#0072B2", "#D55E00"
GREY = "#6E6E6E"


# Bins that the mean error over a score is drawn for: enough to see whether it rises.
SCORE_BINS = 8


def plot_domain(
    scores: ArrayLike,
    errors: ArrayLike,
    left_out: ArrayLike,
    *,
    limit: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw errors on rows that were held out over their scores, and their mean in bins of equal count.

    Parameters
    ----------
    scores, errors, left_out : array-like of shape (n_held_out,)
        As :class:`skcrystal.models.DomainOfApplicability` has them: ``held_out_scores_``,
        ``held_out_errors_`` and ``held_out_elements_``, which is 0 for rows held out at random.
    limit : float, default=None
        Score beyond which crystals are outside, drawn as a line.
    ax : matplotlib Axes, default=None
        Where to draw; None makes a new figure.

    Returns
    -------
    matplotlib Axes

    Examples
    --------
    >>> from skcrystal.plots import plot_domain
    >>> ax = plot_domain([0.5, 1.0, 2.0], [0.2, 1.1, 3.0], [0, 0, 26], limit=2.0)
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['at random: 2', 'with an element left out: 1', 'outside from here']
    """
    score, error, element = (
        _vector(values, name)
        for values, name in ((scores, "scores"), (errors, "errors"), (left_out, "left_out"))
    )
    if not len(score) == len(error) == len(element):
        raise ValueError(
            f"there are {len(score)} scores, {len(error)} errors and {len(element)} elements left out; give "
            "one of each per crystal"
        )
    ax = ax if ax is not None else _new_axes(6.4, 4.0)
    for rows, color, label in (
        (element == 0, BLUE, "at random"),
        (element != 0, VERMILION, "with an element left out"),
    ):
        if not rows.any():
            continue
        ax.plot(score[rows], error[rows], "o", color=color, alpha=0.25, ms=3, mew=0)
        order = np.argsort(score[rows], kind="stable")
        bins = np.array_split(order, min(SCORE_BINS, len(order)))
        means = [(score[rows][part].mean(), error[rows][part].mean()) for part in bins]
        ax.plot(*np.transpose(means), "o-", color=color, ms=6, mec="white", label=f"{label}: {rows.sum()}")
    if limit is not None:
        ax.axvline(limit, color=GREY, lw=1, ls="--", label="outside from here")
    # A few errors are far larger than the means, which are what the figure is about.
    ax.set(ylim=(0, 1.05 * float(np.quantile(error, 0.99)) or 1.0))
    ax.set(xlabel="score: expected error, in units of the usual", ylabel="error, in units of the usual")
    ax.legend(frameon=False, loc="upper left")
    _tidy(ax)
    return ax


def plot_histogram(
    values: ArrayLike,
    *,
    quantity: str = "band gap",
    unit: str = "eV",
    zeros: str = "metals",
    bins: int = 40,
    ax: Axes | None = None,
) -> Axes:
    """Draw how often each value occurs, in bins of equal width; exact zeros get a colour of their own.

    Parameters
    ----------
    values : array-like of shape (n_samples,)
    quantity, unit : str
        For the label of the axis.
    zeros : str, default="metals"
        What the values of exactly zero are called.
    bins : int, default=40
        Number of bins between 0 (or the least value, if negative) and the largest value.
    ax : matplotlib Axes, default=None
        Where to draw; None makes a new figure.

    Returns
    -------
    matplotlib Axes

    Examples
    --------
    >>> from skcrystal.plots import plot_histogram
    >>> plot_histogram([0.0, 0.0, 1.1, 1.4]).get_xlabel()
    'band gap (eV)'
    """
    array = _vector(values, "values")
    ax = ax if ax is not None else _new_axes(6.4, 4.0)
    edges = np.histogram_bin_edges(array, bins=bins, range=(min(0.0, array.min()), array.max()))
    zero = array == 0
    groups, colors, labels = [array[~zero]], [BLUE], [f"{np.sum(~zero)} with a {quantity}"]
    if zero.any():
        groups, colors = [array[zero], *groups], [GREY, *colors]
        labels = [f"{np.sum(zero)} {zeros}, 0 {unit}", *labels]
    ax.hist(groups, bins=edges.tolist(), stacked=True, color=colors, label=labels, ec="white", lw=0.4)
    ax.legend(frameon=False)
    ax.set(xlabel=f"{quantity} ({unit})", ylabel="number of crystals")
    ax.margins(x=0.01)
    _tidy(ax)
    return ax


def plot_sorted(
    values: ArrayLike,
    *,
    quantity: str = "band gap",
    unit: str = "eV",
    zeros: str = "metals",
    ax: Axes | None = None,
) -> Axes:
    """Draw the values from the least to the largest, one point per crystal.

    Parameters
    ----------
    values : array-like of shape (n_samples,)
    quantity, unit : str
        For the label of the axis.
    zeros : str, default="metals"
        What the values of exactly zero are called.
    ax : matplotlib Axes, default=None
        Where to draw; None makes a new figure.

    Returns
    -------
    matplotlib Axes
    """
    array = np.sort(_vector(values, "values"))
    ax = ax if ax is not None else _new_axes(6.4, 4.0)
    rank = np.arange(1, len(array) + 1)
    zero = array == 0
    ax.plot(rank[~zero], array[~zero], ".", color=BLUE, ms=4, label=f"{np.sum(~zero)} with a {quantity}")
    if zero.any():
        ax.plot(rank[zero], array[zero], ".", color=GREY, ms=4, label=f"{np.sum(zero)} {zeros}, 0 {unit}")
    ax.legend(frameon=False, loc="upper left", markerscale=2)
    ax.set(xlabel=f"crystals, sorted by {quantity}", ylabel=f"{quantity} ({unit})")
    ax.margins(x=0.01)
    _tidy(ax)
    return ax


def plot_parity(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    quantity: str = "band gap",
    unit: str = "eV",
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw predictions over true values, with the diagonal of equality, the MAE and R2.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_samples,)
    quantity, unit : str
        For the labels of the axes.
    title : str, default=None
        What made the predictions.
    ax : matplotlib Axes, default=None
        Where to draw; None makes a new figure.

    Returns
    -------
    matplotlib Axes

    Examples
    --------
    >>> from skcrystal.plots import plot_parity
    >>> print(plot_parity([0.0, 1.0, 2.0], [0.0, 1.5, 2.0]).texts[0].get_text())
    MAE 0.167 eV
    R² 0.875
    3 crystals
    """
    # Imported when used: scikit-learn takes longer to import than this module's other needs.
    from sklearn.metrics import mean_absolute_error, r2_score

    true, predicted = _vector(y_true, "y_true"), _vector(y_pred, "y_pred")
    if len(true) != len(predicted):
        raise ValueError(
            f"y_true has {len(true)} values and y_pred {len(predicted)}; give one pair per crystal"
        )
    ax = ax if ax is not None else _new_axes(4.8, 4.8)
    low, high = min(true.min(), predicted.min()), max(true.max(), predicted.max())
    pad = 0.04 * ((high - low) or 1.0)
    ax.axline((low, low), slope=1, color=GREY, lw=1, zorder=1)
    ax.plot(true, predicted, "o", color=VERMILION, alpha=0.55, ms=5, mec="white", mew=0.4, zorder=2)
    ax.set(xlim=(low - pad, high + pad), ylim=(low - pad, high + pad), aspect="equal")
    ax.set(xlabel=f"measured {quantity} ({unit})", ylabel=f"predicted {quantity} ({unit})")
    # Equal axes read best with equal ticks.
    ax.set_yticks(ax.get_xticks())
    ax.set(xlim=(low - pad, high + pad), ylim=(low - pad, high + pad))
    if title is not None:
        ax.set_title(title)
    r2 = f"{r2_score(true, predicted):.3f}" if len(true) > 1 else "undefined"
    text = f"MAE {mean_absolute_error(true, predicted):.3f} {unit}\nR² {r2}\n{len(true)} crystals"
    ax.text(0.04, 0.96, text, transform=ax.transAxes, va="top", linespacing=1.4)
    _tidy(ax)
    return ax


def plot_importance(
    importances: ArrayLike,
    names: Sequence[str],
    *,
    score: str = "score",
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the importance of each family of columns as a bar, the largest on top, and each repeat as a dot.

    Parameters
    ----------
    importances : array-like of shape (n_families, n_repeats)
        As :func:`skcrystal.inspection.family_importance` returns them.
    names : sequence of str, of length n_families
    score : str, default="score"
        What the model is scored by, with its unit, for the label of the axis.
    title : str, default=None
        Which model it is.
    ax : matplotlib Axes, default=None
        Where to draw; None makes a new figure.

    Returns
    -------
    matplotlib Axes

    Examples
    --------
    >>> from skcrystal.plots import plot_importance
    >>> ax = plot_importance([[0.1, 0.2], [0.6, 0.5]], ["lattice", "composition"], score="R²")
    >>> ax.get_xlabel(), [label.get_text() for label in ax.get_yticklabels()]
    ('loss of R² without the family', ['lattice', 'composition'])
    """
    table = np.asarray(importances, dtype=np.float64)
    if table.ndim != 2 or not table.size or len(table) != len(names) or not np.isfinite(table).all():
        raise ValueError(
            f"importances has one row of finite numbers per name ({len(names)}), not shape {table.shape}"
        )
    ax = ax if ax is not None else _new_axes(6.4, 1.2 + 0.32 * len(table))
    order = np.argsort(table.mean(axis=1), kind="stable")
    place = np.arange(len(table))
    ax.barh(place, table.mean(axis=1)[order], color=BLUE, height=0.7)
    rows = np.broadcast_to(place, table.T.shape)
    ax.plot(table[order].T, rows, "o", color=VERMILION, ms=4, mec="white", mew=0.4)
    ax.axvline(0, color=GREY, lw=1)
    ax.set_yticks(place, [names[k] for k in order])
    ax.set(xlabel=f"loss of {score} without the family", ylim=(-0.6, len(table) - 0.4))
    if title is not None:
        ax.set_title(title)
    _tidy(ax)
    ax.grid(visible=False, axis="y")
    return ax


def _vector(values: ArrayLike, name: str) -> NDArray[np.float64]:
    """Return the values as a vector; refuse what cannot be drawn."""
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 1 or len(array) == 0 or not np.isfinite(array).all():
        raise ValueError(
            f"{name} is one finite number per crystal, and at least one, not shape {array.shape}"
        )
    return array


def _new_axes(width: float, height: float) -> Axes:
    """Return the axes of a new figure (inches) outside pyplot, which would keep it open."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), dpi=150, layout="constrained").add_subplot()


def _tidy(ax: Axes) -> None:
    """Give all figures one look: two open sides and a faint grid behind the data."""
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(color="#E4E4E4", lw=0.6)
    ax.set_axisbelow(True)
