"""How steep the columns of continuous descriptors are, beside CrystalNN's fingerprints.

Each site is moved by 0.001, 0.0001 and 0.00001 angstrom in a direction of its own. A column's move over the
displacement and over its spread, the standard deviation over the crystals, is its steepness, in 1/angstrom:
with a steepness of 10, 0.001 angstrom moves the column by 1 % of its spread. A continuous column has the same
at all three lengths; one that jumps has ten times as much at each shorter one. Printed for each family of
columns, at each length: the steepness that 99 % of the crystals stay below, and the largest of all with its
column and crystal. Run

    python benchmarks/continuity.py
    python benchmarks/continuity.py --data crystals.csv.gz --crystals 1000 --descriptors default --peers 100

The first takes the crystals and all descriptors that come with the package. A CSV file has one crystal per
line, in a column "cif" or "poscar". --peers says on how many of the crystals the fingerprint of CrystalNN
(pymatgen; its weights of the coordination numbers, averaged over the sites) is measured beside them; it takes
a second for some.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import sys
import warnings
from inspect import isabstract
from pathlib import Path
from time import process_time
from typing import TYPE_CHECKING

import numpy as np
from pymatgen.analysis.local_env import CrystalNN
from pymatgen.core import Structure

import skcrystal.descriptors
from skcrystal import CrystalFeaturizer, Crystals, as_crystals
from skcrystal.datasets import load_experimental
from skcrystal.descriptors import Descriptor

if TYPE_CHECKING:
    from numpy.typing import NDArray

LENGTHS = (1e-3, 1e-4, 1e-5)

# CrystalNN gives weights of coordination numbers up to about this one.
LARGEST_NUMBER = 24

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
        and not isabstract(value)
    }
    if descriptors == "all":
        return [(name, make()) for name, make in known.items()]
    if all(name in known for name in descriptors.split(",")):
        return [(name, known[name]()) for name in descriptors.split(",")]
    parameters = CrystalFeaturizer(descriptors).get_params(deep=True)
    return [(name, value) for name, value in parameters.items() if isinstance(value, Descriptor)]


def crystal_nn_rows(crystals: Crystals) -> NDArray[np.float64]:
    """Return the mean over the sites of CrystalNN's weight of each coordination number."""
    method = CrystalNN()
    rows = np.zeros((len(crystals), LARGEST_NUMBER + 1))
    for row, crystal in zip(rows, crystals, strict=True):
        # CrystalNN takes ordered crystals; a mixed site counts as its first species.
        numbers = crystal.atomic_numbers[crystal.species_offsets[:-1]]
        structure = Structure(crystal.lattice, numbers, crystal.frac_coords)
        for k in range(len(structure)):
            for number, weight in method.get_nn_data(structure, k).cn_weights.items():
                row[min(number, LARGEST_NUMBER)] += weight / len(structure)
    return rows


def report(
    name: str,
    claim: str,
    columns: NDArray[np.object_],
    before: NDArray[np.float64],
    after: list[NDArray[np.float64]],
    crystals: Crystals,
) -> None:
    """Print how steep a family is at each length, and its steepest columns at the largest."""
    rates = [moves_of(before, rows) / length for rows, length in zip(after, LENGTHS, strict=True)]
    numbers = "".join(f"{np.quantile(rate.max(axis=1), 0.99):>9.3g}{rate.max():>9.3g}" for rate in rates)
    index, column = np.unravel_index(rates[0].argmax(), rates[0].shape)
    print(
        f"{name:<26}{claim:>7}{len(columns):>8}{numbers}"
        f"  {columns[column]} ({index}: {formula(crystals, int(index))})"
    )


def main() -> None:
    """Read the arguments, measure each descriptor, print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, help="CSV file of crystals; the built-in ones without it")
    parser.add_argument("--crystals", type=int, default=1000, help="how many lines of it (default 1000)")
    parser.add_argument("--descriptors", default="all", help="a preset, class names with commas, or all")
    parser.add_argument("--peers", type=int, default=50, help="how many for CrystalNN (default 50)")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    warnings.filterwarnings("ignore")

    if arguments.data:
        crystals = as_crystals(read_rows(arguments.data, arguments.crystals, arguments.seed))
    else:
        crystals = load_experimental().data
    moved = [displaced(crystals, length, np.random.default_rng(arguments.seed)) for length in LENGTHS]
    print(
        f"{len(crystals)} crystals, {crystals.n_sites / len(crystals):.1f} sites on average; seed "
        f"{arguments.seed}; steepness in spreads per angstrom, 99 % and largest\n{'':<41}"
        + "".join(f"{length:>18g}" for length in LENGTHS)
        + f"\n{'descriptor':<26}{'claims':>7}{'columns':>8}"
        + f"{'99 %':>9}{'largest':>9}" * len(LENGTHS)
        + "  column (crystal)"
    )
    steps = steps_of(arguments.descriptors)
    before, _ = describe(steps, crystals)
    after = [describe(steps, noisy)[0] for noisy in moved]
    for k, (name, descriptor) in enumerate(steps):
        claim = "yes" if descriptor.invariance.continuous else "no"
        columns = descriptor.get_feature_names_out()
        report(name, claim, columns, before[k], [rows[k] for rows in after], crystals)
    if arguments.peers:
        chosen = np.random.default_rng(arguments.seed).permutation(len(crystals))[: arguments.peers]
        rows = crystal_nn_rows(crystals[chosen])
        names = np.array([f"cn_{n}" for n in range(rows.shape[1])], dtype=object)
        noisy_rows = [crystal_nn_rows(noisy[chosen]) for noisy in moved]
        report("CrystalNN fingerprint", "", names, rows, noisy_rows, crystals[chosen])


def formula(crystals: Crystals, index: int) -> str:
    """Return the reduced formula of one crystal."""
    return crystals[index].formula


if __name__ == "__main__":
    main()
