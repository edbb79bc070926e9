"""Structural complexity of the built-in crystals."""

import matplotlib.pyplot as plt
import numpy as np

from skcrystal.datasets import load_experimental
from skcrystal.descriptors import SymmetryStats

X, _ = load_experimental(return_X_y=True)
rows = SymmetryStats().set_output(transform="pandas").transform(X)
sites = np.exp(rows["log_primitive_sites"])

fig, ax = plt.subplots()
points = ax.scatter(
    sites,
    rows["structural_complexity"],
    c=rows["point_group_order"],
    s=24,
    cmap="viridis",
)
ax.plot([1, 64], [0, 6], "--", color="#6E6E6E", lw=1)
ax.set_xscale("log", base=2)
ax.set(xlabel="sites of the primitive cell", ylabel="complexity (bits per site)")
fig.colorbar(points, label="order of the point group")
