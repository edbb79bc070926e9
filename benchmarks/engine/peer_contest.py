"""matminer and dscribe against the default preset, on the same rows in the same run."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING, Any

from engine.clock import take_turns
from engine.peer_environment import BENCHMARKS, peer_python
from engine.table import Check, number
from skcrystal import CrystalFeaturizer

if TYPE_CHECKING:
    from engine.rows import Row

__all__ = ["against_peers"]

READING = "reading with pymatgen"
SOAP = "SOAP"


def against_peers(rows: list[Row], rounds: int) -> tuple[list[Check], list[str]]:
    """Return the ratios, and a table of the peers' parts.

    The preset starts from CIF text and the peers from structures that are read already: what reading costs
    them is shown and not counted.
    """
    python = peer_python()
    cifs = [row.cif for row in rows]
    preset = CrystalFeaturizer("default", n_jobs=1)
    preset.fit_transform(cifs)
    # Before and after the peers, because their minutes are long and the machine may change its speed.
    before = take_turns({"preset": lambda: preset.fit_transform(cifs)}, rounds)
    results = _run(python, rows)
    after = take_turns({"preset": lambda: preset.fit_transform(cifs)}, rounds)
    seconds = sorted(before["preset"] + after["preset"])[rounds]

    matminer = {label: result for label, result in results.items() if label not in (READING, SOAP)}
    total = sum(result["seconds"] for result in matminer.values())
    failed = {name for result in matminer.values() for name in result["failures"]}
    per_row = 1e3 / len(rows)
    checks = [
        Check(
            "default preset: times faster than matminer",
            total / seconds,
            "x",
            at_least=300,
            note=f"{seconds * per_row:.2f} ms against {number(total * per_row)} ms; matminer failed on "
            f"{len(failed)} of {len(rows)} rows",
        ),
        Check(
            "default preset: times faster than dscribe's SOAP",
            results[SOAP]["seconds"] / seconds,
            "x",
            note=f"{number(results[SOAP]['seconds'] * per_row)} ms; 8 radial functions, l to 6, mu2",
        ),
    ]
    return checks, _parts(results, per_row, len(rows))


def _run(python: Any, rows: list[Row]) -> dict[str, Any]:
    # Our own path must not leak in: the peers have other versions of the same packages.
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(
        [python, BENCHMARKS / "peers.py"],
        input=json.dumps([[row.name, row.cif] for row in rows]),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        env=environment,
    )
    results: dict[str, Any] = json.loads(done.stdout)
    return results


def _parts(results: dict[str, Any], per_row: float, n_rows: int) -> list[str]:
    """Return the peers' parts as a Markdown table."""
    lines = [
        f"| Peer, {n_rows} rows | ms per crystal | Columns | Failed | Reasons |",
        "|---|---|---|---|---|",
    ]
    for label, result in results.items():
        reasons = sorted({reason.splitlines()[0][:70] for reason in result["failures"].values()})
        shown = "; ".join(reasons[:3]).replace("|", "/")
        columns = result.get("columns", "")
        ms = number(result["seconds"] * per_row)
        lines.append(f"| {label} | {ms} | {columns} | {len(result['failures'])} | {shown} |")
    return lines
