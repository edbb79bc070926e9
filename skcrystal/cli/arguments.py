"""Arguments that several commands read, and how their help is laid out."""

from __future__ import annotations

import argparse
import textwrap
from typing import NoReturn

__all__ = ["PRESETS", "Parser", "add_command", "block", "length", "positive", "share"]

#: Spelt out, so that --help need not import what computes; a test holds it to the featurizer's.
PRESETS = ("default", "full", "notebook", "composition")


class Parser(argparse.ArgumentParser):
    """A parser that says in one sentence what is wrong, without all that could be right."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}; `{self.prog} --help` shows how it is called\n")


class _Help(argparse.HelpFormatter):
    """Descriptions are filled to the width of the terminal, lists of examples stay as they are."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        if text.startswith("examples:"):
            return textwrap.indent(text, indent)
        return super()._fill_text(text, width, indent)


def add_command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    help: str,
    description: str,
    examples: str,
) -> argparse.ArgumentParser:
    """Make the parser of a command, with what all commands have.

    Parameters
    ----------
    commands : object
        What ``ArgumentParser.add_subparsers`` returned.
    name, help, description : str
        As of ``ArgumentParser``; the help is a line, the description a paragraph.
    examples : str
        Lines, each a call.
    """
    parser = commands.add_parser(
        name,
        help=help,
        description=description,
        epilog="examples:\n" + textwrap.indent(textwrap.dedent(examples).strip("\n"), "  "),
        formatter_class=_Help,
    )
    parser.add_argument("--debug", action="store_true", help="show where in the program an error was raised")
    return parser


def length(text: str) -> float:
    """Read a tolerance in angstrom."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 < value < 10:
        raise argparse.ArgumentTypeError(f"{text!r} is no length in angstrom above 0")
    return value


def positive(text: str) -> int:
    """Read a number of processes."""
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number above 0")
    return int(text)


def share(text: str) -> float:
    """Read a share between 0 and 1."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 < value < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no share between 0 and 1")
    return value


def block(text: str) -> str | int:
    """Read the name of a data block, or its place."""
    return int(text) if text.isdecimal() else text
