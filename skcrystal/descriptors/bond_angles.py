"""The spectrum of bond angles."""

from __future__ import annotations

from numbers import Integral, Real
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from skcrystal._sklearn import Interval
from skcrystal.descriptors.base import as_names
from skcrystal.descriptors.bonded import BOND_CONSTRAINTS, BondedDescriptor

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skcrystal.crystals.batch import Crystals

__all__ = ["BondAngles"]

# Points along the cosine that angles are shared out to: 0.1 degrees apart at 90, 3.6 at 0 and at 180.
N_BINS = 1025

# A site whose pairs of bonds weigh this much together counts half: one with a single bond has no angle.
HALF_PAIR = 16.0


def angle_kernels(centers: NDArray[np.float64], width: float) -> NDArray[np.float64]:
    """Return Gaussians around angles in degrees, at evenly spaced cosines; shape (N_BINS, n_centers).

    Reflected at 0 and at 180 degrees, they are smooth functions of the cosine.
    """
    angles = np.degrees(np.arccos(np.linspace(-1, 1, N_BINS)))[:, None]
    kernels = np.zeros((N_BINS, len(centers)))
    for image in (centers, -centers, 360 - centers):
        kernels += np.exp(-0.5 * ((angles - image) / width) ** 2)
    return kernels


class BondAngles(BondedDescriptor):
    """How often the bonds of a site make angles around each of a row of angles, without unit.

    With the weights w_ij of the bonds of site i (:meth:`skcrystal.Crystals.bonds`), the angle t_jik between
    the bonds to j and to k, and the centre t_n, over the N sites of the cell,

        a(t_n) = 1/N sum_i [sum_(j<k) w_ij w_ik G(t_jik - t_n)] / [sum_(j<k) w_ij w_ik + 16]

    where G is a Gaussian of height 1, reflected at 0 and 180 degrees. A site with one bond has no angle and
    adds nothing; the 16 makes it gain angles smoothly as a second bond forms. Six bonds of an octahedron
    have 12 angles of 90 and 3 of 180 degrees, four of a tetrahedron 6 of 109.5: the columns there are soft
    measures of octahedral and tetrahedral order. Angles are rounded to a grid of 1,025 cosines by linear
    interpolation, which changes a column by less than 0.001.

    Invariant to origin, rotation, permutation, supercell and choice of cell: angles do not depend on them.
    Continuous: bonds form and break from weight 0 on.

    Parameters
    ----------
    n_angles : int, default=10
        Number of centres, and of columns.
    start : float, default=45.0
        The first centre, in degrees. The last one is 180.
    width : float, default=24.0
        Standard deviation of the Gaussians, in degrees.
    cutoff : float, default=8.0
        In angstrom; farther sites do not see each other.
    radius : {"covalent_radius", "atomic_radius", "average_ionic_radius"} or None, default="covalent_radius"
        Radii that distances are compared by; None compares the plain distances.
    reach : float, default=1.5
        How many times as far away as the nearest ones, in units of the radii, a neighbour ceases to be one.

    Examples
    --------
    The four bonds of diamond meet at 109.5 degrees:

    >>> import numpy as np
    >>> from skcrystal import Crystal
    >>> from skcrystal.descriptors import BondAngles
    >>> diamond = Crystal.ordered(3.567 * (1 - np.eye(3)) / 2, [[0, 0, 0], [0.25, 0.25, 0.25]], [6, 6])
    >>> angles = BondAngles()
    >>> row = angles.transform([diamond])[0].round(2)
    >>> dict(zip(angles.get_feature_names_out()[3:6].tolist(), row[3:6].tolist()))
    {'bond_angle_90': 0.23, 'bond_angle_105': 0.29, 'bond_angle_120': 0.26}
    """

    schema_version = 3

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "n_angles": [Interval(Integral, 2, None, closed="left")],
        "start": [Interval(Real, 0, 180, closed="left")],
        "width": [Interval(Real, 0, None, closed="neither")],
        **BOND_CONSTRAINTS,
    }

    def __init__(
        self,
        *,
        n_angles: int = 10,
        start: float = 45.0,
        width: float = 24.0,
        cutoff: float = 8.0,
        radius: str | None = "covalent_radius",
        reach: float = 1.5,
    ) -> None:
        self.n_angles = n_angles
        self.start = start
        self.width = width
        self.cutoff = cutoff
        self.radius = radius
        self.reach = reach

    def _centers(self) -> NDArray[np.float64]:
        return np.linspace(self.start, 180.0, self.n_angles)

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """Return ``bond_angle_45``, ``bond_angle_60`` and so on.

        Parameters
        ----------
        input_features : ignored

        Returns
        -------
        ndarray of str
        """
        return as_names([f"bond_angle_{center:.4g}" for center in self._centers()])

    def describe(self, crystals: Crystals) -> NDArray[np.float64]:
        """Return the spectrum of each crystal."""
        from skcrystal.kernels.angles import cosine_histograms, unit_vectors

        bonds = self._bonds(crystals)
        histograms = cosine_histograms(
            crystals.site_offsets,
            bonds.offsets,
            unit_vectors(bonds.vectors, bonds.distances),
            bonds.weights,
            N_BINS,
            HALF_PAIR,
        )
        # einsum, not @: rows of a matrix product depend, in the last digit, on how many there are.
        spectra: NDArray[np.float64] = np.einsum(
            "ij,jk->ik", histograms, angle_kernels(self._centers(), self.width)
        )
        return spectra
