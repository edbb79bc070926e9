"""Band gaps over the spread of the electronegativity."""

import matplotlib.pyplot as plt

from skcrystal.datasets import load_experimental
from skcrystal.descriptors import CompositionStats

X, gaps = load_experimental(return_X_y=True)
spread = CompositionStats(
    properties=["electronegativity"], statistics=["std"], metal_fraction=False
)
x = spread.transform(X)[:, 0]

fig, ax = plt.subplots()
metal = gaps == 0
ax.plot(x[metal], gaps[metal], "o", ms=4, alpha=0.5, color="#6E6E6E", label="metals")
ax.plot(
    x[~metal], gaps[~metal], "o", ms=4, alpha=0.5, color="#0072B2", label="with a gap"
)
ax.set(
    xlabel="standard deviation of the electronegativity (Pauling)",
    ylabel="band gap (eV)",
)
ax.legend(loc="upper center")
