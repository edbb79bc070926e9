"""A training run at the size of a real data set: how long it takes, how large its page is, how soon drawn.

    python benchmarks/report.py [RUN] [--full]

RUN is a run that `skcrystal train` wrote. Without one a model is trained on the band gaps of 1,335
crystals of the Materials Project (mp_abc3.csv.gz), looked for in ../shared/data beside the repository, or in
the data folder of the one that the environment variable SKCRYSTAL_SHARED names: a quick one, or with --full
what `skcrystal train` does, by one process. Milliseconds are those from
the start of loading to the last figure in headless Chromium, median of five loads; beside them the processor
time of the page's thread, which other work on the machine does not change. Exit 1 where the page is larger
than 5 MB or slower than 3 s.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import Any

import pandas as pd
from environment import describe_environment
from notebook_exercise import find_data

from skcrystal import as_crystals
from skcrystal.models import TrainingRun
from skcrystal.models.training import train_model
from skcrystal.models.training.data import TrainingData
from skcrystal.report import write_report

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from tests.report.browser import browser, open_page

LOADS = 5
MOST_BYTES = 5_000_000
MOST_MILLISECONDS = 3000


def trained(path: Path, *, full: bool) -> TrainingRun:
    """Return the run of a model on the data, and print what it took."""
    start, spent = perf_counter(), process_time()
    table = pd.read_csv(path)
    ids, gaps = tuple(table["material_id"]), table["band_gap"].to_numpy()
    data = TrainingData(as_crystals(table["cif"].tolist()), gaps, ids, "band_gap", path.name)
    quick: dict[str, Any] = {} if full else {"quick": True, "descriptors": "notebook"}
    run = train_model(data, unit="eV", progress=print, **quick).run
    print(
        f"{'trained' if full else 'trained a quick model'} in {perf_counter() - start:.0f} s, "
        f"processor {process_time() - spent:.0f} s"
    )
    return run


def timed(window: Any, path: Path) -> tuple[int, float]:
    """Load the page anew; return milliseconds until all is drawn, and seconds of processor time."""
    window.get("about:blank")
    window.execute_cdp_cmd("Performance.enable", {"timeDomain": "threadTicks"})
    drawn = open_page(window, path)
    metrics = window.execute_cdp_cmd("Performance.getMetrics", {})["metrics"]
    return drawn, next(one["value"] for one in metrics if one["name"] == "TaskDuration")


def main() -> int:
    """Print size and times; return 1 where one is above its limit."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("run", nargs="?", metavar="RUN")
    parser.add_argument("--full", action="store_true", help="train as `skcrystal train` does: minutes")
    options = parser.parse_args()
    print(describe_environment())
    print(f"load      {os.getloadavg()[0]:.1f}")
    if options.run:
        run = TrainingRun.load(options.run)
    else:
        source = find_data()
        if source is None:
            print("mp_abc3.csv.gz is absent; see the top of this file")
            return 1
        run = trained(source, full=options.full)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "page.html"
        start = perf_counter()
        write_report(run, path)
        seconds, size = perf_counter() - start, path.stat().st_size
        with browser() as window:
            loads = [timed(window, path) for _ in range(LOADS)]
    times, costs = zip(*loads, strict=True)
    print(f"{len(run):,} rows: written in {seconds:.1f} s, {size / 1e6:.2f} MB")
    print(f"drawn in {median(times):.0f} ms ({min(times)} to {max(times)} in {LOADS} loads)")
    print(f"processor time of the page {median(costs):.2f} s")
    return int(size > MOST_BYTES or median(times) > MOST_MILLISECONDS)


if __name__ == "__main__":
    sys.exit(main())
