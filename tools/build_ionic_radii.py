"""Write skcrystal/chemistry/data/ionic_radii.csv from pymatgen.

Run ``python tools/build_ionic_radii.py`` after an update of pymatgen. The radii are the effective ionic radii
of Shannon, Acta Cryst. A32 (1976) 751, doi 10.1107/S0567739476001551, in angstrom, one row for each charge,
coordination number and spin; which of them counts is decided in skcrystal/chemistry/radii.py.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING

from pymatgen.core import Element

if TYPE_CHECKING:
    from collections.abc import Iterator

DATA = Path(__file__).resolve().parent.parent / "skcrystal" / "chemistry" / "data"
# PY and SQ mark a pyramid and a square.
NUMERALS = {
    "I": 1,
    "II": 2,
    "III": 3,
    "IIIPY": 3,
    "IV": 4,
    "IVPY": 4,
    "IVSQ": 4,
    "V": 5,
    "VI": 6,
    "VII": 7,
    "VIII": 8,
    "IX": 9,
    "X": 10,
    "XI": 11,
    "XII": 12,
    "XIV": 14,
}


def radii() -> Iterator[tuple[object, ...]]:
    for z in range(1, 119):
        element = Element.from_Z(z)
        charges = {int(q): table for q, table in (element.data.get("Shannon radii") or {}).items() if q}
        for charge, table in sorted(charges.items()):
            for numeral, spins in table.items():
                for spin, entry in spins.items():
                    shape = numeral.lstrip("IVX").lower()
                    yield (
                        z,
                        element.symbol,
                        charge,
                        NUMERALS[numeral],
                        shape,
                        spin.lower(),
                        entry["ionic_radius"],
                    )


def main() -> None:
    with (DATA / "ionic_radii.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(
            ["atomic_number", "symbol", "charge", "coordination_number", "shape", "spin", "radius"]
        )
        writer.writerows(radii())


if __name__ == "__main__":
    main()
