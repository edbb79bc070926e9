"""Orbital-field matrices of three crystals."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import LogNorm

from skcrystal.datasets import load_experimental
from skcrystal.descriptors import OrbitalFieldMatrix

frame = load_experimental(as_frame=True).frame
crystals = dict(
    zip(frame.formula + " " + frame.prototype, frame.structure, strict=True)
)
orbitals = ["s", "p", "d", "f", "p free", "d free", "f free"]
upper = np.triu_indices(len(orbitals))

names = ["GaAs zincblende", "SrTiO3 cubic_perovskite", "Cu fcc"]
fig, axes = plt.subplots(1, 3, figsize=(7.6, 3.0), sharey=True)
for ax, name in zip(axes, names, strict=True):
    matrix = np.zeros((len(orbitals), len(orbitals)))
    matrix[upper] = OrbitalFieldMatrix().transform(crystals[name])[0]
    matrix = np.maximum(matrix, matrix.T)
    image = ax.imshow(
        np.where(matrix > 0, matrix, np.nan), cmap="viridis_r", norm=LogNorm(1, 15000)
    )
    ax.set_xticks(range(len(orbitals)), orbitals, rotation=90)
    ax.set_yticks(range(len(orbitals)), orbitals)
    ax.set_title(name.replace("_", " "), fontsize=10)
    ax.grid(visible=False)
fig.colorbar(image, ax=axes, label="product, summed over bonds")
