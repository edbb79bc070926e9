"""What the descriptors over soft bonds share: their parameters."""

from __future__ import annotations

from numbers import Real
from typing import TYPE_CHECKING, Any, ClassVar

from skcrystal._sklearn import Interval, Options
from skcrystal.descriptors.base import Descriptor, Invariance

if TYPE_CHECKING:
    from skcrystal.crystals.batch import Crystals
    from skcrystal.crystals.bonds import BondTable

__all__ = ["BOND_CONSTRAINTS", "BondedDescriptor"]

BOND_CONSTRAINTS: dict[str, list[Any]] = {
    "cutoff": [Interval(Real, 0, None, closed="neither")],
    "radius": [Options(str, {"covalent_radius", "atomic_radius", "average_ionic_radius"}), None],
    "reach": [Interval(Real, 1, None, closed="neither")],
}


class BondedDescriptor(Descriptor):
    """A descriptor over ``crystals.bonds(cutoff, radius, reach)``; the base class of several.

    Rows are invariant to the five moves, since no cell enters a sum over bonds, and continuous, since a bond
    that forms or breaks does so from weight 0 on.
    """

    invariance = Invariance(
        origin=True,
        rotation=True,
        permutation=True,
        supercell=True,
        cell_choice=True,
        continuous=True,
    )
    _parameter_constraints: ClassVar[dict[str, list[Any]]] = BOND_CONSTRAINTS
    cutoff: float
    radius: str | None
    reach: float

    def _bonds(self, crystals: Crystals) -> BondTable:
        return crystals.bonds(self.cutoff, self.radius, self.reach)
