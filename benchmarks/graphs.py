"""Measure crystals as graphs beside pymatgen's neighbour list and matgl's converter, in one run.

    python benchmarks/graphs.py

Makes an environment with PyTorch Geometric and matgl (.venv-graphs, once), and measures in it: contestants
take turns on the same crystals, each from its own object in memory, skcrystal from `Crystals` and the others
from pymatgen's structures. What turning structures into `Crystals` costs stands beside it. Then a message is
passed over the result, and its sums are compared. Writes benchmarks/GRAPHS.md.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).resolve().parent
OUTPUT = HERE / "GRAPHS.md"
CUTOFF = 5.0
FULL = (500, 9)
INSIDE = "SKCRYSTAL_GRAPHS_INSIDE"


def contest(rows: list[Any], rounds: int) -> list[Any]:
    """Return the checks: times per crystal and their ratios."""
    import torch
    from engine.clock import take_turns
    from engine.table import Check
    from matgl.ext.pymatgen import Structure2Graph, get_element_list

    from skcrystal import as_crystals
    from skcrystal.graphs import crystal_graphs

    torch.set_num_threads(1)
    crystals = as_crystals([row.cif for row in rows])
    structures = [crystal.to_structure() for crystal in crystals]
    converter = Structure2Graph(get_element_list(structures), cutoff=CUTOFF)
    graphs = crystal_graphs(crystals, cutoff=CUTOFF)
    graphs.to_pyg(batch=True)
    indices = np.arange(len(crystals))

    fresh: list[Any] = []

    def renew() -> None:
        # A batch keeps what was found: each turn gets another one.
        fresh[:] = [crystals[indices]]

    def search() -> Any:
        return crystal_graphs(fresh[0], cutoff=CUTOFF)

    turns = take_turns(
        {
            "graphs": search,
            "to_pyg": graphs.to_pyg,
            "both": lambda: search().to_pyg(),
            "structures": lambda: as_crystals(structures),
            "batch": lambda: graphs.to_pyg(batch=True),
            "pymatgen": lambda: [structure.get_neighbor_list(CUTOFF) for structure in structures],
            "matgl": lambda: [converter.get_graph(structure) for structure in structures],
        },
        rounds,
        wake={"graphs": renew, "both": renew},
    )

    def ms(name: str) -> float:
        return 1e3 * turns.seconds(name) / len(rows)

    edges = graphs.n_edges / len(graphs)
    checks = [
        Check(
            "graphs with images",
            ms("graphs"),
            "ms",
            # Whichever is larger: a slow or busy machine slows both.
            at_most=max(0.08, ms("pymatgen") / 3),
            note=f"{edges:.0f} edges a crystal; get_neighbor_list {ms('pymatgen'):.3f} ms, "
            f"{turns.ratio('pymatgen', 'graphs'):.1f} times as long",
        ),
        Check(
            "to_pyg: times faster than matgl's converter",
            turns.ratio("matgl", "to_pyg"),
            "x",
            at_least=5,
            note=f"{ms('to_pyg'):.3f} ms; Structure2Graph {ms('matgl'):.3f} ms, which searches as well",
        ),
        Check(
            "graphs and to_pyg together: times faster",
            turns.ratio("matgl", "both"),
            "x",
            note=f"{ms('both'):.3f} ms, from Crystals",
        ),
        Check(
            "the same from pymatgen's structures",
            turns.ratio("matgl", "both", "structures"),
            "x",
            note=f"as_crystals {ms('structures'):.3f} ms",
        ),
        Check("to_pyg(batch=True)", ms("batch"), "ms"),
    ]
    return [*checks, edges_agree(graphs, structures), message(graphs)]


def edges_agree(graphs: Any, structures: list[Any]) -> Any:
    """Compare all edges with pymatgen's, images included."""
    from engine.table import Check

    alike = 0
    for graph, structure in zip(graphs, structures, strict=True):
        centers, neighbors, images, _ = structure.get_neighbor_list(CUTOFF)
        theirs = np.column_stack([centers, neighbors, images]).astype(int)
        ours = np.column_stack([graph.edge_index.T, graph.cell_shifts])
        alike += np.array_equal(np.unique(theirs, axis=0), np.unique(ours, axis=0)) and len(ours) == len(
            theirs
        )
    return Check("crystals with the edges of pymatgen", alike, at_least=len(graphs), note=f"of {len(graphs)}")


def message(graphs: Any) -> Any:
    """Pass one message in PyTorch Geometric, and compare its sums with numpy's."""
    import torch
    from engine.table import Check
    from torch_geometric.nn import CGConv, SimpleConv

    batch = graphs.to_pyg(batch=True)
    passed = SimpleConv(aggr="sum")(batch.x, batch.edge_index).numpy()
    sums = np.zeros_like(graphs.nodes)
    np.add.at(sums, graphs.edge_index[1], graphs.nodes[graphs.edge_index[0]])
    gated = CGConv(batch.x.shape[1], dim=1)(batch.x, batch.edge_index, batch.edge_attr)
    if not torch.isfinite(gated).all():
        raise AssertionError("CGConv gives values that are not finite")
    worst = float(np.abs(passed - sums).max() / np.abs(sums).max())
    return Check(
        "a message in PyTorch Geometric: largest difference from numpy's sums",
        worst,
        at_most=1e-5,
        note="of the largest sum, in single precision",
    )


def inside(options: argparse.Namespace) -> None:
    """Measure, print and write; run by the Python of .venv-graphs."""
    from importlib.metadata import version

    from engine.rows import all_rows, has_sample, pick
    from engine.table import markdown
    from environment import describe_environment

    rows = list(all_rows())
    source = "the Materials Project sample" if has_sample() else "the built-in crystals"
    packages = ", ".join(f"{name} {version(name)}" for name in ("torch", "torch_geometric", "matgl"))
    checks = contest(pick(rows, options.rows, options.seed), options.rounds)
    kept, limited = sum(c.verdict == "ok" for c in checks), sum(c.verdict != "" for c in checks)
    lines = [
        "# Graphs",
        "",
        f"Written by `python benchmarks/graphs.py` on {date.today()}: {kept} of {limited} limits kept.",
        "",
        "```text",
        describe_environment(),
        f"graphs    {packages}",
        f"rows      {options.rows} of {source}, seed {options.seed}; median of {options.rounds} rounds",
        "```",
        "",
        f"Neighbours within {CUTOFF:g} angstrom. Processor time per crystal, one thread; contestants take",
        "turns, and a ratio is the median over the rounds. Each starts from its own object in memory.",
        "",
        markdown(checks),
    ]
    print("\n".join(lines))
    if (options.rows, options.rounds) == FULL and has_sample():
        OUTPUT.write_text("\n".join(lines) + "\n", encoding="utf-8")


def main() -> int:
    """Make the environment and measure in it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--rows", type=int, default=FULL[0], help="crystals (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=FULL[1], help="default: %(default)s")
    parser.add_argument("--seed", type=int, default=0, help="of the draw of the rows (default: %(default)s)")
    options = parser.parse_args()
    if INSIDE in os.environ:
        inside(options)
        return 0
    from engine.peer_environment import peer_python

    environment = os.environ | {INSIDE: "1", "PYTHONPATH": str(HERE.parent)}
    return subprocess.run([peer_python("graphs"), __file__, *sys.argv[1:]], env=environment).returncode


if __name__ == "__main__":
    sys.exit(main())
