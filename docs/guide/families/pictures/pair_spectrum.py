"""Products of electronegativities in rock salt and in caesium chloride's structure."""

import matplotlib.pyplot as plt
import numpy as np

from skcrystal.datasets import load_experimental
from skcrystal.descriptors import PairSpectrum

frame = load_experimental(as_frame=True).frame
crystals = dict(
    zip(frame.formula + " " + frame.prototype, frame.structure, strict=True)
)
START, STEP = 1.5, 0.1
spectrum = PairSpectrum(
    properties=["electronegativity"], cutoff=8.0, start=START, step=STEP
)
names = spectrum.get_feature_names_out()
is_product = np.array([name.startswith("product") for name in names])
centers = START + STEP * np.arange(is_product.sum())

fig, ax = plt.subplots()
for name, color in (("NaCl rocksalt", "#0072B2"), ("CsCl cesium_chloride", "#E69F00")):
    ax.plot(
        centers,
        spectrum.transform(crystals[name])[0, is_product],
        color=color,
        label=name,
    )
ax.axhline(0, color="#6E6E6E", lw=1)
ax.set(xlabel="distance (Å)", ylabel="sum of products")
ax.legend()
