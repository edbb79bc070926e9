"""Processor time of each program of the gallery, by itself; exit 1 where one fails or is slow.

python benchmarks/gallery.py [curve splits ...]
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

from environment import describe_environment

LIMIT = 30.0  # seconds
PROGRAMS = Path(__file__).parent.parent / "docs" / "examples"


def seconds(program: Path) -> float | None:
    """Return what a program and its children took of all cores; None where it failed, which it says."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    # Figures are drawn and not shown; the built-in crystals are taken, as in the documentation.
    surroundings = {name: value for name, value in os.environ.items() if name != "MP_API_KEY"}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", program],
        env=surroundings | {"MPLBACKEND": "agg"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        print(f"{program.stem}: {done.stderr.strip().splitlines()[-1]}", file=sys.stderr)
        return None
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> int:
    """Print a table of all programs, or of those that are named."""
    print(describe_environment(), end="\n\n")
    named = {f"plot_{name}" for name in sys.argv[1:]}
    slow = []
    for program in sorted(PROGRAMS.glob("plot_*.py")):
        if named and program.stem not in named:
            continue
        took = seconds(program)
        print(f"{program.stem:28s} {'failed' if took is None else f'{took:5.1f} s'}", flush=True)
        if took is None or took > LIMIT:
            slow.append(program.stem)
    print(f"failed, or more than {LIMIT:g} s: {', '.join(slow) or 'none'}")
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
