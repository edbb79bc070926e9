"""Statistics of the distances between the sites of a crystal."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from skcrystal._sklearn import StrOptions
from skcrystal.crystals.limits import MAX_TERMS, check_limit
from skcrystal.crystals.split_sites import exclusion_limits
from skcrystal.descriptors.base import SYMPREC, Descriptor, Invariance
from skcrystal.descriptors.columns import Column

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skcrystal.crystals.batch import Crystals

__all__ = ["DistanceStats"]


# One of each pair of opposite steps to the 26 neighbouring cells.
STEPS = np.array([step for step in product((-1, 0, 1), repeat=3) if step > (0, 0, 0)], dtype=np.float64)


def neighbor_cells(lattices: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the vectors to neighbouring cells, one of each two, and half their squares; shortest first.

    Shapes (n, 13, 3) and (n, 13).
    """
    vectors = STEPS @ lattices
    halves = 0.5 * (vectors**2).sum(axis=2)
    order = np.arange(len(lattices))[:, None], np.argsort(halves, axis=1, kind="stable")
    return vectors[order], halves[order]


class DistanceStats(Descriptor):
    """Mean, maximum, minimum and standard deviation of minimum-image distances, in angstrom.

    They run over all entries d(i, j) of the distance matrix of the reduced primitive cell: d(i, j) is the
    distance from site i to the nearest image of site j. The standard deviation is that of the population.
    A disordered site counts once, whatever it holds; partly occupied sites too close to be occupied together
    have no distance to each other (:meth:`skcrystal.Crystals.exclusions`).

    Invariant to origin, rotation, reflection, permutation, supercell and choice of cell. Not continuous: a
    displacement beyond `symprec` can multiply the primitive cell, and with it the number of entries.

    Parameters
    ----------
    self_distance : {"image", "zero"}, default="image"
        A diagonal entry d(i, i) is the distance from a site to its own nearest image, which is the length
        of the shortest lattice vector, or zero, as in a plain distance matrix (its minimum is then always
        zero).
    symprec : float, default=0.01
        Tolerance of the search for the primitive cell, in angstrom, at most 0.2.

    Examples
    --------
    In rock salt with a = 5.64 angstrom, the nearest Na-Cl distance is half the edge:

    >>> import numpy as np
    >>> from skcrystal import Crystal
    >>> from skcrystal.descriptors import DistanceStats
    >>> rock_salt = Crystal.ordered(5.64 * (1 - np.eye(3)) / 2, [[0, 0, 0], [0.5, 0.5, 0.5]], [11, 17])
    >>> DistanceStats().transform([rock_salt]).round(4)
    array([[3.404 , 3.9881, 2.82  , 0.584 ]])
    """

    invariance = Invariance(
        origin=True,
        rotation=True,
        reflection=True,
        permutation=True,
        supercell=True,
        cell_choice=True,
        continuous=False,
        note="a displacement beyond symprec can multiply the primitive cell",
    )
    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "self_distance": [StrOptions({"image", "zero"})],
        "symprec": SYMPREC,
    }

    def __init__(self, *, self_distance: str = "image", symprec: float = 0.01) -> None:
        self.self_distance = self_distance
        self.symprec = symprec

    def describe_columns(self) -> list[Column]:
        """Describe ``mean_distance``, ``max_distance``, ``min_distance``, ``std_distance``."""
        distance = Column.of("distance", "angstrom", "distance from a site to the nearest image of another")
        return [distance.over(statistic, "all pairs of sites") for statistic in ("mean", "max", "min", "std")]

    def describe(self, crystals: Crystals) -> NDArray[np.float64]:
        """Return the four statistics of each crystal."""
        from skcrystal.kernels.distances import distance_statistics

        cells = crystals.primitive(self.symprec)
        check_limit(cells.site_counts**2 / 2.0, MAX_TERMS, "pairs of sites", "leave DistanceStats out")
        vectors, halves = neighbor_cells(cells.lattices)
        edges = np.sqrt((cells.lattices**2).sum(axis=2).min(axis=1))
        statistics: NDArray[np.float64] = distance_statistics(
            cells.lattices,
            vectors,
            halves,
            cells.site_offsets,
            np.ascontiguousarray(cells.frac_coords.T),
            *exclusion_limits(cells.exclusions(), cells.n_sites),
            edges if self.self_distance == "image" else np.zeros(len(cells)),
        )
        return statistics
