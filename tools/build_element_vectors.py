"""Write skcrystal/chemistry/data/element_vectors.npz from published tables of element vectors.

    python tools/build_element_vectors.py FOLDER

FOLDER holds mat2vec.csv (Tshitoyan et al., Nature 571 (2019) 95, doi 10.1038/s41586-019-1335-8) and
skipatom_20201009_induced.csv (Antunes, Grau-Crespo & Butler, npj Comput. Mater. 8 (2022) 44,
doi 10.1038/s41524-022-00729-3), as the wheel of ElementEmbeddings 0.8.0 has them: a row for each element, its
symbol first. Their licences stand in skcrystal/chemistry/data/LICENSE-element-vectors.txt.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import numpy as np

from skcrystal.chemistry.elements import MAX_ATOMIC_NUMBER, atomic_number

DATA = Path(__file__).resolve().parent.parent / "skcrystal" / "chemistry" / "data"
FILES = {"mat2vec": "mat2vec.csv", "skipatom": "skipatom_20201009_induced.csv"}


def read(path: Path) -> np.ndarray:
    """Return the vectors by atomic number, NaN where the table has none."""
    with path.open(newline="", encoding="utf-8") as file:
        _, *rows = csv.reader(file)
    table = np.full((MAX_ATOMIC_NUMBER + 1, len(rows[0]) - 1), np.nan, dtype=np.float32)
    for symbol, *values in rows:
        table[atomic_number(symbol)] = [float(value) for value in values]
    return table


def main() -> None:
    folder = Path(sys.argv[1])
    tables = {name: read(folder / file) for name, file in FILES.items()}
    np.savez_compressed(DATA / "element_vectors.npz", **tables)
    for name, table in tables.items():
        print(f"{name}: {int((~np.isnan(table[:, 0])).sum())} elements, {table.shape[1]} numbers")


if __name__ == "__main__":
    main()
