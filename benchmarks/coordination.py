"""Coordination numbers beside those that crystallographers assign, for this package and pymatgen's methods.

    python benchmarks/coordination.py
    python benchmarks/coordination.py --data coordination.json.gz --structures

For each site, the numbers of neighbours of each element are compared with the assigned ones: the error is
the sum of the absolute differences, averaged over the sites and then over the structures. Printed, best
first: the error of each method over all structures and by group, its processor time, and that time over this
package's. The data are the structures of MaterialsCoord, Pan et al., Inorg. Chem. 60 (2021) 1590,
doi 10.1021/acs.inorgchem.0c02996: a list of name, group, lattice and sites with element, abc and coordination
{element: number}, null where none is stated.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import warnings
from itertools import pairwise
from pathlib import Path
from time import process_time
from typing import TYPE_CHECKING, Any

import numpy as np
from environment import describe_environment
from pymatgen.analysis.local_env import (
    BrunnerNNReal,
    BrunnerNNReciprocal,
    BrunnerNNRelative,
    CrystalNN,
    EconNN,
    MinimumDistanceNN,
)
from pymatgen.core import Lattice, Structure

from skcrystal import Crystal, Crystals
from skcrystal.chemistry import elements

if TYPE_CHECKING:
    from pymatgen.analysis.local_env import NearNeighbors

Entry = dict[str, Any]
#: For each structure, for each site, how many neighbours of which element.
Found = list[list[dict[str, float]]]

SHARED = Path(os.environ.get("SKCRYSTAL_SHARED", Path(__file__).resolve().parents[2] / "shared"))
DATA = SHARED / "data" / "coordination.json.gz"
PEERS: dict[str, type[NearNeighbors]] = {
    "CrystalNN": CrystalNN,
    "EconNN": EconNN,
    "MinimumDistanceNN": MinimumDistanceNN,
    "BrunnerNNReciprocal": BrunnerNNReciprocal,
    "BrunnerNNRelative": BrunnerNNRelative,
    "BrunnerNNReal": BrunnerNNReal,
}
OURS = "skcrystal"


def bonded(crystals: Crystals) -> Found:
    """Sum the weights of the bonds of each site by the element at the other end."""
    bonds = crystals.bonds()
    symbols = elements.symbols()
    names = [symbols[z] for z in crystals.atomic_numbers.tolist()]
    neighbors, weights = bonds.neighbors.tolist(), bonds.weights.tolist()
    offsets = bonds.offsets.tolist()
    sites: list[dict[str, float]] = []
    for start, stop in pairwise(offsets):
        found: dict[str, float] = {}
        for k in range(start, stop):
            found[names[neighbors[k]]] = found.get(names[neighbors[k]], 0.0) + weights[k]
        sites.append(found)
    return [sites[first:last] for first, last in pairwise(crystals.site_offsets.tolist())]


def neighbors_of(method: NearNeighbors, structures: list[Structure]) -> Found:
    """Count the neighbours of each site by element, each as one."""
    counted: Found = []
    for structure in structures:
        sites: list[dict[str, float]] = []
        for k in range(len(structure)):
            found: dict[str, float] = {}
            for neighbor in method.get_nn_info(structure, k):
                symbol = neighbor["site"].specie.symbol
                found[symbol] = found.get(symbol, 0.0) + 1.0
            sites.append(found)
        counted.append(sites)
    return counted


def error(entry: Entry, found: list[dict[str, float]]) -> float:
    """Return the mean over the sites of the summed absolute differences from the assigned numbers."""
    return float(
        np.mean(
            [
                sum(
                    abs(neighbors.get(symbol, 0.0) - number)
                    for symbol, number in site["coordination"].items()
                    if number is not None
                )
                for site, neighbors in zip(entry["sites"], found, strict=True)
            ]
        )
    )


def main() -> None:
    """Read the arguments, run every method, print them ranked."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, default=DATA, help="structures with assigned coordination")
    parser.add_argument("--structures", action="store_true", help="print the error of each structure too")
    parser.add_argument("--repeats", type=int, default=20, help="runs of this package, which is fast")
    arguments = parser.parse_args()
    warnings.filterwarnings("ignore")

    with gzip.open(arguments.data, "rt") as file:
        entries: list[Entry] = json.load(file)
    structures = [
        Structure(
            Lattice(entry["lattice"]),
            [site["element"] for site in entry["sites"]],
            [site["abc"] for site in entry["sites"]],
        )
        for entry in entries
    ]
    crystals = [
        Crystal.ordered(s.lattice.matrix, s.frac_coords, [site.specie.Z for site in s]) for s in structures
    ]
    # The first run compiles.
    bonded(Crystals.from_crystals(crystals[:1]))
    before = process_time()
    for _ in range(arguments.repeats):
        found = {OURS: bonded(Crystals.from_crystals(crystals))}
    seconds = {OURS: (process_time() - before) / arguments.repeats}
    for name, make in PEERS.items():
        before = process_time()
        found[name] = neighbors_of(make(), structures)
        seconds[name] = process_time() - before

    errors = {
        name: np.array([error(*pair) for pair in zip(entries, sites, strict=True)])
        for name, sites in found.items()
    }
    ranked = sorted(errors, key=lambda name: float(errors[name].mean()))
    groups = sorted({entry["group"] for entry in entries})
    own = {group: np.array([entry["group"] == group for entry in entries]) for group in groups}
    print(describe_environment())
    print(f"{len(entries)} structures; error in neighbours a site, mean over the structures")
    width = max(map(len, ranked))
    print(
        f"{'':{width}}{'all':>7}"
        + "".join(f"{group[:15]:>17}" for group in groups)
        + f"{'seconds':>10}{'ratio':>8}"
    )
    for name in ranked:
        row = "".join(f"{errors[name][own[group]].mean():>17.2f}" for group in groups)
        print(
            f"{name:{width}}{errors[name].mean():>7.3f}{row}{seconds[name]:>10.3f}"
            f"{seconds[name] / seconds[OURS]:>8.0f}"
        )
    if arguments.structures:
        for k, entry in enumerate(entries):
            print(f"{entry['name']:<28}" + "".join(f"{errors[name][k]:>8.2f}" for name in ranked))


if __name__ == "__main__":
    main()
