"""``skcrystal featurize``: crystals or formulas into a table of numbers."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from skcrystal.cli.arguments import PRESETS, add_command, positive

if TYPE_CHECKING:
    import argparse

__all__ = ["add_parser"]


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = add_command(
        commands,
        "featurize",
        help="compute the columns of crystals or formulas into a Parquet file",
        description=(
            "Compute one row of numbers for each crystal, or for each formula of a table, into a "
            "Parquet file: the column id, and one column for each number, with its unit and meaning as "
            "metadata. What cannot be used keeps a row of missing values, and is named with the reason "
            "in a table beside the output (OUT.failures.csv). Memory stays flat however many crystals "
            "there are; a run that was stopped goes on where it stopped when it is called again, with "
            "the same bytes at the end."
        ),
        examples="""
            skcrystal featurize cifs -o features.parquet
            skcrystal featurize 'runs/*/CONTCAR' -o features.parquet --jobs 2
            skcrystal featurize structures.parquet -o features.parquet --preset full --cache rows
            skcrystal featurize formulas.csv -o features.parquet --preset composition
            skcrystal featurize cifs -o sites.parquet --sites     a row for each site
        """,
    )
    parser.add_argument(
        "input", nargs="+", metavar="IN", help="file, folder, quoted pattern, archive, table or address"
    )
    parser.add_argument("-o", "--output", required=True, metavar="OUT", help="a .parquet file")
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
        "--part-size",
        type=positive,
        default=1000,
        metavar="N",
        help="inputs that are computed, and kept when a run is stopped, together (default: 1000)",
    )
    parser.add_argument("-f", "--force", action="store_true", help="replace a file that exists")
    parser.add_argument("-q", "--quiet", action="store_true", help="no progress bar, no notes on repairs")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    from skcrystal.featurizer.partitions import featurize_files

    try:
        done = featurize_files(
            arguments.input,
            arguments.output,
            descriptors=arguments.preset,
            sites=arguments.sites,
            n_jobs=arguments.jobs,
            cache=arguments.cache,
            on_error=arguments.on_error,
            structure_column=arguments.structure_column,
            formula_column=arguments.formula_column,
            elements=arguments.elements,
            part_size=arguments.part_size,
            force=arguments.force,
            verbose=not arguments.quiet,
        )
    except KeyboardInterrupt:
        print("what was finished is kept: the same call goes on there", file=sys.stderr)
        raise
    for note in () if arguments.quiet else done.notes:
        print(f"note: {note}", file=sys.stderr)
    rows = f"{done.n_rows:,} rows of {done.n_columns} columns written to {done.path}"
    if done.n_kept:
        rows += f", {done.n_kept:,} of them kept from a run that was stopped"
    print(rows)
    if not done.n_failures:
        return 0
    print(f"{done.n_failures:,} inputs could not be used: {done.failure_table}", file=sys.stderr)
    return 1
