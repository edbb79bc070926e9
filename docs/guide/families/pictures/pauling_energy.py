"""Pauling's and measured energies of formation of binary crystals."""

import matplotlib.pyplot as plt
import numpy as np

from skcrystal import Crystal
from skcrystal.descriptors import PaulingEnergy

# Edge in angstrom, elements, where the second atom sits, and the enthalpy of formation at 298 K in kJ/mol of
# the formula: CRC Handbook of Chemistry and Physics.
MEASURED = {
    "MgO": (4.212, (12, 8), 0.5, -601.6),
    "CaO": (4.81, (20, 8), 0.5, -634.9),
    "LiF": (4.03, (3, 9), 0.5, -616.0),
    "NaCl": (5.64, (11, 17), 0.5, -411.2),
    "KBr": (6.60, (19, 35), 0.5, -393.8),
    "AgCl": (5.55, (47, 17), 0.5, -127.0),
    "AlN": (4.38, (13, 7), 0.25, -318.0),
    "BN": (3.615, (5, 7), 0.25, -254.4),
    "ZnS": (5.41, (30, 16), 0.25, -206.0),
    "GaAs": (5.653, (31, 33), 0.25, -71.0),
    "InSb": (6.479, (49, 51), 0.25, -30.5),
    "SiC": (4.36, (14, 6), 0.25, -65.3),
}
# kJ/mol of a formula of two atoms, in eV per atom.
UNIT = 2 * 96.485
cells = [
    Crystal.ordered(edge * (1 - np.eye(3)) / 2, [[0, 0, 0], [place] * 3], numbers)
    for edge, numbers, place, _ in MEASURED.values()
]
rows = PaulingEnergy().set_output(transform="pandas").transform(cells)

fig, ax = plt.subplots()
for name, estimate in zip(MEASURED, rows["mean_pauling_energy"], strict=True):
    *_, place, kilojoules = MEASURED[name]
    measured = kilojoules / UNIT
    ax.plot(measured, estimate, "o", color="#0072B2" if place == 0.25 else "#E69F00")
    side = (
        {"xytext": (-6, 4), "ha": "right"}
        if name in ("NaCl", "GaAs")
        else {"xytext": (6, -6), "ha": "left"}
    )
    ax.annotate(name, (measured, estimate), textcoords="offset points", **side)
ax.plot([-5.2, 0], [-5.2, 0], color="#6E6E6E", lw=1)
ax.set(
    xlim=(-3.8, 0.3),
    ylim=(-5.2, 0.3),
    xlabel="measured enthalpy of formation (eV/atom)",
    ylabel="mean_pauling_energy (eV/atom)",
)
