"""Damage CIF texts by structure, for as long as told: each must end in a crystal or in a CrystalError.

    python tools/fuzz_cif.py --seconds 600 --seeds ../shared/data/corpus.zip

Lines are dropped, doubled, swapped and grafted, values exchanged between rows, loops cut, tags renamed
(tests/formats/mutations.py). What breaks a reader is printed, for a test in tests/formats, and counted.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
import traceback
import warnings
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.formats.mutations import check_reading, mutated  # noqa: E402
from tests.formats.test_mutated_cif import SEEDS  # noqa: E402


def main() -> int:
    """Fuzz; return 1 if anything was found."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--seed", type=int, default=0, help="of the random numbers")
    parser.add_argument("--seeds", type=Path, help="zip of files to begin with")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    texts = list(SEEDS)
    if options.seeds:
        with zipfile.ZipFile(options.seeds) as archive:
            infos = [info for info in archive.infolist() if 0 < info.file_size < 20_000]
            texts += [archive.read(info).decode(errors="replace") for info in infos]
    source = random.Random(options.seed)
    end, slowest = time.monotonic() + options.seconds, 0.0
    count = crystals = found = 0
    while time.monotonic() < end:
        text = mutated(source.choice(texts), source.choice(texts), source)
        start = time.process_time()
        try:
            crystals += check_reading(text)
        except Exception:
            found += 1
            print(f"--- {count}\n{text!r}\n{traceback.format_exc()}", flush=True)
        slowest = max(slowest, time.process_time() - start)
        count += 1
    print(f"{count:,} texts, {crystals:,} crystals, {found} failures, slowest {slowest:.2f} s")
    return int(found > 0)


if __name__ == "__main__":
    sys.exit(main())
