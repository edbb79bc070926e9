"""Write tests/descriptors/column_spreads.csv: spread of each continuous column over crystals of a CSV file.

Run ``python tools/build_column_spreads.py mp_sample.csv.gz`` from the root of the repository after a change
of columns. Tests measure by these standard deviations how far small displacements may move a column. A large
and mixed set says what a column can be; over few crystals that are alike, spreads are as small as one likes.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
CHUNK = 500


def main() -> None:
    sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]
    from continuity import read_rows

    from skcrystal import as_crystals
    from tests.descriptors.test_continuity import DESCRIPTORS, SPREADS

    texts = read_rows(Path(sys.argv[1]), sys.maxsize, seed=0)
    rows: dict[str, list[np.ndarray]] = {name: [] for name in DESCRIPTORS}
    for start in range(0, len(texts), CHUNK):
        crystals = as_crystals(texts[start : start + CHUNK])
        for name, descriptor in DESCRIPTORS.items():
            rows[name].append(descriptor.transform(crystals))
    with SPREADS.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["descriptor", "column", "spread"])
        for name, descriptor in DESCRIPTORS.items():
            spreads = np.concatenate(rows[name]).std(axis=0)
            for column, spread in zip(descriptor.get_feature_names_out(), spreads, strict=True):
                writer.writerow([name, column, f"{spread:.4g}"])


if __name__ == "__main__":
    main()
