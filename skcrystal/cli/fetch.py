"""``skcrystal fetch``: crystals and properties of the Materials Project as a table."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from skcrystal.cli.arguments import add_command

__all__ = ["add_parser"]


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = add_command(
        commands,
        "fetch",
        help="get crystals and properties from the Materials Project",
        description=(
            "Write crystals of the Materials Project with computed properties as one table: id, formula, "
            "structure (CIF text) and the fields. The key is read from the environment variable MP_API_KEY "
            "or pymatgen's settings. An interrupted download goes on where it stopped."
        ),
        examples=(
            "skcrystal fetch --formula ABC3 --fields band_gap -o abc3.parquet\n"
            "skcrystal fetch --material-ids mp-27971 -o one.csv\n"
            "skcrystal fetch --filter 'band_gap=[1, null]' --filter is_stable=true -o gaps.jsonl"
        ),
    )
    parser.add_argument("--formula", help="a formula, also with placeholders (ABC3) or wild cards (Si*)")
    parser.add_argument("--material-ids", nargs="+", metavar="ID", help="names such as mp-27971")
    parser.add_argument(
        "--filter",
        action="append",
        type=_filter,
        default=[],
        metavar="NAME=JSON",
        help="any filter of mp-api's materials.summary.search; may be repeated",
    )
    parser.add_argument(
        "--fields", nargs="+", default=["band_gap"], metavar="NAME", help="columns (default: band_gap)"
    )
    parser.add_argument(
        "-o", "--output", type=Path, required=True, metavar="FILE", help="a .parquet, .csv or .jsonl file"
    )
    parser.add_argument("-f", "--force", action="store_true", help="replace a file that exists")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> None:
    from skcrystal.crystals import CrystalError

    output = arguments.output
    # Before the download, which may take an hour.
    if output.suffix not in {".parquet", ".csv", ".jsonl"}:
        raise CrystalError(f"{output} ends in none of .parquet, .csv and .jsonl; name such a file.")
    if output.exists() and not arguments.force:
        raise FileExistsError(f"{output} exists; replace it with --force, or name another file")

    from skcrystal.datasets import fetch_materials_project
    from skcrystal.formats.aside import written_aside
    from skcrystal.formats.table_writing import frame_bytes

    filters = dict(arguments.filter)
    if arguments.formula is not None:
        filters["formula"] = arguments.formula
    if arguments.material_ids is not None:
        filters["material_ids"] = arguments.material_ids
    try:
        fetched: Any = fetch_materials_project(
            fields=arguments.fields, verbose=sys.stderr.isatty(), **filters
        )
    except ValueError as error:
        raise CrystalError(str(error)) from error
    with written_aside(output, force=arguments.force) as aside:
        aside.write_bytes(frame_bytes(fetched.frame, output.suffix[1:]))
    print(f"{len(fetched.frame)} crystals written to {output}; database version {fetched.database_version}")


def _filter(text: str) -> tuple[str, Any]:
    """Read ``name=value``; what is no JSON is taken as it stands, so that formula=ABC3 needs no quotes."""
    import json

    name, sign, value = text.partition("=")
    if not name.isidentifier() or not sign or name in {"api_key", "data_home", "fields", "verbose"}:
        # The value is not shown: it may be a key.
        raise argparse.ArgumentTypeError(f"{name!r} is no filter of the form NAME=JSON")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value
