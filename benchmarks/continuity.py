"""How far columns move when every site moves by 0.001 angstrom in a direction of its own.

A column holds the rule where no crystal moves it by more than 1 % of its spread, the standard deviation
over the data. Printed for each descriptor: the share of crystals with a column over 1 %, the worst move, its
column and its crystal. Run

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
from typing import TYPE_CHECKING, NamedTuple

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


class Verdict(NamedTuple):
    """What noise does to the columns of one descriptor.

    Attributes
    ----------
    spreads : ndarray of shape (n_features,)
        Standard deviation of each column over the crystals.
    moves : ndarray of shape (n_crystals, n_features)
        Change of each entry, in units of the spread; 0 where a column is constant.
    milliseconds : float
        Processor time per crystal, tables shared with descriptors before it not counted.
    """

    spreads: NDArray[np.float64]
    moves: NDArray[np.float64]
    milliseconds: float


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


def judge(descriptor: Descriptor, crystals: Crystals, noisy: Crystals) -> Verdict:
    """Compare the rows of crystals with those of the displaced ones."""
    start = process_time()
    before = descriptor.transform(crystals)
    milliseconds = (process_time() - start) / len(crystals) * 1e3
    after = descriptor.transform(noisy)
    spreads = np.nanstd(before, axis=0)
    moving = spreads > CONSTANT * (1 + np.abs(np.nanmean(before, axis=0)))
    moves = np.where(moving, np.abs(after - before) / np.where(moving, spreads, 1.0), 0.0)
    return Verdict(spreads, np.nan_to_num(moves), milliseconds)


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
    """Return the descriptors of a preset, those of comma-separated class names, or all."""
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
    return [(type(value).__name__, value) for value in parameters.values() if isinstance(value, Descriptor)]


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
    failing = []
    for name, descriptor in steps_of(arguments.descriptors):
        # The first run compiles.
        descriptor.transform(crystals[:2])
        verdict = judge(descriptor, crystals, noisy)
        largest = verdict.moves.max(axis=1)
        columns = descriptor.get_feature_names_out()
        worst = verdict.moves.max(axis=0)
        claim = "yes" if descriptor.invariance.continuous else "no"
        head = (
            f"{name:<24}{claim:>7}{len(columns):>8}{verdict.milliseconds:>7.3f}"
            f"{(largest > ALLOWED).mean():>10.1%}{np.quantile(largest, 0.99):>9.2%}"
        )
        for k in np.argsort(-worst)[: arguments.columns]:
            index = int(verdict.moves[:, k].argmax())
            share = (verdict.moves[:, k] > ALLOWED).mean()
            print(f"{head}{worst[k]:>9.2%}  {columns[k]} ({index}: {formula(crystals, index)}; {share:.1%})")
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
