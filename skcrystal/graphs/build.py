"""Crystals in, graphs out."""

from __future__ import annotations

from numbers import Integral, Real
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from skcrystal.crystals.bonds import BondTable
from skcrystal.graphs.batch import CrystalGraphs
from skcrystal.graphs.nodes import check_columns, node_table
from skcrystal.inputs import as_crystals

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from skcrystal.crystals.batch import Crystals

__all__ = ["crystal_graphs"]

# A distance is right to about 1e-13 angstrom, and rotating or repeating a cell moves it by that; a shell that
# lies on the cutoff, as where a cell of 5 angstrom meets the default, belongs to the graph as a whole.
ROUNDING = 1e-8


def crystal_graphs(
    X: Any,
    cutoff: float = 5.0,
    max_neighbors: int | None = None,
    bonds: bool = False,
    nodes: Sequence[str] = ("atomic_number", "atomic_mass", "electronegativity"),
    *,
    tolerance: float = 0.01,
) -> CrystalGraphs:
    """Return the periodic graph of each crystal: sites as nodes, neighbours as edges.

    The graph of a supercell of n cells is n copies of the graph, connected to each other as the cells are;
    moving the origin, rotating, or another choice of cell leave the multiset of elements and distances of its
    edges as it is. A site without neighbours is a node without edges. Partly occupied sites too close to be
    occupied together are not linked; :meth:`skcrystal.Crystals.join_split_sites` makes one node of them.
    Edges come and go as a whole where a distance crosses the cutoff or, with `max_neighbors`, another one: a
    network that is to be continuous needs a weight that fades to 0 there. With ``bonds=True`` there are such
    weights.

    Parameters
    ----------
    X : Crystals or a collection of crystals
        Anything that :func:`skcrystal.as_crystals` takes.
    cutoff : float, default=5.0
        In angstrom: no edge is longer, bonds included.
    max_neighbors : int, default=None
        Keep the nearest of each site, and all at the distance of the last of them: a shell is not cut in two,
        so that the choice does not depend on the order of the sites. What one end keeps is an edge of both
        ends, so that a site may have more. None keeps all within the cutoff.
    bonds : bool, default=False
        Take the bonds of :meth:`skcrystal.Crystals.bonds` as edges, with their weights, instead of all
        neighbours.
    nodes : sequence of str, default=("atomic_number", "atomic_mass", "electronegativity")
        Columns of the node table: names of :data:`skcrystal.chemistry.elements.PROPERTIES`, an unknown value
        estimated from the neighbours in the table; ``"oxidation_state"``, as the crystal states it of all
        its species, or else as it balances the composition; ``"coordination_number"``, the sum of the weights
        of the site's bonds; and ``"occupancy"``, in sum over the species of the site.
    tolerance : float, default=0.01
        In angstrom: how much farther than the last of the `max_neighbors` a site of the same shell may be.

    Returns
    -------
    CrystalGraphs

    Raises
    ------
    CrystalError
        Names the first item that is no usable crystal, and why.
    ValueError
        If a parameter is out of range, or a column unknown.

    References
    ----------
    Xie & Grossman, Phys. Rev. Lett. 120 (2018) 145301, doi 10.1103/PhysRevLett.120.145301.

    Examples
    --------
    In rock salt each ion has six neighbours of the other kind:

    >>> from skcrystal import Crystal
    >>> from skcrystal.graphs import crystal_graphs
    >>> rock_salt = Crystal.ordered(
    ...     [[0, 2.82, 2.82], [2.82, 0, 2.82], [2.82, 2.82, 0]], [[0, 0, 0], [0.5, 0.5, 0.5]], [11, 17]
    ... )
    >>> graphs = crystal_graphs([rock_salt], cutoff=3.0)
    >>> graphs
    CrystalGraphs(1 graph, 2 nodes, 12 edges)
    >>> graphs[0].edge_index.tolist()
    [[0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0]]
    >>> graphs.cell_shifts[:6].tolist()
    [[0, -1, -1], [-1, 0, -1], [0, 0, -1], [-1, -1, 0], [0, -1, 0], [-1, 0, 0]]
    >>> dict(zip(graphs.columns, graphs.nodes[0].round(2).tolist()))
    {'atomic_number': 11.0, 'atomic_mass': 22.99, 'electronegativity': 0.93}
    """
    for name, length in (("cutoff", cutoff), ("tolerance", tolerance)):
        good = isinstance(length, Real) and 0 < length < np.inf
        _check(name, length, good, "a finite length in angstrom above 0")
    whole = max_neighbors is None or (isinstance(max_neighbors, Integral) and max_neighbors > 0)
    _check("max_neighbors", max_neighbors, whole, "a whole number from 1 on, or None")
    columns = check_columns(nodes)
    crystals = as_crystals(X)
    limit = cutoff + ROUNDING
    table = crystals.bonds() if bonds else crystals.neighbors(limit)
    edge_index = np.stack([_centers(table.offsets), table.neighbors])
    edges = Edges(
        edge_index,
        _shifts_of_bonds(crystals, table, edge_index) if isinstance(table, BondTable) else table.shifts,
        table.vectors,
        table.distances,
        table.weights if isinstance(table, BondTable) else None,
    )
    if bonds:
        edges = edges.kept(table.distances < limit)
    if max_neighbors is not None:
        edges = edges.kept(_among_nearest(edges, crystals.n_sites, max_neighbors, tolerance))
    edge_offsets = np.searchsorted(edges.edge_index[0], crystals.site_offsets)
    return CrystalGraphs(crystals, columns, node_table(crystals, columns), edge_offsets, *edges)


class Edges(NamedTuple):
    """The arrays that have one entry per edge."""

    edge_index: NDArray[np.int64]
    cell_shifts: NDArray[np.int32]
    vectors: NDArray[np.float64]
    distances: NDArray[np.float64]
    weights: NDArray[np.float64] | None

    def kept(self, mask: NDArray[np.bool_]) -> Edges:
        """Return the edges where the mask is true."""
        if mask.all():
            return self
        return Edges(
            self.edge_index[:, mask],
            self.cell_shifts[mask],
            self.vectors[mask],
            self.distances[mask],
            None if self.weights is None else self.weights[mask],
        )


def _check(name: str, value: Any, good: bool, wanted: str) -> None:
    if not good:
        raise ValueError(f"{name} must be {wanted}, got {value!r}")


def _centers(offsets: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))


def _shifts_of_bonds(
    crystals: Crystals, bonds: BondTable, edge_index: NDArray[np.int64]
) -> NDArray[np.int32]:
    """Return the images that bonds lead to: few, so that they are told from the vectors afterwards."""
    centers, neighbors = edge_index
    inverses = np.linalg.inv(crystals.lattices)
    owners = np.searchsorted(crystals.site_offsets, centers, side="right") - 1
    steps = np.einsum("ni,nij->nj", bonds.vectors, inverses[owners])
    steps -= crystals.frac_coords[neighbors] - crystals.frac_coords[centers]
    return np.rint(steps).astype(np.int32)


def _among_nearest(edges: Edges, n_sites: int, max_neighbors: int, tolerance: float) -> NDArray[np.bool_]:
    """Tell which edges are among the nearest of one of their ends at least."""
    from skcrystal.kernels.shells import nth_distances

    centers, neighbors = edges.edge_index
    offsets = np.searchsorted(centers, np.arange(n_sites + 1))
    farthest = nth_distances(offsets, edges.distances, int(max_neighbors)) + tolerance
    return np.asarray(edges.distances <= np.maximum(farthest[centers], farthest[neighbors]))
