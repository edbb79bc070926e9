"""Graphs on disk: one npz file a batch, without pickles."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from skcrystal.crystals.batch import Crystals
from skcrystal.crystals.crystal import CrystalError
from skcrystal.graphs.arrays import GraphArrays, image_vectors

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["load", "save"]

FORMAT = "skcrystal graphs 1"
ADVICE = "write it anew with CrystalGraphs.save"

OF_CRYSTALS = (
    "lattices",
    "site_offsets",
    "frac_coords",
    "species_offsets",
    "atomic_numbers",
    "occupancies",
    "oxidation_states",
)


def _narrow(array: NDArray[Any]) -> NDArray[Any]:
    """Return whole numbers in the smallest type that holds them: most shifts fit a byte."""
    low, high = (int(array.min()), int(array.max())) if array.size else (0, 0)
    return array.astype(np.result_type(np.min_scalar_type(low), np.min_scalar_type(high)))


def save(graphs: GraphArrays, path: str | os.PathLike[str]) -> None:
    """Write graphs and their crystals; vectors and distances, which follow from the images, are left out."""
    crystals = graphs.crystals
    arrays: dict[str, Any] = {name: getattr(crystals, name) for name in OF_CRYSTALS}
    arrays |= {
        "format": np.array(FORMAT),
        "sources": np.array(crystals.sources, dtype=np.str_),
        "columns": np.array(graphs.columns, dtype=np.str_),
        "nodes": graphs.nodes,
        "edges_of_nodes": _narrow(np.bincount(graphs.edge_index[0], minlength=graphs.n_nodes)),
        "neighbors": _narrow(graphs.edge_index[1]),
        "cell_shifts": _narrow(graphs.cell_shifts),
    }
    if graphs.weights is not None:
        arrays["weights"] = graphs.weights
    # Of an open file numpy keeps the name, to which it would append .npz.
    with Path(path).open("wb") as file:
        np.savez(file, **arrays)


def load(path: str | os.PathLike[str]) -> GraphArrays:
    """Read what `save` has written, or say what is wrong with it."""
    try:
        # numpy does not close a file that it opened itself and cannot read.
        with Path(path).open("rb") as file:
            found = np.load(file, allow_pickle=False)
            arrays = {name: found[name] for name in found.files} if hasattr(found, "files") else {}
    except (ValueError, EOFError, zipfile.BadZipFile) as error:
        raise ValueError(f"{os.fspath(path)} holds no graphs ({error}); {ADVICE}") from None
    if str(arrays.get("format", "")) != FORMAT:
        raise ValueError(f"{os.fspath(path)} holds no graphs in the format {FORMAT!r}; {ADVICE}")
    try:
        return _assemble(arrays)
    except KeyError as error:
        raise ValueError(f"{os.fspath(path)} lacks the array {error}; {ADVICE}") from None
    except (CrystalError, ValueError) as error:
        raise ValueError(f"{os.fspath(path)} is damaged: {error}; {ADVICE}") from None


def _assemble(arrays: dict[str, Any]) -> GraphArrays:
    crystals = Crystals(**{name: arrays[name] for name in OF_CRYSTALS}, sources=arrays["sources"].tolist())
    counts = arrays["edges_of_nodes"].astype(np.int64)
    neighbors, shifts = arrays["neighbors"].astype(np.int64), arrays["cell_shifts"].astype(np.int32)
    n_edges = len(neighbors)
    shapes = {
        "nodes": (crystals.n_sites, len(arrays["columns"])),
        "edges_of_nodes": (crystals.n_sites,),
        "neighbors": (int(counts.sum()),),
        "cell_shifts": (n_edges, 3),
        "weights": (n_edges,),
    }
    for name, shape in shapes.items():
        if name in arrays and arrays[name].shape != shape:
            raise ValueError(f"{name} is of shape {arrays[name].shape}, and not {shape}")
    centers = np.repeat(np.arange(crystals.n_sites), counts)
    edge_offsets = np.searchsorted(centers, crystals.site_offsets)
    owners = np.repeat(np.arange(len(crystals)), crystals.site_counts)
    if n_edges and not (neighbors.min() >= 0 and neighbors.max() < crystals.n_sites):
        raise ValueError("an edge leads to a node that is not there")
    if (owners[centers] != owners[neighbors]).any():
        raise ValueError("an edge leads from one crystal to another")
    edge_index = np.stack([centers, neighbors])
    vectors = image_vectors(crystals, edge_index, np.diff(edge_offsets), shifts)
    return GraphArrays(
        crystals,
        tuple(arrays["columns"].tolist()),
        arrays["nodes"],
        edge_offsets,
        edge_index,
        shifts,
        vectors,
        np.linalg.norm(vectors, axis=1),
        arrays.get("weights"),
    )
