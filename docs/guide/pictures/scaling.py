"""How `SoftStandardScaler` bounds what lies far out."""

import matplotlib.pyplot as plt
import numpy as np

from skcrystal.models import SoftStandardScaler

u = np.linspace(-10, 10, 401)[:, None]
scaler = SoftStandardScaler().fit(np.array([[-1.0], [1.0]]))  # mean 0, deviation 1

fig, ax = plt.subplots(figsize=(6.4, 3))
ax.plot(u, u, "--", color="#6E6E6E", lw=1, label="StandardScaler")
ax.plot(u, np.clip(u, -3, 3), ":", color="#E69F00", label="clipped")
ax.plot(u, scaler.transform(u), color="#0072B2", label="SoftStandardScaler")
ax.set(xlabel="standard deviations from the mean", ylabel="scaled value", ylim=(-4, 4))
ax.legend()
