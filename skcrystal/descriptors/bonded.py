"""What the descriptors over bonds share: their parameters, and what they are invariant to."""

from __future__ import annotations

from numbers import Real
from typing import Any, ClassVar

import numpy as np

from skcrystal._sklearn import Interval
from skcrystal.descriptors.base import Invariance
from skcrystal.descriptors.site_descriptor import SiteDescriptor

__all__ = ["BOND_CONSTRAINTS", "BondedDescriptor"]

BOND_CONSTRAINTS: dict[str, list[Any]] = {
    "statistics": [list, tuple, np.ndarray],
    "cutoff": [Interval(Real, 0, None, closed="neither")],
}


class BondedDescriptor(SiteDescriptor):
    """A descriptor of each site's bonds, ``crystals.bonds(cutoff)``; the base class of several.

    Rows are invariant to all moves, since no cell enters a sum over bonds, and continuous, since a bond
    that forms or breaks does so from weight 0 on.
    """

    invariance = Invariance(
        origin=True,
        rotation=True,
        reflection=True,
        permutation=True,
        supercell=True,
        cell_choice=True,
        continuous=True,
    )
    _parameter_constraints: ClassVar[dict[str, list[Any]]] = BOND_CONSTRAINTS
    cutoff: float
