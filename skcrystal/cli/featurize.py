"""``skcrystal featurize``: crystals or formulas into a table of numbers."""

from __future__ import annotations

import argparse
import sys
from contextlib import nullcontext
from typing import Any

from skcrystal.cli.arguments import PRESETS, add_command, positive

__all__ = ["add_parser"]


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = add_command(
        commands,
        "featurize",
        help="compute the columns of crystals or formulas into Parquet or CSV",
        description=(
            "Compute one row of numbers for each crystal, or for each formula of a table, into a "
            "Parquet or CSV file, or into a folder of Parquet: the column id, and one column for each "
            "number; Parquet holds its unit and meaning as metadata. What cannot be used keeps a row of "
            "missing values, and is named with the reason in a table beside the output (OUT.failures.csv). "
            "Inputs are computed shard by shard: memory stays flat however many crystals there are, and a "
            "run that was stopped goes on with the shards that are missing when it is called again, with the "
            "same bytes at the end. On a cluster, OUT is a folder that all machines see."
        ),
        examples="""
            skcrystal featurize cifs -o features.parquet
            skcrystal featurize 'runs/*/CONTCAR' -o features.csv --jobs 2
            skcrystal featurize structures.parquet -o features.parquet --preset full --cache rows
            skcrystal featurize formulas.csv -o features.parquet --preset composition
            skcrystal featurize cifs -o sites.parquet --sites     a row for each site
            skcrystal featurize big.extxyz -o features            a folder of shards
            skcrystal featurize big.extxyz -o features --shard 3/64      the third of 64 jobs
            skcrystal featurize -o features --status              how far they are
        """,
    )
    parser.add_argument(
        "input", nargs="*", metavar="IN", help="file, folder, quoted pattern, archive, table or address"
    )
    parser.add_argument(
        "-o", "--output", required=True, metavar="OUT", help="a .parquet or .csv file, or a folder for shards"
    )
    parser.add_argument(
        "--preset",
        choices=PRESETS,
        default="default",
        help="which columns (default: default); composition takes formulas",
    )
    parser.add_argument("--sites", action="store_true", help="a row for each site instead of each crystal")
    parser.add_argument("-j", "--jobs", type=positive, default=1, metavar="N", help="processes (default: 1)")
    parser.add_argument(
        "--cache", metavar="PATH", help="file or folder in which rows are kept for other runs"
    )
    parser.add_argument(
        "--on-error",
        choices=("nan", "raise"),
        default="nan",
        help="keep a row of missing values for what cannot be used, or stop there (default: nan)",
    )
    parser.add_argument("--structure-column", metavar="NAME", help="column of a table with the structures")
    parser.add_argument("--formula-column", metavar="NAME", help="column of a table with formulas")
    parser.add_argument(
        "--elements", nargs="+", metavar="EL", help="elements of POSCAR files that name none; behind IN"
    )
    parser.add_argument(
        "--rows",
        type=positive,
        default=20_000,
        metavar="N",
        help="inputs of a shard, which are kept together when a run is stopped (default: 20000)",
    )
    parser.add_argument(
        "--plan", action="store_true", help="look through IN, write what is to be computed, and stop there"
    )
    parser.add_argument(
        "--shard", type=_share, metavar="K/N", help="compute every N-th shard from the K-th on, K from 1 to N"
    )
    parser.add_argument(
        "--scheduler",
        metavar="tcp://HOST:PORT",
        help="compute the shards on the workers of a scheduler of Dask, which see the same disk",
    )
    parser.add_argument(
        "--status", action="store_true", help="say how far OUT is, and compute nothing; needs no IN"
    )
    parser.add_argument(
        "-f", "--force", action="store_true", help="replace a file that exists, or the shards of another plan"
    )
    parser.add_argument("-q", "--quiet", action="store_true", help="no progress bar, no notes on repairs")
    parser.set_defaults(run=run)


def _share(text: str) -> tuple[int, int]:
    """Read which of how many jobs this is."""
    first, _, every = text.partition("/")
    if not (first.isdecimal() and every.isdecimal() and 1 <= int(first) <= int(every)):
        raise argparse.ArgumentTypeError(f"{text!r} is no K/N with K from 1 to N")
    return int(first), int(every)


def run(arguments: argparse.Namespace) -> int:
    from skcrystal.crystals import CrystalError
    from skcrystal.featurizer.dataset import featurize_dataset, shard_folder
    from skcrystal.featurizer.plan import plan_dataset

    if arguments.status:
        return _say_status(arguments.output)
    if not arguments.input:
        raise CrystalError("name what is to be read in front of -o OUT.")
    if arguments.shard and arguments.force:
        raise CrystalError(
            "the jobs of an array would remove each other's shards; call once with --plan --force."
        )
    planned = {
        "rows": arguments.rows,
        "descriptors": arguments.preset,
        "sites": arguments.sites,
        "on_error": arguments.on_error,
        "structure_column": arguments.structure_column,
        "formula_column": arguments.formula_column,
        "elements": arguments.elements,
        "force": arguments.force,
    }
    if arguments.plan:
        plan = plan_dataset(arguments.input, shard_folder(arguments.output), **planned)
        print(f"{plan.n_inputs:,} inputs in {len(plan):,} shards planned in {plan.folder}")
        return 0
    client: Any = nullcontext()
    if arguments.scheduler:
        from skcrystal.featurizer.cluster import connect

        client = connect(arguments.scheduler)
    try:
        with client as connected:
            done = featurize_dataset(
                arguments.input,
                arguments.output,
                connected,
                n_jobs=arguments.jobs,
                cache=arguments.cache,
                share=arguments.shard or (1, 1),
                verbose=not arguments.quiet,
                **planned,
            )
    except KeyboardInterrupt:
        print("finished shards are kept: the same call goes on there", file=sys.stderr)
        raise
    for note in () if arguments.quiet else done.notes:
        print(f"note: {note}", file=sys.stderr)
    rows = f"{done.n_rows:,} rows of {done.n_columns} columns written to {done.path}"
    if done.n_kept:
        rows += f", {done.n_kept:,} of them kept from an earlier run"
    print(rows)
    if not done.n_failures:
        return 0
    place = done.failure_table or f"the tables beside the shards in {done.path}"
    print(f"{_inputs(done.n_failures)} could not be used, and why: {place}", file=sys.stderr)
    return 1


def _inputs(count: int) -> str:
    return f"{count:,} {'input' if count == 1 else 'inputs'}"


def _say_status(output: str) -> int:
    from pathlib import Path

    from skcrystal.featurizer.dataset import shard_folder
    from skcrystal.featurizer.shards import status

    folder = shard_folder(output)
    if folder != Path(output) and not folder.exists() and Path(output).exists():
        print(f"{output} is finished")
        return 0
    found = status(folder)
    n_done = len(found.plan) - len(found.missing)
    print(f"{n_done:,} of {len(found.plan):,} shards finished: {found.n_rows:,} rows")
    if found.missing:
        shown = ", ".join(map(str, found.missing[:10]))
        more = f" and {len(found.missing) - 10:,} more" if len(found.missing) > 10 else ""
        print(f"missing, counted from 0: {shown}{more}")
    if found.n_failures:
        told = f"the tables beside the shards in {folder}"
        print(f"{_inputs(found.n_failures)} could not be used, and why: {told}")
    if found.n_strays:
        print(f"{found.n_strays:,} files are being written, or were left by processes that were killed")
    return 1 if found.missing else 0
