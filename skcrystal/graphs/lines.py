"""The line graph: edges as nodes, linked where one begins at the site that another ends at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from skcrystal.crystals.arrays import gather
from skcrystal.graphs import pytorch

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skcrystal.graphs.arrays import GraphArrays

__all__ = ["LineGraphs", "line_graphs"]


@dataclass(frozen=True, eq=False, repr=False)
class LineGraphs:
    """The line graphs of a batch: what networks read that look at angles.

    The nodes of a line graph are the directed edges of the graph, in their order; its links join an edge from
    i to j with one from j to k, and have the angle between them at j. An edge and its own way back are not
    linked: there is no angle between them. ALIGNN's graphs have those links as well, with an angle of 0.

    Attributes
    ----------
    edge_offsets : ndarray of shape (n_graphs + 1,)
        Graph i owns the nodes ``edge_offsets[i]:edge_offsets[i + 1]``: the edges of the graph.
    link_offsets : ndarray of shape (n_graphs + 1,)
        Graph i owns the links ``link_offsets[i]:link_offsets[i + 1]``.
    link_index : ndarray of shape (2, n_links)
        The edge to j and the edge from j, as edges of the batch.
    cosines : ndarray of shape (n_links,)
        Of the angle between the bonds from j to i and to k: 1 where they point the same way, -1 in a straight
        line i, j, k.

    References
    ----------
    Choudhary & DeCost, npj Comput. Mater. 7 (2021) 185, doi 10.1038/s41524-021-00650-1.
    """

    edge_offsets: NDArray[np.int64]
    link_offsets: NDArray[np.int64]
    link_index: NDArray[np.int64]
    cosines: NDArray[np.float64]

    @property
    def n_links(self) -> int:
        """Number of links: of ordered pairs of edges."""
        return len(self.cosines)

    @property
    def angles(self) -> NDArray[np.float64]:
        """Angles between the bonds at the site in the middle, in degrees; shape (n_links,)."""
        return np.degrees(np.arccos(np.clip(self.cosines, -1.0, 1.0)))

    def to_pyg(self) -> list[Any]:
        """Return one ``torch_geometric.data.Data`` per crystal, its ``edge_attr`` the cosines.

        They go beside those of :meth:`CrystalGraphs.to_pyg`; a batch of each numbers the edges alike.

        Returns
        -------
        list of torch_geometric.data.Data
        """
        return pytorch.to_line_data(self.edge_offsets, self.link_offsets, self.link_index, self.cosines)

    def __repr__(self) -> str:
        n = len(self.edge_offsets) - 1
        plural = "" if n == 1 else "s"
        return f"LineGraphs({n} graph{plural}, {self.edge_offsets[-1]} edges, {self.n_links} links)"


def line_graphs(graphs: GraphArrays) -> LineGraphs:
    """Return the line graphs of a batch.

    Parameters
    ----------
    graphs : CrystalGraphs or CrystalGraph

    Returns
    -------
    LineGraphs
    """
    centers, neighbors = graphs.edge_index
    leaving = np.searchsorted(centers, np.arange(graphs.n_nodes + 1))
    second, starts = gather(leaving, neighbors)
    first = np.repeat(np.arange(graphs.n_edges), np.diff(starts))
    back = (neighbors[second] == centers[first]) & (
        graphs.cell_shifts[second] == -graphs.cell_shifts[first]
    ).all(axis=1)
    first, second = first[~back], second[~back]
    lengths = graphs.distances[first] * graphs.distances[second]
    cosines = -np.einsum("ni,ni->n", graphs.vectors[first], graphs.vectors[second]) / lengths
    return LineGraphs(
        graphs.edge_offsets,
        np.searchsorted(first, graphs.edge_offsets),
        np.stack([first, second]),
        cosines,
    )
