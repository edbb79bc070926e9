"""Band gaps over the polarity of the bonds, for three structure types."""

import matplotlib.pyplot as plt

from skcrystal.datasets import load_experimental
from skcrystal.descriptors import LocalDifferences

frame = load_experimental(as_frame=True).frame
rows = LocalDifferences().set_output(transform="pandas").transform(frame.structure)
polarity = rows["mean_difference_electronegativity"].to_numpy()

fig, ax = plt.subplots()
for prototype, color in (
    ("zincblende", "#0072B2"),
    ("rocksalt", "#E69F00"),
    ("cesium_chloride", "#CC79A7"),
):
    here = (frame.prototype == prototype).to_numpy()
    ax.plot(
        polarity[here],
        frame.band_gap[here],
        "o",
        ms=4.5,
        alpha=0.7,
        color=color,
        label=prototype,
    )
ax.set(xlabel="mean difference of electronegativity", ylabel="measured gap (eV)")
ax.legend()
