"""Symmetry of strontium titanate at three tolerances, as titanium leaves the centre."""

import matplotlib.pyplot as plt
import numpy as np

from skcrystal import Crystal
from skcrystal.descriptors import SoftSymmetry

SR_TI_O3 = [38, 22, 8, 8, 8]
EDGE = 3.905
shifts = np.geomspace(1e-4, 0.3, 60)
crystals = []
for shift in shifts:
    sites = np.array(
        [[0, 0, 0], [0.5, 0.5, 0.5], [0, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0]]
    )
    sites[1, 2] += shift / EDGE
    crystals.append(Crystal.ordered(EDGE * np.eye(3), sites, SR_TI_O3))
soft = SoftSymmetry()
rows = soft.set_output(transform="pandas").transform(crystals)

fig, ax = plt.subplots()
orders = rows.filter(like="log2_point_group_order").to_numpy()
for symprec, order, color in zip(
    soft.symprecs, orders.T, ("#0072B2", "#E69F00", "#009E73"), strict=True
):
    ax.step(shifts, order, where="mid", color=color, label=f"symprec={symprec:g}")
ax.plot(
    shifts,
    rows["hidden_log2_order"],
    ":",
    drawstyle="steps-mid",
    color="#D55E00",
    label="hidden_log2_order",
)
ax.set_xscale("log")
ax.set(xlabel="displacement of titanium (Å)", ylabel="log$_2$ of the operations")
ax.legend()
