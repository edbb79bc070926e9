"""
A search over descriptors
=========================

Which descriptors suit a target is a question to the data. ``GridSearchCV`` tries them as it tries any
parameter, and a cache on disk computes each row once.
"""

# %%
# What may be changed
# -------------------

# Trees of each forest.
N_TREES = 60

# Every how many-th crystal is used: 1 takes all.
EVERY = 1

# %%
# The pipeline
# ------------
# ``cache`` names a file that keeps rows. It is found again by the next fold, the next grid point and the next
# program; here it lies in a temporary folder.

import tempfile
from pathlib import Path

from sklearn.ensemble import RandomForestRegressor
from sklearn.pipeline import make_pipeline

from skcrystal import CrystalFeaturizer
from skcrystal.datasets import load_experimental

temporary = tempfile.TemporaryDirectory()
rows_on_disk = Path(temporary.name) / "rows.sqlite"

X, y = load_experimental(return_X_y=True)
X, y = X[::EVERY], y[::EVERY]
model = make_pipeline(
    CrystalFeaturizer(cache=rows_on_disk),
    RandomForestRegressor(N_TREES, max_features=0.3, random_state=0),
)

# %%
# The grid
# --------
# A step is dropped, replaced, or added to; a whole list may be swapped as well.

import pandas as pd
from sklearn.model_selection import GridSearchCV, KFold

from skcrystal.descriptors import (
    CompositionStats,
    Density,
    IonicStats,
    RadialSpectrum,
    SymmetryStats,
)

composition = ("composition", CompositionStats())
candidates = {
    "composition": [composition],
    "composition, density": [composition, ("density", Density())],
    "composition, ionic": [composition, ("ionic", IonicStats())],
    "composition, symmetry": [composition, ("symmetry", SymmetryStats())],
    "composition, radial": [composition, ("radial", RadialSpectrum())],
    "notebook": "notebook",
}
search = GridSearchCV(
    model,
    {"crystalfeaturizer__descriptors": list(candidates.values())},
    scoring="neg_mean_absolute_error",
    cv=KFold(3, shuffle=True, random_state=0),
    refit=False,
)

# %%
# Three folds of six candidates ask for each crystal eighteen times, and more. Each row is computed once.

from skcrystal.featurizer import cache

search.fit(X, y)
found = cache.info(rows_on_disk)
print(f"{found.rows} rows of {len(X)} crystals, {found.size / 1e6:.1f} MB")

# %%
# The answer
# ----------
# The spread is the standard deviation over the folds: differences that are smaller say little.

import matplotlib.pyplot as plt

results = pd.DataFrame(
    {
        "MAE (eV)": -search.cv_results_["mean_test_score"],
        "spread (eV)": search.cv_results_["std_test_score"],
    },
    index=list(candidates),
).sort_values("MAE (eV)")

fig, ax = plt.subplots(figsize=(7, 3.2), layout="constrained")
ax.errorbar(
    results["MAE (eV)"], results.index, xerr=results["spread (eV)"], fmt="o", capsize=3
)
ax.set(
    xlabel="mean absolute error of the band gap (eV)", ylim=(len(results) - 0.5, -0.5)
)
ax.grid(axis="x", color="#E4E4E4", lw=0.6)
plt.show()

# %%

results.round(3)

# %%
# Parameters of a descriptor
# --------------------------
# They are reached by scikit-learn's double underscores. A tolerance of 0.1 Å finds symmetry that a distorted
# structure has lost, and costs the distinction. The built-in crystals are made from their space groups: on
# them, all tolerances find the same.

model.set_params(crystalfeaturizer__descriptors=candidates["composition, symmetry"])
tolerances = GridSearchCV(
    model,
    {"crystalfeaturizer__symmetry__symprec": [0.001, 0.01, 0.1]},
    scoring="neg_mean_absolute_error",
    cv=KFold(3, shuffle=True, random_state=0),
    refit=False,
).fit(X, y)
pd.DataFrame(
    {
        "symprec (Å)": tolerances.cv_results_[
            "param_crystalfeaturizer__symmetry__symprec"
        ],
        "MAE (eV)": -tolerances.cv_results_["mean_test_score"].round(3),
    }
)

# %%

temporary.cleanup()
