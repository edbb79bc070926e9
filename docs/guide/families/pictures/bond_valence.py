"""Bond valences of strontium titanate, as its cell is made smaller and larger."""

import matplotlib.pyplot as plt
import numpy as np

from skcrystal import Crystal
from skcrystal.descriptors import BondValences

PEROVSKITE = [[0, 0, 0], [0.5, 0.5, 0.5], [0, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0]]
SR_TI_O3 = [38, 22, 8, 8, 8]
edges = np.linspace(3.7, 4.2, 51)
cells = [Crystal.ordered(edge * np.eye(3), PEROVSKITE, SR_TI_O3) for edge in edges]
rows = BondValences().set_output(transform="pandas").transform(cells)

fig, ax = plt.subplots()
for column, color in (
    ("mean_cation_deviation", "#0072B2"),
    ("mean_anion_deviation", "#E69F00"),
    ("global_instability_index", "#D55E00"),
):
    ax.plot(edges, rows[column], color=color, label=column)
ax.axhline(0, color="#6E6E6E", lw=1)
ax.axvline(3.905, color="#6E6E6E", lw=1, ls="--")
ax.annotate("measured", (3.905, 0.6), textcoords="offset points", xytext=(4, 0))
ax.set(xlabel="edge of the cubic cell (Å)", ylabel="deviation (valence units)")
ax.legend()
