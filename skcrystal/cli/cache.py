"""``skcrystal cache``: what a cache of rows holds, and emptying it."""

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
        "cache",
        help="look into a cache of computed rows, or empty it",
        description="Look into a cache that CrystalFeaturizer(cache=PATH) made, or remove all of its rows.",
        examples="skcrystal cache info ~/rows\nskcrystal cache clear ~/rows/skcrystal-rows.sqlite",
    )
    parser.add_argument("action", choices=("info", "clear"))
    parser.add_argument("path", type=Path, metavar="PATH")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> None:
    from skcrystal import cache

    held = cache.info(arguments.path)
    if arguments.action == "clear":
        cache.clear(arguments.path)
    rows = f"{held.rows} rows of {held.crystals} crystals, {held.descriptors} descriptors, "
    rows += f"{held.searches} searches for symmetry"
    cleared = arguments.action == "clear"
    print(f"removed {rows} from {held.path}" if cleared else f"{held.path}: {rows}, {held.size} bytes")
