"""
A property of sites
===================

Charges, moments, shieldings and defects belong to sites, not to crystals. Here oxidation states are learnt
from what surrounds each site, its own atom included, and predicted for crystals that no model has seen.
"""

# %%
# What may be changed
# -------------------

# Trees of each forest.
N_TREES = 60

# Every how many-th crystal is used: 1 takes all.
EVERY = 1

# %%
# A row for each site
# -------------------
# ``transform_sites`` gives one row per site; with pandas output, crystal and number of the site are its
# index. Channels of :class:`~skcrystal.descriptors.SOAP` are properties of the elements: one width for all.

from skcrystal import site_table
from skcrystal.datasets import load_experimental
from skcrystal.descriptors import SOAP

crystals = load_experimental().data[::EVERY]
soap = SOAP(n_max=4, l_max=2).set_output(transform="pandas")
X = soap.transform_sites(crystals)
X.iloc[:4, :3].round(3)

# %%
# What is known about the sites stands in :func:`skcrystal.site_table`.

sites = site_table(crystals)
y = sites["oxidation_state"]
sites.iloc[:4, :6]

# %%
# Folds by crystal
# ----------------
# Two sites of a crystal are no independent rows. The first level of the index keeps them together: what is
# predicted belongs to crystals that were not learnt from. Crystals of one formula stay together as well.

import numpy as np
from sklearn.ensemble import ExtraTreesRegressor
from sklearn.model_selection import GroupKFold, cross_val_predict

formulas = np.array([crystal.formula for crystal in crystals])
groups = formulas[X.index.get_level_values("crystal")]
forest = ExtraTreesRegressor(N_TREES, max_features=0.3, random_state=0)
predicted = cross_val_predict(forest, X, y, groups=groups, cv=GroupKFold(5))

# %%
# The answer
# ----------
# An element alone tells much: its mean oxidation state in the other crystals is the mark to beat.

means = np.empty(len(y))
for train, test in GroupKFold(5).split(X, y, groups):
    known = y.iloc[train].groupby(sites["element"].iloc[train]).mean()
    means[test] = sites["element"].iloc[test].map(known).fillna(0.0)

for name, guess in (("mean of the element", means), ("SOAP", predicted)):
    print(f"{name:20s} MAE {np.abs(guess - y).mean():.2f}")

# %%

import matplotlib.pyplot as plt

fig, axes = plt.subplots(
    1, 2, figsize=(7, 3.5), sharex=True, sharey=True, layout="constrained"
)
for ax, (name, guess) in zip(
    axes, (("mean of the element", means), ("SOAP", predicted)), strict=True
):
    ax.plot([-4, 7], [-4, 7], color="#BBBBBB", lw=0.8)
    ax.plot(y, guess, ".", ms=4, alpha=0.4, color="#0072B2")
    ax.set(title=name, xlabel="oxidation state")
axes[0].set_ylabel("predicted")
plt.show()
