"""How long a served model takes for one crystal: its columns, and the whole prediction.

    python benchmarks/serving.py [--crystals 200] [--threads 1 8] [--turns 1]

The recommended model is fitted to the built-in measured crystals. Then other calls of one crystal each are
timed, all after a first round that compiles and fills caches; several threads share one model, and each
call's time is what its caller waits. The text of each CIF is read in the call, as a server does. As a server
should, the program gives linear algebra one thread, since many calls run at once, and keeps the collector of
garbage away from what is loaded. Where other programs use the machine, all is timed in several turns, and of
each number the least one is printed, of crystals per second the most.

Beside what a caller waits stands the processor's time of a call, which other work on the machine does not
lengthen much. Threads of Python take turns: where n of them call at once, a call waits about n times the
processor's time of one, whatever the number of cores, less the share that runs in compiled code without the
interpreter's lock. Where those who wait are answered together (`RequestBatcher`), a row of a batch costs each
of them a fraction of a call, and the processor's time stands with the thread that worked. What a service can
answer in a second is the number of crystals per second; a process per core answers more than a thread.
"""

from __future__ import annotations

import argparse
import gc
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter, thread_time
from typing import TYPE_CHECKING, Any

import numpy as np
from environment import describe_environment
from threadpoolctl import threadpool_limits

from skcrystal import as_crystals
from skcrystal.datasets import load_experimental
from skcrystal.formats import cif_text
from skcrystal.models import ConformalRegressor, DomainOfApplicability, RequestBatcher, make_regressor

if TYPE_CHECKING:
    from collections.abc import Callable

TOGETHER = ", those who wait answered together"

# What a caller waits, in milliseconds.
GOALS = {"columns of a crystal": 4.0, "prediction of a crystal": 8.0}


def times_of(call: Callable[[Any], Any], items: list[Any], threads: int) -> tuple[Any, float]:
    """Return milliseconds of each call, waited and worked, and calls per second, from threads at once."""

    def timed(item: Any) -> tuple[float, float]:
        start, worked = perf_counter(), thread_time()
        call(item)
        return 1e3 * (perf_counter() - start), 1e3 * (thread_time() - worked)

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(timed, items[:20]))
        start = perf_counter()
        times = np.array(list(pool.map(timed, items)))
        return times, len(items) / (perf_counter() - start)


def together(function: Callable[[list[Any]], Any]) -> Callable[[Any], Any]:
    """Return a call of one crystal that is answered with those who wait at the same time."""
    batcher = RequestBatcher(function)
    return lambda items: batcher(items[0])


def main() -> int:
    """Fit, time and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--crystals", type=int, default=200)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 8])
    parser.add_argument("--turns", type=int, default=1)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    X, y = load_experimental(return_X_y=True)
    model = make_regressor(target="nonnegative", random_state=0)
    served = DomainOfApplicability(ConformalRegressor(model)).fit(X, y)
    gc.collect()
    gc.freeze()
    pipeline = served.model_.regressor_
    featurizer = pipeline[0]
    rows = np.random.default_rng(0).integers(len(y), size=arguments.crystals)
    # New objects each time: what is known of a crystal hangs on it.
    crystals = [as_crystals([X[int(row)]]) for row in rows]
    texts = [[cif_text(X[int(row)])] for row in rows]
    print(describe_environment(), "\n")
    print(
        "| what | threads | p50 (ms) | p99 (ms) | processor p50 (ms) | processor p99 (ms) | per second |\n"
        "|---|---|---|---|---|---|---|"
    )
    calls: list[tuple[str, Any, Any]] = [
        ("columns of a crystal", featurizer.transform, crystals),
        ("columns of a CIF", featurizer.transform, texts),
        ("prediction of a crystal", pipeline.predict, crystals),
        ("prediction of a CIF", pipeline.predict, texts),
        (f"columns of a crystal{TOGETHER}", together(featurizer.transform), crystals),
        (f"prediction of a crystal{TOGETHER}", together(pipeline.predict), crystals),
        (f"prediction of a CIF{TOGETHER}", together(pipeline.predict), texts),
        ("interval of a CIF", served.model_.predict_interval, texts),
        ("interval of a CIF, and whether it is in the domain", served.predict_interval, texts),
    ]
    missed = []
    turns = [(*call, threads) for call in calls for threads in arguments.threads]
    with threadpool_limits(1):
        for name, call, items, threads in turns:
            found = []
            for _ in range(arguments.turns):
                fresh = [as_crystals(list(item)) for item in items] if items is crystals else items
                times, rate = times_of(call, fresh, threads)
                found.append([*np.percentile(times, [50, 99], axis=0).ravel(), -rate])
            half, half_worked, most, most_worked, rate = np.abs(np.min(found, axis=0))
            cells = f"{half:.1f} | {most:.1f} | {half_worked:.1f} | {most_worked:.1f} | {rate:.0f}"
            print(f"| {name} | {threads} | {cells} |", flush=True)
            goal = GOALS.get(name.removesuffix(TOGETHER), np.inf)
            for what, value in (("p50", half), ("p99", most)):
                if value > goal:
                    missed.append(f"{name}, {threads} threads, {what}: {value:.1f} ms, goal {goal:g}")
    print("\n" + ("\n".join(missed) if missed else "all goals are kept"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
