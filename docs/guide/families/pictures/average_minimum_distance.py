"""Average minimum distances of four structure types, in units of the spacing."""

import matplotlib.pyplot as plt
import numpy as np

from skcrystal.datasets import load_experimental
from skcrystal.descriptors import AverageMinimumDistance

frame = load_experimental(as_frame=True).frame
crystals = dict(
    zip(frame.formula + " " + frame.prototype, frame.structure, strict=True)
)
distances = AverageMinimumDistance(k=20, units="spacing")

fig, ax = plt.subplots()
for name, color in (
    ("C diamond", "#0072B2"),
    ("NaCl rocksalt", "#E69F00"),
    ("Fe bcc", "#009E73"),
    ("Cu fcc", "#CC79A7"),
):
    ax.plot(
        np.arange(1, 21),
        distances.transform(crystals[name])[0],
        "o-",
        ms=4,
        color=color,
        label=name,
    )
ax.set(xlabel="k", ylabel="AMD$_k$ / (V/N)$^{1/3}$", xticks=[1, 4, 6, 8, 12, 16, 20])
ax.legend()
