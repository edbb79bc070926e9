"""``skcrystal predict``: what a saved model says of new crystals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from skcrystal.cli.arguments import add_command, positive, share

if TYPE_CHECKING:
    import argparse

__all__ = ["add_parser"]


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = add_command(
        commands,
        "predict",
        help="predict with a saved model, with intervals and warnings",
        description=(
            "Predict with a model that `skcrystal train` saved: a table with the columns id, formula, "
            "prediction, lower and upper end of the interval (in the unit of the target; of classes "
            "their probabilities), and a warning for each crystal outside the domain of the training "
            "data: which element, which range. What cannot be read keeps its row, with the reason."
        ),
        examples="""
            skcrystal predict gaps.skops new_cifs -o predictions.csv
            skcrystal predict gaps.skops candidates.parquet -o predictions.parquet --coverage 0.68
            skcrystal predict old.joblib new_cifs -o predictions.csv --trust-pickle    your own file only
        """,
    )
    parser.add_argument("model", metavar="MODEL", help="a .skops file")
    parser.add_argument(
        "input", nargs="+", metavar="IN", help="file, folder, quoted pattern, archive or table"
    )
    parser.add_argument(
        "-o", "--output", required=True, metavar="OUT", help="a .csv, .parquet or .jsonl file"
    )
    parser.add_argument(
        "--coverage",
        type=share,
        default=0.9,
        metavar="SHARE",
        help="of the true values that the intervals are to contain (default: 0.9)",
    )
    parser.add_argument("--structure-column", metavar="NAME", help="column of a table with the structures")
    parser.add_argument("--formula-column", metavar="NAME", help="column of a table with formulas")
    parser.add_argument("-j", "--jobs", type=positive, default=1, metavar="N", help="processes (default: 1)")
    parser.add_argument(
        "--trust-pickle",
        action="store_true",
        help="open a pickle or joblib file, which can do anything that you can: only files of your own",
    )
    parser.add_argument("-f", "--force", action="store_true", help="replace a file that exists")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    from pathlib import Path

    from skcrystal.cli.train import left_out
    from skcrystal.crystals import CrystalError
    from skcrystal.formats.aside import written_aside
    from skcrystal.formats.rows import iter_rows
    from skcrystal.formats.table_writing import frame_bytes
    from skcrystal.models.prediction import load_model, predict_rows

    output = Path(arguments.output)
    if output.suffix not in {".csv", ".parquet", ".jsonl"}:
        raise CrystalError(f"{str(output)!r} is no name of a table; end it in .csv, .parquet or .jsonl.")
    if output.exists() and not arguments.force:
        raise FileExistsError(f"{output} exists; replace it with --force, or name another file")
    loaded = load_model(arguments.model, trust_pickle=arguments.trust_pickle)
    rows = list(
        iter_rows(
            arguments.input,
            structure_column=arguments.structure_column,
            formula_column=arguments.formula_column,
            targets=False,
        )
    )
    table = predict_rows(loaded, rows, coverage=arguments.coverage, n_jobs=arguments.jobs)
    with written_aside(output, force=arguments.force) as aside:
        aside.write_bytes(frame_bytes(table, output.suffix[1:]))
    failed = table[table["failure"] != ""]
    warned = int((table["warning"] != "").sum())
    unit = f" in {loaded.header.unit}" if loaded.header.unit else ""
    print(
        f"{len(table) - len(failed)} predictions of {loaded.header.target or 'the target'}{unit} written "
        f"to {output}, "
        f"{warned} with a warning, {len(failed)} left out"
    )
    return left_out(dict(zip(failed["id"], failed["failure"], strict=True)))
