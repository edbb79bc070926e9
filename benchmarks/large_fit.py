"""What fitting the recommended model to 100,000 crystals takes: minutes, and gigabytes.

    python benchmarks/large_fit.py [--rows 100000] [--test 2000] [--n-jobs 2]

No set of that size is here. Its crystals are made of those of mp_sample, of which each serves several times:
some of its elements are replaced by neighbours in their group of the periodic table, its lattice vectors are
scaled by the ratio of the atomic radii and strained at random by a few per cent. Formulas and geometry are
therefore new; the target is the formation energy of the crystal that it was made of, shifted by the change of
the mean electronegativity. It costs a model what real rows cost, and its error says nothing of real crystals.

The whole run is one process, which says its largest memory in the end.
"""

from __future__ import annotations

import argparse
import resource
import sys
import warnings
from functools import cache
from time import perf_counter, process_time
from typing import TYPE_CHECKING, Any

import numpy as np
from accuracy_sets import SEED, load_tasks, require_data_folder
from environment import describe_environment

from skcrystal import Crystal, as_crystals
from skcrystal.chemistry import elements
from skcrystal.models import make_regressor

if TYPE_CHECKING:
    from collections.abc import Iterator

# Probability that an element is replaced, standard deviation of the strains, and eV/atom per unit of
# Pauling's scale.
REPLACED, STRAIN, ENERGY_PER_ELECTRONEGATIVITY = 0.5, 0.02, 0.5
GOAL_MINUTES, GOAL_GIGABYTES = 20, 8


@cache
def relatives() -> dict[int, list[int]]:
    """Return the atomic numbers of each element's group, lanthanides being one; no further than bismuth."""
    from pymatgen.core import Element

    groups: dict[Any, list[int]] = {}
    for number in range(1, 84):
        element = Element.from_Z(number)
        groups.setdefault("lanthanides" if element.is_lanthanoid else element.group, []).append(number)
    return {number: members for members in groups.values() for number in members}


def variants(
    crystals: Any, y: Any, n_rows: int, random: np.random.Generator
) -> Iterator[tuple[Crystal, float]]:
    """Yield crystals made of others, and their targets."""
    radius, affinity = elements.filled_table(["atomic_radius", "electronegativity"], "trend").T
    for row in np.resize(random.permutation(len(y)), n_rows).tolist():
        one = crystals[row]
        swapped = {
            number: int(random.choice(relatives().get(number, [number])))
            if random.random() < REPLACED
            else number
            for number in np.unique(one.atomic_numbers).tolist()
        }
        if len(set(swapped.values())) < len(swapped):
            swapped = {number: number for number in swapped}
        numbers = np.array([swapped[number] for number in one.atomic_numbers.tolist()])
        scale = radius[numbers].sum() / radius[one.atomic_numbers].sum()
        strain = np.eye(3) + random.normal(0.0, STRAIN, (3, 3))
        shift = np.mean(affinity[numbers] - affinity[one.atomic_numbers])
        crystal = Crystal.ordered(one.lattice @ strain * scale, one.frac_coords, numbers)
        yield crystal, float(y[row] + ENERGY_PER_ELECTRONEGATIVITY * shift)


def gigabytes() -> float:
    """Return the largest memory so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def main() -> int:
    """Make crystals, describe them, fit, and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--test", type=int, default=2000)
    parser.add_argument("--n-jobs", type=int, default=2)
    arguments = parser.parse_args()
    folder = require_data_folder()
    warnings.simplefilter("ignore")
    print(describe_environment(), "\n")
    task = load_tasks(folder, ["sample"])[-1]
    random = np.random.default_rng(SEED)
    crystals = as_crystals(task.crystals)
    made = list(variants(crystals, task.y, arguments.rows + arguments.test, random))
    y = np.array([target for _, target in made])
    model = make_regressor(n_jobs=arguments.n_jobs, random_state=SEED, verbose=True)
    model.set_params(crystalfeaturizer__n_jobs=arguments.n_jobs, crystalfeaturizer__on_error="nan")
    start = perf_counter()
    rows = model[0].fit_transform([crystal for crystal, _ in made])
    good = np.flatnonzero(np.isfinite(rows).any(axis=1))
    print(
        f"{len(good):,} of {len(made):,} crystals described by {rows.shape[1]} columns in "
        f"{perf_counter() - start:.0f} s, memory {gigabytes():.1f} GB",
        flush=True,
    )
    rows, y = rows[good], y[good]
    test = np.arange(len(y) - arguments.test, len(y))
    start, worked = perf_counter(), process_time()
    fitted = model[1:].fit(rows[: test[0]], y[: test[0]])
    minutes, processor = (perf_counter() - start) / 60, (process_time() - worked) / 60
    memory = gigabytes()
    error = float(np.abs(fitted.predict(rows[test]) - y[test]).mean())
    print("\n| rows | minutes | processor minutes | memory (GB) | MAE, made-up target | of a mean |")
    print("|---|---|---|---|---|---|")
    spread = float(np.abs(y[test] - y[: test[0]].mean()).mean())
    cells = f"{minutes:.1f} | {processor:.1f} | {memory:.1f} | {error:.3f} eV/atom | {spread:.3f}"
    print(f"| {test[0]:,} | {cells} |")
    kept = minutes < GOAL_MINUTES and memory < GOAL_GIGABYTES
    print(f"\nlimits of {GOAL_MINUTES} minutes and {GOAL_GIGABYTES} GB: {'kept' if kept else 'missed'}")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
