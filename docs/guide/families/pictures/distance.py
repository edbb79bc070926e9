"""Distances in the forms of silicon carbide."""

import matplotlib.pyplot as plt

from skcrystal.datasets import load_experimental
from skcrystal.descriptors import DistanceStats

frame = load_experimental(as_frame=True).frame
forms = frame[frame.formula == "SiC"].set_index("prototype").structure
rows = DistanceStats().set_output(transform="pandas").transform(forms)

fig, ax = plt.subplots()
for name, color in (("min", "#0072B2"), ("mean", "#E69F00"), ("max", "#009E73")):
    ax.plot(
        forms.index.str.removeprefix("silicon_carbide_"),
        rows[f"{name}_distance"].to_numpy(),
        "o-",
        color=color,
        label=name,
    )
ax.set(ylabel="distance (Å)", ylim=(0, None))
ax.legend(ncols=3, loc="upper left")
