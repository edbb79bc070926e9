"""Where the time of moyo's search for symmetry goes, by what Python can see of it.

    python benchmarks/symmetry_search.py

Milliseconds of processor time per crystal, the least of several turns. What goes on inside of the search is
for a sampling profiler, as moyopy's wheels keep the names of moyo's functions:

    perf record --call-graph dwarf python benchmarks/symmetry_search.py --only-search
    perf report --children
"""

from __future__ import annotations

import argparse
import threading
import time
from typing import TYPE_CHECKING, Any

import numpy as np
from engine.rows import all_rows, pick
from environment import describe_environment

from skcrystal.inputs import read_items

if TYPE_CHECKING:
    from collections.abc import Callable

SYMPREC = 0.01
ATTRIBUTES = (
    "number",
    "mapping_std_prim",
    "orbits",
    "prim_std_linear",
    "symprec",
    "wyckoffs",
    "site_symmetry_symbols",
    "operations",
    "std_cell",
)


def main() -> None:
    """Print what the search, its options and its results cost."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rows", type=int, default=1000, help="crystals (default 1000)")
    parser.add_argument("--rounds", type=int, default=5, help="turns (default 5)")
    parser.add_argument("--only-search", action="store_true", help="nothing but searches, for a profiler")
    options = parser.parse_args()
    batch = read_items([row.cif for row in pick(list(all_rows()), options.rows, 0)]).crystals
    given = arguments_of(batch)
    from moyopy import Cell, MoyoDataset, Setting

    cells = [Cell(*one) for one in given]
    if options.only_search:
        for _ in range(options.rounds):
            found = [MoyoDataset(cell, symprec=SYMPREC, rotate_basis=False) for cell in cells]
        return
    print(describe_environment())
    print(f"crystals  {len(cells):,}, {batch.n_sites / len(cells):.0f} sites in the mean\n")

    def least(work: Callable[[], Any]) -> float:
        return min(_seconds(work) for _ in range(options.rounds)) * 1e3 / len(cells)

    print("| What | ms per crystal |\n|---|---|")
    print(f"| arrays to lists | {least(lambda: arguments_of(batch)):.4f} |")
    print(f"| lists to moyo's cells | {least(lambda: [Cell(*one) for one in given]):.4f} |")
    for name, settings in {
        "search": {},
        "search, no rotation": {"rotate_basis": False},
        "search, standard setting": {"setting": Setting.standard()},
    }.items():
        work = _searches(cells, settings)
        print(f"| {name} | {least(work):.4f} |")
    found = [MoyoDataset(cell, symprec=SYMPREC, rotate_basis=False) for cell in cells]
    for name in ATTRIBUTES:
        print(f"| read `{name}` | {least(_readings(found, name)):.4f} |")
    by_order(cells, found, options.rounds)
    print(f"\nother threads run while a search does: {'yes' if lets_go() else 'no'}")


def arguments_of(batch: Any) -> list[tuple[Any, Any, Any]]:
    """Return lattice, coordinates and kinds of each crystal as lists."""
    bounds = batch.site_offsets.tolist()
    return [
        (
            batch.lattices[i].tolist(),
            batch.frac_coords[bounds[i] : bounds[i + 1]].tolist(),
            batch.site_kinds[bounds[i] : bounds[i + 1]].tolist(),
        )
        for i in range(len(batch))
    ]


def _searches(cells: list[Any], settings: dict[str, Any]) -> Callable[[], Any]:
    from moyopy import MoyoDataset

    return lambda: [MoyoDataset(cell, symprec=SYMPREC, **settings) for cell in cells]


def _readings(found: list[Any], name: str) -> Callable[[], Any]:
    return lambda: [getattr(dataset, name) for dataset in found]


def _seconds(work: Callable[[], Any]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def by_order(cells: list[Any], found: list[Any], rounds: int) -> None:
    """Print the time of a search by the order of the point group."""
    from moyopy import MoyoDataset

    times = np.full(len(cells), np.inf)
    for _ in range(rounds):
        for k, cell in enumerate(cells):
            start = time.process_time_ns()
            MoyoDataset(cell, symprec=SYMPREC, rotate_basis=False)
            times[k] = min(times[k], (time.process_time_ns() - start) / 1e6)
    translations = np.array([len(one.orbits) // (max(one.mapping_std_prim) + 1) for one in found])
    orders = np.array([len(one.operations) for one in found]) // translations
    sites = np.array([len(one.orbits) for one in found])
    print("\n| Operations of the point group | Crystals | Sites | ms per crystal | Share of all time |")
    print("|---|---|---|---|---|")
    for order in np.unique(orders).tolist():
        own = orders == order
        share = times[own].sum() / times.sum()
        print(f"| {order} | {own.sum()} | {sites[own].mean():.0f} | {times[own].mean():.3f} | {share:.0%} |")


def lets_go() -> bool:
    """Tell whether another thread runs while a search does."""
    from moyopy import Cell, MoyoDataset

    n = 10
    places = np.stack(np.meshgrid(*[np.arange(n)] * 3), axis=-1).reshape(-1, 3) / n
    cell = Cell((3.0 * n * np.eye(3)).tolist(), places.tolist(), [84] * len(places))
    span = []

    def work() -> None:
        start = time.perf_counter()
        MoyoDataset(cell, symprec=SYMPREC)
        span.append((start, time.perf_counter()))

    thread = threading.Thread(target=work)
    thread.start()
    ticks = []
    while thread.is_alive():
        ticks.append(time.perf_counter())
    start, stop = span[0]
    tenth = (stop - start) / 10
    return any(start + tenth < tick < stop - tenth for tick in ticks)


if __name__ == "__main__":
    main()
