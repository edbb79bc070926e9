"""What symmetry says of six crystals, in numbers that they share."""

import matplotlib.pyplot as plt
import numpy as np

from skcrystal.datasets import load_experimental
from skcrystal.descriptors import SymmetryStats

columns = {
    "point_group_order": "operations",
    "has_inversion": "inversion",
    "is_polar": "polar",
    "is_sohncke": "may be\nchiral",
    "orbits": "kinds of\nsites",
    "structural_complexity": "bits per\nsite",
}
names = {
    "C": "diamond",
    "NaCl": "halite",
    "ZnO": "zincite",
    "TiO2": "rutile",
    "SiO2": "alpha-quartz",
    "Al2O3": "corundum",
}
frame = load_experimental(as_frame=True).frame
chosen = frame[frame["name"].isin(names.values())].set_index("name")["structure"]
crystals = list(chosen[list(names.values())])
rows = SymmetryStats().set_output(transform="pandas").fit_transform(crystals)
values = rows[list(columns)].to_numpy()

fig, ax = plt.subplots()
ax.imshow(values / values.max(axis=0), cmap="Blues", vmax=1.6, aspect="auto")
for (row, column), value in np.ndenumerate(values):
    ax.text(column, row, f"{value:.3g}", ha="center", va="center")
labels = [f"{formula}, {name}" for formula, name in names.items()]
ax.set_xticks(range(len(columns)), list(columns.values()))
ax.set_yticks(range(len(labels)), labels)
ax.tick_params(length=0)
ax.grid(visible=False)
