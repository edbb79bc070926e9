"""The page of a training run at the size of a real data set: how large it is, and how soon it is drawn.

    python benchmarks/report.py [RUN]

RUN is a run that `skcrystal train` wrote. Without one a quick model is trained on the band gaps of 1,335
crystals of the Materials Project (mp_abc3.csv.gz), looked for in ../shared/data beside the repository, or in
the data folder of the one that the environment variable SKCRYSTAL_SHARED names. Milliseconds are those from
the start of loading to the last figure in headless Chromium, median of five loads; beside them the processor
time of the page's thread, which other work on the machine does not change. Exit 1 where the page is larger
than 5 MB or slower than 3 s.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
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


def trained(path: Path) -> TrainingRun:
    """Return the run of a quick model on the data."""
    table = pd.read_csv(path)
    ids, gaps = tuple(table["material_id"]), table["band_gap"].to_numpy()
    data = TrainingData(as_crystals(table["cif"].tolist()), gaps, ids, "band_gap", path.name)
    return train_model(data, unit="eV", quick=True, descriptors="notebook", progress=print).run


def timed(window: Any, path: Path) -> tuple[int, float]:
    """Load the page anew; return milliseconds until all is drawn, and seconds of processor time."""
    window.get("about:blank")
    window.execute_cdp_cmd("Performance.enable", {"timeDomain": "threadTicks"})
    drawn = open_page(window, path)
    metrics = window.execute_cdp_cmd("Performance.getMetrics", {})["metrics"]
    return drawn, next(one["value"] for one in metrics if one["name"] == "TaskDuration")


def main() -> int:
    """Print size and times; return 1 where one is above its limit."""
    print(describe_environment())
    print(f"load      {os.getloadavg()[0]:.1f}")
    if len(sys.argv) > 1:
        run = TrainingRun.load(sys.argv[1])
    else:
        source = find_data()
        if source is None:
            print("mp_abc3.csv.gz is absent; see the top of this file")
            return 1
        run = trained(source)
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
