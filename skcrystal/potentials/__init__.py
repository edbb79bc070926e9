"""Energies, forces and stresses from the surroundings of the atoms, in scikit-learn's shape."""

from __future__ import annotations

from skcrystal.crystals.labels import Label, Labels
from skcrystal.potentials.extrapolation import ExtrapolationWarning
from skcrystal.potentials.linear_potential import LinearPotential
from skcrystal.potentials.shear_order import LabelWarning
from skcrystal.potentials.units import stress_from_vasp, to_gpa, to_kbar

__all__ = [
    "ExtrapolationWarning",
    "Label",
    "LabelWarning",
    "Labels",
    "LinearPotential",
    "stress_from_vasp",
    "to_gpa",
    "to_kbar",
]
