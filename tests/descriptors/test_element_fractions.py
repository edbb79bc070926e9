"""Shares of elements, counted by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import issparse

from skcrystal import CrystalFeaturizer, as_compositions
from skcrystal.descriptors import ElementFractions
from tests.prototypes import ROCK_SALT


def test_shares_of_iron_oxide_and_of_a_crystal():
    fractions = ElementFractions()
    names = fractions.get_feature_names_out().tolist()
    rows = fractions.transform(["Fe2O3", ROCK_SALT])
    assert rows.shape == (2, 118)
    assert rows[0, names.index("fraction_fe")] == pytest.approx(2 / 5)
    assert rows[0, names.index("fraction_o")] == pytest.approx(3 / 5)
    assert rows[1, names.index("fraction_na")] == rows[1, names.index("fraction_cl")] == 0.5
    np.testing.assert_allclose(rows.sum(axis=1), 1.0)
    assert (rows > 0).sum(axis=1).tolist() == [2, 2]


def test_elements_are_chosen_in_their_order_and_others_count_as_atoms():
    rows = ElementFractions(elements=["Cl", "K"]).transform(["NaCl3", "KCl"])
    assert rows.tolist() == [[0.75, 0.0], [0.5, 0.5]]


def test_sparse_rows_hold_the_same_and_pass_through_the_featurizer():
    formulas = ["Fe2O3", "YBa2Cu3O6.93"]
    sparse = ElementFractions(sparse_output=True).transform(formulas)
    assert issparse(sparse)
    assert sparse.nnz == 6
    assert sparse.indices.dtype == np.int32
    np.testing.assert_array_equal(sparse.toarray(), ElementFractions().transform(formulas))
    united = CrystalFeaturizer([("fractions", ElementFractions(sparse_output=True))]).transform(formulas)
    np.testing.assert_array_equal(united.toarray(), sparse.toarray())


def test_no_crystals_give_no_rows():
    assert ElementFractions().describe(as_compositions([])).shape == (0, 118)


@pytest.mark.parametrize(
    ("elements", "message"), [(["Fe", "Xx"], "'Xx' is not the symbol"), (["Fe", "Fe"], "twice")]
)
def test_a_wrong_list_of_elements_is_told(elements, message):
    with pytest.raises(ValueError, match=message):
        ElementFractions(elements=elements).fit()
