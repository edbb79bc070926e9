"""Folds: runs stay together, and no fold asks for elements that the rest lacks."""

from __future__ import annotations

import numpy as np
import pytest
from ase.build import bulk

from skcrystal.potentials.training_rows import make_folds
from tests.potentials.copper import as_batch

COPPER, GOLD, ALLOY = bulk("Cu"), bulk("Au"), bulk("CuAu", "zincblende", a=4.0)


def test_groups_stay_whole_where_there_are_enough():
    groups = np.repeat(np.arange(7), [5, 3, 3, 2, 2, 2, 1])
    folds = make_folds(as_batch([COPPER] * 18), 3, groups)
    assert all(len(np.unique(folds[groups == group])) == 1 for group in range(7))
    assert np.ptp(np.bincount(folds)) <= 2


def test_few_groups_are_cut_into_stretches():
    folds = make_folds(as_batch([COPPER] * 12), 3, np.repeat(["run", "rest"], 6))
    for run in (folds[:6], folds[6:]):
        assert np.bincount(run).tolist() == [2, 2, 2]
        assert (np.diff(run) != 0).sum() == 2


def test_each_set_of_elements_is_in_the_rest_of_each_fold():
    """Six groups are enough for three folds, but each set of elements has two of them."""
    crystals = as_batch([COPPER] * 8 + [GOLD] * 8 + [ALLOY] * 8)
    folds = make_folds(crystals, 3, np.repeat(np.arange(6), 4))
    for first in (0, 8, 16):
        assert set(folds[first : first + 8]) == {0, 1, 2}


def test_crystals_without_groups_are_cut_into_stretches():
    folds = make_folds(as_batch([COPPER] * 9), 3, None)
    assert np.bincount(folds).tolist() == [3, 3, 3]
    assert (np.diff(folds) != 0).sum() == 2


def test_one_crystal_is_too_few():
    with pytest.raises(ValueError, match="at least two crystals"):
        make_folds(as_batch([COPPER]), 5, None)
