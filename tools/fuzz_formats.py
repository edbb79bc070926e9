"""Fuzz the readers of CIF and POSCAR text: each input must end in a crystal or in a CrystalError.

Needs atheris (pip install atheris). Arguments are libFuzzer's, for instance::

    python tools/fuzz_formats.py --seeds FOLDER -- -max_total_time=60 -max_len=20000 CORPUS

``--seeds`` names a zip or a folder of CIF and POSCAR files to begin with; small ones of our own are always
used. What is found is written by libFuzzer as ``crash-...``; make a test of it in tests/formats.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import warnings
import zipfile
from pathlib import Path

import atheris

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

with atheris.instrument_imports(include=["skcrystal.formats"]):
    from skcrystal.crystals.crystal import CrystalError
    from skcrystal.formats import read_cif, read_poscar, read_text


def one_input(data: bytes) -> None:
    """Read the bytes as text with each of the readers."""
    text = data.decode("utf-8", errors="replace")
    for reader in (read_text, read_cif, read_poscar):
        try:
            crystal = reader(text, max_bytes=100_000, max_sites=2_000)
        except CrystalError as error:
            if "\n" in str(error):
                raise RuntimeError("the sentence has a line break") from error
        else:
            assert len(crystal.frac_coords) > 0
            assert (crystal.occupancies > 0).all()


def seed_texts(source: str | None) -> list[bytes]:
    """Return the contents to begin with."""
    from tests.formats import texts

    seeds = [value.encode() for value in vars(texts).values() if isinstance(value, str) and "\n" in value]
    if source and source.endswith(".zip"):
        with zipfile.ZipFile(source) as archive:
            names = [info.filename for info in archive.infolist() if 0 < info.file_size < 20_000]
            seeds += [archive.read(name) for name in names]
    elif source:
        files = (path for path in Path(source).rglob("*") if path.is_file() and path.stat().st_size < 20_000)
        seeds += [path.read_bytes() for path in files]
    return seeds


def main() -> None:
    """Write the seeds into a folder and hand over to libFuzzer."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seeds", help="zip or folder of CIF and POSCAR files")
    own, rest = parser.parse_known_args()
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as folder:
        for i, seed in enumerate(seed_texts(own.seeds)):
            (Path(folder) / f"seed-{i}").write_bytes(seed)
        arguments = [argument for argument in rest if argument != "--"]
        atheris.Setup([sys.argv[0], *arguments, folder], one_input)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
