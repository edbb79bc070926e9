"""Effective coordination number along the Bain path, at constant volume."""

import matplotlib.pyplot as plt
import numpy as np

from skcrystal import Crystal
from skcrystal.descriptors import CoordinationStats

ratios = np.linspace(0.9, 1.6, 141)
path = [
    Crystal.ordered(2.87 * ratio ** (-1 / 3) * np.diag([1, 1, ratio]), [[0, 0, 0], [0.5, 0.5, 0.5]], [26, 26])
    for ratio in ratios
]
rows = CoordinationStats().set_output(transform="pandas").transform(path)

fig, ax = plt.subplots()
ax.plot(ratios, rows["mean_coordination_number"], color="#0072B2")
for ratio, name in ((1, "body-centred cubic"), (np.sqrt(2), "face-centred cubic")):
    ax.axvline(ratio, color="#6E6E6E", lw=1, ls=":")
    ax.text(ratio, 14.2, name, ha="center")
ax.set(xlabel="c / a of the tetragonal cell", ylabel="effective coordination number", ylim=(7, 14))
