"""Radial and angular symmetry functions of three structures."""

import matplotlib.pyplot as plt

from skcrystal.datasets import load_experimental
from skcrystal.descriptors import SymmetryFunctions

frame = load_experimental(as_frame=True).frame
crystals = dict(
    zip(frame.formula + " " + frame.prototype, frame.structure, strict=True)
)
functions = SymmetryFunctions(properties=["one"]).set_output(transform="pandas")

fig, axes = plt.subplots(1, 2, figsize=(8, 4), layout="constrained")
for name, color in (
    ("C diamond", "#0072B2"),
    ("Fe bcc", "#009E73"),
    ("Cu fcc", "#CC79A7"),
):
    row = functions.transform_sites(crystals[name]).iloc[0]
    for ax, kind in zip(axes, ("g2", "g4"), strict=True):
        part = row.filter(like=f"{kind}_")
        ax.plot(range(len(part)), part, "o-", ms=4, color=color, label=name)
axes[0].set(xlabel="R (Å)", ylabel="G2", xticks=range(8))
axes[0].set_xticklabels([f"{1 + 0.5 * k:g}" for k in range(8)])
axes[1].set(xlabel="number of the function", ylabel="G4", xticks=range(8), yscale="log")
axes[0].legend()
