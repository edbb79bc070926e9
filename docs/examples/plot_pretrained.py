"""
A pretrained network as columns
===============================

CHGNet (Deng et al., Nature Machine Intelligence 5 (2023) 1031) was trained on energies, forces, stresses and
magnetic moments of 1.6 million calculations; its weights ship in its wheel. Its vectors of the atoms become
columns beside those of a preset. It needs ``pip install chgnet``; where that is absent the program says so
and ends, and this page shows the program alone.
"""

# %%
# What may be changed
# -------------------

# Trees of each forest.
N_TREES = 200

# Every how many-th crystal is used: 1 takes all.
EVERY = 1

# %%
# The function
# ------------
# Whatever takes structures and returns vectors: here one of 64 numbers for each atom, of which mean and
# standard deviation over the sites are taken. Name and version stand for the function in a cache, so that a
# later run need not ask the network for the same crystals again.

try:
    from chgnet.model import CHGNet
except ImportError:
    raise SystemExit("this program needs CHGNet: pip install chgnet") from None

import warnings

import numpy as np

from skcrystal import CrystalFeaturizer
from skcrystal.datasets import load_experimental
from skcrystal.descriptors import Embedding, Invariance

# What CHGNet asks of newer versions of PyTorch is no concern of this page.
warnings.filterwarnings("ignore", module="chgnet")
network = CHGNet.load(verbose=False, use_device="cpu")


def atom_vectors(structures):
    answers = network.predict_structure(structures, task="e", return_atom_feas=True)
    answers = answers if isinstance(answers, list) else [answers]
    return [answer["atom_fea"] for answer in answers]


# An atom's vector is made of distances and angles, and statistics over the sites know no order of them.
claims = Invariance(
    origin=True,
    rotation=True,
    reflection=True,
    permutation=True,
    supercell=True,
    cell_choice=True,
    continuous=False,
    note="whether CHGNet is continuous where its cutoffs end, was not looked at",
)
chgnet = Embedding(
    atom_vectors,
    "chgnet",
    network.version,
    per="site",
    statistics=("mean", "std"),
    width=64,
    claims=claims,
)

# %%
# What it has seen
# ----------------
# CHGNet has learned from the Materials Project, where nearly all well-known crystals are. Their calculated
# energies are known to it, and would be no test. Measured gaps, the target here, are not among what it has
# learned from; that it has seen the crystals may still help it, more than it would for one that is new.

data = load_experimental()
X, y = data.data[::EVERY], data.target[::EVERY]
formulas = [crystal.formula for crystal in X]
rows = chgnet.transform(X)
print(f"{rows.shape[0]} crystals, {rows.shape[1]} columns")

# %%
# Is the claim true? Some crystals again, in supercells of another origin. The network has single precision.
# (Its vector of a whole crystal, ``crystal_fea``, is a sum and grows with the cell: a column should not.)

some = list(X[:5])
moved = [crystal.to_structure() * (2, 1, 1) for crystal in some]
for structure in moved:
    structure.translate_sites(list(range(len(structure))), [0.1, 0.2, 0.3])
difference = np.abs(chgnet.transform(moved) - chgnet.transform(some)).max()
print(
    f"largest difference {difference:.1e}, spread of a column {rows.std(axis=0).mean():.1e}"
)

# %%
# What it is worth
# ----------------
# No formula is on both sides of a fold. Vectors that were made to predict energies need not help with gaps:
# the last two errors beside the first two say whether they do.

from sklearn.ensemble import RandomForestRegressor
from sklearn.model_selection import GroupKFold, cross_val_predict

presets = {
    "composition": CrystalFeaturizer("composition").fit_transform(X),
    "default": CrystalFeaturizer().fit_transform(X),
}
tables = {
    **presets,
    "chgnet": rows,
    **{f"{name} + chgnet": np.hstack([one, rows]) for name, one in presets.items()},
}
forest = RandomForestRegressor(N_TREES, max_features=0.3, random_state=0, n_jobs=1)
errors = {}
for name, table in tables.items():
    predicted = cross_val_predict(forest, table, y, groups=formulas, cv=GroupKFold(5))
    errors[name] = np.abs(predicted - y).mean()
    print(f"{name}: {errors[name]:.3f} eV")

# %%

import matplotlib.pyplot as plt

fig, ax = plt.subplots(figsize=(7, 3), layout="constrained")
colors = ["#D55E00" if "chgnet" in name else "#0072B2" for name in errors]
ax.barh(list(errors), list(errors.values()), color=colors)
ax.bar_label(ax.containers[0], fmt="%.3f", padding=3)
ax.invert_yaxis()
ax.set(xlabel="mean absolute error of measured gaps (eV)")
ax.spines[["top", "right"]].set_visible(False)
ax.margins(x=0.12)
plt.show()
