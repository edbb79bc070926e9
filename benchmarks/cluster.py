"""A cluster of Dask on this machine beside joblib's processes: throughput, memory of a worker, more workers.

``python benchmarks/cluster.py --data mp_sample.csv.gz`` writes CLUSTER.md and cluster.png. The crystals are
those of the sample under new cells and names, each copy larger by a thousandth, as Parquet with OPTIMADE's
properties. Workers have one thread each; all of them are warm before the clock starts.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import threading
import time
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np
import psutil
from environment import describe_environment

from skcrystal import Crystals
from skcrystal.chemistry.elements import symbols
from skcrystal.formats import read_many
from skcrystal.shards import featurize_dataset, status

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent

# Of the throughput of joblib's two processes.
LEAST_SHARE = 0.9

# By how much the memory of a worker may grow from its first tenth of the shards to its last.
MOST_GROWTH = 1.1

# A row of the default preset is 358 numbers; all inorganic structures of OMat24 are 110 million.
WHOLE = 110_000_000


def write_copies(crystals: Crystals, path: Path, n_rows: int) -> None:
    """Write so many crystals, copies of those given, each copy in a cell that is larger by a thousandth."""
    import pyarrow as pa
    from pyarrow import parquet

    names = np.array(symbols(), dtype=object)
    counts, offsets = crystals.site_counts, crystals.site_offsets
    whole = [
        k for k in range(len(crystals)) if (crystals.occupancies[offsets[k] : offsets[k + 1]] == 1).all()
    ]
    writer = None
    written = copy = 0
    while written < n_rows:
        chosen = whole[: n_rows - written]
        lattices = crystals.lattices[chosen] * (1 + 0.001 * copy)
        rows = {
            "id": [f"copy-{copy}-{k}" for k in chosen],
            "lattice_vectors": lattices.tolist(),
            "cartesian_site_positions": [
                (crystals.frac_coords[offsets[k] : offsets[k + 1]] @ lattice).tolist()
                for k, lattice in zip(chosen, lattices, strict=True)
            ],
            "species_at_sites": [
                names[crystals.atomic_numbers[offsets[k] : offsets[k] + counts[k]]].tolist() for k in chosen
            ],
        }
        table = pa.table(rows)
        writer = writer or parquet.ParquetWriter(path, table.schema)
        writer.write_table(table, row_group_size=2000)
        written += len(chosen)
        copy += 1
    writer.close()


class Watch:
    """The memory of processes while something runs, in MB, and the processor time that they took."""

    def __init__(self, pids: list[int]) -> None:
        self._processes = [psutil.Process(pid) for pid in pids]
        self.sizes: list[list[float]] = []
        self._stop = threading.Event()

    def __enter__(self) -> Watch:
        self._before = self._seconds()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self.seconds = self._seconds() - self._before

    def _seconds(self) -> float:
        return sum(sum(process.cpu_times()[:2]) for process in self._processes)

    def _look(self) -> None:
        while not self._stop.wait(0.5):
            self.sizes.append([process.memory_info().rss / 1e6 for process in self._processes])

    def growth(self) -> tuple[float, float, float]:
        """Return the largest worker's memory in the second and the last tenth, and the largest growth."""
        sizes = np.array(self.sizes)
        tenth = max(1, len(sizes) // 10)
        # Not the very first: a worker that has computed nothing is small.
        early = np.median(sizes[tenth : 2 * tenth], axis=0)
        late = np.median(sizes[-tenth:], axis=0)
        return float(early.max()), float(late.max()), float((late / early).max())


def workers_of(n_workers: int) -> Iterator:
    """Yield a client of so many workers of one thread."""
    from distributed import Client, LocalCluster

    with (
        LocalCluster(
            n_workers=n_workers, threads_per_worker=1, dashboard_address=None, silence_logs=50
        ) as cluster,
        Client(cluster) as client,
    ):
        yield client


def run(source: Path, folder: Path, client: object, n_jobs: int, options: dict) -> float:
    """Return the seconds that all shards take, in a fresh folder."""
    shutil.rmtree(folder, ignore_errors=True)
    start = time.perf_counter()
    done = featurize_dataset(source, folder, client, n_jobs=n_jobs, **options)
    seconds = time.perf_counter() - start
    assert not status(folder).missing
    assert not done.n_kept
    return seconds


def pids_of(client: object) -> list[int]:
    """Return the processes of the workers."""
    return list(client.run(os.getpid).values())


def draw(speeds: dict[int, float], joblib_speed: float, path: Path) -> None:
    """Draw rows per second over workers."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(5, 3.4), layout="constrained")
    axes.plot(list(speeds), list(speeds.values()), "o-", label="Dask, workers of one thread")
    axes.axhline(joblib_speed, color="tab:orange", linestyle="--", label="joblib, two processes")
    axes.set(xlabel="workers", ylabel="rows per second", ylim=(0, None), xticks=list(speeds))
    axes.legend(loc="lower right")
    figure.savefig(path, dpi=150)


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="mp_sample.csv.gz")
    parser.add_argument("--crystals", type=int, default=100_000, help="of the run whose memory is watched")
    parser.add_argument("--turn", type=int, default=8_000, help="of each turn of the contest")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--rows", type=int, default=1000, help="of a shard")
    parser.add_argument("--preset", default="default")
    parser.add_argument("--no-figure", action="store_true")
    arguments = parser.parse_args()
    options = {"descriptors": arguments.preset, "rows": arguments.rows}
    lines = [f"load of the machine before: {os.getloadavg()[0]:.1f}"]

    def say(text: str) -> None:
        print(text, flush=True)
        lines.append(text)

    with TemporaryDirectory() as place:
        here = Path(place)
        crystals = Crystals.from_crystals(read_many(arguments.data))
        short, long = here / "short.parquet", here / "long.parquet"
        # In another order than the file's, so that a turn has crystals of all sizes.
        mixed = crystals[np.random.default_rng(0).permutation(len(crystals))]
        write_copies(mixed, short, arguments.turn)
        write_copies(mixed, long, arguments.crystals)
        warm = {**options, "rows": 50}
        write_copies(mixed, here / "warm.parquet", 400)

        speeds, shares, times = {}, [], {"dask": [], "joblib": []}
        for n_workers in (1, 2, 3, 4):
            for client in workers_of(n_workers):
                run(here / "warm.parquet", here / "out", client, 1, warm)
                speeds[n_workers] = arguments.turn / run(short, here / "out", client, 1, options)
                print(f"{n_workers} workers: {speeds[n_workers]:.0f} rows per second", flush=True)
                if n_workers < 4:
                    continue
                run(here / "warm.parquet", here / "out", None, 2, warm)
                for _ in range(arguments.rounds):
                    times["joblib"].append(run(short, here / "out", None, 2, options))
                    times["dask"].append(run(short, here / "out", client, 1, options))
                    shares.append(times["joblib"][-1] / times["dask"][-1])
                with Watch(pids_of(client)) as watch:
                    seconds = run(long, here / "out", client, 1, options)
                size = sum(path.stat().st_size for path in (here / "out").glob("shard-*"))
        share = statistics.median(shares)
        joblib_speed = arguments.turn / statistics.median(times["joblib"])
        early, late, growth = watch.growth()
        per_row = watch.seconds / arguments.crystals
        say(
            f"throughput of four workers of one thread: {share:.2f} of joblib's two processes "
            f"(at least {LEAST_SHARE}: {'kept' if share >= LEAST_SHARE else 'MISSED'}; "
            f"{', '.join(f'{one:.2f}' for one in shares)})"
        )
        say("rows per second: " + ", ".join(f"{n} workers {speed:.0f}" for n, speed in speeds.items()))
        say(f"joblib, two processes: {joblib_speed:.0f} rows per second")
        say(
            f"{arguments.crystals:,} crystals in {seconds:.0f} s; the largest worker had {early:.0f} MB "
            f"after a tenth and {late:.0f} MB at the end; largest growth of a worker {growth:.2f} "
            f"(at most {MOST_GROWTH}: {'kept' if growth <= MOST_GROWTH else 'EXCEEDED'})"
        )
        say(
            f"a row takes {1000 * per_row:.2f} ms of a core and {size / arguments.crystals / 1000:.1f} kB on "
            f"disk: {WHOLE:,} crystals take {WHOLE * per_row / 3600:,.0f} core hours and "
            f"{WHOLE * size / arguments.crystals / 1e9:,.0f} GB"
        )
    say(f"load of the machine after: {os.getloadavg()[0]:.1f}")
    text = "\n".join(lines)
    (HERE / "CLUSTER.md").write_text(
        f"# A cluster\n\nWritten by `python benchmarks/cluster.py` on {date.today().isoformat()}, preset "
        f"{arguments.preset}, shards of {arguments.rows:,} rows.\n\n"
        f"```text\n{describe_environment()}\n\n{text}\n```\n",
        encoding="utf-8",
    )
    if not arguments.no_figure:
        draw(speeds, joblib_speed, HERE / "cluster.png")


if __name__ == "__main__":
    main()
