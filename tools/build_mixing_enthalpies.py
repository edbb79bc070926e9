"""Write skcrystal/chemistry/data/mixing_enthalpies.csv from matminer's list of pairs.

    python tools/build_mixing_enthalpies.py MiedemaLiquidDeltaHf.tsv

The list is that of matminer 0.10.1 (matminer/utils/data_files), of values that Takeuchi & Inoue, Mater.
Trans. 46 (2005) 2817, doi 10.2320/matertrans.46.2817, tabulate after Miedema's model: enthalpies of mixing of
liquid alloys of two elements in equal amounts, in kJ/mol. Written is the lower triangle of the table.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

from skcrystal.chemistry.elements import atomic_number

DATA = Path(__file__).resolve().parent.parent / "skcrystal" / "chemistry" / "data"
# The list has -101.5 for Ge and Nd, and -72.5 for Ge and each of Pr, Sm, Gd and Tb.
CORRECTIONS = {frozenset({"Ge", "Nd"}): -72.5}
# Po and At have a value or two; of Pa de Boer et al., Cohesion in Metals (1988), have no parameters.
LEFT_OUT = {"Po", "At", "Pa"}


def main() -> None:
    with Path(sys.argv[1]).open(encoding="utf-8") as file:
        _, *rows = (line.split() for line in file if line.strip())
    pairs = {frozenset({a, b}): float(value) for a, b, value in rows} | CORRECTIONS
    found = {symbol for pair in pairs for symbol in pair} - LEFT_OUT
    symbols = sorted(found, key=atomic_number)
    with (DATA / "mixing_enthalpies.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["symbol", *symbols[:-1]])
        for k, symbol in enumerate(symbols):
            values = (pairs.get(frozenset({symbol, other})) for other in symbols[:k])
            writer.writerow([symbol, *("" if value is None else f"{value:g}" for value in values)])


if __name__ == "__main__":
    main()
