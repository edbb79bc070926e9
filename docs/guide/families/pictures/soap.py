"""How alike the environment of an atom of diamond stays as the atom moves."""

import matplotlib.pyplot as plt
import numpy as np

from skcrystal import Crystal
from skcrystal.descriptors import SOAP, similarity

lattice, sites = 3.567 * (1 - np.eye(3)) / 2, [[0, 0, 0], [0.25, 0.25, 0.25]]
shifts = np.linspace(0, 0.8, 41)
moved = [
    Crystal.ordered(lattice, sites + np.array([[0, 0, 0], [s, 0, 0]]) / 3.567, [6, 6])
    for s in shifts
]

fig, ax = plt.subplots()
for sigma, color in ((0.3, "#0072B2"), (0.5, "#009E73"), (0.8, "#E69F00")):
    soap = SOAP(sigma=sigma)
    alike = similarity(moved, moved[:1], descriptor=soap, of="sites")[1::2, 1]
    ax.plot(shifts, alike, color=color, label=f"sigma {sigma} Å")
ax.set(xlabel="displacement (Å)", ylabel="similarity")
ax.legend()
