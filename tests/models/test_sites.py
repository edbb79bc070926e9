"""Values of sites: as one array per crystal, and never a crystal on both sides of a fold."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.base import BaseEstimator, RegressorMixin, clone
from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor, StackingRegressor
from sklearn.linear_model import Ridge
from sklearn.metrics import make_scorer, mean_absolute_error
from sklearn.model_selection import GridSearchCV, KFold, cross_val_predict, cross_val_score

from skcrystal import as_crystals
from skcrystal.datasets import load_experimental
from skcrystal.descriptors import CoordinationStats, Density, LocalDifferences
from skcrystal.models import SiteClassifier, SiteRegressor, per_site
from skcrystal.splits import ChemicalSystemKFold

X = as_crystals(load_experimental().data[:60])
CHARGES = np.array(X.site_charges)
y = [CHARGES[a:b] for a, b in zip(X.site_offsets[:-1], X.site_offsets[1:], strict=True)]
DESCRIPTORS = [("coordination", CoordinationStats()), ("differences", LocalDifferences())]


def forest():
    return SiteRegressor(DESCRIPTORS, ExtraTreesRegressor(30, random_state=0))


def test_predictions_are_one_array_per_crystal_in_the_order_of_the_sites():
    model = forest().fit(X, y)
    predicted = model.predict(X)
    assert isinstance(predicted, list)
    assert [len(values) for values in predicted] == X.site_counts.tolist()
    np.testing.assert_allclose(np.concatenate(predicted), CHARGES, atol=0.5)
    assert model.score(X, y) > 0.99
    # The same rows as those that transform_sites gives.
    rows = np.concatenate([step.transform_sites(X) for _, step in DESCRIPTORS], axis=1)
    np.testing.assert_array_equal(model.regressor_.predict(rows), np.concatenate(predicted))


def test_it_is_cloned_scored_searched_and_predicts_out_of_fold():
    model = clone(forest())
    folds = ChemicalSystemKFold(3, shuffle=True, random_state=0)
    scores = cross_val_score(model, X, y, cv=folds, error_score="raise")
    errors = cross_val_score(
        model, X, y, cv=folds, scoring=make_scorer(per_site(mean_absolute_error), greater_is_better=False)
    )
    mean = np.abs(CHARGES - CHARGES.mean()).mean()
    assert scores.min() > 0.3
    assert -errors.mean() < 0.6 * mean
    search = GridSearchCV(model, {"regressor__n_estimators": [5, 10]}, cv=KFold(2)).fit(list(X), y)
    assert [len(values) for values in search.predict(X[:3])] == X.site_counts[:3].tolist()
    out_of_fold = cross_val_predict(model, X, y, cv=folds)
    assert [len(values) for values in out_of_fold] == X.site_counts.tolist()


class Recorder(RegressorMixin, BaseEstimator):
    """A mean that keeps the rows which it was fitted to."""

    seen: list = []  # noqa: RUF012

    def fit(self, X, y):
        Recorder.seen.append(X[:, 0])
        self.mean_ = np.mean(y)
        return self

    def predict(self, X):
        Recorder.seen.append(X[:, 0])
        return np.full(len(X), self.mean_)


class Owner(CoordinationStats):
    """A row that says which crystal a site belongs to."""

    def describe_sites(self, crystals):
        return np.repeat(crystals.site_index[:, :1], len(self.get_site_feature_names_out()), axis=1).astype(
            float
        )


def test_folds_inside_the_model_keep_the_sites_of_a_crystal_together():
    Recorder.seen = []
    stack = StackingRegressor([("mean", Recorder())], final_estimator=Ridge(), cv=KFold(3, shuffle=True))
    SiteRegressor(Owner(), stack).fit(X, y)
    # One fit on all, then train and test of each fold.
    folds = list(zip(Recorder.seen[1::2], Recorder.seen[2::2], strict=True))
    assert len(folds) == 3
    assert all(not set(train) & set(test) for train, test in folds)
    assert sorted(owner for _, test in folds for owner in test) == X.site_index[:, 0].tolist()


def test_sites_without_a_value_are_not_learned_from_and_do_not_count():
    partly = [np.where(np.arange(len(values)) == 0, values, np.nan) for values in y]
    model = forest().fit(X, partly)
    first = X.site_offsets[:-1]
    rows = np.concatenate([step.transform_sites(X) for _, step in DESCRIPTORS], axis=1)
    alone = clone(model.regressor).fit(rows[first], CHARGES[first])
    np.testing.assert_array_equal(np.concatenate(model.predict(X)), alone.predict(rows))
    assert model.score(X, partly) == alone.score(rows[first], CHARGES[first])


def test_labels_of_any_type_and_several_outputs():
    labels = [np.where(values > 0, "cation", "anion") for values in y]
    labels[0] = np.array([None, *labels[0][1:]], dtype=object)
    model = SiteClassifier(DESCRIPTORS, ExtraTreesClassifier(20, random_state=0)).fit(X, labels)
    assert model.classes_.tolist() == ["anion", "cation"]
    assert model.predict_proba(X)[0].shape == (X.site_counts[0], 2)
    assert model.score(X, labels) > 0.95
    assert cross_val_score(model, list(X), labels, cv=KFold(3), error_score="raise").min() > 0.6
    assert len(cross_val_score(model, list(X), [v > 0 for v in y], cv=3, error_score="raise")) == 3
    two = SiteRegressor(DESCRIPTORS, Ridge()).fit(X, [np.stack([v, 2 * v], axis=1) for v in y])
    assert two.predict(X[:1])[0].shape == (X.site_counts[0], 2)


def test_the_default_model_learns(monkeypatch):
    pytest.importorskip("xgboost")
    monkeypatch.setattr("skcrystal.models.pipelines.N_TREES", {"small": 5, "large": 5})
    model = SiteRegressor(CoordinationStats()).fit(X, y)
    assert list(model.regressor_.named_steps) == ["softstandardscaler", "stackingregressor"]
    assert (
        SiteClassifier(CoordinationStats()).fit(X, [values > 0 for values in y]).score(X, [v > 0 for v in y])
        > 0.5
    )


def test_what_does_not_fit_is_told():
    with pytest.raises(ValueError, match=r"y\[1\] has 1 values, and crystal 1 \(.+\) \d+ sites"):
        forest().fit(X, [y[0], y[1][:1], *y[2:]])
    with pytest.raises(ValueError, match="y has 2 arrays for 60 crystals"):
        forest().fit(X, y[:2])
    with pytest.raises(ValueError, match="one value"):
        forest().fit(X, CHARGES[: len(X)])
    with pytest.raises(ValueError, match="no site has a value"):
        forest().fit(X, [np.full(len(values), np.nan) for values in y])
    with pytest.raises(TypeError, match="a row for each site"):
        SiteRegressor([("density", Density())]).fit(X, y)
