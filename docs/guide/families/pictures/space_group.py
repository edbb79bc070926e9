"""Space group found in a distorted perovskite."""

import matplotlib.pyplot as plt
import numpy as np

from skcrystal import Crystal
from skcrystal.descriptors import SpaceGroupOneHot

EDGE = 3.905  # angstrom
shifts = np.geomspace(1e-4, 0.3, 200)
perovskites = [
    Crystal.ordered(
        EDGE * np.eye(3),
        [
            [0, 0, 0],
            [0.5, 0.5, 0.5 + shift / EDGE],
            [0.5, 0.5, 0],
            [0.5, 0, 0.5],
            [0, 0.5, 0.5],
        ],
        [38, 22, 8, 8, 8],
    )
    for shift in shifts
]

fig, ax = plt.subplots()
for symprec, color in ((0.001, "#0072B2"), (0.01, "#E69F00"), (0.1, "#009E73")):
    groups = SpaceGroupOneHot(symprec=symprec).transform(perovskites).argmax(axis=1) + 1
    ax.semilogx(shifts, groups, color=color, label=f"symprec = {symprec} Å")
ax.set(
    xlabel="displacement of titanium (Å)", ylabel="space group number", yticks=[99, 221]
)
ax.legend(ncols=3, loc="lower center", bbox_to_anchor=(0.5, 1))
