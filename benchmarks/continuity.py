"""How far columns move when every site moves by 0.001 angstrom in a direction of its own.

A column holds the rule where no crystal moves it by more than 1 % of its spread, the standard deviation
over the data. Printed for each family of columns: the share of crystals with a column over 1 %, the worst
move, its column and its crystal. Run

    python benchmarks/continuity.py
    python benchmarks/continuity.py --data crystals.csv.gz --crystals 1000 --descriptors default

The first takes the crystals and all descriptors that come with the package. A CSV file has one crystal per
line, in a column "cif" or "poscar".
"""

from __future__ import annotations

import argparse
import csv
import gzip
import sys
from pathlib import Path
from time import process_time
from typing import TYPE_CHECKING

import numpy as np

import skcrystal.descriptors
from skcrystal import CrystalFeaturizer, Crystals, as_crystals
from skcrystal.datasets import load_experimental
from skcrystal.descriptors import Descriptor

if TYPE_CHECKING:
    from numpy.typing import NDArray

NOISE = 0.001
ALLOWED = 0.01

# A column that is as good as constant over the data has no spread to compare with.
CONSTANT = 1e-9

# Crystals whose tables of neighbours are in memory at once.
CHUNK = 500


def displaced(crystals: Crystals, length: float, rng: np.random.Generator) -> Crystals:
    """Return the crystals with each site moved by a vector of this length in a random direction."""
    vectors = rng.normal(size=(crystals.n_sites, 3))
    vectors *= length / np.linalg.norm(vectors, axis=1)[:, None]
    owners = np.repeat(np.arange(len(crystals)), crystals.site_counts)
    steps = np.einsum("ij,ijk->ik", vectors, np.linalg.inv(crystals.lattices)[owners])
    return Crystals(
        crystals.lattices,
        crystals.site_offsets,
        crystals.frac_coords + steps,
        crystals.species_offsets,
        crystals.atomic_numbers,
        crystals.occupancies,
        crystals.oxidation_states,
        sources=crystals.sources,
    )


def describe(
    steps: list[tuple[str, Descriptor]], crystals: Crystals
) -> tuple[list[NDArray[np.float64]], NDArray[np.float64]]:
    """Return the rows of each descriptor, and its processor time per crystal in milliseconds.

    Chunk by chunk, so that the tables of neighbours of one chunk alone are kept. Tables that are shared with
    descriptors before it are not on a descriptor's bill.
    """
    rows: list[list[NDArray[np.float64]]] = [[] for _ in steps]
    seconds = np.zeros(len(steps))
    for start in range(0, len(crystals), CHUNK):
        chunk = crystals[start : start + CHUNK]
        for k, (_, descriptor) in enumerate(steps):
            before = process_time()
            rows[k].append(descriptor.transform(chunk))
            seconds[k] += process_time() - before
    return [np.concatenate(blocks) for blocks in rows], seconds / len(crystals) * 1e3


def moves_of(before: NDArray[np.float64], after: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the change of each entry in units of its column's spread; 0 where a column is constant.

    A missing value that stays missing does not move; one that comes or goes moves without bound.
    """
    spreads = np.nanstd(before, axis=0)
    moving = spreads > CONSTANT * (1 + np.abs(np.nanmean(before, axis=0)))
    moves = np.where(moving, np.abs(after - before) / np.where(moving, spreads, 1.0), 0.0)
    missing = np.isnan(before), np.isnan(after)
    return np.where(missing[0] & missing[1], 0.0, np.where(missing[0] | missing[1], np.inf, moves))


def read_rows(path: Path, wanted: int, seed: int) -> list[str]:
    """Return the texts of randomly chosen lines of a CSV file."""
    csv.field_size_limit(sys.maxsize)
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    column = "cif" if "cif" in rows[0] else "poscar"
    chosen = np.random.default_rng(seed).permutation(len(rows))[:wanted]
    return [rows[i][column] for i in chosen]


def steps_of(descriptors: str) -> list[tuple[str, Descriptor]]:
    """Return the families of a preset, the descriptors of comma-separated class names, or all."""
    known = {
        name: value
        for name in skcrystal.descriptors.__all__
        if isinstance(value := getattr(skcrystal.descriptors, name), type)
        and issubclass(value, Descriptor)
        and value is not Descriptor
    }
    if descriptors == "all":
        return [(name, make()) for name, make in known.items()]
    if all(name in known for name in descriptors.split(",")):
        return [(name, known[name]()) for name in descriptors.split(",")]
    parameters = CrystalFeaturizer(descriptors).get_params(deep=True)
    return [(name, value) for name, value in parameters.items() if isinstance(value, Descriptor)]


def main() -> None:
    """Read the arguments, judge each descriptor, print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, help="CSV file of crystals; the built-in ones without it")
    parser.add_argument("--crystals", type=int, default=1000, help="how many lines of it (default 1000)")
    parser.add_argument("--descriptors", default="all", help="a preset, class names with commas, or all")
    parser.add_argument("--noise", type=float, default=NOISE, help="length of displacements, in angstrom")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--columns", type=int, default=1, help="how many of the worst columns to print")
    arguments = parser.parse_args()

    if arguments.data:
        crystals = as_crystals(read_rows(arguments.data, arguments.crystals, arguments.seed))
    else:
        crystals = load_experimental().data
    noisy = displaced(crystals, arguments.noise, np.random.default_rng(arguments.seed))
    print(
        f"{len(crystals)} crystals, {crystals.n_sites / len(crystals):.1f} sites on average, each site moved "
        f"by {arguments.noise:g} angstrom; seed {arguments.seed}\n"
        f"{'descriptor':<24}{'claims':>7}{'columns':>8}{'ms':>7}{'over 1 %':>10}{'99 %':>9}{'worst':>9}"
        "  column (crystal)"
    )
    steps = steps_of(arguments.descriptors)
    # The first run compiles.
    describe(steps, crystals[:2])
    before, milliseconds = describe(steps, crystals)
    after, _ = describe(steps, noisy)
    failing = []
    for k, (name, descriptor) in enumerate(steps):
        moves = moves_of(before[k], after[k])
        largest, worst = moves.max(axis=1), moves.max(axis=0)
        columns = descriptor.get_feature_names_out()
        claim = "yes" if descriptor.invariance.continuous else "no"
        head = (
            f"{name:<24}{claim:>7}{len(columns):>8}{milliseconds[k]:>7.3f}"
            f"{(largest > ALLOWED).mean():>10.1%}{np.quantile(largest, 0.99):>9.2%}"
        )
        for c in np.argsort(-worst)[: arguments.columns]:
            index = int(moves[:, c].argmax())
            share = (moves[:, c] > ALLOWED).mean()
            print(f"{head}{worst[c]:>9.2%}  {columns[c]} ({index}: {formula(crystals, index)}; {share:.1%})")
            head = " " * len(head)
        if descriptor.invariance.continuous and largest.max() > ALLOWED:
            failing.append(name)
    if failing:
        sys.exit(f"claim to be continuous, but move by more than {ALLOWED:.0%}: {', '.join(failing)}")
    print(f"no descriptor that claims continuity moves a column by more than {ALLOWED:.0%} of its spread")


def formula(crystals: Crystals, index: int) -> str:
    """Return the reduced formula of one crystal."""
    return crystals[index].formula


if __name__ == "__main__":
    main()
