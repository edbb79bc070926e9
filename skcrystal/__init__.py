"""Crystal structures into numbers for machine learning, in scikit-learn's shape."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from skcrystal._version import __version__

if TYPE_CHECKING:
    from skcrystal._show_versions import show_versions
    from skcrystal.chemistry import elements
    from skcrystal.crystals import Compositions, Crystal, CrystalError, Crystals
    from skcrystal.descriptors.site_table import site_table
    from skcrystal.featurizer import CrystalFeaturizer
    from skcrystal.inputs import as_compositions, as_crystals
    from skcrystal.matching import duplicates, match
    from skcrystal.protostructures import protostructure

__all__ = [
    "Compositions",
    "Crystal",
    "CrystalError",
    "CrystalFeaturizer",
    "Crystals",
    "__version__",
    "as_compositions",
    "as_crystals",
    "duplicates",
    "elements",
    "match",
    "protostructure",
    "show_versions",
    "site_table",
]

# Where the names live. They are imported when first asked for: whoever wants one module, or the help of the
# command, does not wait for scikit-learn and numba. None of them may be the name of a module beside this
# file, whose import would put the module in its place.
HOMES = {
    "Compositions": "crystals",
    "Crystal": "crystals",
    "CrystalError": "crystals",
    "CrystalFeaturizer": "featurizer",
    "Crystals": "crystals",
    "as_compositions": "inputs",
    "as_crystals": "inputs",
    "duplicates": "matching",
    "match": "matching",
    "protostructure": "protostructures",
    "show_versions": "_show_versions",
    "site_table": "descriptors.site_table",
}
# Modules that `import skcrystal` alone makes reachable.
MODULES = {
    "cache": "cache",
    "datasets": "datasets",
    "descriptors": "descriptors",
    "elements": "chemistry.elements",
    "formats": "formats",
    "graphs": "graphs",
    "inspection": "inspection",
    "models": "models",
    "plots": "plots",
    "potentials": "potentials",
    "report": "report",
    "splits": "splits",
}

# Hidden from the type checker, which would take any name for one that is here.
if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        if name in HOMES:
            value = getattr(import_module(f"skcrystal.{HOMES[name]}"), name)
        elif name in MODULES:
            value = import_module(f"skcrystal.{MODULES[name]}")
        else:
            raise AttributeError(f"module 'skcrystal' has no attribute {name!r}")
        globals()[name] = value
        return value

    def __dir__() -> list[str]:
        return sorted({*globals(), *HOMES, *MODULES})
