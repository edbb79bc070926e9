"""Graphs for PyTorch Geometric, which is imported only when it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skcrystal.graphs.arrays import GraphArrays

__all__ = ["to_batch", "to_data", "to_line_data"]


def _torch() -> tuple[Any, Any]:
    """Return torch and torch_geometric.data, or say what to install."""
    try:
        import torch
        import torch_geometric.data
    except ImportError as error:
        raise ImportError(
            "to_pyg needs PyTorch Geometric; install it with: pip install torch torch_geometric"
        ) from error
    return torch, torch_geometric.data


def to_data(graphs: GraphArrays, y: Any = None) -> list[Any]:
    """Return one ``Data`` per crystal; all are cut from the same tensors.

    Parameters
    ----------
    graphs : CrystalGraphs or CrystalGraph
    y : array-like, default=None
        One row per crystal, or one per node.

    Returns
    -------
    list of torch_geometric.data.Data
    """
    torch, data = _torch()
    dtype = torch.get_default_dtype()

    def real(array: NDArray[Any]) -> Any:
        return torch.tensor(array, dtype=dtype)

    n, nodes = len(graphs.crystals), graphs.crystals.site_counts.tolist()
    if not n:
        return []
    edge_counts = np.diff(graphs.edge_offsets)
    edges = edge_counts.tolist()
    attributes = [graphs.distances] if graphs.weights is None else [graphs.distances, graphs.weights]
    # Each Data counts its nodes from 0.
    index = graphs.edge_index - np.repeat(graphs.node_offsets[:-1], edge_counts)
    parts = {
        "x": real(graphs.nodes).split(nodes),
        "z": torch.from_numpy(graphs.atomic_numbers.copy()).split(nodes),
        "pos": real(graphs.positions).split(nodes),
        "cell": real(graphs.crystals.lattices).split(1),
        "edge_index": torch.from_numpy(index).split(edges, dim=1),
        "edge_attr": real(np.stack(attributes, axis=1)).split(edges),
        "cell_shifts": real(graphs.cell_shifts).split(edges),
    }
    if y is not None:
        parts["y"] = _targets(real, y, n, nodes)
    # `update` takes two thirds of the time that the constructor takes for the same.
    return [
        data.Data().update(dict(zip(parts, row, strict=True))) for row in zip(*parts.values(), strict=True)
    ]


def _targets(real: Any, y: Any, n_graphs: int, nodes: list[int]) -> Any:
    values = np.asarray(y, dtype=np.float64)
    if len(values) == n_graphs:
        return real(values).split(1)
    if len(values) == sum(nodes):
        return real(values).split(nodes)
    raise ValueError(
        f"y has {len(values)} rows; give one for each of the {n_graphs} crystals, or one for each of their "
        f"{sum(nodes)} nodes"
    )


def to_batch(data: list[Any]) -> Any:
    """Join several ``Data`` to a ``Batch``."""
    if not data:
        raise ValueError("there is no graph to make a batch of; give at least one crystal")
    return _torch()[1].Batch.from_data_list(data)


def to_line_data(
    edge_offsets: NDArray[np.int64],
    link_offsets: NDArray[np.int64],
    link_index: NDArray[np.int64],
    cosines: NDArray[np.float64],
) -> list[Any]:
    """Return one ``Data`` per line graph, whose nodes are the edges of the graph."""
    torch, data = _torch()
    links = np.diff(link_offsets)
    own = torch.from_numpy(link_index - np.repeat(edge_offsets[:-1], links))
    index = own.split(links.tolist(), dim=1)
    angles = torch.tensor(cosines[:, None], dtype=torch.get_default_dtype()).split(links.tolist())
    counts = np.diff(edge_offsets).tolist()
    return [
        data.Data(edge_index=pairs, edge_attr=cosine, num_nodes=count)
        for pairs, cosine, count in zip(index, angles, counts, strict=True)
    ]
