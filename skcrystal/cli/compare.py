"""``skcrystal compare``: saved models beside each other on one data set."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from skcrystal.cli.arguments import add_command, positive

if TYPE_CHECKING:
    import argparse

__all__ = ["add_parser"]


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = add_command(
        commands,
        "compare",
        help="compare saved models on one data set",
        description=(
            "Compare saved models on one data set with targets, which none of them should have learned "
            "from: their errors, in the unit of the target, beside the mean of these targets. A row that "
            "one of the models cannot predict is left out for all."
        ),
        examples="""
            skcrystal compare old.skops new.skops --data test.csv --target band_gap
            skcrystal compare *.skops --data cifs --targets gaps.csv --target band_gap -o scores.csv
        """,
    )
    parser.add_argument("models", nargs="+", metavar="MODEL", help=".skops files")
    parser.add_argument("--data", nargs="+", required=True, metavar="DATA", help="table, folder or files")
    parser.add_argument("--target", metavar="NAME", help="column (default: what the first model predicts)")
    parser.add_argument(
        "--targets", metavar="FILE", help="table of targets, joined by id or name of the file"
    )
    parser.add_argument("-o", "--output", metavar="OUT", help="write the scores to a .csv file too")
    parser.add_argument("--structure-column", metavar="NAME", help="column of a table with the structures")
    parser.add_argument("--formula-column", metavar="NAME", help="column of a table with formulas")
    parser.add_argument("-j", "--jobs", type=positive, default=1, metavar="N", help="processes (default: 1)")
    parser.add_argument("--trust-pickle", action="store_true", help="open pickles of your own, too")
    parser.add_argument("-f", "--force", action="store_true", help="replace a file that exists")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    from skcrystal.cli.scores import aligned
    from skcrystal.cli.train import left_out
    from skcrystal.formats.aside import written_aside
    from skcrystal.models.comparison import compare_models
    from skcrystal.models.prediction import load_model
    from skcrystal.models.training import read_training_data

    if arguments.output and os.path.exists(arguments.output) and not arguments.force:
        raise FileExistsError(f"{arguments.output} exists; replace it with --force, or name another file")
    models = {path: load_model(path, trust_pickle=arguments.trust_pickle) for path in arguments.models}
    first = next(iter(models.values())).header
    data = read_training_data(
        arguments.data,
        arguments.target or first.target,
        targets=arguments.targets,
        structure_column=arguments.structure_column,
        formula_column=arguments.formula_column,
    )
    table = compare_models(models, data, n_jobs=arguments.jobs)
    unit = f" ({first.unit})" if first.unit else ""
    print(f"{data.target}{unit} of {table.attrs['n_rows']} rows\n")
    rows = [
        ["", *table.columns],
        *([name, *(f"{value:.3f}" for value in row)] for name, *row in table.itertuples()),
    ]
    print(*aligned(rows), sep="\n")
    if arguments.output:
        with written_aside(arguments.output, force=arguments.force) as aside:
            table.to_csv(aside, index_label="model")
    return left_out({**data.failures, **table.attrs["failures"]})
