"""Measure what skcrystal promises about its speed, side by side with its peers, in one run.

    python benchmarks/run.py            everything; writes RESULTS.md and scaling.png beside this file
    python benchmarks/run.py --quick    few rows, for a look; writes nothing unless told where

Promises are ratios of processor time between contestants that take turns on the same rows.
"""

from __future__ import annotations

import argparse
import os
import time
from datetime import date
from pathlib import Path
from typing import NamedTuple

import scaling
from engine.contests import against_floor, against_recipe
from engine.families import families
from engine.figure import draw
from engine.peer_contest import against_peers
from engine.reading import against_gemmi
from engine.rows import Row, all_rows, has_sample, pick
from engine.table import Check, markdown
from environment import describe_environment

HERE = Path(__file__).resolve().parent
PARTS = (
    "recipe",
    "floor",
    "reading",
    "families",
    "peers",
    "start-up",
    "processes",
    "sites",
    "crystals",
    "huge",
)


class Size(NamedTuple):
    """How much of everything."""

    rows: int
    rounds: int
    recipe_rounds: int
    peer_rows: int
    process_rows: int
    per_bucket: int
    counts: tuple[int, ...]
    huge: tuple[int, int, int]


FULL = Size(1000, 9, 3, 100, 5000, 250, (1000, 3000, 6000, 12000, 0), scaling.HUGE)
QUICK = Size(60, 3, 1, 4, 600, 8, (50, 300), (4, 4, 2))


def main() -> None:
    """Run the chosen parts, print the table, and write it down."""
    options = _options()
    size = QUICK if options.quick else FULL
    chosen = [part for part in (options.only or PARTS) if part != "peers" or not options.skip_peers]
    rows = list(all_rows())
    if has_sample():
        source = f"{len(rows):,} rows of the Materials Project sample"
    else:
        source = f"{len(rows)} built-in crystals (SKCRYSTAL_SHARED names no folder with mp_sample.csv.gz)"
    load = f"load      {os.getloadavg()[0]:.1f} at the start" if hasattr(os, "getloadavg") else ""
    head = f"{describe_environment()}\nrows      from {source}, drawn with seed {options.seed}\n{load}"
    print(head, flush=True)

    checks: list[Check] = []
    details: list[str] = []
    curves: dict[str, list[scaling.Curve]] = {}
    for part in chosen:
        start = time.perf_counter()
        found = _measure(part, rows, size, options.seed, details, curves)
        checks += found
        table = f"\n{markdown(found)}" if found else ""
        print(f"\n{part}: {time.perf_counter() - start:.0f} s{table}", flush=True)

    text = _document(head, size, checks, details, skipped=options.skip_peers, quick=options.quick)
    print(f"\n{text}")
    folder = options.output or (HERE if not options.quick and not options.only else None)
    if folder is None:
        return
    folder.mkdir(parents=True, exist_ok=True)
    if {"sites", "crystals", "processes"} <= set(curves):
        draw(folder / "scaling.png", curves["sites"], curves["crystals"], curves["processes"])
        text += "\n![Time over sites, over crystals, and over processes](scaling.png)\n"
    (folder / "RESULTS.md").write_text(text, encoding="utf-8")
    print(f"written: {folder / 'RESULTS.md'}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="few rows")
    parser.add_argument("--skip-peers", action="store_true", help="no matminer, no dscribe")
    parser.add_argument(
        "--only", choices=PARTS, action="append", help="this part (may be given several times)"
    )
    parser.add_argument("--seed", type=int, default=0, help="of the draw of the rows (default 0)")
    parser.add_argument("--output", type=Path, help="folder for RESULTS.md and the figure")
    return parser.parse_args()


def _measure(
    part: str,
    rows: list[Row],
    size: Size,
    seed: int,
    details: list[str],
    curves: dict[str, list[scaling.Curve]],
) -> list[Check]:
    if part == "recipe":
        return against_recipe(pick(rows, size.rows, seed), size.recipe_rounds)
    if part == "floor":
        return against_floor(pick(rows, size.rows, seed), size.rounds)
    if part == "reading":
        return against_gemmi(pick(rows, size.rows, seed), size.recipe_rounds)
    if part == "families":
        details += [*families(pick(rows, size.rows, seed), size.recipe_rounds), ""]
        return []
    if part == "peers":
        checks, lines = against_peers(pick(rows, size.peer_rows, seed), size.rounds)
        details += lines
        return checks
    if part == "start-up":
        return scaling.start_up(rows[0])
    if part == "huge":
        return scaling.huge_crystal(size.huge, seed)
    if part == "processes":
        # Two cores at once feel what else the host does: a few rounds tell little.
        checks, curves[part] = scaling.processes(pick(rows, size.process_rows, seed), size.rounds)
    elif part == "sites":
        checks, curves[part] = scaling.sites(rows, size.per_bucket, size.recipe_rounds, seed)
    else:
        checks, curves[part] = scaling.crystals(size.counts)
    return checks


def _document(
    head: str, size: Size, checks: list[Check], details: list[str], *, skipped: bool, quick: bool
) -> str:
    remark = (
        "\nA quick run: the limits are stated for more rows, and this shows only that all runs."
        if quick
        else ""
    )
    kept = sum(check.verdict == "ok" for check in checks)
    limited = sum(check.verdict != "" for check in checks)
    lines = [
        "# Benchmarks",
        "",
        f"Written by `python benchmarks/run.py` on {date.today()}: {kept} of {limited} limits kept.",
        *remark.splitlines(),
        "",
        "```text",
        head,
        f"size      {size.rows:,} rows in one process, {size.peer_rows} for matminer and dscribe",
        "```",
        "",
        "Times are processor time unless they say otherwise, one thread per process. Contestants take turns;",
        "a ratio is the median over the rounds. The presets start from CIF text and keep nothing on disk.",
        "",
        markdown(checks),
        "",
        *details,
    ]
    if skipped:
        lines.append("matminer and dscribe were skipped.")
    return "\n".join(lines).rstrip() + "\n"


if __name__ == "__main__":
    main()
