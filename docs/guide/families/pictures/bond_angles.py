"""Bond angles of four structures."""

import matplotlib.pyplot as plt
import numpy as np

from skcrystal.datasets import load_experimental
from skcrystal.descriptors import BondAngles

frame = load_experimental(as_frame=True).frame
crystals = dict(
    zip(frame.formula + " " + frame.prototype, frame.structure, strict=True)
)
angles = np.linspace(45, 180, 136)
spectrum = BondAngles(start=angles[0], n_angles=len(angles))

fig, ax = plt.subplots()
for name, color in (
    ("C diamond", "#0072B2"),
    ("NaF rocksalt", "#E69F00"),
    ("SiO2 quartz", "#009E73"),
    ("Cu fcc", "#CC79A7"),
):
    ax.plot(angles, spectrum.transform(crystals[name])[0], color=color, label=name)
ax.set(
    xlabel="bond angle (degrees)",
    ylabel="share of the angles",
    xticks=range(45, 181, 15),
)
ax.legend()
