"""Programs that share nothing, each with its part of the rows: what a machine gives to several at once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

__all__ = ["independent_programs"]

BENCHMARKS = Path(__file__).resolve().parents[1]


@contextmanager
def independent_programs(parts: Sequence[list[str]]) -> Generator[Callable[..., None]]:
    """Start one program per part, each with the CIF texts of its part, and end them afterwards.

    Yields a function ``run(*programs, rows=None)``: the programs of these indices featurize their part, or
    its first rows, at the same time; it returns when the last is done.
    """
    path = os.pathsep.join(filter(None, [str(BENCHMARKS), os.environ.get("PYTHONPATH", "")]))
    with tempfile.TemporaryDirectory() as folder:
        running = []
        for number, part in enumerate(parts):
            texts = Path(folder, f"{number}.json")
            texts.write_text(json.dumps(part))
            command = [sys.executable, "-m", "engine.independent", str(texts)]
            process = subprocess.Popen(
                command,
                env={**os.environ, "PYTHONPATH": path},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                bufsize=1,
            )
            running.append(process)

        def run(*programs: int, rows: int | None = None) -> None:
            for program in programs:
                print(rows or len(parts[program]), file=running[program].stdin)
            for program in programs:
                if running[program].stdout.readline() != "done\n":  # type: ignore[union-attr]
                    raise RuntimeError(f"program {program} has ended")

        try:
            yield run
        finally:
            for process in running:
                # The end of its input ends a program.
                process.communicate()


def serve(path: str) -> None:
    """Read a number of rows per line, featurize that many, and answer."""
    from skcrystal import CrystalFeaturizer

    cifs = json.loads(Path(path).read_text())
    featurizer = CrystalFeaturizer(n_jobs=1)
    for line in sys.stdin:
        featurizer.fit_transform(cifs[: int(line)])
        print("done", flush=True)


if __name__ == "__main__":
    serve(sys.argv[1])
