"""Crystal structures into numbers for machine learning, in scikit-learn's shape."""

from skcrystal.crystals.batch import Crystals
from skcrystal.crystals.crystal import Crystal, CrystalError
from skcrystal.featurizer import CrystalFeaturizer
from skcrystal.inputs import as_crystals

__version__ = "0.1.0.dev0"

__all__ = ["Crystal", "CrystalError", "CrystalFeaturizer", "Crystals", "__version__", "as_crystals"]
