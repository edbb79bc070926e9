"""The ``skcrystal`` command: its subcommands, one file each, and its exit codes."""

from __future__ import annotations

import argparse
import os
import sys
import warnings
from typing import TYPE_CHECKING, Any

from skcrystal._version import __version__
from skcrystal.cli import (
    cache,
    compare,
    convert,
    demo,
    describe,
    featurize,
    fetch,
    predict,
    report,
    train,
    warmup,
)
from skcrystal.cli.arguments import Parser

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]

EXAMPLES = """\
to begin with:
  skcrystal demo                        a model of measured band gaps, and its page
  skcrystal describe NaCl.cif           one crystal
  skcrystal COMMAND --help              a command, with examples

exit codes: 0; 1 some inputs were left out, each named on stderr; 2 a mistake that you can mend, in one
sentence on stderr; 3 a fault of skcrystal itself; 130 interrupted
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    argv : sequence of str, default=None
        The arguments; None takes those of the process.

    Returns
    -------
    int
        Exit code: 0; 1 when some inputs were left out, each named on stderr; 2 after a user's mistake,
        which one sentence on stderr explains; 3 after a fault of the package; 130 after Ctrl-C. With
        ``--debug`` the error itself is raised.
    """
    parser = _parser()
    arguments = parser.parse_args(argv)
    if arguments.command is None:
        # Who calls it for the first time wants to see what there is.
        parser.print_help()
        return 0
    name = f"skcrystal {arguments.command}"
    try:
        with warnings.catch_warnings():
            _show_as_notes(name)
            code: int = arguments.run(arguments) or 0
            # What is left in the buffer is written here, where a reader that has gone away is no fault.
            sys.stdout.flush()
            return code
    except BrokenPipeError:
        # `skcrystal ... | head` has read what it wanted.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        if arguments.debug:
            raise
        print(f"{name}: interrupted", file=sys.stderr)
        return 130
    except Exception as error:
        if arguments.debug:
            raise
        if isinstance(error, mendable()):
            print(f"{name}: {' '.join(str(error).split())}", file=sys.stderr)
            return 2
        print(
            f"{name}: {type(error).__name__}: {' '.join(str(error).split())}; this is a fault of skcrystal: "
            "please report what --debug shows",
            file=sys.stderr,
        )
        return 3


def mendable() -> tuple[type[Exception], ...]:
    """Return what a user can mend: an input, a missing extra, a path. Others are bugs.

    Called where something is raised: until then, only the command that was chosen imports what it needs.
    """
    from skcrystal.crystals import CrystalError

    return CrystalError, ImportError, OSError


def _show_as_notes(name: str) -> None:
    """Print what the package warns of as one line each, and nothing of what libraries warn of each other."""
    said: set[str] = set()

    def show(message: Warning | str, category: type[Warning], *_: Any, **__: Any) -> None:
        text = " ".join(str(message).split())
        if category.__name__ in {"UserWarning", "ReadWarning"} and text not in said:
            said.add(text)
            print(f"{name}: note: {text}", file=sys.stderr)

    warnings.simplefilter("ignore")
    warnings.simplefilter("always", UserWarning)
    warnings.showwarning = show


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="skcrystal",
        description="Crystal structures into numbers for machine learning.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"skcrystal {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    ours = (describe, convert, featurize, train, predict, compare, report, demo, fetch, cache, warmup)
    for command in ours:
        command.add_parser(commands)
    return parser
