"""Columns selected by what they say of the target, and of each other."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import Ridge
from sklearn.metrics import normalized_mutual_info_score
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

from skcrystal import CrystalFeaturizer
from skcrystal.datasets import load_experimental
from skcrystal.models import CrystalPipeline, RelevanceRedundancySelector, SoftStandardScaler
from skcrystal.models.selection import _shared


@parametrize_with_checks([RelevanceRedundancySelector(n_features=3)])
def test_scikit_learns_checks(estimator, check):
    check(estimator)


def test_information_is_scikit_learns():
    random = np.random.default_rng(0)
    A, B = random.integers(0, 5, (200, 3)), random.integers(0, 4, (200, 2))
    B[:, 0] = A[:, 0] // 2
    expected = [[normalized_mutual_info_score(a, b) for b in B.T] for a in A.T]
    np.testing.assert_allclose(_shared(A, B), expected, atol=1e-12)


@pytest.mark.parametrize("labels", [False, True])
def test_what_repeats_another_column_comes_late_and_noise_last(labels):
    random = np.random.default_rng(0)
    a, b, noise = random.normal(size=(3, 800))
    X = np.column_stack([noise, a, a**3, b, np.zeros(800)])
    y = a + 0.5 * b
    selector = RelevanceRedundancySelector(n_features=5).fit(
        X, np.where(y > 0, "up", "down") if labels else y
    )
    ranking = selector.ranking_.tolist()
    assert ranking[:2] in ([1, 3], [2, 3])
    assert ranking[-1] == 4 or selector.relevance_[4] == 0
    assert selector.relevance_[0] < 0.5 * selector.relevance_[3]


def test_missing_values_and_shares_and_several_targets():
    random = np.random.default_rng(0)
    X = random.normal(size=(300, 10))
    y = X[:, [2, 7]] + 0.1 * random.normal(size=(300, 2))
    X[::5, 0] = np.nan
    selector = RelevanceRedundancySelector(n_features=0.2).fit(X, y)
    assert sorted(selector.ranking_.tolist()) == [2, 7]
    assert selector.transform(X).shape == (300, 2)


def test_in_a_pipeline_of_crystals_the_model_sees_few_columns():
    X, y = load_experimental(return_X_y=True)
    model = CrystalPipeline(
        [
            ("featurizer", CrystalFeaturizer("composition").set_output(transform="pandas")),
            ("selector", RelevanceRedundancySelector(30)),
            ("rest", make_pipeline(SoftStandardScaler(), Ridge(10))),
        ]
    ).fit(X, y)
    assert model[-1].n_features_in_ == 30
    assert len(model[1].get_feature_names_out()) == 30
    assert model.score(X, y) > 0.5
