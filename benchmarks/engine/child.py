"""Measurements that need a fresh process: start-up, peak memory, one huge crystal.

Run as ``python -m engine.child <task> <arguments>``; the answer is one line of JSON.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from itertools import islice
from pathlib import Path
from typing import Any

__all__ = ["run_child"]

BENCHMARKS = Path(__file__).resolve().parents[1]


def run_child(task: str, *arguments: Any, timeout: float, **environment: str) -> dict[str, float] | None:
    """Run a task in a fresh process; None if it takes longer than `timeout` seconds."""
    path = os.pathsep.join(filter(None, [str(BENCHMARKS), os.environ.get("PYTHONPATH", "")]))
    command = [sys.executable, "-m", "engine.child", task, *map(str, arguments)]
    try:
        done = subprocess.run(
            command,
            env={**os.environ, "PYTHONPATH": path, **environment},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
            timeout=timeout,
        )
    except subprocess.TimeoutExpired:
        return None
    answer: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return answer


def peak_mb() -> float:
    """Return the largest memory that this process has held, in MB."""
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        import resource

        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak / 1e6 if sys.platform == "darwin" else peak / 1e3
    # On Linux ru_maxrss counts what the parent held at the moment of the fork.
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024 / 1e6


def start_up(cif_path: str) -> dict[str, float]:
    """Import, and featurize one crystal twice: what the second does not need is start-up."""
    cif = Path(cif_path).read_text()
    began = time.perf_counter()
    from skcrystal import CrystalFeaturizer

    imported = time.perf_counter()
    featurizer = CrystalFeaturizer()
    featurizer.fit_transform([cif])
    first = time.perf_counter()
    featurizer.fit_transform([cif])
    second = time.perf_counter()
    return {"import": imported - began, "first": (first - imported) - (second - first)}


def memory(n_rows: str) -> dict[str, float]:
    """Featurize the first rows of the sample (all for 0), read as a user reads them."""
    from engine.rows import all_rows
    from skcrystal import CrystalFeaturizer

    cifs = [row.cif for row in islice(all_rows(), int(n_rows) or None)]
    read = peak_mb()
    start = time.process_time()
    table = CrystalFeaturizer(n_jobs=1).fit_transform(cifs)
    seconds = time.process_time() - start
    return {
        "rows": len(cifs),
        "mb": peak_mb(),
        "read_mb": read,
        "table_mb": table.nbytes / 1e6,
        "seconds": seconds,
    }


def large(cif_path: str) -> dict[str, float]:
    """Featurize one crystal from its text, compiled kernels loaded before."""
    from engine.rows import cif_text
    from skcrystal import CrystalFeaturizer

    featurizer = CrystalFeaturizer(n_jobs=1)
    featurizer.fit_transform(
        [cif_text([[4, 0, 0], [0, 4, 0], [0, 0, 4]], [[0, 0, 0], [0.5, 0.5, 0.5]], [55, 17])]
    )
    cif = Path(cif_path).read_text()
    start = time.process_time()
    featurizer.fit_transform([cif])
    return {"seconds": time.process_time() - start, "mb": peak_mb()}


if __name__ == "__main__":
    tasks = {"start_up": start_up, "memory": memory, "large": large}
    print(json.dumps(tasks[sys.argv[1]](*sys.argv[2:])))
