"""Rows in order pass unseen; anything else meets scikit-learn's checks."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from skcrystal.models import SoftStandardScaler
from skcrystal.models.fitted import checked_rows


@pytest.fixture
def model():
    return SoftStandardScaler().fit(np.random.default_rng(0).normal(size=(20, 3)))


def test_an_array_in_order_is_taken_as_it_is(model):
    rows = np.ones((2, 3))
    assert checked_rows(model, rows) is rows


@pytest.mark.parametrize(
    "rows", [[[1, 2, 3]], np.ones((1, 3), dtype=np.float32), np.asfortranarray(np.ones((4, 3)))]
)
def test_other_rows_become_such(model, rows):
    found = checked_rows(model, rows)
    assert found.dtype == np.float64
    np.testing.assert_array_equal(found, np.asarray(rows))


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (np.ones((2, 4)), "X has 4 features"),
        (np.ones(3), "Expected 2D array"),
        (np.ones((0, 3)), "Found array with 0 sample"),
        (np.array([[1.0, np.nan, 3.0]]), "contains NaN"),
        (np.array([[1.0, np.inf, 3.0]]), "contains infinity"),
    ],
)
def test_what_is_wrong_is_said_as_scikit_learn_says_it(model, rows, message):
    with pytest.raises(ValueError, match=message):
        checked_rows(model, rows)


def test_missing_values_pass_where_they_may_and_infinity_does_not(model):
    assert np.isnan(checked_rows(model, np.array([[1.0, np.nan, 3.0]]), allow_nan=True)).any()
    with pytest.raises(ValueError, match="contains infinity"):
        checked_rows(model, np.array([[1.0, -np.inf, np.nan]]), allow_nan=True)


def test_names_are_still_compared():
    table = pd.DataFrame(np.random.default_rng(0).normal(size=(20, 2)), columns=["a", "b"])
    model = SoftStandardScaler().fit(table)
    with pytest.raises(ValueError, match="feature names"):
        checked_rows(model, table[["b", "a"]])
    with pytest.warns(UserWarning, match="does not have valid feature names"):
        checked_rows(model, table.to_numpy())
