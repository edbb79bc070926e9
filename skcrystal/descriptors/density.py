"""How much room the atoms of a crystal have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from skcrystal._sklearn import StrOptions
from skcrystal.chemistry import elements
from skcrystal.descriptors.base import SYMPREC, Descriptor, Invariance
from skcrystal.descriptors.columns import Column, fate_of_unknown

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skcrystal.crystals.batch import Crystals

__all__ = ["QUANTITIES", "Density"]

QUANTITIES = ("volume_per_site", "density", "packing_fraction", "edge_product_per_site")

# One atomic mass unit per cubic angstrom in g/cm^3: CODATA 2022, doi 10.1103/RevModPhys.97.025002.
AMU_PER_CUBIC_ANGSTROM = 1.66053906892


class Density(Descriptor):
    """Volume per site, density and packing fraction of a crystal.

    - ``volume_per_site``: volume of the cell over its number of sites, in cubic angstrom; a site that is
      partly vacant counts whole
    - ``density``: mass of the atoms (occupancies counted) over the volume, in g/cm^3
    - ``packing_fraction``: volume of spheres with the atomic radii over the volume, no unit; above 1 where
      spheres overlap much
    - ``edge_product_per_site``: a b c over the number of sites of the Niggli-reduced primitive cell, in
      cubic angstrom; the volume per site in an orthogonal cell, more in a skewed one

    Invariant to origin, rotation, reflection, permutation, supercell and choice of cell. Continuous but for
    ``edge_product_per_site``, which jumps where the reduced cell does.

    Parameters
    ----------
    quantities : sequence of str, default=("volume_per_site", "density", "packing_fraction")
        Names of columns, in the order wanted.
    radius : {"atomic_radius", "atomic_radius_calculated", "van_der_waals_radius"}, default="atomic_radius"
        The radius of the spheres.
    missing : {"trend", "zero", "nan"}, default="trend"
        What stands for a mass or radius that no source gives: an estimate by the neighbours in the periodic
        table, 0, or NaN.
    symprec : float, default=0.01
        Tolerance of the search for the primitive cell, in angstrom, at most 0.2. Only
        ``edge_product_per_site`` reads it.

    Examples
    --------
    Body-centred iron, a = 2.8665 angstrom, has 55.845 amu in half of a^3:

    >>> import numpy as np
    >>> from skcrystal import Crystal
    >>> from skcrystal.descriptors import Density
    >>> iron = Crystal.ordered(2.8665 * np.eye(3), [[0, 0, 0], [0.5, 0.5, 0.5]], [26, 26])
    >>> Density(quantities=["volume_per_site", "density"]).transform([iron]).round(3)
    array([[11.777,  7.874]])
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "quantities": [list, tuple, np.ndarray],
        "radius": [StrOptions({"atomic_radius", "atomic_radius_calculated", "van_der_waals_radius"})],
        "missing": [StrOptions({"trend", "zero", "nan"})],
        "symprec": SYMPREC,
    }

    def __init__(
        self,
        *,
        quantities: Any = ("volume_per_site", "density", "packing_fraction"),
        radius: str = "atomic_radius",
        missing: str = "trend",
        symprec: float = 0.01,
    ) -> None:
        self.quantities = quantities
        self.radius = radius
        self.missing = missing
        self.symprec = symprec

    @property
    def invariance(self) -> Invariance:  # type: ignore[override]  # it depends on the columns
        """What leaves a row as it is."""
        reduced = "edge_product_per_site" in self.quantities
        return Invariance(
            origin=True,
            rotation=True,
            reflection=True,
            permutation=True,
            supercell=True,
            cell_choice=True,
            continuous=not reduced,
            note="a displacement beyond symprec can multiply the primitive cell" if reduced else "",
        )

    def _validate_params(self) -> None:
        super()._validate_params()
        for name in self.quantities:
            if name not in QUANTITIES:
                raise ValueError(f"Density knows no quantity {name!r}; choose from {', '.join(QUANTITIES)}")

    def describe_columns(self) -> list[Column]:
        """Describe the quantities."""
        radius = (
            f"volume of spheres with each element's {self.radius.replace('_', ' ')} over that of the cell"
        )
        columns = {
            "volume_per_site": ("angstrom^3", "volume of the cell over its number of sites", ""),
            "density": ("g/cm^3", "mass of the atoms over the volume", self._fate("atomic_mass")),
            "packing_fraction": ("1", radius, self._fate(self.radius)),
            "edge_product_per_site": (
                "angstrom^3",
                "product of the edges a b c of the Niggli-reduced primitive cell over its number of sites",
                "",
            ),
        }
        return [Column.of(name, *columns[name]) for name in self.quantities]

    def _fate(self, name: str) -> str:
        return fate_of_unknown(name, self.missing)

    def describe(self, crystals: Crystals) -> NDArray[np.float64]:
        """Return the chosen quantities of each crystal."""
        columns = np.empty((len(crystals), len(self.quantities)))
        for k, name in enumerate(self.quantities):
            columns[:, k] = self._quantity(name, crystals)
        return columns

    def _quantity(self, name: str, crystals: Crystals) -> NDArray[np.float64]:
        if name == "volume_per_site":
            return crystals.volumes / crystals.site_counts
        if name == "density":
            mass = elements.filled_table(["atomic_mass"], self.missing)[:, 0]
            return AMU_PER_CUBIC_ANGSTROM * _sum_over_atoms(crystals, mass) / crystals.volumes
        if name == "packing_fraction":
            radius = elements.filled_table([self.radius], self.missing)[:, 0]
            return _sum_over_atoms(crystals, 4 / 3 * np.pi * radius**3) / crystals.volumes
        cells = crystals.primitive(self.symprec)
        return np.linalg.norm(cells.lattices, axis=2).prod(axis=1) / cells.site_counts


def _sum_over_atoms(crystals: Crystals, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sum a value of the elements over the atoms of each cell; an element that is absent adds nothing."""
    amounts = crystals.element_amounts
    return (amounts * np.where(amounts > 0, values, 0.0)).sum(axis=1)
