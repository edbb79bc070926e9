"""Descriptors: one file per family of columns, each a scikit-learn transformer."""

from skcrystal.descriptors.alloys import AlloyStats
from skcrystal.descriptors.average_minimum_distance import AverageMinimumDistance
from skcrystal.descriptors.base import Descriptor, Invariance
from skcrystal.descriptors.bond_angles import BondAngles
from skcrystal.descriptors.bond_lengths import BondLengths
from skcrystal.descriptors.bond_order import BondOrder
from skcrystal.descriptors.bond_valence import BondValences
from skcrystal.descriptors.columns import Column
from skcrystal.descriptors.composition import CompositionStats
from skcrystal.descriptors.coordination import CoordinationStats
from skcrystal.descriptors.density import Density
from skcrystal.descriptors.distance import DistanceStats
from skcrystal.descriptors.electrostatics import MadelungEnergy
from skcrystal.descriptors.element_fractions import ElementFractions
from skcrystal.descriptors.element_vectors import ElementVectors
from skcrystal.descriptors.embedding import Embedding
from skcrystal.descriptors.ionic import IonicStats
from skcrystal.descriptors.lattice import LatticeAngles
from skcrystal.descriptors.local_differences import LocalDifferences
from skcrystal.descriptors.message_passing import MessagePassing
from skcrystal.descriptors.orbital_field import OrbitalFieldMatrix
from skcrystal.descriptors.pair_spectrum import PairSpectrum
from skcrystal.descriptors.pauling_energy import PaulingEnergy
from skcrystal.descriptors.radial import RadialSpectrum
from skcrystal.descriptors.similarity import similarity
from skcrystal.descriptors.site_descriptor import SiteDescriptor, SiteGradients
from skcrystal.descriptors.soap import SOAP
from skcrystal.descriptors.soft_symmetry import SoftSymmetry
from skcrystal.descriptors.space_group import SpaceGroupOneHot
from skcrystal.descriptors.stoichiometry import StoichiometryNorms
from skcrystal.descriptors.stretching import StretchingFrequencies
from skcrystal.descriptors.symmetry_functions import SymmetryFunctions
from skcrystal.descriptors.symmetry_numbers import SymmetryStats
from skcrystal.descriptors.valence import ValenceElectrons

__all__ = [
    "SOAP",
    "AlloyStats",
    "AverageMinimumDistance",
    "BondAngles",
    "BondLengths",
    "BondOrder",
    "BondValences",
    "Column",
    "CompositionStats",
    "CoordinationStats",
    "Density",
    "Descriptor",
    "DistanceStats",
    "ElementFractions",
    "ElementVectors",
    "Embedding",
    "Invariance",
    "IonicStats",
    "LatticeAngles",
    "LocalDifferences",
    "MadelungEnergy",
    "MessagePassing",
    "OrbitalFieldMatrix",
    "PairSpectrum",
    "PaulingEnergy",
    "RadialSpectrum",
    "SiteDescriptor",
    "SiteGradients",
    "SoftSymmetry",
    "SpaceGroupOneHot",
    "StoichiometryNorms",
    "StretchingFrequencies",
    "SymmetryFunctions",
    "SymmetryStats",
    "ValenceElectrons",
    "similarity",
]
