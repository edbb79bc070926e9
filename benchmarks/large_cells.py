"""How long the search for symmetry takes in large cells: supercells, and cells without translations.

``python benchmarks/large_cells.py`` prints processor time and what was found. ``--moyo`` searches the
smallest supercell with moyo alone, whole, in the same run, which takes ten seconds and more.
"""

from __future__ import annotations

import argparse
import time

import numpy as np
from environment import describe_environment

from skcrystal import Crystal, CrystalFeaturizer, Crystals
from skcrystal.crystals.symmetry import search

#: Seconds that may not be exceeded.
LIMITS = {15_625: 10.0, 97_336: 60.0}


def supercell(repeats: int, noise: float = 0.0) -> Crystals:
    """Simple cubic polonium, repeated along each axis; sites displaced at random by `noise` angstrom."""
    grid = np.stack(np.meshgrid(*[np.arange(repeats)] * 3, indexing="ij"), axis=-1).reshape(-1, 3)
    edge = 3.35 * repeats
    moved = np.random.default_rng(0).normal(scale=noise, size=grid.shape) / edge if noise else 0.0
    crystal = Crystal.ordered(edge * np.eye(3), grid / repeats + moved, [84] * len(grid))
    return Crystals.from_crystals([crystal])


def without_translations(n_sites: int) -> Crystals:
    """Sites of a protein's density, at random but apart, in P1."""
    rng = np.random.default_rng(0)
    repeats = int(np.ceil(np.cbrt(n_sites)))
    grid = np.stack(np.meshgrid(*[np.arange(repeats)] * 3, indexing="ij"), axis=-1).reshape(-1, 3)[:n_sites]
    coords = (grid + rng.uniform(0, 0.4, grid.shape)) / repeats
    crystal = Crystal.ordered(2.7 * repeats * np.eye(3), coords, rng.choice([1, 6, 7, 8], n_sites))
    return Crystals.from_crystals([crystal])


def measure(name: str, crystals: Crystals) -> float:
    """Print the processor time of one search."""
    start = time.process_time()
    found = crystals.symmetry()
    seconds = time.process_time() - start
    limit = LIMITS.get(crystals.n_sites)
    kept = "" if limit is None else f", limit {limit:g} s: {'kept' if seconds <= limit else 'EXCEEDED'}"
    print(
        f"{name:44s} {crystals.n_sites:7,} sites {seconds:7.2f} s, group {found.numbers[0]}, "
        f"{found.multiplicities[0]:,} primitive cells{kept}"
    )
    return seconds


def main() -> None:
    """Measure them all."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--moyo", action="store_true", help="search a supercell with moyo alone, too")
    arguments = parser.parse_args()
    print(describe_environment())
    supercell(9).symmetry()  # compiles
    small = supercell(20)
    ours = measure("supercell", small)
    measure("supercell", supercell(25))
    measure("supercell", supercell(46))
    measure("supercell, sites displaced by 1e-4 angstrom", supercell(25, 1e-4))
    # About the tolerance of 0.01: the differences of two displacements lie on both sides of it.
    measure("supercell, sites displaced by 2e-3 angstrom", supercell(25, 2e-3))
    measure("supercell, sites displaced by 2e-3 angstrom", supercell(46, 2e-3))
    measure("no translations", without_translations(55_000))
    start = time.process_time()
    CrystalFeaturizer("notebook").fit_transform(supercell(25))
    print(f"{'notebook preset, 15,625 sites':44s} {time.process_time() - start:21.2f} s")
    if arguments.moyo:
        start = time.process_time()
        search(small.lattices[0], small.frac_coords, small.atomic_numbers, 0.01)
        whole = time.process_time() - start
        print(f"moyo alone, {small.n_sites:,} sites: {whole:.1f} s, {whole / ours:.0f} times as long")


if __name__ == "__main__":
    main()
