"""A batch of compositions as a sequence that scikit-learn can split."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from sklearn.model_selection import train_test_split

from skcrystal import Compositions, CrystalError


def rows(*contents):
    amounts = np.zeros((len(contents), 119))
    for row, content in zip(amounts, contents, strict=True):
        for number, amount in content.items():
            row[number] = amount
    return amounts


BATCH = Compositions(rows({1: 2, 8: 1}, {11: 1, 17: 1}, {57: 1.7, 38: 0.3, 29: 1, 8: 4}), ["a", "b", "c"])


def test_it_is_a_sequence_of_symbols_and_amounts():
    assert len(BATCH) == 3
    assert list(BATCH)[:2] == [{"H": 2.0, "O": 1.0}, {"Na": 1.0, "Cl": 1.0}]
    assert BATCH[-1] == {"O": 4.0, "Cu": 1.0, "Sr": 0.3, "La": 1.7}
    assert BATCH[[2, 0]].sources == ("c", "a")
    assert BATCH[np.array([True, False, True])][1]["La"] == 1.7
    assert list(BATCH[1:]) == list(BATCH)[1:]
    with pytest.raises(IndexError, match="composition 3 of 3"):
        BATCH[3]


def test_scikit_learn_splits_it():
    train, test = train_test_split(BATCH, test_size=1, random_state=0)
    assert isinstance(train, Compositions)
    assert sorted(train.sources + test.sources) == ["a", "b", "c"]


def test_whole_amounts_are_told_from_fractions():
    assert BATCH.whole.tolist() == [True, True, False]


def test_keys_belong_to_the_amounts():
    again = Compositions(BATCH.element_amounts[::-1])
    assert again.keys() == BATCH.keys()[::-1]
    assert len(set(BATCH.keys())) == 3


def test_it_cannot_be_changed_and_survives_pickling():
    with pytest.raises(ValueError, match="read-only"):
        BATCH.element_amounts[0, 1] = 3
    assert list(pickle.loads(pickle.dumps(BATCH))) == list(BATCH)


@pytest.mark.parametrize(
    ("amounts", "message"),
    [
        (rows({1: -1, 8: 1}), "composition 0: an amount is negative"),
        (rows({1: 1}, {1: np.nan}), "composition 1: an amount is negative, infinite or NaN"),
        (rows({1: np.inf}), "composition 0: an amount is negative, infinite or NaN"),
        (rows({1: 1}, {}), "composition 1: it holds no atoms"),
        (rows({0: 1, 1: 1}), "composition 0: it holds no atoms of elements 1 to 118"),
        (np.ones((2, 3)), r"shape \(2, 3\)"),
    ],
)
def test_amounts_that_are_none_are_refused(amounts, message):
    with pytest.raises(CrystalError, match=message):
        Compositions(amounts)
