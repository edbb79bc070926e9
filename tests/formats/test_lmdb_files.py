"""ASE's rows in LMDB, written here as the packages of OMat24 lay them out, and read without them."""

from __future__ import annotations

import json
import zlib

import numpy as np
import pytest

from skcrystal.crystals.crystal import CrystalError
from skcrystal.datasets import load_experimental
from skcrystal.formats import read_many
from skcrystal.formats.options import Options
from skcrystal.formats.stretches import input_files, stretch_rows

lmdb = pytest.importorskip("lmdb", reason="lmdb is an extra")

CRYSTALS = [crystal for crystal in load_experimental().data[:40] if (crystal.occupancies == 1).all()][:12]


def as_ase_encodes(array):
    return {"__ndarray__": [list(array.shape), str(array.dtype), array.ravel().tolist()]}


def row_of(crystal, encode):
    """A row as ``AtomsRow`` keeps it: of all that OMat24 stores, what a crystal is made of and some more."""
    return {
        "numbers": encode(crystal.atomic_numbers),
        "positions": encode(crystal.frac_coords @ crystal.lattice),
        "cell": encode(crystal.lattice),
        "pbc": encode(np.array([True, True, True])),
        "unique_id": "1f",
        "ctime": 24.5,
        "mtime": 24.5,
        "user": "someone",
        "energy": -12.5,
        "forces": encode(np.zeros((len(crystal.frac_coords), 3))),
        "calculator": "unknown",
        "calculator_parameters": {},
        "key_value_pairs": {"task": "rattled"},
        "data": {},
    }


def write_database(path, rows, deleted=()):
    with (
        lmdb.open(str(path), subdir=False, map_size=1 << 24) as environment,
        environment.begin(write=True) as t,
    ):
        for number, row in enumerate(rows, start=1):
            content = row if isinstance(row, bytes) else zlib.compress(json.dumps(row).encode())
            if number not in deleted:
                t.put(str(number).encode("ascii"), content)
        t.put(b"nextid", zlib.compress(json.dumps(len(rows) + 1).encode()))
        if deleted:
            t.put(b"deleted_ids", zlib.compress(json.dumps(list(deleted)).encode()))


def read(path, rows=1000):
    files, shards = input_files([str(path)], Options(), None, rows)
    return [
        row
        for shard in shards
        for stretch in shard
        for row in stretch_rows(files[0], stretch.mark, stretch.n_rows, Options(), several=False)
    ]


@pytest.mark.parametrize("encode", [as_ase_encodes, lambda array: array.tolist()])
@pytest.mark.parametrize("rows", [1, 5, 1000])
def test_rows_are_the_crystals_that_were_written(tmp_path, rows, encode):
    write_database(tmp_path / "x.aselmdb", [row_of(crystal, encode) for crystal in CRYSTALS], deleted=(3, 7))
    found = read(tmp_path / "x.aselmdb", rows)
    kept = [k for k in range(12) if k + 1 not in (3, 7)]
    assert [row.name for row in found] == [str(k + 1) for k in kept]
    for row, k in zip(found, kept, strict=True):
        np.testing.assert_allclose(row.item.lattice, CRYSTALS[k].lattice)
        np.testing.assert_allclose(row.item.frac_coords, CRYSTALS[k].frac_coords, atol=1e-12)
        assert row.item.atomic_numbers.tolist() == CRYSTALS[k].atomic_numbers.tolist()
    assert [crystal.formula for crystal in read_many(tmp_path / "x.aselmdb")] == [
        CRYSTALS[k].formula for k in kept
    ]


def test_as_ase_itself_encodes_a_row(tmp_path):
    jsonio = pytest.importorskip("ase.io.jsonio", reason="ASE is an extra")
    from ase.build import bulk
    from ase.db.row import AtomsRow

    row = AtomsRow(bulk("NaCl", "rocksalt", a=5.64))
    content = {key: row[key] for key in ("numbers", "positions", "cell", "pbc", "unique_id")}
    content["cell"] = np.asarray(content["cell"])
    write_database(tmp_path / "x.aselmdb", [zlib.compress(jsonio.encode(content).encode())])
    (found,) = read(tmp_path / "x.aselmdb")
    assert found.item.formula == "NaCl"


def test_rows_that_cannot_be_read_cost_themselves(tmp_path):
    rows = [row_of(crystal, as_ase_encodes) for crystal in CRYSTALS]
    rows[1] = zlib.compress(b"{")
    rows[2] = b"no zlib"
    rows[3]["pbc"] = [True, True, False]
    del rows[4]["cell"]
    rows[5] = zlib.compress(b" " * 30_000_000)
    rows[6]["positions"] = {"__ndarray__": [[7, 3], "float64", [1.0]]}
    rows[7] = zlib.compress(json.dumps(rows[7]).encode())[:-20]
    write_database(tmp_path / "x.aselmdb", rows)
    found = read(tmp_path / "x.aselmdb", 4)
    assert [k for k, row in enumerate(found) if row.item is None] == [1, 2, 3, 4, 5, 6, 7]
    reasons = [row.reason for row in found]
    assert "periodic" in reasons[3]
    assert "the row has no cell" in reasons[4]
    assert "more than max_bytes" in reasons[5]
    assert "array that cannot be read" in reasons[6]
    assert "breaks off" in reasons[7]
    assert all(row.source.endswith(f"x.aselmdb, row {k}") for k, row in enumerate(found, start=1))


def test_a_file_that_is_no_database_is_said(tmp_path):
    (tmp_path / "x.aselmdb").write_text("nothing of the kind" * 1000)
    with pytest.raises(CrystalError, match="is no database of ASE in LMDB"):
        read(tmp_path / "x.aselmdb")
    with pytest.raises(CrystalError, match="is no database of ASE in LMDB"):
        read_many(tmp_path / "x.aselmdb")


def test_threads_read_one_file_at_once(tmp_path):
    from concurrent.futures import ThreadPoolExecutor

    write_database(tmp_path / "x.aselmdb", [row_of(crystal, as_ase_encodes) for crystal in CRYSTALS])
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(read, [tmp_path / "x.aselmdb"] * 8, range(1, 9)))
    assert {tuple(row.name for row in rows) for rows in found} == {tuple(str(k + 1) for k in range(12))}
