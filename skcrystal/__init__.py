"""Crystal structures into numbers for machine learning, in scikit-learn's shape."""

from skcrystal._version import __version__
from skcrystal.chemistry import elements
from skcrystal.crystals import Compositions, Crystal, CrystalError, Crystals
from skcrystal.descriptors.site_table import site_table
from skcrystal.featurizer import CrystalFeaturizer
from skcrystal.inputs import as_compositions, as_crystals
from skcrystal.protostructure import protostructure

__all__ = [
    "Compositions",
    "Crystal",
    "CrystalError",
    "CrystalFeaturizer",
    "Crystals",
    "__version__",
    "as_compositions",
    "as_crystals",
    "elements",
    "protostructure",
    "site_table",
]
