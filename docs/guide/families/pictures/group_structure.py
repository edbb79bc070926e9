"""One formula, two structures: what the families that see positions say of SiO2."""

import matplotlib.pyplot as plt
import numpy as np

from skcrystal import CrystalFeaturizer
from skcrystal.datasets import load_experimental
from skcrystal.descriptors import (
    BondAngles,
    CoordinationStats,
    Density,
    RadialSpectrum,
)

frame = load_experimental(as_frame=True).frame
silica = frame[frame["formula"] == "SiO2"]
families = [
    ("radial", RadialSpectrum()),
    ("angles", BondAngles()),
    ("coordination", CoordinationStats()),
    ("density", Density()),
]
rows = CrystalFeaturizer(families).set_output(transform="pandas")
rows = rows.fit_transform(list(silica["structure"]))

fig, (left, right) = plt.subplots(1, 2)
for (_, row), name, color in zip(
    rows.iterrows(), silica["name"], ("#D55E00", "#0072B2"), strict=True
):
    radial = row.filter(like="neighbors_at_")
    distances = [
        float(column.removeprefix("neighbors_at_").replace("_", "."))
        for column in radial.index
    ]
    label = (
        f"{name}: {row['density']:.2f} g/cm³, "
        f"silicon has {row['max_coordination_number']:.0f} neighbours"
    )
    left.plot(distances, radial, color=color, label=label)
    angles = row.filter(like="mean_bond_angle_")
    degrees = [float(column.rsplit("_", 1)[1]) for column in angles.index]
    right.plot(degrees, angles, "o-", ms=4, color=color)
left.set(xlabel="distance (Å)", ylabel="neighbours", ylim=(0, None))
right.set(xlabel="bond angle (degrees)", ylabel="share of the angles")
right.set_xticks(np.arange(45, 181, 45))
fig.legend(loc="outside upper center")
