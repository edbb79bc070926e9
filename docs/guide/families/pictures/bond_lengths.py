"""Bond lengths of barium titanate, as titanium leaves the centre of its octahedron."""

import matplotlib.pyplot as plt
import numpy as np

from skcrystal import Crystal
from skcrystal.descriptors import BondLengths

OXYGEN = [[0, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0]]
shifts = np.linspace(0, 0.3, 31)
cells = [
    Crystal.ordered(
        4.0 * np.eye(3),
        [[0, 0, 0], [0.5, 0.5, 0.5 + z / 4], *OXYGEN],
        [56, 22, 8, 8, 8],
    )
    for z in shifts
]
rows = BondLengths().set_output(transform="pandas").transform(cells)

fig, ax = plt.subplots()
for column, color in (
    ("max_bond_length_excess", "#0072B2"),
    ("mean_bond_length_excess", "#E69F00"),
    ("min_bond_length_excess", "#009E73"),
    ("mean_bond_length_deviation", "#D55E00"),
):
    ax.plot(shifts, rows[column] - rows[column].iloc[0], color=color, label=column)
ax.set(xlabel="shift of titanium (Å)", ylabel="change (Å)")
ax.legend()
