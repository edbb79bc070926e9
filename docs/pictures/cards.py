"""The pictures of the cards on the landing page, one function each; what they show is computed.

No ground is drawn and lines are of middle greys, so that they suit light and dark pages.
"""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patches import FancyBboxPatch, Wedge

from skcrystal import Crystal, CrystalFeaturizer, as_crystals
from skcrystal.datasets import load_experimental

GREY, BLUE, ORANGE, GREEN = "#868686", "#2f8fd0", "#e08214", "#2aa876"
ROCK_SALT = [[0, 0, 0], [0, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0]]


def canvas(*, axes=False, **limits):
    """Return axes without a ground; without lines, and as long as wide in both units, unless asked for."""
    figure, ax = plt.subplots(figsize=(3.6, 1.8), layout="constrained")
    figure.patch.set_alpha(0)
    ax.patch.set_alpha(0)
    ax.grid(visible=False)
    ax.set(**limits)
    if axes:
        ax.set(xticks=[], yticks=[])
        ax.spines[:].set_color(GREY)
        ax.xaxis.label.set_color(GREY)
        ax.yaxis.label.set_color(GREY)
    else:
        ax.set_aspect("equal")
        ax.axis("off")
    return ax


def box(ax, x, y, width, text, color=GREY, **font):
    """Draw a rounded box around its middle, with a word in it."""
    low = (x - width / 2, y - 0.3)
    ax.add_patch(
        FancyBboxPatch(
            low, width, 0.6, boxstyle="round,pad=0.06", fc="none", ec=color, lw=1.6
        )
    )
    ax.text(x, y - 0.02, text, color=color, ha="center", va="center", **font)


def arrow(ax, start, stop):
    ax.annotate(
        "", stop, start, arrowprops={"arrowstyle": "-|>", "color": GREY, "lw": 1.4}
    )


def guide():
    """Coordination from body-centred to face-centred cubic iron."""
    from skcrystal.descriptors import CoordinationStats

    ratios = np.linspace(0.9, 1.6, 71)
    path = [
        Crystal.ordered(
            np.cbrt(2.866**3 / ratio) * np.diag([1, 1, ratio]),
            [[0, 0, 0], [0.5, 0.5, 0.5]],
            [26, 26],
        )
        for ratio in ratios
    ]
    rows = CoordinationStats().set_output(transform="pandas").transform(path)
    ax = canvas(axes=True, xlabel="c / a", ylabel="neighbours")
    ax.plot(ratios, rows["mean_coordination_number"], color=BLUE, lw=2.2)
    for ratio, name in ((1, "bcc"), (np.sqrt(2), "fcc")):
        ax.axvline(ratio, color=GREY, lw=1, ls="--")
        ax.text(
            ratio + 0.015, 0.12, name, color=GREY, transform=ax.get_xaxis_transform()
        )


def gallery():
    """Four pictures of the gallery, which is built before the pages are read."""
    figure, axes = plt.subplots(2, 2, figsize=(3.6, 1.8), layout="constrained")
    figure.get_layout_engine().set(w_pad=0.03, h_pad=0.03, wspace=0, hspace=0)
    figure.patch.set_alpha(0)
    names = ("critical_temperatures", "disorder", "splits", "silicon_potential")
    for ax, name in zip(axes.flat, names, strict=True):
        ax.imshow(
            plt.imread(f"../gallery/images/thumb/sphx_glr_plot_{name}_thumb.png"),
            aspect="auto",
        )
        ax.axis("off")


def reference():
    """A pipeline as scikit-learn draws it."""
    ax = canvas(xlim=(-2.4, 2.4), ylim=(-1.25, 1.25))
    steps = ("CrystalFeaturizer", "StandardScaler", "XGBRegressor")
    for y, name in zip((0.78, 0, -0.78), steps, strict=True):
        own = name == "CrystalFeaturizer"
        box(ax, 0, y, 2.7, name, BLUE if own else GREY, family="monospace", size=8.5)


