"""
A curve as the target
=====================

A spectrum or a density of states is one target of many ordered columns that are never negative. One model
learns all of them as a few factors. Here it learns what a crystal shows by itself, so that the answer is
known: its powder diffraction pattern, by pymatgen, and its radial distribution.
"""

# %%
# What may be changed
# -------------------

# Every how many-th crystal is used: 1 takes all.
EVERY = 1

# %%
# Curves of crystals
# ------------------
# Peaks are Gaussians on an even grid. A pattern has no scale of its own: its mean is set to 1.

import warnings

import numpy as np
from pymatgen.analysis.diffraction.xrd import XRDCalculator

from skcrystal import as_crystals
from skcrystal.datasets import load_experimental

crystals = as_crystals(load_experimental().data[::EVERY])


def peaks(grid, centers, heights, width):
    """Return a sum of Gaussians."""
    shapes = np.exp(-0.5 * ((grid[:, None] - centers) / width) ** 2)
    return (shapes * heights).sum(axis=1)


angles = np.linspace(10, 80, 150)
calculator = XRDCalculator()
patterns = []
for crystal in crystals:
    with warnings.catch_warnings():
        # pymatgen says where an element has no electronegativity.
        warnings.simplefilter("ignore")
        found = calculator.get_pattern(crystal.to_structure(), two_theta_range=(5, 85))
    patterns.append(peaks(angles, found.x, found.y, 1.0))
patterns = np.array(patterns)
patterns /= patterns.mean(axis=1, keepdims=True)

# %%
# The radial distribution counts the sites at a distance, over what an even density would have there.

distances = np.linspace(1, 6, 150)
pairs = crystals.neighbors(7.0)
bounds = pairs.offsets[crystals.site_offsets]
density = crystals.site_counts / np.abs(np.linalg.det(crystals.lattices))
distributions = []
for k in range(len(crystals)):
    near = pairs.distances[bounds[k] : bounds[k + 1]]
    per_site = peaks(distances, near, 1 / (0.2 * np.sqrt(2 * np.pi)), 0.2)
    per_site /= crystals.site_counts[k]
    distributions.append(per_site / (4 * np.pi * distances**2 * density[k]))
distributions = np.array(distributions)

# %%
# One model for all columns
# -------------------------
# ``target="curve"`` makes principal components of the training curves and learns the scores of those that
# pay; how many is found inside each fold. ``keep_area`` learns the area apart from the shape, and patterns of
# mean 1 are predicted with mean 1. No formula is on both sides of a fold.

from sklearn.model_selection import cross_val_predict

from skcrystal.models import make_regressor
from skcrystal.splits import FormulaKFold

folds = FormulaKFold(3, shuffle=True, random_state=0)
model = make_regressor(target="curve", keep_area=True)
predicted = {
    "powder pattern": cross_val_predict(model, crystals, patterns, cv=folds),
    "radial distribution": cross_val_predict(model, crystals, distributions, cv=folds),
}

# %%
# The answer
# ----------
# The mean curve of all crystals is the mark to beat. Where each peak stands depends on the lattice to a part
# in a hundred, so that patterns are harder than distributions.

curves = {"powder pattern": patterns, "radial distribution": distributions}
for name, true in curves.items():
    guess = predicted[name]
    mean = np.abs(true - true.mean(axis=0)).mean()
    print(
        f"{name:20s} MAE {np.abs(guess - true).mean():.3f}, of the mean curve {mean:.3f}; "
        f"smallest value {guess.min():.3f}"
    )

# %%
# Curves of which a quarter, half and three quarters of all are predicted better:

import matplotlib.pyplot as plt

fig, axes = plt.subplots(3, 2, figsize=(7, 6), sharex="col", layout="constrained")
grids = {
    "powder pattern": (angles, "scattering angle (degrees)"),
    "radial distribution": (distances, "distance (Å)"),
}
for column, (name, (grid, label)) in zip(axes.T, grids.items(), strict=True):
    error = np.abs(predicted[name] - curves[name]).mean(axis=1)
    order = np.argsort(error)
    for ax, share in zip(column, (0.25, 0.5, 0.75), strict=True):
        k = order[int(share * (len(order) - 1))]
        ax.fill_between(grid, curves[name][k], color="#BBBBBB", label="true")
        ax.plot(grid, predicted[name][k], color="#0072B2", label="predicted")
        ax.set(title=crystals[int(k)].formula, yticks=[])
    column[-1].set_xlabel(label)
axes[0, 0].legend()
fig.suptitle("powder pattern and radial distribution")
plt.show()
