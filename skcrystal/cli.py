"""The ``skcrystal`` command: one function per subcommand."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
        Exit code: 0; 1 when some inputs were left out, each named on stderr; 2 after a user's mistake,
        which one sentence on stderr explains.
    """
    arguments = _parser().parse_args(argv)
    try:
        return arguments.run(arguments) or 0
    except (CrystalError, ImportError, OSError) as error:
        # What a user can mend: an input, a missing extra, a path. Anything else is a bug and shows itself.
        print(f"skcrystal {arguments.command}: {error}", file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="skcrystal", description="Crystal structures into numbers for machine learning."
    )
    parser.add_argument("--version", action="version", version=f"skcrystal {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_demo(commands)
    _add_convert(commands)
    _add_fetch(commands)
    _add_cache(commands)
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


def _add_convert(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser(
        "convert",
        help="turn CIF into POSCAR, or any format into another",
        description=(
            "Convert crystals between CIF, POSCAR, extended XYZ, pymatgen's JSON, ASE's files and tables. "
            "The symmetry of a CIF is expanded. What cannot be read is named, and the rest converted."
        ),
        epilog=(
            "examples:\n"
            "  skcrystal convert NaCl.cif POSCAR\n"
            "  skcrystal convert POSCAR NaCl.cif --symmetrized --symprec 0.01\n"
            "  skcrystal convert cifs poscars --to poscar       a folder, a file for each crystal\n"
            "  skcrystal convert cifs.zip all.parquet           an archive, one table\n"
            "  skcrystal convert runs all.csv --targets gaps.csv  a labelled table"
        ),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "input", nargs="+", metavar="IN", help="file, folder, quoted pattern, archive, table or address"
    )
    parser.add_argument("output", metavar="OUT", help="a file for all crystals, or a folder for a file each")
    parser.add_argument(
        "--to",
        # Spelt out, so that --help need not import what reads crystals.
        choices=("cif", "poscar", "extxyz", "json", "ase", "csv", "jsonl", "parquet"),
        help="the format to write (default: what the name OUT says)",
    )
    parser.add_argument(
        "--symmetrized",
        action="store_true",
        help="write CIF in the standard setting of the space group found, not every site of the cell",
    )
    parser.add_argument(
        "--symprec",
        type=_length,
        default=0.01,
        metavar="LENGTH",
        help="tolerance of --symmetrized in angstrom (default: 0.01)",
    )
    parser.add_argument("--structure-column", metavar="NAME", help="column of a table with the structures")
    parser.add_argument("--block", metavar="NAME", help="data block of a CIF, by name or by place from 0")
    parser.add_argument("--check-symmetry", action="store_true", help="note space groups that are not found")
    parser.add_argument("--targets", metavar="FILE", help="a table of columns to join by id, for a table OUT")
    parser.add_argument("-f", "--force", action="store_true", help="replace files that exist")
    parser.add_argument("-q", "--quiet", action="store_true", help="no progress bar, no notes on repairs")
    parser.set_defaults(run=_convert)


def _convert(arguments: argparse.Namespace) -> int:
    from skcrystal.formats.conversion import convert

    done = convert(
        arguments.input,
        arguments.output,
        to=arguments.to,
        symmetrized=arguments.symmetrized,
        symprec=arguments.symprec,
        structure_column=arguments.structure_column,
        block=int(arguments.block) if (arguments.block or "").isdecimal() else arguments.block,
        check_symmetry=arguments.check_symmetry,
        targets=arguments.targets,
        force=arguments.force,
        verbose=not arguments.quiet and sys.stderr.isatty(),
    )
    for note in () if arguments.quiet else done.notes:
        print(f"note: {note}", file=sys.stderr)
    for name, reason in done.failures.items():
        print(f"left out: {name}: {reason}", file=sys.stderr)
    files = f"{len(done.written)} file{'' if len(done.written) == 1 else 's'}"
    crystals = f"{done.n_crystals} crystal{'' if done.n_crystals == 1 else 's'}"
    print(f"{crystals} written to {files}, {len(done.failures)} left out")
    return int(bool(done.failures))


def _add_fetch(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser(
        "fetch",
        help="get crystals and properties from the Materials Project",
        description=(
            "Write crystals of the Materials Project with computed properties as one table: id, formula, "
            "structure (CIF text) and the fields. The key is read from the environment variable MP_API_KEY "
            "or pymatgen's settings. An interrupted download goes on where it stopped."
        ),
        epilog=(
            "examples:\n"
            "  skcrystal fetch --formula ABC3 --fields band_gap -o abc3.parquet\n"
            "  skcrystal fetch --material-ids mp-27971 -o one.csv\n"
            "  skcrystal fetch --filter 'band_gap=[1, null]' --filter is_stable=true -o gaps.jsonl"
        ),
        formatter_class=argparse.RawDescriptionHelpFormatter,
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
    parser.set_defaults(run=_fetch)


def _fetch(arguments: argparse.Namespace) -> None:
    output = arguments.output
    # Before the download, which may take an hour.
    if output.suffix not in {".parquet", ".csv", ".jsonl"}:
        raise CrystalError(f"{output} ends in none of .parquet, .csv and .jsonl; name such a file.")
    if output.exists() and not arguments.force:
        raise FileExistsError(f"{output} exists; replace it with --force, or name another file")

    from skcrystal.datasets import fetch_materials_project

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
    output.parent.mkdir(parents=True, exist_ok=True)
    if output.suffix == ".parquet":
        fetched.frame.to_parquet(output, index=False)
    elif output.suffix == ".csv":
        fetched.frame.to_csv(output, index=False)
    else:
        fetched.frame.to_json(output, orient="records", lines=True)
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


def _add_cache(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser(
        "cache",
        help="look into a cache of computed rows, or empty it",
        description="Look into a cache that CrystalFeaturizer(cache=PATH) made, or remove all of its rows.",
    )
    parser.add_argument("action", choices=("info", "clear"))
    parser.add_argument("path", type=Path, metavar="PATH")
    parser.set_defaults(run=_cache)


def _cache(arguments: argparse.Namespace) -> None:
    import sqlite3

    from skcrystal.featurizer import cache

    try:
        held = cache.info(arguments.path)
        if arguments.action == "clear":
            cache.clear(arguments.path)
    except sqlite3.Error as error:
        raise OSError(f"the cache {arguments.path} cannot be used: {error}") from error
    rows = f"{held.rows} rows of {held.crystals} crystals, {held.descriptors} descriptors"
    cleared = arguments.action == "clear"
    print(f"removed {rows} from {held.path}" if cleared else f"{held.path}: {rows}, {held.size} bytes")


def _length(text: str) -> float:
    """Read a tolerance in angstrom."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 < value < 10:
        raise argparse.ArgumentTypeError(f"{text!r} is no length in angstrom above 0")
    return value


def _positive(text: str) -> int:
    """Read a number of processes."""
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number above 0")
    return int(text)
