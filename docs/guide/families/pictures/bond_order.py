"""Bond order of four structures of the elements."""

import matplotlib.pyplot as plt

from skcrystal.datasets import load_experimental
from skcrystal.descriptors import BondOrder

frame = load_experimental(as_frame=True).frame
crystals = dict(
    zip(frame.formula + " " + frame.prototype, frame.structure, strict=True)
)
order = BondOrder(largest=10).set_output(transform="pandas")

fig, ax = plt.subplots()
for name, color in (
    ("C diamond", "#0072B2"),
    ("Fe bcc", "#009E73"),
    ("Cu fcc", "#CC79A7"),
    ("Mg hcp", "#E69F00"),
):
    row = order.transform(crystals[name]).filter(like="mean_q_").iloc[0]
    ax.plot(range(2, 11), row, "o-", ms=4, color=color, label=name)
ax.set(xlabel="l", ylabel="mean $q_l$", xticks=range(2, 11))
fig.legend(loc="outside upper center", ncols=4)
