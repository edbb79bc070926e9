"""
Explaining a prediction
=======================

Why this gap for this crystal? What a sum of boosted trees predicts can be taken apart exactly: what each
column adds to the mean prediction, in the unit of the target. Sums over families of columns are easier to
read, and what a column means is known to the featurizer.
"""

# %%
# What may be changed
# -------------------

# Trees of the model.
N_TREES = 300

# Every how many-th crystal is used: 1 takes all.
EVERY = 1

# %%
# A model that has not seen the crystal
# -------------------------------------
# Cubic boron nitride is left out, and so is its other form, which is layered as graphite.

import numpy as np
from xgboost import DMatrix, XGBRegressor

from skcrystal import CrystalFeaturizer
from skcrystal.datasets import load_experimental

data = load_experimental()
asked = next(k for k, crystal in enumerate(data.data) if crystal.formula == "BN")
others = [
    k
    for k, crystal in enumerate(data.data)
    if crystal.formula != "BN" and k % EVERY == 0
]
featurizer = CrystalFeaturizer().set_output(transform="pandas")
rows = featurizer.fit_transform(data.data[others])
row = featurizer.transform(data.data[[asked]])
model = XGBRegressor(
    n_estimators=N_TREES,
    learning_rate=0.05,
    max_depth=5,
    subsample=0.7,
    colsample_bytree=0.3,
    random_state=0,
    n_jobs=1,
)
model.fit(rows, data.target[others])
print(f"predicted {model.predict(row)[0]:.2f} eV, measured {data.target[asked]:.2f} eV")

# %%
# What each column adds
# ---------------------
# Shapley values for trees (Lundberg et al., Nat. Mach. Intell. 2 (2020) 56), which XGBoost computes itself.
# The last number is the mean prediction; all of them sum to the prediction.

parts = model.get_booster().predict(DMatrix(row), pred_contribs=True)[0]
shares, mean = parts[:-1], parts[-1]
print(f"{mean:.2f} eV on average and {shares.sum():+.2f} eV for this crystal")

# %%
# The largest, with what the columns mean:

about = featurizer.describe_features().set_index("name")
table = about[["family", "unit", "meaning"]].assign(value=row.iloc[0], adds=shares)
order = table["adds"].abs().sort_values(ascending=False).index
table.loc[order[:8]].round(2)

# %%
# What each family adds
# ---------------------
# Columns of one family stand in for each other, and which of them a tree takes is half chance: their sum is
# steadier. Bars begin where the one above ends.

import matplotlib.pyplot as plt

families = table.groupby("family")["adds"].sum()
families = families[families.abs().sort_values(ascending=False).index]
ends = mean + families.cumsum()
colors = np.where(families > 0, "#0072B2", "#D55E00")
fig, ax = plt.subplots(figsize=(7, 4), layout="constrained")
bars = ax.barh(families.index, families, left=ends - families, color=colors)
ax.bar_label(bars, labels=[f"{value:+.2f}" for value in families], padding=3)
ax.axvline(mean, color="#999999", ls="--", lw=1, label="mean")
ax.axvline(ends.iloc[-1], color="#222222", lw=1, label="prediction")
reach = [mean, *ends]
ax.set(xlabel="band gap (eV)", xlim=(min(reach) - 0.8, max(reach) + 0.8))
ax.invert_yaxis()
ax.legend(frameon=False, loc="lower left")
plt.show()

# %%
# Like which crystals?
# --------------------
# The other half of an explanation: those that the trees treat alike. Two crystals are alike by the share of
# trees in which they come to the same leaf.

leaves, leaf = model.apply(rows), model.apply(row)
alike = (leaves == leaf).mean(axis=1)
for k in np.argsort(-alike)[:5]:
    crystal = data.data[others[k]]
    gap = data.target[others[k]]
    print(f"{crystal.formula:8s} {alike[k]:4.0%} of the trees, {gap:.2f} eV")

# %%
# None of this is a cause. A column that comes with the true reason gets its credit, and the gap of a
# crystal is not made by its density. What the model as a whole needs is measured by
# :func:`skcrystal.inspection.family_importance`.
