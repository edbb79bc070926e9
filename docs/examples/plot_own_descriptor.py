"""
Your own descriptor
===================

A descriptor is a class with two methods: one says what its columns are, the other fills them for a whole
batch of crystals. What it gets in return: names, units, a place in the featurizer, in grids and in pipelines.
"""

# %%
# What may be changed
# -------------------

# Trees of each forest.
N_TREES = 60

# Every how many-th crystal is used: 1 takes all.
EVERY = 1

# %%
# The idea
# --------
# How polar the bonds of a crystal can be at most, from its formula alone: the
# largest electronegativity among the elements of a crystal, less the smallest, times the share of the most
# electronegative one. It needs no positions, and so no move of the cell can change it; that is what
# ``invariance`` says.

import numpy as np

from skcrystal.chemistry import elements
from skcrystal.descriptors import Column, Descriptor, Invariance


class Polarity(Descriptor):
    """Difference of the extreme electronegativities, weighed by the share of the larger one."""

    invariance = Invariance(
        origin=True,
        rotation=True,
        reflection=True,
        permutation=True,
        supercell=True,
        cell_choice=True,
        continuous=True,
    )

    def describe_columns(self):
        return [Column.of("polarity", "Pauling's", "spread of electronegativities")]

    def describe(self, crystals):
        values = elements.property_table(["electronegativity"])[:, 0]
        shares = crystals.element_amounts
        shares = shares / shares.sum(axis=1, keepdims=True)
        present = np.where((shares > 0) & np.isfinite(values), values, np.nan)
        top = np.nanargmax(present, axis=1)
        spread = np.nanmax(present, axis=1) - np.nanmin(present, axis=1)
        return (spread * shares[np.arange(len(shares)), top])[:, None]


# %%
# Alone
# -----
# It takes whatever is a crystal, as all descriptors do.

from skcrystal.datasets import load_experimental

frame = load_experimental(as_frame=True).frame.iloc[::EVERY]
X, y = list(frame["structure"]), frame["band_gap"].to_numpy()
polarity = Polarity().set_output(transform="pandas").fit_transform(X)
polarity.describe().round(2)

# %%
# Beside the others
# -----------------
# A list of named steps, or a preset with one more.

from sklearn.ensemble import RandomForestRegressor
from sklearn.model_selection import KFold, cross_val_score
from sklearn.pipeline import make_pipeline

from skcrystal import CrystalFeaturizer
from skcrystal.descriptors import CompositionStats, Density

steps = [("composition", CompositionStats()), ("density", Density())]
folds = KFold(3, shuffle=True, random_state=0)
errors = {}
for name, descriptors in {
    "composition, density": steps,
    "and polarity": [*steps, ("polarity", Polarity())],
}.items():
    model = make_pipeline(
        CrystalFeaturizer(descriptors),
        RandomForestRegressor(N_TREES, max_features=0.3, random_state=0),
    )
    scores = cross_val_score(model, X, y, cv=folds, scoring="neg_mean_absolute_error")
    errors[name] = -scores.mean()
    print(f"{name}: {errors[name]:.3f} eV")

# %%
# What it sees
# ------------
# Columns that a textbook would draw are worth drawing before a model gets them.

import matplotlib.pyplot as plt

fig, ax = plt.subplots(figsize=(7, 3.6), layout="constrained")
ax.plot(polarity["polarity"], y, "o", alpha=0.5, color="#0072B2")
ax.set(xlabel="polarity (Pauling's scale)", ylabel="measured band gap (eV)")
ax.grid(color="#E4E4E4", lw=0.6)
plt.show()

# %%
# Does it keep its promise? Each crystal again, in a supercell:

supercells = [structure.to_structure() * (2, 1, 1) for structure in X[:20]]
np.abs(Polarity().fit_transform(supercells) - polarity.to_numpy()[:20]).max()
