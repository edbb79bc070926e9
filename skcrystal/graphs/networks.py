"""Graphs for networkx and pymatgen."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np

from skcrystal.chemistry.elements import symbols

if TYPE_CHECKING:
    from collections.abc import Iterator

    import networkx
    from pymatgen.analysis.graphs import StructureGraph

    from skcrystal.graphs.arrays import GraphArrays

__all__ = ["to_networkx", "to_structure_graph"]


def _slices(offsets: Any) -> Iterator[slice]:
    bounds = offsets.tolist()
    return (slice(*pair) for pair in itertools.pairwise(bounds))


def to_networkx(graphs: GraphArrays) -> list[networkx.MultiDiGraph]:
    """Return one directed multigraph per crystal.

    Parameters
    ----------
    graphs : CrystalGraphs or CrystalGraph

    Returns
    -------
    list of networkx.MultiDiGraph
    """
    try:
        import networkx
    except ImportError as error:
        raise ImportError("to_networkx needs networkx; install it with: pip install networkx") from error
    names, numbers, positions = symbols(), graphs.atomic_numbers.tolist(), graphs.positions
    made = []
    for nodes, edges in zip(_slices(graphs.node_offsets), _slices(graphs.edge_offsets), strict=True):
        graph = networkx.MultiDiGraph()
        for node in range(nodes.start, nodes.stop):
            values = dict(zip(graphs.columns, graphs.nodes[node].tolist(), strict=True))
            graph.add_node(
                node - nodes.start, element=names[numbers[node]], position=positions[node], **values
            )
        weights = graphs.weights
        for edge, center, neighbor, image in zip(
            range(edges.start, edges.stop),
            *(graphs.edge_index[:, edges] - nodes.start).tolist(),
            map(tuple, graphs.cell_shifts[edges].tolist()),
            strict=True,
        ):
            values = {} if weights is None else {"weight": float(weights[edge])}
            graph.add_edge(
                center,
                neighbor,
                key=image,
                to_jimage=image,
                distance=float(graphs.distances[edge]),
                vector=graphs.vectors[edge],
                **values,
            )
        made.append(graph)
    return made


def to_structure_graph(graphs: GraphArrays) -> list[StructureGraph]:
    """Return one pymatgen ``StructureGraph`` per crystal.

    Parameters
    ----------
    graphs : CrystalGraphs or CrystalGraph

    Returns
    -------
    list of StructureGraph
    """
    from pymatgen.analysis.graphs import StructureGraph

    centers, neighbors = graphs.edge_index
    first, second, third = graphs.cell_shifts.T
    # pymatgen keeps one edge of two: to the site of higher index, or to the image whose first step is
    # positive.
    upward = (first > 0) | ((first == 0) & ((second > 0) | ((second == 0) & (third > 0))))
    kept = (centers < neighbors) | ((centers == neighbors) & upward)
    name, unit, values = ("bond_length", "Å", graphs.distances)
    if graphs.weights is not None:
        name, unit, values = ("bond_weight", "", graphs.weights)
    made = []
    for crystal, nodes, edges in zip(
        graphs.crystals, _slices(graphs.node_offsets), _slices(graphs.edge_offsets), strict=True
    ):
        made.append(
            StructureGraph.from_empty_graph(
                crystal.to_structure(), name="bonds", edge_weight_name=name, edge_weight_units=unit
            )
        )
        own = np.flatnonzero(kept[edges]) + edges.start
        # Its own add_edge compares each edge with all others of the pair, which these are known to differ
        # from.
        made[-1].graph.add_edges_from(
            (center, neighbor, {"to_jimage": tuple(image), "weight": weight})
            for center, neighbor, image, weight in zip(
                *(graphs.edge_index[:, own] - nodes.start).tolist(),
                graphs.cell_shifts[own].tolist(),
                values[own].tolist(),
                strict=True,
            )
        )
    return made
