"""Arguments that several commands read."""

from __future__ import annotations

import argparse

__all__ = ["length", "positive"]


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
