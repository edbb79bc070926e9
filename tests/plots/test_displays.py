"""Displays: what they show, that they leave nothing behind, and that a run gives all of them."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import numpy as np
import pytest

pytest.importorskip("matplotlib", reason="figures need the extra plots")

from skcrystal.plots import (
    CrystalSystemErrorDisplay,
    DomainDisplay,
    ElementCountDisplay,
    ElementErrorDisplay,
    ImportanceDisplay,
    IntervalCoverageDisplay,
    LearningCurveDisplay,
    ParityDisplay,
    TargetDisplay,
    save_figures,
)
from skcrystal.plots.summaries import Group
from tests.models.runs import example_run

GAPS = [0.0, 0.0, 1.1, 1.4, 9.0]
GROUPS = [Group("O", 5, 0.2, 0.1), Group("Mg", 1, 0.5, float("nan")), Group("Ca", 4, 0.3, 0.05)]
SOME = np.linspace(0, 4, 40)

EACH = {
    "histogram": TargetDisplay(GAPS),
    "sorted": TargetDisplay(GAPS, kind="sorted"),
    "parity": ParityDisplay(GAPS, GAPS),
    "elements": ElementErrorDisplay(GROUPS, 0.3),
    "map": ElementErrorDisplay(GROUPS, 0.3, kind="table"),
    "counts": ElementCountDisplay(np.eye(119)),
    "systems": CrystalSystemErrorDisplay(GROUPS, 0.3),
    "learning": LearningCurveDisplay([1, 2], {"a": [[1.0], [0.5]], "b": [[2.0], [1.5]]}),
    "coverage": IntervalCoverageDisplay(SOME, SOME, SOME - 1, SOME + 1),
    "domain": DomainDisplay([0.5, 1.0], [0.1, 0.2], limit=1.0),
    "importance": ImportanceDisplay([[0.1, 0.2]], ["lattice"]),
}


@pytest.mark.parametrize("name", EACH)
def test_a_figure_is_saved_without_pyplot_holding_it_and_drawn_on_given_axes(name, tmp_path):
    display = EACH[name]
    assert display.plot() is display
    display.figure_.savefig(tmp_path / "figure.png", dpi=40)
    assert (tmp_path / "figure.png").read_bytes().startswith(b"\x89PNG")
    pyplot = sys.modules.get("matplotlib.pyplot")
    assert pyplot is None or not pyplot.get_fignums()
    other = display.figure_.add_subplot()
    assert display.plot(ax=other).ax_ is other
    assert display.figure_ is other.figure
    assert display._repr_png_().startswith(b"\x89PNG")


def test_histogram_counts_every_crystal_once_and_metals_apart():
    ax = TargetDisplay.from_targets(GAPS, bins=9, zeros="metals").ax_
    assert sum(patch.get_height() for patch in ax.patches) == 5
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["2 metals", "3 not 0"]


def test_sorted_targets_rise():
    lines = TargetDisplay.from_targets([9.0, 0.0, 1.1], kind="sorted").ax_.get_lines()
    np.testing.assert_array_equal(lines[0].get_ydata(), [1.1, 9.0])
    np.testing.assert_array_equal(lines[1].get_ydata(), [0.0])


def test_parity_has_equal_axes_units_and_the_scores_from_predictions_and_a_model():
    # MAE = (1 + 0 + 0) / 3; R2 = 1 - 1 / 2.
    model = SimpleNamespace(predict=lambda X: np.asarray(X) * 2)
    names = {"quantity": "band gap", "unit": "eV"}
    for display in (
        ParityDisplay.from_predictions([0.0, 1.0, 2.0], [1.0, 1.0, 2.0], **names),
        ParityDisplay.from_estimator(model, [0.5, 0.5, 1.0], [0.0, 1.0, 2.0], **names),
    ):
        ax = display.ax_
        assert ax.get_aspect() == 1
        assert ax.get_xlim() == ax.get_ylim()
        assert ax.get_xlabel() == "true band gap (eV)"
        assert ax.texts[0].get_text() == "MAE 0.333 eV\nR² 0.500\n3 crystals"


def test_elements_of_few_crystals_are_left_out_and_the_largest_error_comes_first():
    display = ElementErrorDisplay(GROUPS, 0.3, min_crystals=3).plot()
    assert [label.get_text() for label in display.ax_.get_xticklabels()] == ["Ca", "O"]
    np.testing.assert_allclose([patch.get_height() for patch in display.ax_.patches], [0.3, 0.2])


def test_errors_by_element_are_those_of_the_crystals_that_hold_it():
    model = SimpleNamespace(predict=lambda X: np.array([1.0, 2.0, 3.0]))
    display = ElementErrorDisplay.from_estimator(
        model, ["MgO", "CaO", "MgS"], [1.0, 1.0, 1.0], min_crystals=2
    )
    assert [(one.name, one.size, one.mean) for one in display.groups] == [("Mg", 2, 1.0), ("O", 2, 0.5)]
    with pytest.raises(ValueError, match="y_true has 2, y_pred has 2, X has 1 values"):
        ElementErrorDisplay.from_predictions([1.0, 2.0], [1.0, 2.0], ["MgO"])
    with pytest.raises(ValueError, match="no group has enough crystals"):
        ElementErrorDisplay.from_predictions([1.0], [1.0], ["MgO"])


def test_importance_has_the_largest_bar_on_top_and_a_dot_for_each_repeat():
    names = ["lattice", "composition", "none"]
    ax = ImportanceDisplay.from_importances([[0.1, 0.3], [0.9, 0.7], [0.0, -0.1]], names, score="R²").ax_
    assert [label.get_text() for label in ax.get_yticklabels()] == ["none", "lattice", "composition"]
    np.testing.assert_allclose([patch.get_width() for patch in ax.patches], [-0.05, 0.2, 0.8])
    dots = np.array([line.get_xdata() for line in ax.get_lines()[:3]])
    np.testing.assert_allclose(dots, [[0.0, -0.1], [0.1, 0.3], [0.9, 0.7]])


def test_a_learning_curve_of_a_model_falls_with_its_data():
    from sklearn.linear_model import Ridge

    X = np.random.default_rng(0).normal(size=(120, 30))
    display = LearningCurveDisplay.from_estimator(Ridge(), X, X.sum(axis=1), cv=3, random_state=0)
    assert list(display.means) == ["Ridge"]
    assert display.means["Ridge"][-1] < 0.2 * display.means["Ridge"][0]
    with pytest.raises(ValueError, match="one row for each of 2 sizes"):
        LearningCurveDisplay.from_scores([1, 2], {"a": [[1.0]]})


def test_coverage_of_a_model_is_the_share_inside():
    model = SimpleNamespace(
        predict=lambda X: X, predict_interval=lambda X, coverage: np.column_stack([X - 1, X + coverage])
    )
    shifted = SOME + np.where(np.arange(40) < 10, 0.95, 0.0)
    display = IntervalCoverageDisplay.from_estimator(model, SOME, shifted, coverage=0.9)
    assert display.inside == 0.75
    assert sum(group.size for group in display.groups) == 40


def test_the_map_has_a_cell_for_each_element():
    display = ElementCountDisplay.from_crystals(["MgO", "CaO"])
    assert display.counts == {8: 2, 12: 1, 20: 1}
    assert len(display.ax_.patches) == len(display.ax_.texts) == 118


@pytest.mark.parametrize("values", [[], [np.nan], [[1.0]]])
def test_what_cannot_be_drawn_is_refused(values):
    with pytest.raises(ValueError, match="one finite number per crystal"):
        TargetDisplay.from_targets(values)


def test_unequal_lengths_and_unknown_kinds_are_refused():
    with pytest.raises(ValueError, match="y_true has 2, y_pred has 1 values"):
        ParityDisplay.from_predictions([0.0, 1.0], [0.0])
    with pytest.raises(ValueError, match="kind is 'histogram' or 'sorted', and 'pie'"):
        TargetDisplay([1.0], kind="pie")
    with pytest.raises(ValueError, match="kind is 'bars' or 'table', and 'pie'"):
        ElementErrorDisplay(GROUPS, 0.3, kind="pie")


@pytest.mark.parametrize("importances", [[], [0.1, 0.2], [[0.1, 0.2]], [[np.nan], [0.0]]])
def test_importance_refuses_a_table_that_does_not_fit_the_names(importances):
    with pytest.raises(ValueError, match="one row of finite numbers per name"):
        ImportanceDisplay.from_importances(importances, ["a", "b"])


@pytest.mark.parametrize(("kind", "count"), [("nonnegative", 13), ("classes", 7)])
def test_a_run_gives_all_figures_and_the_same_bytes_again(kind, count, tmp_path):
    run = example_run(60, kind=kind)
    first = save_figures(run, tmp_path / "a")
    assert len(first) == count
    assert all(path.read_bytes().startswith(b"<?xml") for path in first)
    second = save_figures(run, tmp_path / "b")
    assert [one.read_bytes() for one in first] == [two.read_bytes() for two in second]
