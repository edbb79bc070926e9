"""Soft coordination: how many bonds the sites have, and how long they are."""

from __future__ import annotations

from numbers import Real
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from skcrystal import elements
from skcrystal.descriptors.base import Descriptor, Interval, Invariance, Options, as_names
from skcrystal.descriptors.site_values import site_means

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skcrystal.crystals import Crystals

__all__ = ["CoordinationStats", "site_radii", "site_statistics", "soft_bonds"]

QUANTITIES = (
    "coordination_number",
    "bond_length",
    "bond_length_variance",
    "radius_sum_over_bond_length",
    "nearest_distance",
)
STATISTICS = ("mean", "std", "min", "max")

# Between whole coordination numbers the Gaussians of neighbouring columns overlap.
COORDINATION_NUMBERS = np.arange(1, 15)
COORDINATION_WIDTH = 1.0

BOND_CONSTRAINTS: dict[str, list[Any]] = {
    "cutoff": [Interval(Real, 0, None, closed="neither")],
    "radius": [Options(str, {"covalent_radius", "atomic_radius", "average_ionic_radius"}), None],
    "sharpness": [Interval(Real, 1, None, closed="left")],
}


def site_radii(crystals: Crystals, radius: str | None) -> NDArray[np.float64]:
    """Return the radius of each site in angstrom; 1/2 without a table, so that sums of two are 1."""
    if radius is None:
        return np.full(crystals.n_sites, 0.5)
    return site_means(crystals, elements.filled_table([radius]))[:, 0]


def soft_bonds(
    crystals: Crystals, cutoff: float, radius: str | None, sharpness: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the bond weight of each pair of ``crystals.neighbors(cutoff)``, and their sum at each site."""
    from skcrystal.kernels.bonds import bond_weights

    table = crystals.neighbors(cutoff)
    weights, numbers = bond_weights(
        table.offsets,
        table.neighbors,
        table.distances,
        site_radii(crystals, radius),
        float(cutoff),
        float(sharpness),
    )
    return weights, numbers


def site_statistics(crystals: Crystals, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return mean, standard deviation, minimum and maximum over the sites of each crystal, value by value.

    Shape (n_crystals, 4 * n_values).
    """
    starts, counts = crystals.site_offsets[:-1], crystals.site_counts[:, None]
    if not len(starts):
        return np.zeros((0, 4 * values.shape[1]))
    mean = np.add.reduceat(values, starts) / counts
    squares = (values - np.repeat(mean, crystals.site_counts, axis=0)) ** 2
    std = np.sqrt(np.add.reduceat(squares, starts) / counts)
    lowest, highest = np.minimum.reduceat(values, starts), np.maximum.reduceat(values, starts)
    return np.stack([mean, std, lowest, highest], axis=2).reshape(len(crystals), -1)


class CoordinationStats(Descriptor):
    """Effective coordination numbers and bond lengths of the sites, in angstrom.

    With x_ij = r_ij / (R_i + R_j), the distance over the sum of the radii, x_min the smallest one of site i
    and p the sharpness, the bond i-j has the weight

        w_ij = f(r_ij) exp(1 - (x_ij / x_mean)^p),    f(r) = (1 - (r / cutoff)^6)^2

    where x_mean is the mean of x_ij weighted by f(r_ij) exp(1 - (x_ij / x_min)^p). No shell has an edge: a
    neighbour at the mean distance counts 1, one 40 % farther away, at p = 6, less than 0.002. Over the sites
    of the cell, the mean, std, min and max of

    - ``coordination_number``: CN, the sum of the weights
    - ``bond_length``: mean distance weighted by w, in angstrom; the cutoff where there are no neighbours
    - ``bond_length_variance``: its weighted variance, in square angstrom
    - ``radius_sum_over_bond_length``: the sum of w / x over CN + 0.01, so that a site without bonds has 0
    - ``nearest_distance``: to the nearest site, in angstrom, at most the cutoff

    and ``coordination_near_1`` to ``coordination_near_14``: the mean over the sites of Gaussians of CN around
    that number, of standard deviation 1. A disordered site counts once, with the mean radius of its
    species. Covalent radii let the large cations of a salt see each other: a site of rock salt has 6.0 bonds
    by plain distances, and 10.0 by covalent radii.

    Invariant to origin, rotation, permutation, supercell and choice of cell: no cell enters the formula.
    Continuous: the smallest and the weighted sums change by little, and a site whose last neighbour leaves
    the cutoff tends smoothly to the values of one without any. Not insensitive: short bonds, as those of
    hydrogen, change the weights most, by about 6 / r of a displacement.

    Parameters
    ----------
    cutoff : float, default=8.0
        In angstrom; farther sites do not see each other.
    radius : {"covalent_radius", "atomic_radius", "average_ionic_radius"} or None, default="covalent_radius"
        Radii R that distances are compared by; an unknown one counts as the mean of the table. None compares
        the plain distances, which gives Hoppe's effective coordination number.
    sharpness : float, default=6.0
        The power p. Larger ones tell shells apart more strictly, and react more to small displacements.

    References
    ----------
    Hoppe, Z. Kristallogr. 150 (1979) 23, doi 10.1524/zkri.1979.150.14.23; radii of Cordero et al., Dalton
    Trans. (2008) 2832, doi 10.1039/b801115j.

    Examples
    --------
    Each site of diamond has four bonds of a sqrt(3) / 4:

    >>> import numpy as np
    >>> from skcrystal import Crystal
    >>> from skcrystal.descriptors import CoordinationStats
    >>> diamond = Crystal.ordered(3.567 * (1 - np.eye(3)) / 2, [[0, 0, 0], [0.25, 0.25, 0.25]], [6, 6])
    >>> row = CoordinationStats().transform([diamond])[0]
    >>> names = CoordinationStats().get_feature_names_out().tolist()
    >>> for name in ("mean_coordination_number", "mean_bond_length"):
    ...     print(name, round(float(row[names.index(name)]), 2))
    mean_coordination_number 4.0
    mean_bond_length 1.54
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

    def __init__(
        self, *, cutoff: float = 8.0, radius: str | None = "covalent_radius", sharpness: float = 6.0
    ) -> None:
        self.cutoff = cutoff
        self.radius = radius
        self.sharpness = sharpness

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """Return ``mean_coordination_number``, ``std_coordination_number`` and so on.

        Parameters
        ----------
        input_features : ignored

        Returns
        -------
        ndarray of str
        """
        names = [f"{statistic}_{quantity}" for quantity in QUANTITIES for statistic in STATISTICS]
        return as_names(names + [f"coordination_near_{number}" for number in COORDINATION_NUMBERS])

    def describe(self, crystals: Crystals) -> NDArray[np.float64]:
        """Return the statistics of each crystal."""
        from skcrystal.kernels.bonds import bond_lengths

        table = crystals.neighbors(self.cutoff)
        weights, numbers = soft_bonds(crystals, self.cutoff, self.radius, self.sharpness)
        lengths = bond_lengths(
            table.offsets,
            table.neighbors,
            table.distances,
            weights,
            numbers,
            site_radii(crystals, self.radius),
            float(self.cutoff),
        )
        statistics = site_statistics(crystals, np.column_stack([numbers, lengths]))
        off = (numbers[:, None] - COORDINATION_NUMBERS) / COORDINATION_WIDTH
        near = site_statistics(crystals, np.exp(-0.5 * off**2))[:, :: len(STATISTICS)]
        return np.concatenate([statistics, near], axis=1)
