"""Find the same crystal under other cells and names: how many are found, and in what time.

    python benchmarks/duplicates.py [--crystals 10000] [--twins 1000]

Crystals of the Materials Project, and some of them again: in another cell, at another origin, turned,
with their sites in another order, in a supercell, and each site displaced by up to 0.01 angstrom. Beside the
time on the clock stands that of the processor, which other work on the machine changes little.
pymatgen's ``StructureMatcher.group_structures`` groups a part of them in the same run.
"""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path

import numpy as np
import pandas as pd
from environment import describe_environment

import skcrystal
from skcrystal import Crystal, Crystals, as_crystals

SHARED = Path(os.environ.get("SKCRYSTAL_SHARED", Path(__file__).parents[2] / "shared")) / "data"


def disguised(crystal: Crystal, rng: np.random.Generator) -> Crystal:
    """The same crystal in a cell of twice the volume or as large, moved, turned, permuted and shaken."""
    transform = np.array([[1, 0, 0], [int(rng.integers(-1, 2)), 1, 0], [0, int(rng.integers(-1, 2)), 1]])
    transform = np.diag([1, 1, int(rng.integers(1, 3))]) @ transform
    n_cells = round(abs(np.linalg.det(transform)))
    shifts = np.array([[0, 0, k] for k in range(n_cells)])
    inverse = np.linalg.inv(transform)
    coords = ((crystal.frac_coords[None] + shifts[:, None]) @ inverse).reshape(-1, 3)
    numbers = np.tile(crystal.atomic_numbers, n_cells)
    turn, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    lattice = transform @ crystal.lattice
    noise = rng.normal(size=coords.shape)
    noise *= 0.01 * rng.random((len(coords), 1)) / np.linalg.norm(noise, axis=1, keepdims=True)
    coords = coords + noise @ np.linalg.inv(lattice) + rng.random(3)
    order = rng.permutation(len(coords))
    return Crystal.ordered(lattice @ turn, coords[order], numbers[order])


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--crystals", type=int, default=10_000)
    parser.add_argument("--twins", type=int, default=1_000)
    parser.add_argument("--grouped", type=int, default=300, help="crystals that pymatgen groups")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    print(describe_environment())
    print(f"load      {os.getloadavg()[0]:.1f}")
    rng = np.random.default_rng(options.seed)
    table = pd.read_csv(SHARED / "mp_sample.csv.gz", keep_default_na=False)
    n_first = options.crystals - options.twins
    first = as_crystals(table["cif"].sample(n_first, random_state=options.seed))
    copied = rng.choice(n_first, options.twins, replace=False)
    X = Crystals.from_crystals([*first, *(disguised(first[int(k)], rng) for k in copied)])
    skcrystal.duplicates(X[:10])  # compiles
    for confirm in (False, True):
        start, spent = time.perf_counter(), time.process_time()
        found = skcrystal.duplicates(X, confirm=confirm)
        seconds, spent = time.perf_counter() - start, time.process_time() - spent
        originals = found["original"].reindex(range(n_first, len(X)))
        known = found["original"].reindex(copied)  # twins of twins go to the first of them
        right = sum(
            int(one in (copy, other))
            for one, copy, other in zip(
                originals.fillna(-1), copied, known.fillna(-1).replace(-1, -2), strict=True
            )
        )
        others = int((found.index < n_first).sum())
        print(
            f"confirm={confirm}: {seconds:.1f} s, processor {spent:.1f} s, "
            f"{right} of {options.twins} twins found, {others} others"
        )
        if confirm:
            print(f"  pymatgen says no to {int((~found['structure_matcher']).sum())} of {len(found)}")
    from pymatgen.analysis.structure_matcher import StructureMatcher

    part = X[rng.choice(len(X), options.grouped, replace=False)]
    structures = [crystal.to_structure() for crystal in part]
    start = time.perf_counter()
    groups = StructureMatcher().group_structures(structures)
    theirs = time.perf_counter() - start
    start = time.perf_counter()
    ours = skcrystal.duplicates(part, confirm=False)
    print(
        f"{options.grouped} crystals: group_structures {theirs:.2f} s, {len(groups)} groups; "
        f"duplicates {time.perf_counter() - start:.3f} s, {len(part) - len(ours)} groups"
    )


if __name__ == "__main__":
    main()
