"""What columns of the formula say of five solids."""

import matplotlib.pyplot as plt
import numpy as np

from skcrystal import CrystalFeaturizer

formulas = ["Cu", "Si", "GaAs", "SrTiO3", "NaCl"]
rows = CrystalFeaturizer("composition").set_output(transform="pandas")
rows = rows.fit_transform(formulas)
places = np.arange(len(formulas))

fig, (left, right) = plt.subplots(1, 2, sharey=True)
low, high = rows["min_electronegativity"], rows["max_electronegativity"]
left.hlines(places, low, high, color="#999999", lw=3)
left.plot(rows["mean_electronegativity"], places, "o", color="#0072B2", label="mean")
left.plot(low, places, "|", color="#222222", ms=12, label="least and greatest")
left.plot(high, places, "|", color="#222222", ms=12)
left.set(xlabel="electronegativity (Pauling)", yticks=places, yticklabels=formulas)
left.set_ylim(-0.6, 5.4)
left.legend(fontsize="small", loc="upper right", ncols=2)
start = np.zeros(len(formulas))
for orbital, color in zip("spd", ("#56B4E9", "#0072B2", "#E69F00"), strict=True):
    share = rows[f"mean_{orbital}_electrons"]
    right.barh(places, share, left=start, height=0.6, color=color, label=orbital)
    start += share
right.set(xlabel="valence electrons per atom")
right.legend(fontsize="small")
left.invert_yaxis()
