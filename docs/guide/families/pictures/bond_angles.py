"""Bond angles of four structures."""

import matplotlib.pyplot as plt

from skcrystal.datasets import load_experimental
from skcrystal.descriptors import BondAngles

frame = load_experimental(as_frame=True).frame
crystals = dict(
    zip(frame.formula + " " + frame.prototype, frame.structure, strict=True)
)
spectrum = BondAngles(n_angles=136, width=5)
angles = [
    float(name.removeprefix("bond_angle_")) for name in spectrum.get_feature_names_out()
]

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
