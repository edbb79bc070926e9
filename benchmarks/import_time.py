"""What all names of skcrystal cost to import beyond `import sklearn`; exit 1 where more than the limit.

python benchmarks/import_time.py
"""

from __future__ import annotations

import re
import subprocess
import sys
from statistics import median

from environment import describe_environment

LIMIT = 0.5  # seconds
REPETITIONS = 7
N_MODULES = 10

OURS = "from skcrystal import *"
TIMER = "import time; start = time.perf_counter(); {}; print(time.perf_counter() - start)"


def seconds(statement: str) -> float:
    """Return the seconds that one import takes in a fresh process."""
    command = [sys.executable, "-c", TIMER.format(statement)]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def costliest() -> list[tuple[float, str]]:
    """Return the milliseconds that modules take themselves, what they import not counted, largest first."""
    command = [sys.executable, "-X", "importtime", "-c", f"import sklearn; {OURS}"]
    report = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    # Each line: own time | with its imports | name, in microseconds; sklearn's part comes first.
    lines = re.findall(r"import time:\s+(\d+) \|\s+\d+ \|\s+(\S+)", report)
    after = [name for _, name in lines].index("sklearn") + 1
    return sorted(((int(own) / 1000, name) for own, name in lines[after:]), reverse=True)


def main() -> int:
    """Print both medians, their difference and the costliest modules."""
    print(describe_environment())
    # Both in turn, so that other work on the machine falls on both; the first pair warms the disk cache.
    pairs = [(seconds("import sklearn"), seconds(OURS)) for _ in range(REPETITIONS + 1)][1:]
    sklearn, skcrystal = (median(column) for column in zip(*pairs, strict=True))
    extra = skcrystal - sklearn
    print(f"\nmedian of {REPETITIONS} fresh processes, alternating")
    print(f"import sklearn           {sklearn:.3f} s")
    print(f"{OURS}  {skcrystal:.3f} s")
    kept = "kept" if extra <= LIMIT else "NOT KEPT"
    print(f"difference               {extra:.3f} s (limit {LIMIT} s: {kept})")
    print("\ncostliest modules beyond sklearn, own time in ms")
    for own, name in costliest()[:N_MODULES]:
        print(f"{own:8.1f}  {name}")
    return 0 if extra <= LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
