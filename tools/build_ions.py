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
"""

from __future__ import annotations

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


def write(name: str, header: list[str], rows: Iterable[tuple[object, ...]]) -> None:
    with (DATA / name).open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["atomic_number", "symbol", *header])
        writer.writerows(rows)


def main() -> None:
    write("oxidation_states.csv", ["state", "icsd_count", "known", "common", "icsd"], oxidation_states())
    ordinals = [f"ionization_{n}" for n in range(1, IONIZATIONS + 1)]
    write("ionization_energies.csv", ordinals, ionization_energies())
    write("orbital_energies.csv", ["orbital", "energy"], orbital_energies())
    write("bond_valence.csv", ["size", "electronegativity"], bond_valence_parameters())


if __name__ == "__main__":
    main()
