"""How the cost grows: processes, sites per crystal, number of crystals, one huge crystal; and the figure."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from engine.child import run_child
from engine.clock import take_turns
from engine.independent import independent_programs
from engine.rows import Row, cif_text, has_sample, pick, supercell
from engine.table import Check, number

from skcrystal import CrystalFeaturizer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["Curve", "crystals", "huge_crystal", "processes", "sites", "start_up"]

# First and last number of sites of each bucket of real crystals.
BUCKETS = ((5, 5), (9, 11), (18, 22), (36, 44), (72, 88), (150, 200))

# 2 sites in 20 x 20 x 8 cells: 6,400.
HUGE = (20, 20, 8)
CAESIUM_CHLORIDE = ([[4.12, 0, 0], [0, 4.12, 0], [0, 0, 4.12]], [[0, 0, 0], [0.5, 0.5, 0.5]], [55, 17])

# A huge crystal that takes longer counts as never done.
PATIENCE = 120.0


class Curve(NamedTuple):
    """One line of the figure."""

    label: str
    x: list[float]
    y: list[float]


def start_up(row: Row) -> list[Check]:
    """Time that a fresh process takes before its first row, after an installation and later."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "crystal.cif")
        path.write_text(row.cif)
        cache = str(Path(folder, "numba"))
        compiled = run_child("start_up", path, timeout=600, NUMBA_CACHE_DIR=cache)
        cached = run_child("start_up", path, timeout=600, NUMBA_CACHE_DIR=cache)
    if compiled is None or cached is None:
        raise TimeoutError("a process was not ready within 600 seconds")
    return [
        Check("start-up: importing skcrystal and all it needs", cached["import"], "s"),
        Check("start-up: first row after an installation", compiled["first"], "s"),
        Check("start-up: first row of another process", cached["first"], "s"),
    ]


def processes(rows: list[Row], rounds: int) -> tuple[list[Check], list[Curve]]:
    """Wall time of one, two, ... processes, which are started and awake before."""
    cifs = [row.cif for row in rows]
    # At least two, because that is what was promised; more where there are more cores.
    counts = [1, *(2**k for k in range(1, 5) if 2**k <= max(2, os.cpu_count() or 1))]
    runs = {str(n): CrystalFeaturizer(n_jobs=n) for n in counts}
    warm = {}
    for name, featurizer in runs.items():
        # Two chunks per process: every process has then imported and loaded everything.
        few = cifs[: 2 * featurizer.chunk_size * int(name)]
        start = time.perf_counter()
        featurizer.fit_transform(few)
        first = time.perf_counter()
        featurizer.fit_transform(few)
        warm[name] = (first - start) - (time.perf_counter() - first)
    calls = {name: lambda f=featurizer: f.fit_transform(cifs) for name, featurizer in runs.items()}
    control: dict[str, Callable[[], object]] = {"spin 1": lambda: _spin(1), "spin 2": lambda: _spin(2)}
    wake = {name: lambda f=featurizer: f.fit_transform(cifs[:1000]) for name, featurizer in runs.items()}
    with independent_programs([cifs[::2], cifs[1::2]]) as run:
        run(0, 1)
        control |= {"first": lambda: run(0), "second": lambda: run(1), "both": lambda: run(0, 1)}
        wake |= dict.fromkeys(("first", "second", "both"), lambda: run(0, 1, rows=500))
        turns = take_turns(calls | control, rounds, time.perf_counter, wake)
    used = {name: _processor_seconds(call) for name, call in calls.items() if name in ("1", "2")}
    ratios = turns.ratios("1", "2")
    apart = [
        a + b for a, b in zip(turns.ratios("first", "both"), turns.ratios("second", "both"), strict=True)
    ]
    curve = Curve("measured", [*map(float, counts)], [turns.ratio("1", name) for name in runs])
    checks = [
        Check(
            "two processes: times faster than one (wall time)",
            turns.ratio("1", "2"),
            "x",
            at_least=1.8,
            note=f"{len(cifs):,} rows, {turns.seconds('1'):.2f} s and {turns.seconds('2'):.2f} s; rounds "
            f"from {min(ratios):.2f} to {max(ratios):.2f}; start-up of {warm['2']:.1f} s not counted",
        ),
        Check(
            "the same of two programs that share nothing, half the rows each",
            statistics.median(apart),
            "x",
            note=f"what the machine gave to such work; rounds from {min(apart):.2f} to {max(apart):.2f}",
        ),
        Check(
            "the same of two processes that only count",
            2 * turns.ratio("spin 1", "spin 2"),
            "x",
            note="near 2 unless others use the machine",
        ),
        Check("two processes: processor time over that of one", used["2"] / used["1"], "x"),
    ]
    return checks, [curve]


def _spin(n: int) -> None:
    """Keep n processes busy for a second of processor time each, and wait for the last."""
    code = "import time\nwhile time.process_time() < 1: pass"
    running = [subprocess.Popen([sys.executable, "-S", "-c", code]) for _ in range(n)]
    for process in running:
        process.wait()


def _processor_seconds(call: Callable[[], object]) -> float:
    """Return the processor time of a call, in this process and in those that it keeps running."""
    before = time.process_time() + _children_seconds()
    call()
    return time.process_time() + _children_seconds() - before


