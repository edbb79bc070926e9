"""Density of the built-in crystals of one element."""

import matplotlib.pyplot as plt

from skcrystal import as_crystals
from skcrystal.datasets import load_experimental
from skcrystal.descriptors import Density

frame = load_experimental(as_frame=True).frame
frame = frame[
    [len(set(crystal.atomic_numbers.tolist())) == 1 for crystal in frame.structure]
]
X = as_crystals(frame.structure)
numbers = X.atomic_numbers[X.species_offsets[X.site_offsets[:-1]]]
density = Density(quantities=["density"]).transform(X)[:, 0]

fig, ax = plt.subplots()
ax.plot(numbers, density, "o", color="#0072B2")
for formula in ("C", "Si", "Cu", "W", "Os", "Pb", "Cs"):
    for k in (frame.formula == formula).to_numpy().nonzero()[0][:1]:
        ax.annotate(
            formula, (numbers[k], density[k]), textcoords="offset points", xytext=(5, 4)
        )
ax.set(xlabel="atomic number", ylabel="density (g/cm³)")
