"""``skcrystal report``: the page of a saved run again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from skcrystal.cli.arguments import add_command

if TYPE_CHECKING:
    import argparse

__all__ = ["add_parser"]


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = add_command(
        commands,
        "report",
        help="draw the page of a training run again",
        description=(
            "Draw the page of a training run that `skcrystal train` saved: one HTML file that asks the "
            "network for nothing. Errors are in the unit of the target, which --unit can name afterwards."
        ),
        examples="""
            skcrystal report gaps.run.zip
            skcrystal report gaps.run.zip -o page.html --unit eV
        """,
    )
    parser.add_argument("run_file", metavar="RUN", help="a .run.zip file beside a model")
    parser.add_argument("-o", "--output", metavar="OUT", help="an .html file (default: RUN with that suffix)")
    parser.add_argument("--unit", help="of the target, where the run does not have it")
    parser.add_argument("--scores", action="store_true", help="print the scores, too")
    parser.add_argument("-f", "--force", action="store_true", help="replace a file that exists")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> None:
    from dataclasses import replace

    from skcrystal.cli.scores import score_lines
    from skcrystal.models import TrainingRun
    from skcrystal.report import write_report

    source = Path(arguments.run_file)
    output = Path(arguments.output or source.with_name(f"{source.name.split('.')[0]}.html"))
    if output.exists() and not arguments.force:
        raise FileExistsError(f"{output} exists; replace it with --force, or name another file")
    found = TrainingRun.load(source)
    if arguments.unit is not None:
        found = replace(found, unit=arguments.unit)
    if arguments.scores:
        print(*score_lines(found), "", sep="\n")
    write_report(found, output)
    print(f"the page: {output}")
