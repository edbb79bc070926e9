"""Write tests/descriptors/column_spreads.csv: spread of each continuous column over the built-in crystals.

Run ``python tools/build_column_spreads.py`` from the root of the repository after a change of columns. Tests
measure by these standard deviations how far small displacements may move a column. Columns that do not
depend on where the sites are come out too: they do not move at all.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    sys.path.insert(0, str(ROOT))
    from skcrystal.datasets import load_experimental
    from tests.descriptors.test_continuity import DESCRIPTORS, SPREADS

    crystals = load_experimental().data
    with SPREADS.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["descriptor", "column", "spread"])
        for name, descriptor in DESCRIPTORS.items():
            spreads = descriptor.transform(crystals).std(axis=0)
            for column, spread in zip(descriptor.get_feature_names_out(), spreads, strict=True):
                writer.writerow([name, column, f"{spread:.4g}"])


if __name__ == "__main__":
    main()
