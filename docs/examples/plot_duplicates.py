"""
The same crystal twice
======================

Sets of crystals hold twins: other cells, other origins, other names. A twin in the training set makes the
test row easy. Here some are hidden in a set, found again, and what they do to the measured error is shown.
"""

# %%
# What may be changed
# -------------------

# Trees of each forest.
N_TREES = 60

# Every how many-th crystal is used: 1 takes all.
EVERY = 1

# %%
# A set with twins
# ----------------
# Every third crystal comes again, in a cell of twice the volume, with the origin elsewhere.

import numpy as np

from skcrystal import Crystals
from skcrystal.datasets import load_experimental

X, y = load_experimental(return_X_y=True)
X, y = X[::EVERY], y[::EVERY]


def again(crystal):
    structure = crystal.to_structure() * (1, 1, 2)
    structure.translate_sites(range(len(structure)), [0.13, 0.29, 0.41])
    return structure


twins = np.arange(0, len(X), 3)
everything = [*X, *(again(X[k]) for k in twins)]
targets = np.concatenate([y, y[twins]])

# %%
# Found again
# -----------
# ``duplicates`` compares what does not depend on the cell. Crystals are taken in order: the earlier one is
# the original.

import skcrystal

found = skcrystal.duplicates(everything, confirm=False)
print(f"{len(found)} duplicates found, {len(twins)} hidden")
found.head()

# %%
# What twins do to an error
# -------------------------
# The same forest is judged on the same crystals three times: without twins, with twins spread over the folds
# at random, and with twins kept together by ``GroupKFold``.

import matplotlib.pyplot as plt
from sklearn.ensemble import RandomForestRegressor
from sklearn.model_selection import GroupKFold, KFold, cross_val_predict
from sklearn.pipeline import make_pipeline

from skcrystal import CrystalFeaturizer, as_crystals

rows = CrystalFeaturizer().fit_transform(as_crystals(everything))
groups = np.arange(len(everything))
groups[found.index] = found["original"].to_numpy()
model = make_pipeline(RandomForestRegressor(N_TREES, max_features=0.3, random_state=0))
shuffled = KFold(5, shuffle=True, random_state=0)
kept = GroupKFold(5, shuffle=True, random_state=0)
errors = {}
for name, last, cv, together in (
    ("no twins", len(X), shuffled, None),
    ("twins at random", len(rows), shuffled, None),
    ("twins together", len(rows), kept, groups),
):
    predicted = cross_val_predict(
        model, rows[:last], targets[:last], cv=cv, groups=together
    )
    # Those that have a twin, or would have one.
    errors[name] = np.abs(predicted - targets[:last])[twins].mean()

fig, ax = plt.subplots(figsize=(7, 2.4), layout="constrained")
bars = ax.barh(
    list(errors), list(errors.values()), color=["#999999", "#D55E00", "#0072B2"]
)
ax.bar_label(bars, fmt="%.2f eV", padding=4)
ax.set(
    xlabel="mean absolute error of the gap (eV)", xlim=(0, 1.2 * max(errors.values()))
)
ax.invert_yaxis()
plt.show()

# %%
# The middle bar is not a better model. ``skcrystal.match`` asks the same of new crystals:

skcrystal.match(everything[-3:], Crystals.from_crystals(X), confirm=False)[
    ["known", "formula"]
]
