"""Write the tables of ions and free atoms in skcrystal/chemistry/data/ from pymatgen.

Run ``python tools/build_ions.py`` after an update of pymatgen. Facts only: what weight a fact has is
decided in skcrystal/oxidation.py.

oxidation_states.csv
    Every oxidation state of every element that one of four lists names: how many ICSD structures hold it
    (bond-valence statistics of the ICSD, pymatgen's icsd_bv.yaml), whether pymatgen's periodic table
    counts it among the known, the common, and the ICSD's states.
ionization_energies.csv
    First to ninth ionization energies in eV: NIST Atomic Spectra Database, doi:10.18434/T4W30F.
orbital_energies.csv
    Orbital energies of the neutral atoms in hartree, local density approximation: Kotochigova, Levine,
    Shirley, Stiles & Clark 1997, doi:10.1103/PhysRevA.55.191; hydrogen to uranium.
bond_valence.csv
    Size r in angstrom and electronegativity c of 75 elements for bond-valence parameters: O'Keeffe & Brese
    1991, doi:10.1021/ja00009a002.
bond_valence_lengths.csv
    Length R0 in angstrom of a bond of valence 1, and softness b, of a cation in a state (9: any) and an
    anion, as published by Brown & Altermatt 1985, doi:10.1107/S0108768185002063 (brown); Brese & O'Keeffe
    1991, doi:10.1107/S0108768190011041 (brese); for actinides Zachariasen 1978,
    doi:10.1016/0022-5088(78)90010-3 (zachariasen). Written only with ``--lengths bvparm.cif``, a copy of the
    IUCr's list, which names the paper of each value; no other paper's values are taken.
"""

from __future__ import annotations

import argparse
import csv
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import pymatgen.core
from monty.serialization import loadfn
from pymatgen.analysis.bond_valence import BV_PARAMS
from pymatgen.core import Element, Species

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

DATA = Path(__file__).resolve().parent.parent / "skcrystal" / "chemistry" / "data"
ELEMENTS = [Element.from_Z(z) for z in range(1, 119)]
IONIZATIONS = 9

# Papers by their letters in the IUCr's list, the first that has a pair counts.
PAPERS = {"a": "brown", "b": "brese", "p": "zachariasen"}

# Published in these papers, and left out of the list.
LEFT_OUT = [
    ("Al", 3, "O", 1.651, 0.37, "brown"),
    ("H", 1, "O", 0.95, 0.37, "brese"),
]


def oxidation_states() -> Iterator[tuple[object, ...]]:
    statistics = loadfn(Path(pymatgen.core.__file__).parent / "icsd_bv.yaml")["occurrence"]
    counts: dict[tuple[str, int], int] = {}
    for name, count in statistics.items():
        species = Species.from_str(name)
        counts[species.symbol, int(species.oxi_state)] = count
    for element in ELEMENTS:
        known, common = set(element.oxidation_states), set(element.common_oxidation_states)
        icsd = set(element.icsd_oxidation_states)
        counted = {state for symbol, state in counts if symbol == element.symbol}
        for state in sorted((known | common | icsd | counted) - {0}):
            flags = (int(state in states) for states in (known, common, icsd))
            yield (element.Z, element.symbol, state, counts.get((element.symbol, state), 0), *flags)


def ionization_energies() -> Iterator[tuple[object, ...]]:
    for element in ELEMENTS:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="No data available", category=UserWarning)
            known = element.ionization_energies or []
        energies = [*known, *[None] * IONIZATIONS][:IONIZATIONS]
        yield (element.Z, element.symbol, *("" if energy is None else energy for energy in energies))


def orbital_energies() -> Iterator[tuple[object, ...]]:
    for element in ELEMENTS[:92]:
        for orbital, energy in (element.atomic_orbitals or {}).items():
            yield element.Z, element.symbol, orbital, energy


def bond_valence_parameters() -> Iterator[tuple[object, ...]]:
    for element in ELEMENTS:
        if element in BV_PARAMS:
            yield element.Z, element.symbol, BV_PARAMS[element]["r"], BV_PARAMS[element]["c"]


def bond_valence_lengths(path: Path) -> Iterator[tuple[object, ...]]:
    """Read the values of three papers from the IUCr's list."""
    found: dict[tuple[int, int, int], tuple[int, tuple[object, ...]]] = {}
    rows = [line.split() for line in path.read_text(encoding="utf-8").splitlines()]
    known = {element.symbol: element.Z for element in ELEMENTS}
    rank = list(PAPERS)
    values = [
        (row[0], int(row[1]), row[2], float(row[4]), float(row[5]), row[6])
        for row in rows
        if len(row) >= 8 and {row[0], row[2]} <= set(known) and row[6] in PAPERS and "unchecked" not in row
    ]
    for symbol, state, anion, length, softness, paper in values:
        key = known[symbol], state, known[anion]
        if key not in found or rank.index(paper) < found[key][0]:
            entry = (key[0], symbol, state, anion, length, softness, PAPERS[paper])
            found[key] = (rank.index(paper), entry)
    for symbol, state, anion, length, softness, paper in LEFT_OUT:
        key = known[symbol], state, known[anion]
        found[key] = (0, (key[0], symbol, state, anion, length, softness, paper))
    for key in sorted(found):
        yield found[key][1]


def write(name: str, header: list[str], rows: Iterable[tuple[object, ...]]) -> None:
    with (DATA / name).open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["atomic_number", "symbol", *header])
        writer.writerows(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description="Write the tables of ions and free atoms.")
    parser.add_argument("--lengths", type=Path, help="the IUCr's list of bond valence parameters")
    lengths = parser.parse_args().lengths
    write("oxidation_states.csv", ["state", "icsd_count", "known", "common", "icsd"], oxidation_states())
    ordinals = [f"ionization_{n}" for n in range(1, IONIZATIONS + 1)]
    write("ionization_energies.csv", ordinals, ionization_energies())
    write("orbital_energies.csv", ["orbital", "energy"], orbital_energies())
    write("bond_valence.csv", ["size", "electronegativity"], bond_valence_parameters())
    if lengths is not None:
        header = ["state", "anion", "length", "softness", "paper"]
        write("bond_valence_lengths.csv", header, bond_valence_lengths(lengths))


if __name__ == "__main__":
    main()
