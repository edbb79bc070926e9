"""Means over groups, from numbers that can be checked in the head."""

from __future__ import annotations

import gemmi
import numpy as np

from skcrystal.plots.summaries import (
    CRYSTAL_SYSTEMS,
    coverage_by_prediction,
    crystal_systems,
    error_by_element,
    error_by_label,
    errors_of,
)


def test_errors_are_distances_or_what_the_true_class_lacks():
    np.testing.assert_array_equal(errors_of(np.array([1.0, 2.0]), np.array([1.5, np.nan])), [0.5, np.nan])
    shares = np.array([[0.25, 0.75], [0.5, 0.5], [np.nan, np.nan]])
    np.testing.assert_array_equal(errors_of(np.array([1.0, 0.0, 1.0]), shares), [0.25, 0.5, np.nan])


def test_every_space_group_has_the_system_that_gemmi_gives_it():
    systems = crystal_systems(np.arange(1, 231))
    expected = [gemmi.SpaceGroup(number).crystal_system_str() for number in range(1, 231)]
    assert [CRYSTAL_SYSTEMS[k] for k in systems] == expected


def test_errors_by_element_count_each_row_once_for_each_of_its_elements():
    amounts = np.zeros((4, 119))
    amounts[[0, 1, 2], 8] = [1, 3, 2]
    amounts[[0, 3], 12] = 1
    groups = error_by_element(np.array([1.0, 2.0, np.nan, 4.0]), amounts)
    assert [(one.name, one.size, one.mean) for one in groups] == [("O", 2, 1.5), ("Mg", 2, 2.5)]
    np.testing.assert_allclose(groups[0].uncertainty, 0.5)


def test_errors_by_label_leave_out_rows_and_labels_that_are_none():
    groups = error_by_label(np.array([1.0, 3.0, 5.0]), np.array([1, 1, -1]), ["a", "b"])
    assert [(one.name, one.size, one.mean) for one in groups] == [("b", 2, 2.0)]


def test_coverage_counts_every_row_once_and_keeps_equal_predictions_together():
    predicted = np.array([0.0] * 50 + list(np.linspace(1, 2, 50)))
    y = predicted + np.where(np.arange(100) % 5 == 0, 2.0, 0.1)
    groups = coverage_by_prediction(y, predicted, predicted - 1, predicted + 1, n_groups=4)
    assert sum(one.size for one in groups) == 100
    assert groups[0].size == 50
    assert [one.inside for one in groups] == [0.8] * len(groups)
    assert all(one.uncertain_low < 0.8 < one.uncertain_high for one in groups)
    np.testing.assert_allclose([one.width for one in groups], 2.0)
    # Wilson's interval of 40 of 50 rows, from the formula by hand.
    np.testing.assert_allclose([groups[0].uncertain_low, groups[0].uncertain_high], [0.670, 0.888], atol=1e-3)


def test_coverage_without_intervals_is_empty():
    nothing = np.full(3, np.nan)
    assert coverage_by_prediction(np.ones(3), np.ones(3), nothing, nothing) == []
