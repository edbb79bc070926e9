"""Descriptors: one file per family of columns, each a scikit-learn transformer."""

from skcrystal.descriptors.base import Descriptor, Invariance
from skcrystal.descriptors.composition import CompositionStats
from skcrystal.descriptors.density import Density
from skcrystal.descriptors.distance import DistanceStats
from skcrystal.descriptors.lattice import LatticeAngles
from skcrystal.descriptors.space_group import SpaceGroupOneHot

__all__ = [
    "CompositionStats",
    "Density",
    "Descriptor",
    "DistanceStats",
    "Invariance",
    "LatticeAngles",
    "SpaceGroupOneHot",
]
