"""Estimated and measured optical frequencies of binary crystals and elements."""

import matplotlib.pyplot as plt
import numpy as np

from skcrystal import Crystal
from skcrystal.descriptors import StretchingFrequencies

# Edge in angstrom, elements, where the second atom sits, and the (transverse) optical mode at the zone
# centre in 1/cm: Madelung (ed.), Semiconductors: Data Handbook (2004); of the salts Lowndes & Martin, Proc.
# R. Soc. A 308 (1969) 473, Jasperse et al., Phys. Rev. 146 (1966) 526, Jacobson & Nixon, J. Phys. Chem.
# Solids 29 (1968) 967.
MEASURED = {
    "C": (3.567, (6, 6), 0.25, 1332),
    "BN": (3.615, (5, 7), 0.25, 1055),
    "SiC": (4.36, (14, 6), 0.25, 796),
    "Si": (5.431, (14, 14), 0.25, 520),
    "Ge": (5.658, (32, 32), 0.25, 301),
    "GaAs": (5.653, (31, 33), 0.25, 268),
    "ZnS": (5.41, (30, 16), 0.25, 274),
    "InSb": (6.479, (49, 51), 0.25, 180),
    "MgO": (4.212, (12, 8), 0.5, 401),
    "CaO": (4.81, (20, 8), 0.5, 300),
    "LiF": (4.03, (3, 9), 0.5, 306),
    "NaCl": (5.64, (11, 17), 0.5, 164),
    "KBr": (6.60, (19, 35), 0.5, 114),
}
cells = [
    Crystal.ordered(edge * (1 - np.eye(3)) / 2, [[0, 0, 0], [place] * 3], numbers)
    for edge, numbers, place, _ in MEASURED.values()
]
rows = StretchingFrequencies().set_output(transform="pandas").transform(cells)

fig, ax = plt.subplots()
for name, estimate in zip(MEASURED, rows["max_stretching_frequency"], strict=True):
    *_, place, measured = MEASURED[name]
    covalent = place == 0.25
    ax.plot(measured, estimate, "o", color="#0072B2" if covalent else "#E69F00")
    side = (
        {"xytext": (6, -4), "ha": "left"}
        if covalent
        else {"xytext": (-6, -1), "ha": "right"}
    )
    ax.annotate(name, (measured, estimate), textcoords="offset points", **side)
ax.plot([75, 1700], [75, 1700], color="#6E6E6E", lw=1)
ax.set(
    xscale="log",
    yscale="log",
    xlim=(75, 1700),
    ylim=(75, 1700),
    xlabel="measured optical frequency (1/cm)",
    ylabel="max_stretching_frequency (1/cm)",
)
