"""Gaps of crystals of the rock salt type over the difference of the electronegativities."""

import matplotlib.pyplot as plt

from skcrystal.datasets import load_experimental
from skcrystal.descriptors import IonicStats

frame = load_experimental(as_frame=True).frame
frame = frame[frame.prototype == "rocksalt"]
ionic = IonicStats().set_output(transform="pandas")
x = ionic.transform(frame.structure)["mean_electronegativity_gap"].to_numpy()

fig, ax = plt.subplots()
ax.plot(x, frame.band_gap, "o", ms=5, color="#0072B2")
for formula, shift in (
    ("LiF", (6, 3)),
    ("NaCl", (6, 3)),
    ("MgO", (6, -8)),
    ("AgCl", (6, 3)),
    ("PbS", (6, 3)),
    ("TiC", (-2, 6)),
):
    (k,) = (frame.formula == formula).to_numpy().nonzero()[0][:1]
    ax.annotate(
        formula,
        (x[k], frame.band_gap.iloc[k]),
        textcoords="offset points",
        xytext=shift,
    )
ax.set(xlabel="electronegativity, anion minus cation (Pauling)", ylabel="band gap (eV)")
