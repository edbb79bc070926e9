"""Fuzz the readers of files of many crystals: each entry must end in a crystal or in a CrystalError.

Tables (CSV in any form, JSON lines), POSCAR and XDATCAR, extended XYZ and JSON. Needs atheris (pip install
atheris). Arguments are libFuzzer's, for instance::

    python tools/fuzz_files.py -- -max_total_time=600 -max_len=20000 -timeout=20 -rss_limit_mb=2000 CORPUS

What is found is written by libFuzzer as ``crash-...``; make a test of it in tests/formats.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import warnings
from pathlib import Path

import atheris

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

with atheris.instrument_imports(include=["skcrystal.formats"]):
    from skcrystal.crystals.crystal import Crystal, CrystalError
    from skcrystal.formats import cif_text, poscar_text
    from skcrystal.formats.extxyz import extxyz_text
    from skcrystal.formats.items import text_entries
    from skcrystal.formats.options import Options
    from skcrystal.formats.pymatgen_json import dict_from_crystal
    from skcrystal.formats.tables import read_table, table_entries
    from skcrystal.formats.targets import join, names_of, parse_targets

KINDS = ("csv", "jsonl", "poscar", "extxyz", "json", "targets", "any")
LIMITS = Options(max_bytes=100_000, max_sites=2_000)


def one_input(data: bytes) -> None:
    """Read the bytes behind the first as a file of the kind that the first one says."""
    kind, content = KINDS[data[0] % len(KINDS)] if data else "any", data[1:]
    try:
        if kind == "targets":
            table = parse_targets("targets.dat", content)
            join(table, [names_of("a/b.cif"), names_of("set.csv", name="1", single=False)])
            return
        if kind in {"csv", "jsonl"}:
            entries = table_entries(read_table(content, kind, "table"), LIMITS)
        else:
            text = content.decode("utf-8", errors="replace")
            options = LIMITS if kind == "any" else Options(kind, max_bytes=100_000, max_sites=2_000)
            entries = text_entries(text, "text", options)
        for entry in entries:
            assert (entry.crystal is None) != (entry.error is None)
            if entry.crystal is not None:
                assert len(entry.crystal.frac_coords) > 0
            elif "\n" in str(entry.error):
                raise RuntimeError("the sentence has a line break")
    except CrystalError as error:
        if "\n" in str(error):
            raise RuntimeError("the sentence has a line break") from error


def seeds() -> list[bytes]:
    """Return files to begin with, each behind the byte of its kind."""
    lattice = [[4.1, 0, 0], [0, 4.2, 0], [0.1, 0, 4.3]]
    crystals = [Crystal.ordered(lattice, [[0, 0, 0], [0.5, 0.5, 0.5]], [55, 17]) for _ in range(2)]
    cif, poscar = cif_text(crystals[0]), poscar_text(crystals[0])
    head, _, positions = poscar.partition("Direct\n")
    frames = "".join(f"Direct configuration= {i}\n{positions}" for i in range(3))
    dicts = [dict_from_crystal(crystal) for crystal in crystals]
    rows = [{"id": f"row {i}", "structure": structure, "gap": i} for i, structure in enumerate(dicts)]
    quoted = '"' + cif.replace('"', '""') + '"'
    files = {
        "csv": [
            f"id,structure,gap\na,{quoted},1.5\nb,{quoted},2\n",
            f"id\tcif\ty\na\t{quoted}\tTrue\n",
            f'name;poscar;y\na;"{poscar}";1,5\n',
        ],
        "jsonl": ["\n".join(json.dumps(row) for row in rows), json.dumps({"cif": cif})],
        "poscar": [poscar, 2 * poscar, head + frames, 2 * f"{head}Direct configuration= 1\n{positions}"],
        "extxyz": ["".join(map(extxyz_text, crystals))],
        "json": [
            json.dumps(dicts),
            json.dumps({"a": dicts[0]}),
            json.dumps({"entries": rows}),
            json.dumps({"columns": ["structure", "y"], "index": [0], "data": [[dicts[0], 1]]}),
            json.dumps({"structure": {"0": dicts[0]}, "y": {"0": 1}}),
        ],
        "targets": ["id,y\nb.cif,1\n1,2\n", "b 1.5\n1 2.5\n", "file;y\na/b;1,5\n"],
        "any": [cif, poscar, extxyz_text(crystals[0])],
    }
    return [bytes([KINDS.index(kind)]) + text.encode() for kind, texts in files.items() for text in texts]


def main() -> None:
    """Write the seeds into a folder and hand over to libFuzzer."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    _, rest = parser.parse_known_args()
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as folder:
        for i, seed in enumerate(seeds()):
            (Path(folder) / f"seed-{i}").write_bytes(seed)
        arguments = [argument for argument in rest if argument != "--"]
        atheris.Setup([sys.argv[0], *arguments, folder], one_input)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
