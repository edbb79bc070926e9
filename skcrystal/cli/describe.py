"""``skcrystal describe``: what is known of one crystal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from skcrystal.cli.arguments import PRESETS, add_command, block, length

if TYPE_CHECKING:
    import argparse

__all__ = ["add_parser"]


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = add_command(
        commands,
        "describe",
        help="say what is known of one crystal",
        description=(
            "Say what is known of one crystal: formula, cell (angstrom, degrees), density (g/cm^3), space "
            "group, and for each kind of site its Wyckoff position, site symmetry, oxidation state, number "
            "of bonds and their lengths (angstrom); and what was repaired when it was read."
        ),
        examples=(
            "skcrystal describe quartz.cif\n"
            "skcrystal describe POSCAR --symprec 0.1\n"
            "skcrystal describe quartz.cif --features default    all columns, with their units\n"
            "skcrystal describe quartz.cif --json | jq .space_group.number"
        ),
    )
    parser.add_argument("file", metavar="FILE", help="CIF, POSCAR, extended XYZ, JSON, ... or an address")
    parser.add_argument(
        "--features", choices=PRESETS, metavar="PRESET", help=f"add its columns: {', '.join(PRESETS)}"
    )
    parser.add_argument("--json", action="store_true", help="write JSON, for programs; it names its units")
    parser.add_argument(
        "--symprec",
        type=length,
        default=0.01,
        metavar="LENGTH",
        help="tolerance of the search for symmetry in angstrom (default: 0.01)",
    )
    parser.add_argument(
        "--block", type=block, metavar="NAME", help="data block of a CIF, by name or by place from 0"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> None:
    import json
    import warnings

    from skcrystal.cli.description import as_text, facts_of, features_of
    from skcrystal.formats import ReadWarning, read

    with warnings.catch_warnings():
        # What was repaired is part of the answer.
        warnings.simplefilter("ignore", ReadWarning)
        crystal = read(arguments.file, block=arguments.block)
        facts = facts_of(crystal, arguments.symprec)
        features = features_of(crystal, arguments.features) if arguments.features else None
    if not arguments.json:
        print(as_text(facts, features))
        return
    if features is not None:
        facts["features"] = features
    print(json.dumps(facts, indent=2, ensure_ascii=False))
