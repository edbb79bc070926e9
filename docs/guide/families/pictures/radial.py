"""Radial spectra of three crystals."""

import matplotlib.pyplot as plt
import numpy as np

from skcrystal.datasets import load_experimental
from skcrystal.descriptors import RadialSpectrum

frame = load_experimental(as_frame=True).frame
crystals = dict(
    zip(frame.formula + " " + frame.prototype, frame.structure, strict=True)
)
START, STEP = 1.0, 0.15
radial = RadialSpectrum(start=START, step=STEP)
centers = START + STEP * np.arange(len(radial.get_feature_names_out()))

fig, ax = plt.subplots()
for name, color in (
    ("C diamond", "#0072B2"),
    ("SiO2 quartz", "#E69F00"),
    ("Cu fcc", "#009E73"),
):
    ax.plot(centers, radial.transform(crystals[name])[0], ".-", color=color, label=name)
ax.set(xlabel="distance (Å)", ylabel="neighbours, smoothed")
ax.legend()