def files():
    """Files of four kinds, and the one row that they give."""
    rutile = as_crystals(load_experimental().data[:1])
    row = CrystalFeaturizer().fit_transform(rutile)
    ax = canvas(xlim=(-2.4, 2.4), ylim=(-1.25, 1.25))
    for x, name in zip(
        (-1.65, -0.55, 0.55, 1.65), ("CIF", "POSCAR", "XYZ", "JSON"), strict=True
    ):
        box(ax, x, 0.7, 0.8, name, size=8)
        arrow(ax, (x, 0.32), (x * 0.5, -0.42))
    # Columns on one scale: by their logarithms, as far as colours go.
    ax.imshow(
        np.arcsinh(row[:, ::6]),
        extent=(-2.1, 2.1, -0.95, -0.5),
        cmap="viridis",
        aspect="auto",
    )
    ax.set(xlim=(-2.4, 2.4), ylim=(-1.25, 1.25))


def columns():
    """The six neighbours of a sodium in rock salt, as the package finds them."""
    chlorine = [[0.5, 0.5, 0.5], [0.5, 0, 0], [0, 0.5, 0], [0, 0, 0.5]]
    crystal = Crystal.ordered(
        5.64 * np.eye(3), [*ROCK_SALT, *chlorine], [11] * 4 + [17] * 4
    )
    bonds = as_crystals([crystal]).bonds()
    first = bonds.centers == 0
    vectors = bonds.vectors[first]
    assert len(vectors) == 6
    # Looked at from the front, a little from the right and from above.
    turn = np.array([[0.91, 0.12], [-0.42, 0.25], [0.0, 0.96]])
    ax = canvas(xlim=(-6.4, 6.4), ylim=(-3.2, 3.2))
    for flat in vectors @ turn:
        ax.plot(*np.transpose([[0, 0], flat]), color=GREY, lw=2, zorder=1)
        ax.scatter(*flat, s=230, color=GREEN, linewidths=0, zorder=2)
    ax.scatter(0, 0, s=130, color=ORANGE, linewidths=0, zorder=3)


def models():
    """Band gaps predicted for crystals that were held out, with intervals of 90 %."""
    from skcrystal.models import ConformalRegressor, make_regressor

    X, y = load_experimental(return_X_y=True)
    X, y = X[::3], y[::3]
    shown = np.arange(len(y)) % 5 == 0
    learned = [
        crystal for crystal, held_out in zip(X, shown, strict=True) if not held_out
    ]
    model = ConformalRegressor(make_regressor(target="nonnegative"))
    model.fit(learned, y[~shown])
    asked = [crystal for crystal, held_out in zip(X, shown, strict=True) if held_out]
    guess, (low, high) = model.predict(asked), model.predict_interval(asked).T
    ax = canvas(axes=True, xlabel="measured", ylabel="predicted")
    ax.axline((0, 0), slope=1, color=GREY, lw=1, ls="--")
    ax.vlines(y[shown], low, high, color=BLUE, lw=1.2, alpha=0.5)
    ax.scatter(y[shown], guess, s=10, color=BLUE, linewidths=0)


def graphs():
    """A layer of graphite: nodes, edges, and edges to images."""
    from skcrystal.graphs import crystal_graphs

    layer = Crystal.ordered(
        [[2.46, 0, 0], [-1.23, 2.1304, 0], [0, 0, 20]],
        [[1 / 3, 2 / 3, 0], [2 / 3, 1 / 3, 0]],
        [6, 6],
    )
    crystal = as_crystals(layer.to_structure().make_supercell([4, 2, 1]))
    edges = crystal_graphs(crystal, cutoff=1.6)
    places = crystal[0].cart_coords[:, :2]
    ax = canvas()
    for start, vector, shift in zip(
        edges.edge_index[0], edges.vectors, edges.cell_shifts, strict=True
    ):
        ends = np.transpose(
            [places[start], places[start] + vector[:2] * (0.5 if shift.any() else 1)]
        )
        ax.plot(*ends, color=ORANGE if shift.any() else GREY, lw=1.8, zorder=1)
    ax.scatter(*places.T, s=70, color=BLUE, linewidths=0, zorder=2)


