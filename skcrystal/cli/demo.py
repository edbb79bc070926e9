"""``skcrystal demo``: the main job on the built-in crystals."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from skcrystal.cli.arguments import add_command, positive

if TYPE_CHECKING:
    import argparse

__all__ = ["add_parser"]


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = add_command(
        commands,
        "demo",
        help="train band-gap models on the built-in measured crystals",
        description=(
            "Cross-validate a random forest and XGBoost on the built-in crystals with measured band gaps, "
            "predict the gap of a crystal given as CIF text, and write figures and the fitted pipeline."
        ),
        examples=(
            "skcrystal demo\n"
            "skcrystal demo --output run1 --jobs 4\n"
            "skcrystal demo --quick          fewer trees and folds: to see the steps only"
        ),
    )
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        default=Path("skcrystal-demo"),
        metavar="DIR",
        help="folder for the figures and the pipeline (default: skcrystal-demo)",
    )
    parser.add_argument(
        "-j",
        "--jobs",
        type=positive,
        default=2,
        metavar="N",
        help="processes that fit models (default: 2)",
    )
    parser.add_argument("--quick", action="store_true", help="a tenth of the trees, three folds")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> None:
    # Imported when used: `skcrystal --help` need not wait for scikit-learn.
    from skcrystal.cli.demonstration import run_demo

    if arguments.output.exists() and not arguments.output.is_dir():
        raise NotADirectoryError(f"{arguments.output} is a file; name a folder with --output")
    run_demo(arguments.output, n_jobs=arguments.jobs, quick=arguments.quick)
