"""One crystal in three cells, and the row of each."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patches import Polygon

from skcrystal import Crystal, CrystalFeaturizer

# Rutile: Baur & Khan, Acta Cryst. B 27 (1971) 2133.
A, C, U = 4.594, 2.959, 0.3056
LATTICE = np.diag([C, A, A])
COORDS = np.array(
    [
        [0, 0, 0],
        [0.5, 0.5, 0.5],
        [0, U, U],
        [0, 1 - U, 1 - U],
        [0.5, 0.5 + U, 0.5 - U],
        [0.5, 0.5 - U, 0.5 + U],
    ]
)
NUMBERS = np.array([22, 22, 8, 8, 8, 8])
COLORS, SIZES = {22: "#7f8c99", 8: "#d1495b"}, {22: 260, 8: 150}


def in_cell(transform, origin, angle):
    """Rutile in another cell, at another origin, turned by an angle in the plane."""
    lattice = transform @ LATTICE
    shifts = np.stack(np.meshgrid(*[np.arange(-3, 4)] * 3), -1).reshape(-1, 3)
    everywhere = (COORDS[None] + shifts[:, None]).reshape(-1, 3)
    coords = everywhere @ np.linalg.inv(transform) + origin
    inside = ((coords > -1e-9) & (coords < 1 - 1e-9)).all(axis=1)
    cos, sin = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    turn = np.array([[1, 0, 0], [0, cos, sin], [0, -sin, cos]])
    numbers = np.tile(NUMBERS, len(shifts))[inside]
    return Crystal.ordered(lattice @ turn, coords[inside], numbers)


def draw(axis, crystal, title):
    """Look along the first edge: all atoms nearby, those of the cell in full colour."""
    plane = crystal.lattice[1:, 1:]
    corners = np.array([[0, 0], [1, 0], [1, 1], [0, 1]]) @ plane
    shifts = np.stack(np.meshgrid(*[np.arange(-4, 5)] * 2), -1).reshape(-1, 2)
    for shift in shifts:
        places = (crystal.frac_coords[:, 1:] + shift) @ plane
        full = not shift.any()
        for number in COLORS:
            own = places[crystal.atomic_numbers == number]
            axis.scatter(
                *own.T,
                s=SIZES[number],
                c=COLORS[number],
                alpha=1 if full else 0.22,
                linewidths=0,
                zorder=2 + full,
            )
    edge = Polygon(
        corners, closed=True, fill=False, edgecolor="#1b3a57", linewidth=2, zorder=4
    )
    axis.add_patch(edge)
    middle = corners.mean(axis=0)
    axis.set(xlim=middle[0] + np.array([-6.5, 6.5]), ylim=middle[1] + np.array([-5, 5]))
    axis.set_aspect("equal")
    axis.set_xticks([])
    axis.set_yticks([])
    axis.set_title(title, fontsize=11)
    for spine in axis.spines.values():
        spine.set_visible(False)


CELLS = {
    "as published: 6 sites": in_cell(np.eye(3), 0.0, 0),
    "sheared, moved, turned": in_cell(
        np.array([[1, 0, 0], [0, 1, 0], [0, 1, 1]]), np.array([0.1, 0.2, 0.3]), 25
    ),
    "twice the cell: 12 sites": in_cell(
        np.array([[1, 0, 0], [0, 1, 1], [0, -1, 1]]), np.array([0, 0.4, 0.1]), -20
    ),
}
featurizer = CrystalFeaturizer()
rows = featurizer.fit_transform(list(CELLS.values()))
names = list(featurizer.get_feature_names_out())
assert np.allclose(rows, rows[0], rtol=1e-6, atol=1e-6)
SHOWN = {
    "density": "g/cm³",
    "mean_coordination_number": "neighbours",
    "mean_bond_length": "Å",
}
# Columns on one scale: by their logarithms, as far as colours go.
strip = np.arcsinh(rows[:, ::5])

figure, axes = plt.subplots(
    2, 3, figsize=(10, 4), height_ratios=[1, 0.13], layout="constrained"
)
for column, (title, crystal) in enumerate(CELLS.items()):
    draw(axes[0, column], crystal, title)
    below = axes[1, column]
    below.imshow(strip[column : column + 1], aspect="auto", cmap="viridis")
    below.set_xticks([])
    below.set_yticks([])
    words = [
        f"{rows[column, names.index(name)]:.2f} {unit}" for name, unit in SHOWN.items()
    ]
    below.set_xlabel(" · ".join(words) + " · …", fontsize=10)
