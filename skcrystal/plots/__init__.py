"""Figures of a training run, drawn from plain arrays.

Every function draws on the axes that it is given, or on a new figure that pyplot does not know, so that
nothing stays open and no display is needed: ``plot_parity(y, y_pred).figure.savefig("parity.png")``.
"""

from skcrystal.plots.functions import (
    plot_domain,
    plot_histogram,
    plot_importance,
    plot_parity,
    plot_sorted,
)

__all__ = ["plot_domain", "plot_histogram", "plot_importance", "plot_parity", "plot_sorted"]
