"""``skcrystal convert``: crystals of one format into another."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from skcrystal.cli.arguments import add_command, block, length

if TYPE_CHECKING:
    import argparse

__all__ = ["add_parser"]


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = add_command(
        commands,
        "convert",
        help="turn CIF into POSCAR, or any format into another",
        description=(
            "Convert crystals between CIF, POSCAR, extended XYZ, pymatgen's JSON, ASE's files and tables. "
            "The symmetry of a CIF is expanded. What cannot be read is named, and the rest converted."
        ),
        examples=(
            "skcrystal convert NaCl.cif POSCAR\n"
            "skcrystal convert POSCAR NaCl.cif --symmetrized --symprec 0.01\n"
            "skcrystal convert cifs poscars --to poscar       a folder, a file for each crystal\n"
            "skcrystal convert cifs.zip all.parquet           an archive, one table\n"
            "skcrystal convert runs all.csv --targets gaps.csv  a labelled table"
        ),
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
        type=length,
        default=0.01,
        metavar="LENGTH",
        help="tolerance of --symmetrized in angstrom (default: 0.01)",
    )
    parser.add_argument("--structure-column", metavar="NAME", help="column of a table with the structures")
    parser.add_argument(
        "--block", type=block, metavar="NAME", help="data block of a CIF, by name or by place from 0"
    )
    parser.add_argument(
        "--elements",
        nargs="+",
        metavar="EL",
        help="elements of a POSCAR that names none, one for each of its numbers of sites; behind IN and OUT",
    )
    parser.add_argument("--check-symmetry", action="store_true", help="note space groups that are not found")
    parser.add_argument(
        "--targets",
        metavar="FILE",
        help="a table of columns to join by the names of the files, for a table OUT",
    )
    parser.add_argument("-f", "--force", action="store_true", help="replace files that exist")
    parser.add_argument("-q", "--quiet", action="store_true", help="no progress bar, no notes on repairs")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    from skcrystal.formats.conversion import convert

    done = convert(
        arguments.input,
        arguments.output,
        to=arguments.to,
        symmetrized=arguments.symmetrized,
        symprec=arguments.symprec,
        structure_column=arguments.structure_column,
        block=arguments.block,
        elements=arguments.elements,
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