def _children_seconds() -> float:
    # os.times counts a child when it ends, and joblib's stay alive: ask Linux; elsewhere they count 0.
    total = 0.0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == os.getpid():
            total += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return total


def sites(rows: list[Row], per_bucket: int, rounds: int, seed: int) -> tuple[list[Check], list[Curve]]:
    """Processor time per site, from small crystals to large ones."""
    from engine.contests import Floor

    buckets = []
    for low, high in BUCKETS:
        fitting = [row for row in rows if low <= row.n_sites <= high]
        if fitting:
            buckets.append(pick(fitting, min(per_bucket, len(fitting)), seed))
    small = [row for row in rows if row.n_sites == 5] or buckets[0]
    repeats = ((1, 1, 1), (2, 1, 1), (2, 2, 1), (2, 2, 2), (4, 2, 2), (5, 4, 2))
    few = pick(small, max(per_bucket // 5, 1), seed)
    repeated = [
        [Row(row.name, supercell(row.cif, times, 0.0, seed), row.n_sites * _product(times)) for row in few]
        for times in repeats
    ]
    checks, curves = [], []
    groups = (("real crystals", buckets), ("supercells", repeated))
    for label, group in groups:
        curve = Curve(label, [statistics.mean(row.n_sites for row in bucket) for bucket in group], [])
        floor_curve = Curve(f"{label}: gemmi + moyopy alone", curve.x, [])
        for bucket in group:
            cifs = [row.cif for row in bucket]
            floor = Floor(cifs)
            featurizer = CrystalFeaturizer(n_jobs=1)
            featurizer.fit_transform(cifs)
            contestants = {
                "preset": lambda f=featurizer, c=cifs: f.fit_transform(c),
                "read": floor.read,
                "symmetry": floor.symmetry,
            }
            turns = take_turns(contestants, rounds)
            n_sites = sum(row.n_sites for row in bucket)
            curve.y.append(1e6 * turns.seconds("preset") / n_sites)
            floor_curve.y.append(1e6 * (turns.seconds("read") + turns.seconds("symmetry")) / n_sites)
        curves += [curve, floor_curve]
        checks += _growth(label, curve, floor_curve)
    return checks, curves


def _product(repeats: tuple[int, int, int]) -> int:
    return repeats[0] * repeats[1] * repeats[2]


def _growth(label: str, curve: Curve, floor: Curve) -> list[Check]:
    """Judge a curve of time per site: it may fall, as the fixed work on a crystal is shared, but not rise.

    It cannot be level: small crystals are the symmetric ones, and finding many operations takes moyo longer
    than finding few, so that the floor alone falls about tenfold from 5 sites to 200.
    """
    pairs = ", ".join(f"{number(x)}: {number(y)}" for x, y in zip(curve.x, curve.y, strict=True))
    return [
        Check(
            f"time per site, {label}: largest over smallest",
            max(curve.y) / min(curve.y),
            "x",
            note=f"gemmi + moyopy alone {max(floor.y) / min(floor.y):.1f}x",
        ),
        Check(
            f"time per site, {label}: largest growth from fewer sites to more",
            max(later / earlier for earlier, later in combinations(curve.y, 2)),
            "x",
            at_most=1.25,
            note=f"microseconds per site at mean sites {pairs}",
        ),
    ]


def crystals(counts: Sequence[int]) -> tuple[list[Check], list[Curve]]:
    """Processor time and peak memory of more and more rows (0: all), a fresh process for each count."""
    found = [run_child("memory", n, timeout=1800) for n in counts]
    answers = [answer for answer in found if answer is not None]
    few, many = answers[0], answers[-1]
    x = [answer["rows"] for answer in answers]
    check = Check(
        f"memory of {many['rows']:,.0f} rows: over that of {few['rows']:,.0f}",
        many["mb"] - few["mb"],
        "MB",
        at_most=300 if has_sample() and many["rows"] > few["rows"] else None,
        note=f"{number(few['mb'])} and {number(many['mb'])} MB at the peak; of the difference "
        f"{number(many['read_mb'] - few['read_mb'])} MB are the texts read and "
        f"{number(many['table_mb'] - few['table_mb'])} MB the table",
    )
    return [check], [
        Curve("processor time", x, [answer["seconds"] for answer in answers]),
        Curve("memory", x, [answer["mb"] for answer in answers]),
    ]


def huge_crystal(repeats: tuple[int, int, int], seed: int) -> list[Check]:
    """One crystal of thousands of sites: perfect, and with every site moved a little."""
    checks = []
    n_sites = 2 * _product(repeats)
    kinds = (("perfect", 0.0), ("moved by 0.001 angstrom", 1e-3), ("moved by 0.1 angstrom", 0.1))
    for kind, displacement in kinds:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "crystal.cif")
            path.write_text(supercell(cif_text(*CAESIUM_CHLORIDE), repeats, displacement, seed))
            answer = run_child("large", path, timeout=PATIENCE)
        seconds, mb = (answer["seconds"], answer["mb"]) if answer else (float("nan"), float("nan"))
        label = f"{n_sites:,} sites, {kind}"
        note = "" if answer else f"not done in {PATIENCE:g} s"
        checks.append(Check(f"{label}: processor time", seconds, "s", at_most=10, note=note))
        checks.append(Check(f"{label}: memory at the peak", mb, "MB", at_most=1000, note=note))
    return checks
