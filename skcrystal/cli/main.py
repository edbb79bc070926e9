"""The ``skcrystal`` command: its subcommands, one file each, and its exit codes."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from skcrystal._version import __version__
from skcrystal.cli import cache, convert, demo, fetch

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
        Exit code: 0; 1 when some inputs were left out, each named on stderr; 2 after a user's mistake,
        which one sentence on stderr explains.
    """
    arguments = _parser().parse_args(argv)
    try:
        return arguments.run(arguments) or 0
    except mendable() as error:
        print(f"skcrystal {arguments.command}: {error}", file=sys.stderr)
        return 2


def mendable() -> tuple[type[Exception], ...]:
    """Return what a user can mend: an input, a missing extra, a path. Others are bugs and show themselves.

    Called where something is raised: until then, only the command that was chosen imports what it needs.
    """
    from skcrystal.crystals import CrystalError

    return CrystalError, ImportError, OSError


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="skcrystal", description="Crystal structures into numbers for machine learning."
    )
    parser.add_argument("--version", action="version", version=f"skcrystal {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for command in (demo, convert, fetch, cache):
        command.add_parser(commands)
    return parser
