"""How long a first row and a first table take after an installation, with no kernel compiled, and the help.

    python benchmarks/first_row.py
    python benchmarks/first_row.py --kernels      what each kernel costs as well

Each measurement is a fresh process: with an empty cache of compiled kernels, and a second one with what the
first left. For one row few kernels are worth compiling, for a table all are. The limits of a first row
are held against processor time: what one waits for on a machine with nothing else to do. Exit code 1 where a
limit is missed.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from typing import NamedTuple

from environment import describe_environment

CIF = """\
data_SrTiO3
_cell_length_a    3.905
_cell_length_b    3.905
_cell_length_c    3.905
_cell_angle_alpha 90
_cell_angle_beta  90
_cell_angle_gamma 90
_symmetry_space_group_name_H-M 'P m -3 m'
loop_
_atom_site_label
_atom_site_type_symbol
_atom_site_fract_x
_atom_site_fract_y
_atom_site_fract_z
Sr Sr 0   0   0
Ti Ti 0.5 0.5 0.5
O  O  0   0.5 0.5
"""

# Seconds, from the start of the process to its end.
LIMITS = {"notebook": 4.0, "default": 7.0}
HELP_LIMIT = 0.3

# Rows of a table.
MANY = 500

ROW = """
import sys
from skcrystal import CrystalFeaturizer
many = int(sys.argv[3]) if len(sys.argv) > 3 else 1
crystals = [sys.argv[2].replace("3.905", f"{3.905 + 0.001 * n:.3f}") for n in range(many)]
assert CrystalFeaturizer(sys.argv[1]).fit_transform(crystals).shape[0] == many
"""

# As above, and prints the processor time of each kernel that numba compiles, what it calls included.
KERNELS = (
    """
import sys
from time import process_time
from numba.core import event

class Record(event.Listener):
    started, spent = [], []

    def on_start(self, event):
        self.started.append(process_time())

    def on_end(self, event):
        function = event.data["dispatcher"].py_func
        self.spent.append((process_time() - self.started.pop(), f"{function.__module__}.{function.__name__}"))

event.register("numba:compile", Record())
"""
    + ROW
    + """
for seconds, name in sorted(Record.spent, reverse=True):
    if name.startswith("skcrystal"):
        print(f"{seconds:7.2f}  {name}")
"""
)


class Spent(NamedTuple):
    """Seconds that a process took, and what it printed."""

    wall: float
    processor: float
    printed: str


def run(arguments: list[str], cache: str) -> Spent:
    """Run a fresh Python with a folder for compiled kernels."""
    environment = os.environ | {"NUMBA_CACHE_DIR": cache, "OMP_NUM_THREADS": "1"}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, *arguments],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        check=True,
    )
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Spent(wall, processor, done.stdout)


def line(what: str, best: Spent, limit: float | None) -> bool:
    """Print one line; return whether the limit is kept."""
    kept = limit is None or best.processor <= limit
    verdict = "" if limit is None else f"   limit {limit:g} s: {'kept' if kept else 'NOT KEPT'}"
    print(f"{what:40s} processor {best.processor:6.2f} s   wall {best.wall:6.2f} s{verdict}", flush=True)
    return kept


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument(
        "--rounds", type=int, default=3, help="of which the best counts (default: %(default)s)"
    )
    parser.add_argument("--kernels", action="store_true", help="list what each kernel costs")
    options = parser.parse_args()
    print(describe_environment(), end="\n\n")
    kept = True
    for preset, limit in LIMITS.items():
        first, second = [], []
        for _ in range(options.rounds):
            with tempfile.TemporaryDirectory() as cache:
                first.append(run(["-c", ROW, preset, CIF], cache))
                second.append(run(["-c", ROW, preset, CIF], cache))
        with tempfile.TemporaryDirectory() as cache:
            tables = [run(["-c", ROW, preset, CIF, str(MANY)], cache) for _ in range(2)]
        by_processor = [min(spent, key=lambda one: one.processor) for spent in (first, second)]
        kept &= line(f"first row, {preset} preset", by_processor[0], limit)
        line(f"the same in another process, {preset}", by_processor[1], None)
        line(f"first table, {MANY} rows, {preset}", tables[0], None)
        line(f"the same in another process, {preset}", tables[1], None)
        if options.kernels:
            for what, rows in (("row", 1), ("table", MANY)):
                with tempfile.TemporaryDirectory() as cache:
                    print(f"compiled for a first {what}:")
                    print(run(["-c", KERNELS, preset, CIF, str(rows)], cache).printed)
    for option in ("--help", "--version"):
        with tempfile.TemporaryDirectory() as cache:
            spent = [run(["-m", "skcrystal", option], cache) for _ in range(options.rounds)]
        best = min(spent, key=lambda one: one.processor)
        kept &= line(f"skcrystal {option}", best, HELP_LIMIT)
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
