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
for reach, color in ((1.1, "#E69F00"), (1.3, "#0072B2"), (1.4, "#009E73")):
    rows = CoordinationStats(reach=reach).set_output(transform="pandas").transform(path)
    ax.plot(
        ratios, rows["mean_coordination_number"], color=color, label=f"reach={reach}"
    )
for ratio, name in ((1, "bcc"), (np.sqrt(2), "fcc")):
    ax.axvline(ratio, color="#6E6E6E", lw=1, ls="--")
    ax.text(ratio + 0.01, 0.03, name, transform=ax.get_xaxis_transform())
ax.set(xlabel="c / a", ylabel="coordination number")
ax.legend(loc="center right")
