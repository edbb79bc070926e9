"""Figures: what they say, and that they leave nothing behind."""

from __future__ import annotations

import sys

import numpy as np
import pytest

pytest.importorskip("matplotlib", reason="figures need the extra plots")

from skcrystal.plots import plot_domain, plot_histogram, plot_importance, plot_parity, plot_sorted

GAPS = [0.0, 0.0, 1.1, 1.4, 9.0]


@pytest.mark.parametrize("draw", [plot_histogram, plot_sorted, lambda y, **kw: plot_parity(y, y, **kw)])
def test_a_figure_is_saved_without_pyplot_holding_it_and_drawn_on_given_axes(draw, tmp_path):
    ax = draw(GAPS)
    ax.figure.savefig(tmp_path / "figure.png")
    assert (tmp_path / "figure.png").read_bytes().startswith(b"\x89PNG")
    pyplot = sys.modules.get("matplotlib.pyplot")
    assert pyplot is None or not pyplot.get_fignums()
    other = ax.figure.add_subplot()
    assert draw(GAPS, ax=other) is other


def test_histogram_counts_every_crystal_once_and_metals_apart():
    ax = plot_histogram(GAPS, bins=9)
    assert sum(patch.get_height() for patch in ax.patches) == 5
    assert [text.get_text() for text in ax.get_legend().get_texts()] == [
        "2 metals, 0 eV",
        "3 with a band gap",
    ]


def test_sorted_gaps_rise():
    lines = plot_sorted([9.0, 0.0, 1.1]).get_lines()
    np.testing.assert_array_equal(lines[0].get_ydata(), [1.1, 9.0])
    np.testing.assert_array_equal(lines[1].get_ydata(), [0.0])


def test_parity_has_equal_axes_units_and_the_scores():
    # MAE = (1 + 0 + 0) / 3; R2 = 1 - 1 / 2.
    ax = plot_parity([0.0, 1.0, 2.0], [1.0, 1.0, 2.0])
    assert ax.get_aspect() == 1
    assert ax.get_xlim() == ax.get_ylim()
    assert ax.get_xlabel() == "measured band gap (eV)"
    assert ax.texts[0].get_text() == "MAE 0.333 eV\nR² 0.500\n3 crystals"


@pytest.mark.parametrize("values", [[], [np.nan], [[1.0]]])
def test_what_cannot_be_drawn_is_refused(values):
    with pytest.raises(ValueError, match="one finite number per crystal"):
        plot_histogram(values)


def test_parity_refuses_unequal_lengths():
    with pytest.raises(ValueError, match="y_true has 2 values and y_pred 1"):
        plot_parity([0.0, 1.0], [0.0])


def test_importance_has_the_largest_bar_on_top_and_a_dot_for_each_repeat():
    names = ["lattice", "composition", "none"]
    ax = plot_importance([[0.1, 0.3], [0.9, 0.7], [0.0, -0.1]], names, score="R²")
    assert [label.get_text() for label in ax.get_yticklabels()] == ["none", "lattice", "composition"]
    np.testing.assert_allclose([patch.get_width() for patch in ax.patches], [-0.05, 0.2, 0.8])
    dots = np.array([line.get_xdata() for line in ax.get_lines()[:3]])
    np.testing.assert_allclose(dots, [[0.0, -0.1], [0.1, 0.3], [0.9, 0.7]])


@pytest.mark.parametrize("importances", [[], [0.1, 0.2], [[0.1, 0.2]], [[np.nan], [0.0]]])
def test_importance_refuses_a_table_that_does_not_fit_the_names(importances):
    with pytest.raises(ValueError, match="one row of finite numbers per name"):
        plot_importance(importances, ["a", "b"])


def test_a_domain_shows_errors_held_out_both_ways_and_the_limit():
    random = np.random.default_rng(0)
    scores, errors = random.uniform(0, 3, (2, 60))
    ax = plot_domain(scores, errors, np.repeat([0, 26], 30), limit=2.0)
    assert len(ax.get_legend().get_texts()) == 3
    # Eight means for each way, and as many points as rows.
    assert [len(line.get_xdata()) for line in ax.get_lines()] == [30, 8, 30, 8, 2]
    with pytest.raises(ValueError, match="60 scores, 59 errors and 60 elements"):
        plot_domain(scores, errors[:-1], np.zeros(60))
