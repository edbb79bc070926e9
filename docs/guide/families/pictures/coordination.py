"""Coordination numbers along the Bain path, from body-centred to face-centred cubic iron."""

import matplotlib.pyplot as plt
import numpy as np

from skcrystal import Crystal
from skcrystal.descriptors import CoordinationStats

VOLUME = 2.866**3  # of two atoms, in cubic angstrom
BODY_CENTRED = [[0, 0, 0], [0.5, 0.5, 0.5]]
ratios = np.linspace(0.9, 1.6, 71)
path = []
for ratio in ratios:
    edge = np.cbrt(VOLUME / ratio)
    path.append(
        Crystal.ordered(np.diag([edge, edge, ratio * edge]), BODY_CENTRED, [26, 26])
    )

fig, ax = plt.subplots()
rows = CoordinationStats().set_output(transform="pandas").transform(path)
ax.plot(ratios, rows["mean_coordination_number"], color="#0072B2")
for ratio, name in ((1, "bcc"), (np.sqrt(2), "fcc")):
    ax.axvline(ratio, color="#6E6E6E", lw=1, ls="--")
    ax.text(ratio + 0.01, 0.5, name, transform=ax.get_xaxis_transform())
ax.set(xlabel="c / a", ylabel="coordination number")
