"""Oxidation state of iron in FeO_x, and how unusual the states are."""

import matplotlib.pyplot as plt
import numpy as np

from skcrystal.chemistry.oxidation import assign_oxidation_states

IRON, OXYGEN = 26, 8
oxygen = np.linspace(0.25, 4, 301)
amounts = np.zeros((len(oxygen), 119))
amounts[:, IRON], amounts[:, OXYGEN] = 1, oxygen
ions = assign_oxidation_states(amounts)

fig, (left, right) = plt.subplots(1, 2, figsize=(8, 3.6))
left.plot(
    oxygen, ions.states[ions.atomic_numbers == IRON], color="#0072B2", label="iron"
)
left.plot(
    oxygen, ions.states[ions.atomic_numbers == OXYGEN], color="#E69F00", label="oxygen"
)
left.set(xlabel="x in FeO$_x$", ylabel="oxidation state (e)")
left.legend()
right.plot(oxygen, ions.costs, color="#D55E00")
right.set(xlabel="x in FeO$_x$", ylabel="mean cost per atom, $-\\ln p$")
for x, formula in ((1, "FeO"), (4 / 3, "Fe$_3$O$_4$"), (1.5, "Fe$_2$O$_3$")):
    left.plot(x, 2 * x, "o", ms=4, color="#0072B2")
    left.annotate(
        formula, (x, 2 * x), textcoords="offset points", xytext=(6, 9 * x - 17)
    )
