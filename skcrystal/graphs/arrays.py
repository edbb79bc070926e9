"""The arrays of a batch of graphs, and what follows from them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from skcrystal.crystals.arrays import gather
from skcrystal.crystals.checks import OCCUPANCY_TOLERANCE
from skcrystal.crystals.split_sites import site_occupancies

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skcrystal.crystals.batch import Crystals

__all__ = ["GraphArrays", "image_vectors"]


@dataclass(frozen=True, eq=False, repr=False)
class GraphArrays:
    """Flat arrays of the graphs of a batch; :class:`skcrystal.graphs.CrystalGraphs` describes them."""

    crystals: Crystals
    columns: tuple[str, ...]
    nodes: NDArray[np.float64]
    edge_offsets: NDArray[np.int64]
    edge_index: NDArray[np.int64]
    cell_shifts: NDArray[np.int32]
    vectors: NDArray[np.float64]
    distances: NDArray[np.float64]
    weights: NDArray[np.float64] | None

    @property
    def n_nodes(self) -> int:
        """Number of nodes: the sites of the crystals."""
        return len(self.nodes)

    @property
    def n_edges(self) -> int:
        """Number of directed edges."""
        return len(self.distances)

    @property
    def node_offsets(self) -> NDArray[np.int64]:
        """Graph i owns the nodes ``node_offsets[i]:node_offsets[i + 1]``; shape (n_graphs + 1,)."""
        return self.crystals.site_offsets

    @property
    def positions(self) -> NDArray[np.float64]:
        """Positions of the nodes as given, not wrapped into the cell, in angstrom; shape (n_nodes, 3)."""
        lattices = np.repeat(self.crystals.lattices, self.crystals.site_counts, axis=0)
        return np.einsum("ni,nij->nj", self.crystals.frac_coords, lattices)

    @property
    def atomic_numbers(self) -> NDArray[np.int64]:
        """Atomic number of each node; of several elements the most abundant, or the lightest of such."""
        crystals = self.crystals
        if len(crystals.atomic_numbers) == crystals.n_sites:
            return crystals.atomic_numbers
        sites = np.repeat(np.arange(crystals.n_sites), np.diff(crystals.species_offsets))
        # Within a site from the rarest and heaviest on; the last one stays.
        order = np.lexsort((-crystals.atomic_numbers, crystals.occupancies.round(8), sites))
        return crystals.atomic_numbers[order[crystals.species_offsets[1:] - 1]]

    @property
    def disordered(self) -> NDArray[np.bool_]:
        """Whether a node is a site of several elements, or one that is partly vacant; shape (n_nodes,)."""
        crystals = self.crystals
        occupied = site_occupancies(crystals.species_offsets, crystals.occupancies)
        shared = np.diff(crystals.species_offsets) > 1
        return np.asarray(shared | (occupied < 1.0 - OCCUPANCY_TOLERANCE))

    def _selected(self, indices: NDArray[np.intp]) -> GraphArrays:
        """Return the arrays of the graphs of these indices, in their order."""
        crystals = self.crystals[indices]
        nodes, _ = gather(self.node_offsets, indices)
        edges, edge_offsets = gather(self.edge_offsets, indices)
        moved = crystals.site_offsets[:-1] - self.node_offsets[indices]
        return GraphArrays(
            crystals,
            self.columns,
            self.nodes[nodes],
            edge_offsets,
            self.edge_index[:, edges] + np.repeat(moved, np.diff(edge_offsets)),
            self.cell_shifts[edges],
            self.vectors[edges],
            self.distances[edges],
            None if self.weights is None else self.weights[edges],
        )


def image_vectors(
    crystals: Crystals,
    edge_index: NDArray[np.int64],
    edge_counts: NDArray[np.int64],
    shifts: NDArray[np.int32],
) -> NDArray[np.float64]:
    """Return the vectors from the first node of each edge to the image of the second that its shift names.

    Parameters
    ----------
    crystals : Crystals
    edge_index : ndarray of shape (2, n_edges)
    edge_counts : ndarray of shape (n_crystals,)
    shifts : ndarray of shape (n_edges, 3)

    Returns
    -------
    ndarray of shape (n_edges, 3)
        In angstrom.
    """
    steps = crystals.frac_coords[edge_index[1]] - crystals.frac_coords[edge_index[0]] + shifts
    lattices = np.repeat(crystals.lattices, edge_counts, axis=0)
    vectors: NDArray[np.float64] = np.einsum("ni,nij->nj", steps, lattices)
    return vectors
