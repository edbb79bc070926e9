"""Neighbours: all pairs of sites within a cutoff, periodic images counted, as flat arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from skcrystal.crystals.arrays import counts_of
from skcrystal.crystals.cells import triangular, volumes
from skcrystal.crystals.limits import MAX_PAIRS, check_limit, expected_pairs

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["NeighborTable", "find_neighbors"]


@dataclass(frozen=True, slots=True)
class NeighborTable:
    """The neighbours of all sites of a batch, centre by centre.

    Attributes
    ----------
    offsets : ndarray of shape (n_sites + 1,)
        Site i is the centre of the pairs ``offsets[i]:offsets[i + 1]``.
    neighbors : ndarray of shape (n_pairs,)
        Index, in the batch, of the other site. It is the centre itself where the neighbour is one of its
        own images.
    distances : ndarray of shape (n_pairs,)
        In angstrom.
    vectors : ndarray of shape (n_pairs, 3)
        From the centre to the neighbour, in angstrom.
    shifts : ndarray of shape (n_pairs, 3), int32
        Which image of the neighbour it is, in whole lattice vectors from where the coordinates put it:
        ``vector = (frac_coords[neighbor] + shift - frac_coords[center]) @ lattice``, the coordinates as
        they are given, inside the cell or not.
    cutoffs : ndarray of shape (n_crystals,)
        In angstrom: all pairs closer than this are here.
    """

    offsets: NDArray[np.int64]
    neighbors: NDArray[np.int64]
    distances: NDArray[np.float64]
    vectors: NDArray[np.float64]
    shifts: NDArray[np.int32]
    cutoffs: NDArray[np.float64]

    @property
    def centers(self) -> NDArray[np.int64]:
        """Index of the centre of each pair; shape (n_pairs,)."""
        return np.repeat(np.arange(len(self.offsets) - 1), counts_of(self.offsets))


def find_neighbors(
    lattices: NDArray[np.float64],
    site_offsets: NDArray[np.int64],
    frac_coords: NDArray[np.float64],
    cutoff: ArrayLike,
    known: NeighborTable | None = None,
) -> NeighborTable:
    """Find all pairs of sites closer than a cutoff.

    Every pair comes twice, once with each of its sites as the centre; each periodic image is a neighbour of
    its own. Exact in any cell, however skewed, small or large against the cutoff.

    Parameters
    ----------
    lattices : ndarray of shape (n_crystals, 3, 3)
        Rows a, b, c in angstrom.
    site_offsets : ndarray of shape (n_crystals + 1,)
        Crystal i owns the sites ``site_offsets[i]:site_offsets[i + 1]``.
    frac_coords : ndarray of shape (n_sites, 3)
    cutoff : float or array-like of shape (n_crystals,)
        In angstrom.
    known : NeighborTable, default=None
        A table of the same crystals. Where its cutoff is no smaller, pairs are picked from it instead of
        being searched.

    Returns
    -------
    NeighborTable

    Raises
    ------
    LimitError
        Some crystal has, or at an even density would have, more than 5e7 pairs
        (:data:`skcrystal.crystals.limits.MAX_PAIRS`): nothing is computed.

    Examples
    --------
    The six nearest neighbours in a simple cubic lattice are images of the one site:

    >>> import numpy as np
    >>> from skcrystal.crystals.neighbors import find_neighbors
    >>> table = find_neighbors(3.35 * np.eye(3)[None], np.array([0, 1]), np.zeros((1, 3)), 4.0)
    >>> table.neighbors.tolist(), table.distances.round(2).tolist()
    ([0, 0, 0, 0, 0, 0], [3.35, 3.35, 3.35, 3.35, 3.35, 3.35])
    """
    from skcrystal.kernels.neighbors import neighbor_pairs

    cutoffs = np.array(np.broadcast_to(np.asarray(cutoff, dtype=np.float64), (len(lattices),)))
    if known is None:
        none = np.zeros(0, dtype=np.int64)
        vectors, shifts = np.zeros((0, 3)), np.zeros((0, 3), dtype=np.int32)
        known = NeighborTable(none, none, np.zeros(0), vectors, shifts, np.zeros(len(lattices)))
    lattices = np.array(lattices, dtype=np.float64)
    what = "pairs of sites within the cutoff", "give a smaller cutoff"
    counts = counts_of(site_offsets)
    expected = expected_pairs(volumes(lattices), counts, cutoffs)
    check_limit(expected, MAX_PAIRS, *what)
    # Few crystals have half as many again as an even density would give; room that is not used costs nothing.
    estimates = 1.5 * expected + 8.0 * counts
    room, half_room = int(estimates.sum()), int(estimates.max(initial=0.0)) // 2
    while True:
        offsets = np.zeros(len(frac_coords) + 1, dtype=np.int64)
        neighbors, distances = np.empty(room, dtype=np.int64), np.empty(room)
        vectors, shifts = np.empty((room, 3)), np.empty((room, 3), dtype=np.int32)
        most = neighbor_pairs(
            lattices,
            triangular(lattices),
            np.array(site_offsets),
            np.array(frac_coords),
            cutoffs,
            known.offsets,
            known.neighbors,
            known.distances,
            known.vectors,
            known.shifts,
            known.cutoffs,
            half_room,
            offsets,
            neighbors,
            distances,
            vectors,
            shifts,
        )
        check_limit(counts_of(offsets[site_offsets]).astype(np.float64), MAX_PAIRS, *what)
        if offsets[-1] <= room and most <= half_room:
            break
        room, half_room = int(offsets[-1]), int(most)
    used = slice(int(offsets[-1]))
    return NeighborTable(offsets, neighbors[used], distances[used], vectors[used], shifts[used], cutoffs)
