"""Spread of the electronegativity over the sites, round by round."""

import matplotlib.pyplot as plt

from skcrystal.datasets import load_experimental
from skcrystal.descriptors import CompositionStats, MessagePassing

DEPTH = 6
data = load_experimental(as_frame=True).frame
passing = MessagePassing(depth=DEPTH, properties=["electronegativity"])
rows = passing.set_output(transform="pandas").transform(data.structure)
start = CompositionStats(properties=("electronegativity",), statistics=("std",))
spread = start.fit_transform(data.structure)[:, 0]

fig, ax = plt.subplots()
for prototype, color in (
    ("rocksalt", "#E69F00"),
    ("zincblende", "#0072B2"),
    ("spinel", "#CC79A7"),
    ("cubic_perovskite", "#009E73"),
):
    here = (data.prototype == prototype).to_numpy() & (spread > 0)
    falls = [1.0] + [
        float(
            (
                rows[f"std_round_{k}_electronegativity"].to_numpy()[here] / spread[here]
            ).mean()
        )
        for k in range(1, DEPTH + 1)
    ]
    ax.plot(range(DEPTH + 1), falls, "o-", color=color, label=prototype)
ax.set(xlabel="rounds", ylabel="spread over the sites, of the initial one")
ax.legend()
