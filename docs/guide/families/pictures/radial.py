"""Radial spectra of three crystals."""

import matplotlib.pyplot as plt

from skcrystal.datasets import load_experimental
from skcrystal.descriptors import RadialSpectrum

frame = load_experimental(as_frame=True).frame
crystals = dict(
    zip(frame.formula + " " + frame.prototype, frame.structure, strict=True)
)
radial = RadialSpectrum()
centers = [
    float(name.removeprefix("neighbors_at_")) for name in radial.get_feature_names_out()
]

fig, ax = plt.subplots()
for name, color in (
    ("C diamond", "#0072B2"),
    ("SiO2 quartz", "#E69F00"),
    ("Cu fcc", "#009E73"),
):
    ax.plot(centers, radial.transform(crystals[name])[0], ".-", color=color, label=name)
ax.set(xlabel="distance (Å)", ylabel="neighbours, smoothed")
ax.legend()