def potentials():
    """Energies of copper over its volume: learned from distorted cells, and as they are."""
    from ase.build import bulk
    from ase.calculators.emt import EMT

    from skcrystal.potentials import LinearPotential

    def energy_of(atoms):
        atoms.calc = EMT()
        return atoms.get_potential_energy(), atoms.get_forces()

    train = []
    for seed in range(24):
        atoms = bulk("Cu", cubic=True)
        atoms.set_cell(atoms.cell * (0.93 + 0.006 * seed), scale_atoms=True)
        atoms.rattle(0.06, seed=seed)
        train.append(atoms)
    energies, forces = zip(*map(energy_of, train), strict=True)
    potential = LinearPotential().fit(train, energies, forces=forces)
    edges = np.linspace(3.4, 3.9, 41)
    cells = [bulk("Cu", cubic=True, a=a) for a in edges]
    true = np.array([energy_of(atoms)[0] for atoms in cells]) / 4
    ax = canvas(axes=True, xlabel="volume", ylabel="energy")
    ax.plot(edges**3, potential.predict(cells) / 4, color=BLUE, lw=2)
    ax.scatter(edges[::4] ** 3, true[::4], s=24, color=ORANGE, linewidths=0, zorder=3)


def disorder():
    """A layer of copper and gold, each site in the shares that the crystal says."""
    from pymatgen.core import Lattice, Structure

    shares = {"Cu": 0.75, "Au": 0.25}
    alloy = Structure(Lattice.cubic(1), [shares], [[0, 0, 0]])
    crystal = as_crystals([alloy.scale_lattice(3.0**3)])
    assert np.allclose(sorted(crystal.occupancies), sorted(shares.values()))
    ax = canvas(xlim=(-0.6, 6.6), ylim=(-0.6, 2.6))
    for x in range(7):
        for y in range(3):
            start = 90
            for share, color in zip(crystal.occupancies, (ORANGE, BLUE), strict=True):
                stop = start + 360 * share
                ax.add_patch(Wedge((x, y), 0.36, start, stop, color=color, lw=0))
                start = stop


def choosing():
    """What there is to learn from, and where it begins."""
    ax = canvas(xlim=(-2.4, 2.4), ylim=(-1.25, 1.25))
    ways = {
        "crystals": "default",
        "formulas": "composition",
        "sites": "transform_sites",
    }
    for y, (have, take) in zip((0.8, 0, -0.8), ways.items(), strict=True):
        box(ax, -1.35, y, 1.3, have, size=8.5)
        arrow(ax, (-0.6, y), (-0.15, y))
        box(ax, 1.05, y, 2.0, take, BLUE, family="monospace", size=8)


def command_line():
    """The two commands of the README."""
    ax = canvas(xlim=(-2.4, 2.4), ylim=(-1.25, 1.25))
    ax.add_patch(
        FancyBboxPatch(
            (-2.1, -0.95), 4.2, 1.9, boxstyle="round,pad=0.08", fc="#1f2a36", ec=GREY
        )
    )
    lines = (
        "$ skcrystal train gaps.csv",
        "    -o gaps.skops",
        "$ skcrystal predict gaps.skops",
        "    candidates",
    )
    for y, line in zip((0.62, 0.21, -0.2, -0.61), lines, strict=True):
        color = "#8bd5a2" if line.startswith("$") else "#d7dde4"
        ax.text(-1.95, y, line, color=color, family="monospace", size=8, va="center")


def migration():
    """One call there, and the same here."""
    ax = canvas(xlim=(-2.4, 2.4), ylim=(-1.25, 1.25))
    box(ax, 0, 0.68, 4.0, "DensityFeatures()", family="monospace", size=9)
    arrow(ax, (0, 0.28), (0, -0.28))
    box(ax, 0, -0.68, 4.0, "Density()", BLUE, family="monospace", size=9)
