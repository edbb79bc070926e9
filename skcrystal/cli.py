"""The ``skcrystal`` command: one function per subcommand."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from skcrystal import CrystalError, __version__

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    argv : sequence of str, default=None
        The arguments; None takes those of the process.

    Returns
    -------
    int
        Exit code: 0, or 2 after a user's mistake, which one sentence on stderr explains.
    """
    arguments = _parser().parse_args(argv)
    try:
        arguments.run(arguments)
    except (CrystalError, ImportError, OSError) as error:
        # What a user can mend: an input, a missing extra, a path. Anything else is a bug and shows itself.
        print(f"skcrystal {arguments.command}: {error}", file=sys.stderr)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="skcrystal", description="Crystal structures into numbers for machine learning."
    )
    parser.add_argument("--version", action="version", version=f"skcrystal {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_demo(commands)
    return parser


def _add_demo(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser(
        "demo",
        help="train band-gap models on the built-in measured crystals",
        description=(
            "Cross-validate a random forest and XGBoost on the built-in crystals with measured band gaps, "
            "predict the gap of a crystal given as CIF text, and write figures and the fitted pipeline."
        ),
        epilog=(
            "examples:\n"
            "  skcrystal demo\n"
            "  skcrystal demo --output run1 --jobs 4\n"
            "  skcrystal demo --quick          fewer trees and folds: to see the steps only"
        ),
        formatter_class=argparse.RawDescriptionHelpFormatter,
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
        type=_positive,
        default=2,
        metavar="N",
        help="processes that fit models (default: 2)",
    )
    parser.add_argument("--quick", action="store_true", help="a tenth of the trees, three folds")
    parser.set_defaults(run=_demo)


def _demo(arguments: argparse.Namespace) -> None:
    # Imported when used: `skcrystal --help` need not wait for scikit-learn.
    from skcrystal.demo import run_demo

    if arguments.output.exists() and not arguments.output.is_dir():
        raise NotADirectoryError(f"{arguments.output} is a file; name a folder with --output")
    run_demo(arguments.output, n_jobs=arguments.jobs, quick=arguments.quick)


def _positive(text: str) -> int:
    """Read a number of processes."""
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number above 0")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
