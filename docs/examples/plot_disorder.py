"""
Alloys and vacancies
====================

Nearly half of the measured crystals in the large collections have sites that elements share, or that are
partly empty. skcrystal reads them as they are: each species counts by its occupancy.
"""

# %%
# What may be changed
# -------------------

# Trees of the forest.
N_TREES = 100

# Every how many-th crystal is used: 1 takes all.
EVERY = 1

# %%
# A solid solution
# ----------------
# Gallium arsenide and aluminium arsenide mix in all proportions; the measured lattice constant follows
# Vegard's law, 5.6533 + 0.0078 x Å at 300 K (Vurgaftman, Meyer & Ram-Mohan, J. Appl. Phys. 89 (2001) 5815).

import numpy as np
from pymatgen.core import Lattice, Structure


def aluminium_gallium_arsenide(x):
    lattice = Lattice.cubic(5.6533 + 0.0078 * x)
    mixed = {"Al": x, "Ga": 1 - x} if 0 < x < 1 else {"Al" if x else "Ga": 1}
    return Structure.from_spacegroup(
        "F-43m", lattice, [mixed, "As"], [[0, 0, 0], [0.25, 0.25, 0.25]]
    )


shares = np.linspace(0, 1, 11)
alloys = [aluminium_gallium_arsenide(x) for x in shares]

# %%
# Columns of an alloy
# -------------------
# They run smoothly from one end to the other.

from skcrystal import CrystalFeaturizer, site_table

rows = CrystalFeaturizer().set_output(transform="pandas").fit_transform(alloys)
columns = [
    "density",
    "mean_coordination_number",
    "mean_atomic_mass",
    "mean_bond_length",
]
rows[columns].assign(aluminium=shares).set_index("aluminium").round(3)

# %%
# The shared site, as :func:`skcrystal.site_table` shows it:

site_table([alloys[3]])[
    ["element", "wyckoff_letter", "coordination_number"]
].drop_duplicates()

# %%
# Predicting along the series
# ---------------------------
# A forest that learnt ordered crystals only, the two ends among them, is asked for the alloys between.

import matplotlib.pyplot as plt
from sklearn.ensemble import RandomForestRegressor
from sklearn.pipeline import make_pipeline

from skcrystal.datasets import load_experimental

X, y = load_experimental(return_X_y=True)
model = make_pipeline(
    CrystalFeaturizer(),
    RandomForestRegressor(N_TREES, max_features=0.3, random_state=0),
)
model.fit(X[::EVERY], y[::EVERY])

# Direct gap at the zone centre up to x = 0.45, the indirect one beyond, at 300 K: Adachi, J. Appl. Phys. 58
# (1985) R1.
direct, indirect = 1.424 + 1.247 * shares, 1.9 + 0.125 * shares + 0.143 * shares**2
fig, ax = plt.subplots(figsize=(7, 3.6), layout="constrained")
ax.plot(shares, np.minimum(direct, indirect), label="measured (Adachi 1985)")
ax.plot(shares, model.predict(alloys), "o", label="forest on ordered crystals")
ax.set(xlabel="share of aluminium", ylabel="band gap (eV)", ylim=(0, None))
ax.legend(frameon=False)
ax.grid(color="#E4E4E4", lw=0.6)
plt.show()

# %%
# Where averages mislead
# ----------------------
# If one arrangement of the atoms decides, order the crystal first, and let the featurizer refuse what is not
# ordered:

strict = CrystalFeaturizer(disorder="raise", on_error="nan")
try:
    CrystalFeaturizer(disorder="raise").fit_transform(alloys[3:4])
except ValueError as error:
    print(error)
