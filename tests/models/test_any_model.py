"""Columns that any model can use: scaled, they serve linear models, neighbours and networks."""

from __future__ import annotations

import csv
import gzip
import os
import warnings
from pathlib import Path

import pytest
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import Ridge
from sklearn.model_selection import KFold, cross_val_score
from sklearn.neighbors import KNeighborsRegressor
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVR

from skcrystal import CrystalFeaturizer
from skcrystal.datasets import load_experimental

SHARED = Path(os.environ.get("SKCRYSTAL_SHARED", Path(__file__).parents[2].parent / "shared"))
ABC3 = SHARED / "data" / "mp_abc3.csv.gz"

MODELS = {
    "ridge": Ridge(),
    "neighbours": KNeighborsRegressor(),
    "support_vectors": SVR(),
    "network": MLPRegressor(hidden_layer_sizes=(32,), solver="lbfgs", alpha=10, max_iter=60, random_state=0),
}


def worst_fold(model, rows, gaps):
    """Least R2 of ten shuffled folds."""
    folds = KFold(10, shuffle=True, random_state=0)
    with warnings.catch_warnings():
        # The network stops early, which is its regularisation.
        warnings.simplefilter("ignore", ConvergenceWarning)
        return cross_val_score(
            make_pipeline(StandardScaler(), model), rows, gaps, cv=folds, scoring="r2"
        ).min()


@pytest.fixture(scope="module")
def measured():
    data = load_experimental()
    return CrystalFeaturizer().fit_transform(data.data), data.target


@pytest.fixture(scope="module")
def lecture():
    if not ABC3.exists():
        pytest.skip("the shared data are not here")
    with gzip.open(ABC3, "rt", newline="") as file:
        rows = list(csv.DictReader(file))[:400]
    return CrystalFeaturizer().fit_transform([row["cif"] for row in rows]), [
        float(row["band_gap"]) for row in rows
    ]


@pytest.mark.parametrize("name", MODELS)
def test_every_fold_of_the_measured_crystals_is_predicted(measured, name):
    assert worst_fold(MODELS[name], *measured) > 0.3


@pytest.mark.parametrize("name", MODELS)
def test_every_fold_of_the_lectures_crystals_is_predicted(lecture, name):
    assert worst_fold(MODELS[name], *lecture) > 0.3
