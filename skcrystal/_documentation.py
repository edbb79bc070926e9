"""Where a class of ours is documented: the "?" of scikit-learn's diagrams."""

from __future__ import annotations

import sys
from functools import cache
from importlib.metadata import PackageNotFoundError, metadata
from itertools import accumulate

__all__ = ["Documented", "documentation_address", "public_name"]


class Documented:
    """Mixin of estimators, before ``BaseEstimator``: their boxes in diagrams lead to their pages.

    They do once the package says where its pages are, by the project URL "Documentation" of its metadata;
    without one there is no "?", since scikit-learn draws none for an empty address.
    """

    _doc_link_module = "skcrystal"

    @property
    def _doc_link_template(self) -> str:
        address = documentation_address()
        return f"{address}/api/generated/{{name}}.html" if address else ""

    def _doc_link_url_param_generator(self) -> dict[str, str]:
        return {"name": public_name(type(self))}


@cache
def documentation_address() -> str:
    """Return the address of the documentation, without a slash at its end; "" where there is none."""
    try:
        addresses = metadata("skcrystal").get_all("Project-URL") or []
    except PackageNotFoundError:
        return ""
    named = (entry.partition(",") for entry in addresses)
    return next((url.strip().rstrip("/") for name, _, url in named if name.lower() == "documentation"), "")


def public_name(of: type) -> str:
    """Return the name by which users import a class: from the uppermost module that offers it.

    Examples
    --------
    >>> from skcrystal import CrystalFeaturizer
    >>> from skcrystal.descriptors import Density
    >>> public_name(CrystalFeaturizer), public_name(Density)
    ('skcrystal.CrystalFeaturizer', 'skcrystal.descriptors.Density')
    """
    name = of.__name__
    for module in accumulate(of.__module__.split("."), "{}.{}".format):
        if getattr(sys.modules.get(module), name, None) is of:
            return f"{module}.{name}"
    return f"{of.__module__}.{name}"
