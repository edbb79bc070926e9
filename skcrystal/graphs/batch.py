"""Graphs of many crystals as one set of flat arrays, and of one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, overload

import numpy as np

from skcrystal.graphs import files, lines, networks, pytorch
from skcrystal.graphs.arrays import GraphArrays

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator

    import networkx
    from pymatgen.analysis.graphs import StructureGraph

    from skcrystal.crystals.crystal import Crystal
    from skcrystal.graphs.lines import LineGraphs

__all__ = ["CrystalGraph", "CrystalGraphs"]


class CrystalGraph(GraphArrays):
    """The graph of one crystal, with the attributes of :class:`CrystalGraphs`; nodes count from 0."""

    @property
    def crystal(self) -> Crystal:
        """The crystal itself."""
        return self.crystals[0]

    def to_pyg(self, y: Any = None) -> Any:
        """Return the graph as ``torch_geometric.data.Data``; :meth:`CrystalGraphs.to_pyg` has the fields.

        Parameters
        ----------
        y : array-like, default=None
            The target of the crystal, or one row per node.

        Returns
        -------
        torch_geometric.data.Data
        """
        if y is not None and (np.ndim(y) == 0 or len(y) != self.n_nodes):
            y = np.asarray(y)[None]
        return pytorch.to_data(self, y)[0]

    def to_networkx(self) -> networkx.MultiDiGraph:
        """Return the graph for networkx; :meth:`CrystalGraphs.to_networkx` names the attributes."""
        return networks.to_networkx(self)[0]

    def to_structure_graph(self) -> StructureGraph:
        """Return the graph as pymatgen has it: each pair of directed edges as one edge, with its image."""
        return networks.to_structure_graph(self)[0]

    def line_graph(self) -> LineGraphs:
        """Return pairs of edges that follow each other, with their angles."""
        return lines.line_graphs(self)

    def __repr__(self) -> str:
        return f"CrystalGraph({self.crystal.formula}, {self.n_nodes} nodes, {self.n_edges} edges)"


class CrystalGraphs(GraphArrays):
    """Graphs of crystals, held as flat arrays; :func:`crystal_graphs` makes them.

    It has ``len``, iterates over :class:`CrystalGraph`, and is indexed by an int (a :class:`CrystalGraph`),
    or by a slice, an index array or a mask (a ``CrystalGraphs``).

    An edge leads from ``edge_index[0]``, the centre, to an image of ``edge_index[1]``, its neighbour, as in
    ASE, matgl and MACE:

        vector = positions[neighbor] + cell_shift @ lattice - positions[center]

    with the positions as given, inside the cell or not. Each pair of neighbours is there as two edges, one
    from either end. They come centre by centre, of a centre neighbour by neighbour, and of a neighbour image
    by image: the order is decided by whole numbers, never by distances that are equal but for rounding.

    Attributes
    ----------
    crystals : Crystals
        What the graphs are of.
    columns : tuple of str
        Names of the columns of `nodes`.
    nodes : ndarray of shape (n_nodes, n_columns)
        One row per site, in the order of the crystals and their sites. On a disordered site a value is the
        mean over its species, weighted by their occupancies.
    edge_offsets : ndarray of shape (n_graphs + 1,)
        Graph i owns the edges ``edge_offsets[i]:edge_offsets[i + 1]``.
    edge_index : ndarray of shape (2, n_edges)
        Centres and neighbours, as nodes of the batch: graph i begins at ``node_offsets[i]``.
    cell_shifts : ndarray of shape (n_edges, 3), int32
        Lattice vectors from where the positions put the neighbour to the image that the edge leads to.
    vectors : ndarray of shape (n_edges, 3)
        From the centre to that image, in angstrom.
    distances : ndarray of shape (n_edges,)
        In angstrom.
    weights : ndarray of shape (n_edges,) or None
        How much of a bond each edge is, above 0 and at most 1; None where the edges are not bonds.
    """

    @property
    def shape(self) -> tuple[int]:
        """``(n_graphs,)``: scikit-learn indexes what has a shape as one array."""
        return (len(self),)

    def __len__(self) -> int:
        return len(self.crystals)

    def __iter__(self) -> Iterator[CrystalGraph]:
        return (self[i] for i in range(len(self)))

    @overload
    def __getitem__(self, key: int | np.integer[Any]) -> CrystalGraph: ...
    @overload
    def __getitem__(self, key: Any) -> CrystalGraphs: ...
    def __getitem__(self, key: Any) -> CrystalGraph | CrystalGraphs:
        if isinstance(key, tuple):
            # scikit-learn indexes arrays as X[key, ...].
            if len(key) != 2 or key[1] is not Ellipsis:
                raise IndexError(f"CrystalGraphs has one dimension, and was indexed with {key!r}")
            key = key[0]
        if isinstance(key, int | np.integer):
            if not -len(self) <= key < len(self):
                raise IndexError(f"graph {key} of {len(self)}")
            return CrystalGraph(**vars(self._selected(np.array([int(key) % len(self)]))))
        return CrystalGraphs(**vars(self._selected(np.arange(len(self))[key])))

    def __repr__(self) -> str:
        n = len(self)
        return f"CrystalGraphs({n} graph{'' if n == 1 else 's'}, {self.n_nodes} nodes, {self.n_edges} edges)"

    def to_pyg(self, y: Any = None, *, batch: bool = False) -> Any:
        """Return the graphs for PyTorch Geometric: a list of ``Data``, ready for its ``DataLoader``.

        Each has ``x`` (the node table), ``z`` (atomic numbers), ``pos`` (positions), ``cell`` (1, 3, 3),
        ``edge_index``, ``edge_attr`` (distances and, where the edges are bonds, weights), ``cell_shifts``
        and, where it is given, ``y``; numbers in torch's default dtype. Positions, cell and cell_shifts are
        all that a network needs that takes derivatives by positions and strain:
        ``pos[j] + cell_shifts @ cell - pos[i]``.

        Parameters
        ----------
        y : array-like, default=None
            Targets: one row per crystal, or one per node.
        batch : bool, default=False
            Return one ``torch_geometric.data.Batch`` instead of a list.

        Returns
        -------
        list of torch_geometric.data.Data, or torch_geometric.data.Batch

        Raises
        ------
        ImportError
            If PyTorch Geometric is not installed.
        ValueError
            If y has neither one row per crystal nor one per node.
        """
        data = pytorch.to_data(self, y)
        return pytorch.to_batch(data) if batch else data

    def to_networkx(self) -> list[networkx.MultiDiGraph]:
        """Return one ``networkx.MultiDiGraph`` per crystal.

        A node has ``element``, ``position`` and the columns of the node table; an edge, whose key is its
        image as a tuple, has ``to_jimage`` (the same), ``distance``, ``vector`` and, where it is a bond,
        ``weight``.

        Returns
        -------
        list of networkx.MultiDiGraph
        """
        return networks.to_networkx(self)

    def to_structure_graph(self) -> list[StructureGraph]:
        """Return one ``pymatgen.analysis.graphs.StructureGraph`` per crystal.

        Each two directed edges become one, whose ``to_jimage`` is the image of the site of higher index; its
        weight is the distance in angstrom or, where the edges are bonds, their weight.

        Returns
        -------
        list of StructureGraph
        """
        return networks.to_structure_graph(self)

    def line_graph(self) -> LineGraphs:
        """Return pairs of edges that follow each other, with their angles, for networks such as ALIGNN.

        At 5 angstrom there are tens of thousands of pairs per crystal: give a smaller cutoff, `max_neighbors`
        or ``bonds=True`` first.

        Returns
        -------
        LineGraphs
        """
        return lines.line_graphs(self)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the graphs, and the crystals that they are of, into one ``.npz`` file.

        Parameters
        ----------
        path : str or path-like
            Written as it is named, and replaced where it exists.
        """
        files.save(self, path)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> CrystalGraphs:
        """Read what :meth:`save` has written. Nothing in the file is executed: it holds no pickles.

        Parameters
        ----------
        path : str or path-like

        Returns
        -------
        CrystalGraphs

        Raises
        ------
        ValueError
            If the file holds no graphs, or damaged ones.
        """
        return cls(**vars(files.load(path)))
