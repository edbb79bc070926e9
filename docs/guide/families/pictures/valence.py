"""Shares of s, p, d and f electrons of some compounds."""

import matplotlib.pyplot as plt
import numpy as np

from skcrystal.datasets import load_experimental
from skcrystal.descriptors import ValenceElectrons

frame = (
    load_experimental(as_frame=True)
    .frame.drop_duplicates("formula")
    .set_index("formula")
)
formulas = ["Si", "NaCl", "GaAs", "SrTiO3", "Cu", "CeO2"]
valence = ValenceElectrons().set_output(transform="pandas")
rows = valence.transform(frame.structure[formulas].tolist())

fig, ax = plt.subplots()
left = np.zeros(len(formulas))
for kind, color in zip(
    "spdf", ["#0072B2", "#E69F00", "#009E73", "#CC79A7"], strict=True
):
    share = rows[f"{kind}_electron_fraction"]
    ax.barh(formulas, share, left=left, color=color, label=kind)
    left += share
ax.invert_yaxis()
ax.set(xlabel="share of the valence electrons", xlim=(0, 1))
ax.legend(ncols=4, loc="lower center", bbox_to_anchor=(0.5, 1))
