"""``skcrystal train``: a model judged honestly, fitted, and saved with what was found."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from skcrystal.cli.arguments import PRESETS, add_command, positive

if TYPE_CHECKING:
    import argparse

__all__ = ["KINDS", "SPLITS", "add_parser", "finish"]

#: Spelt out, so that --help need not import what trains; a test holds them to the library's.
KINDS = ("real", "positive", "nonnegative", "classes")
SPLITS = (
    *("random", "formula", "chemical-system", "space-group", "point-group", "crystal-system", "prototype"),
    *("structure", "cluster", "element", "period", "periodic-group"),
)


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = add_command(
        commands,
        "train",
        help="train a model on crystals or formulas, and say how far it can be trusted",
        description=(
            "Train a model on crystals or formulas with targets. DATA is a table with a column of "
            "structures or formulas and one of targets, or a folder of crystals with a table of targets "
            "beside it (--targets). The model is judged by folds at random and by formula, beside the "
            "lecture notebook's random forest and a mean predictor, then fitted to all rows and saved, "
            "with intervals and its domain; all that was found is saved beside it (MODEL.run.zip) and "
            "drawn as one page. The same seed gives the same bits."
        ),
        examples="""
            skcrystal train gaps.csv --target band_gap --unit eV -o gaps.skops
            skcrystal train cifs --targets gaps.csv --target band_gap -o gaps.skops --jobs 2
            skcrystal train formulas.csv --target tc --unit K --kind nonnegative -o tc.skops
            skcrystal train gaps.csv --target is_metal -o metals.skops --split prototype
            skcrystal train gaps.csv --target band_gap -o try.skops --quick    see the steps
        """,
    )
    parser.add_argument("data", nargs="+", metavar="DATA", help="table, folder, file, pattern or archive")
    parser.add_argument("--target", required=True, metavar="NAME", help="column to predict")
    parser.add_argument("-o", "--output", required=True, metavar="MODEL", help="a .skops file")
    parser.add_argument(
        "--targets",
        metavar="FILE",
        help="table of targets; a column holds ids, or names of files with or without suffix",
    )
    parser.add_argument("--unit", default="", help="of the target, for the report")
    parser.add_argument(
        "--kind", choices=KINDS, help="what values the target takes (default: guessed, and said)"
    )
    parser.add_argument(
        "--loss",
        choices=("absolute_error", "squared_error"),
        default="absolute_error",
        help="what predictions make least: the mean absolute error, or the squared one and so R2",
    )
    parser.add_argument(
        "--split",
        action="append",
        choices=SPLITS,
        default=[],
        metavar="NAME",
        help=f"judge by these folds too; may be repeated: {', '.join(SPLITS[2:])}; the last three leave out "
        "one element (row, group of the periodic table) after the other, with a fold for each",
    )
    parser.add_argument(
        "--folds", type=positive, default=5, metavar="N", help="folds of each split (default: 5)"
    )
    parser.add_argument(
        "--seed", type=int, default=0, metavar="N", help="seed of folds and models (default: 0)"
    )
    parser.add_argument(
        "--preset", choices=PRESETS, help="which columns (default: default; composition for formulas)"
    )
    parser.add_argument("--structure-column", metavar="NAME", help="column of a table with the structures")
    parser.add_argument("--formula-column", metavar="NAME", help="column of a table with formulas")
    parser.add_argument("-j", "--jobs", type=positive, default=1, metavar="N", help="processes (default: 1)")
    parser.add_argument("--cache", metavar="PATH", help="file or folder that keeps rows for other runs")
    parser.add_argument("--quick", action="store_true", help="few trees, no learning curve: to see the steps")
    parser.add_argument("-f", "--force", action="store_true", help="replace files that exist")
    parser.add_argument("-q", "--quiet", action="store_true", help="no progress on stderr")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    from skcrystal.models.training import guess_kind, read_training_data, train_model

    output = Path(arguments.output)
    check_output(output, arguments.force)
    data = read_training_data(
        arguments.data,
        arguments.target,
        targets=arguments.targets,
        structure_column=arguments.structure_column,
        formula_column=arguments.formula_column,
    )
    for text in data.said:
        print(f"{text}.")
    kind, reason = guess_kind(data.y)
    if arguments.kind is None:
        print(f"{arguments.target} is taken as {kind}: {reason} (--kind says otherwise)")
    trained = train_model(
        data,
        kind=arguments.kind or kind,
        loss=arguments.loss,
        unit=arguments.unit,
        splits=("formula", *arguments.split),
        descriptors=arguments.preset,
        quick=arguments.quick,
        n_splits=arguments.folds,
        seed=arguments.seed,
        n_jobs=arguments.jobs,
        cache=arguments.cache,
        command=_command(arguments),
        progress=(lambda _: None) if arguments.quiet else lambda text: print(f"... {text}", file=sys.stderr),
    )
    finish(trained, output)
    print(f"the page: {output.with_suffix('.html')}")
    return left_out(data.failures)


def _command(arguments: argparse.Namespace) -> str:
    """Return the call, for the model card, without the places that it read from and wrote to."""
    said = [f"skcrystal train --target {arguments.target} --seed {arguments.seed} --folds {arguments.folds}"]
    said += [
        f"--{name} {value}" for name in ("unit", "kind", "preset") if (value := getattr(arguments, name))
    ]
    if arguments.loss != "absolute_error":
        said.append(f"--loss {arguments.loss}")
    said += [f"--split {name}" for name in arguments.split]
    return " ".join([*said, "--quick"] if arguments.quick else said)


def check_output(output: Path, force: bool) -> None:
    """Refuse, before hours of work, a place where nothing can be written."""
    if output.suffix != ".skops":
        from skcrystal.crystals import CrystalError

        raise CrystalError(f"{str(output)!r} is no name of a model; end it in .skops.")
    for path in (output, run_path(output), output.with_suffix(".html")):
        if path.exists() and not force:
            raise FileExistsError(f"{path} exists; replace it with --force, or name another file")


def run_path(output: Path) -> Path:
    """Return where the run of a model is kept."""
    return output.with_name(f"{output.stem}.run.zip")


def finish(trained: object, output: Path) -> None:
    """Print the scores, and save model and run.

    Parameters
    ----------
    trained : Trained
    output : Path
        Of the model.
    """
    from skcrystal.cli.scores import score_lines
    from skcrystal.models import save
    from skcrystal.models.training.card import card_text
    from skcrystal.report import write_report

    run = trained.run  # type: ignore[attr-defined]
    print(*score_lines(run), sep="\n")
    save(
        trained.model,  # type: ignore[attr-defined]
        output,
        target=run.target,
        unit=run.unit,
        kind=run.kind,
        classes=run.classes,
        data=run.card["data"],
        about={
            "intended_use": run.card["intended_use"],
            "limits": run.card["limits"],
            "seed": run.card["seed"],
        },
        card=card_text(run),
    )
    run.save(run_path(output))
    write_report(run, output.with_suffix(".html"))
    print(f"\nthe model: {output}\nwhat was found: {run_path(output)}")


def left_out(failures: dict[str, str]) -> int:
    """Say on stderr what was left out, and return the exit code; what has one reason is one line."""
    reasons: dict[str, list[str]] = {}
    for name, reason in failures.items():
        reasons.setdefault(reason, []).append(name)
    for reason, names in list(reasons.items())[:20]:
        shown = ", ".join(names[:3]) + (f" and {len(names) - 3:,} more" if len(names) > 3 else "")
        print(f"left out: {shown}: {reason}", file=sys.stderr)
    if len(reasons) > 20:
        print(f"left out: more, for {len(reasons) - 20:,} other reasons", file=sys.stderr)
    return int(bool(failures))
