"""Reduced Madelung energy by structure type."""

import matplotlib.pyplot as plt

from skcrystal.datasets import load_experimental
from skcrystal.descriptors import MadelungEnergy

frame = load_experimental(as_frame=True).frame
types = [
    "rocksalt",
    "cesium_chloride",
    "zincblende",
    "wurtzite",
    "fluorite",
    "rutile",
    "cubic_perovskite",
]
frame = frame[frame.prototype.isin(types) & (frame.band_gap > 0)]
energy = MadelungEnergy().set_output(transform="pandas").transform(frame.structure)

fig, ax = plt.subplots()
place = frame.prototype.map(types.index)
ax.plot(
    energy["reduced_madelung_energy"].to_numpy(),
    place,
    "o",
    ms=5,
    alpha=0.6,
    color="#0072B2",
)
ax.set_yticks(range(len(types)), types)
ax.set(xlabel="reduced Madelung energy")
