"""Compare the two paths of reading CIF on all of a data set: what is read at once, with the general reader.

    python tools/compare_cif_paths.py ../shared/data            all rows of the sample and all of the corpus

Every row is read as it is, and again as three writers write it with symmetry (benchmarks/engine/layouts.py).
Prints how many were read at once, and each text on which a lattice, site, species or note differs.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import io
import sys
import warnings
import zipfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from engine.layouts import written  # noqa: E402

from skcrystal.crystals.crystal import CrystalError  # noqa: E402
from skcrystal.formats.cif_block import ReadOptions, read_block  # noqa: E402
from skcrystal.formats.cif_plain import read_plain  # noqa: E402
from skcrystal.formats.cif_syntax import parse_blocks  # noqa: E402
from skcrystal.formats.problems import Notes  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator

    from skcrystal import Crystal

OPTIONS = ReadOptions("", 0.01, 0.05, 0.5, False, 100_000)


def texts(folder: Path, every: int) -> Iterator[tuple[str, str, str]]:
    """Yield layout, name and text."""
    with gzip.open(folder / "mp_sample.csv.gz", "rt", encoding="utf-8", newline="") as file:
        for i, row in enumerate(csv.DictReader(file)):
            yield "P 1", row["material_id"], row["cif"]
            if i % every == 0:
                for layout, found in written([row["cif"]]).items():
                    yield from ((layout, row["material_id"], text) for text in found)
    with zipfile.ZipFile(folder / "corpus.zip") as archive:
        for row in csv.DictReader(io.TextIOWrapper(archive.open("manifest.csv"), encoding="utf-8")):
            if row["kind"] == "cif":
                yield "corpus", row["file"], archive.read(row["file"]).decode(errors="replace")


def difference(one: Crystal, other: Crystal) -> str:
    """Name the first attribute in which two crystals differ; empty if none does."""
    for name in one.__slots__:
        left, right = getattr(one, name), getattr(other, name)
        if isinstance(left, np.ndarray):
            same = left.shape == right.shape and np.array_equal(left, right, equal_nan=left.dtype.kind == "f")
        else:
            same = left == right
        if not same:
            return name
    return ""


def main() -> int:
    """Compare, and return 1 if anything differs."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path, help="with mp_sample.csv.gz and corpus.zip")
    parser.add_argument("--every", type=int, default=10, help="write every n-th row in the other layouts")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    total: Counter[str] = Counter()
    fast: Counter[str] = Counter()
    unlike = 0
    for layout, name, text in texts(options.folder, options.every):
        total[layout] += 1
        crystal = read_plain(text, OPTIONS)
        if crystal is None:
            continue
        fast[layout] += 1
        try:
            blocks = [block for block in parse_blocks(text, Notes(), 10**6) if block.has_structure()]
            found = difference(crystal, read_block(blocks[0], OPTIONS))
        except CrystalError as error:
            found = str(error)
        if found:
            unlike += 1
            print(f"{layout}, {name}: {found}", flush=True)
    for layout, count in total.items():
        print(f"{layout}: {fast[layout]:,} of {count:,} texts read at once")
    print(f"{unlike} differ from the general reader")
    return int(unlike > 0)


if __name__ == "__main__":
    sys.exit(main())
