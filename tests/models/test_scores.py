"""Scores over folds."""

from __future__ import annotations

import numpy as np
import pytest

from skcrystal.models.scores import scores_of


def test_a_fold_of_one_target_value_has_no_share_in_the_spread_of_r2():
    y = np.array([1.0, 2.0, 4.0, 5.0, 0.0, 0.0])
    predicted = np.array([1.0, 2.0, 4.0, 6.0, 1.0, 0.0])
    found = {one.name: one for one in scores_of("m", y, predicted, np.array([0, 0, 1, 1, 2, 2]))}
    # Fold 0 is exact; in fold 1 the squared errors are 0 and 1 of deviations of 0.25 and 0.25.
    assert found["R2"].folds[:2] == (1.0, -1.0)
    assert np.isnan(found["R2"].folds[2])
    assert found["R2"].spread == pytest.approx(np.sqrt(2))


def test_one_fold_has_no_spread():
    y = np.array([1.0, 2.0])
    assert all(np.isnan(one.spread) for one in scores_of("m", y, y, np.zeros(2, dtype=np.int64)))
