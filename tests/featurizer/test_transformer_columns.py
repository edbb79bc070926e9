"""Functions of the user's among descriptors."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from skcrystal import CrystalError, CrystalFeaturizer
from skcrystal.descriptors import Density
from tests.prototypes import CAESIUM_CHLORIDE, DIAMOND, ROCK_SALT

ITEMS = [ROCK_SALT, DIAMOND, CAESIUM_CHLORIDE]


def sites_and_volume(crystals):
    return np.column_stack([crystals.site_counts, crystals.volumes])


def site_count(crystals):
    return crystals.site_counts


def constant(crystals):
    return np.zeros((1, 2))


class Named(FunctionTransformer):
    def get_feature_names_out(self, input_features=None):
        return np.array(["sites", "volume"], dtype=object)


def featurizer(function, **params):
    steps = [("density", Density()), ("mine", FunctionTransformer(function))]
    return CrystalFeaturizer(steps, **params)


def test_a_function_gives_columns_beside_those_of_descriptors(tmp_path):
    united = featurizer(sites_and_volume, cache=tmp_path / "rows.sqlite", chunk_size=2)
    names = united.get_feature_names_out().tolist()
    assert names[-2:] == ["sites_and_volume_0", "sites_and_volume_1"]
    assert featurizer(site_count).get_feature_names_out()[-1] == "site_count"
    for _ in range(2):  # the second time from the cache
        rows = united.fit_transform(ITEMS)
        assert rows[:, -2].tolist() == [2, 2, 2]
        np.testing.assert_array_equal(rows[:, :-2], Density().transform(ITEMS))
    assert united.describe_features()["invariances"].iloc[-1] == ""


def test_names_of_the_transformer_are_kept_and_steps_are_dropped():
    united = CrystalFeaturizer([("density", Density()), ("mine", Named(sites_and_volume))])
    assert united.get_feature_names_out()[-2:].tolist() == ["sites", "volume"]
    dropped = clone(united).set_params(mine="drop")
    np.testing.assert_array_equal(dropped.transform(ITEMS), Density().transform(ITEMS))
    changed = featurizer(sites_and_volume).set_params(mine__func=site_count)
    assert changed.transform(ITEMS).shape[1] == united.transform(ITEMS).shape[1] - 1


def test_a_transformer_that_learns_or_forgets_rows_is_refused():
    with pytest.raises(
        TypeError, match=r"belongs behind the featurizer, .* requires_fit=False among its tags"
    ):
        CrystalFeaturizer([("scaler", StandardScaler())]).fit()
    with pytest.raises(CrystalError, match=r"shape \(1, 2\) for 3 crystals; return a row"):
        featurizer(constant).transform(ITEMS)
