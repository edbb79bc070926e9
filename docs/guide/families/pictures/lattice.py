"""Angles of the reduced cell along the Bain path, at constant volume."""

import matplotlib.pyplot as plt
import numpy as np

from skcrystal import Crystal
from skcrystal.descriptors import LatticeAngles

ratios = np.sort([*np.linspace(0.9, 1.6, 281), np.sqrt(2)])
path = [
    Crystal.ordered(
        2.87 * ratio ** (-1 / 3) * np.diag([1, 1, ratio]),
        [[0, 0, 0], [0.5, 0.5, 0.5]],
        [26, 26],
    )
    for ratio in ratios
]
angles = LatticeAngles().transform(path)

fig, ax = plt.subplots()
for k, (name, color) in enumerate(
    [("α", "#0072B2"), ("β", "#E69F00"), ("γ", "#009E73")]
):
    ax.plot(ratios, angles[:, k], ".", ms=9 - 3 * k, color=color, label=name)
for ratio, name in ((1, "body-centred cubic"), (np.sqrt(2), "face-centred cubic")):
    ax.axvline(ratio, color="#6E6E6E", lw=1, ls=":")
    ax.text(ratio, 122, name, ha="center")
ax.set(xlabel="c / a of the tetragonal cell", ylabel="angle (degrees)", ylim=(55, 121))
ax.legend(loc="center left")
