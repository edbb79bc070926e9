"""Inputs divided into stretches: read from anywhere, and the rows of all of them are those of the whole."""

from __future__ import annotations

import bz2
import gzip
import json
import tracemalloc
import zipfile

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skcrystal.crystals.crystal import CrystalError
from skcrystal.datasets import load_experimental
from skcrystal.formats import cif_text, write
from skcrystal.formats.delimited import read_delimited
from skcrystal.formats.options import Options
from skcrystal.formats.rows import iter_rows
from skcrystal.formats.stretches import InputFile, input_files, stretch_rows
from skcrystal.formats.survey import Mark

CRYSTALS = load_experimental().data[:23]


def rows_of(sources, rows, **options):
    """The rows of all shards, each read by itself, as another process would."""
    formula = options.pop("formula_column", None)
    options = Options(**options)
    files, shards = json.loads(json.dumps(input_files([str(one) for one in sources], options, formula, rows)))
    files = [InputFile(*file) for file in files]
    return [
        [
            row
            for number, mark, count in shard
            for row in stretch_rows(files[number], Mark(*mark), count, options, several=len(files) > 1)
        ]
        for shard in shards
    ]


def told(row):
    """What a row says, its crystal as text."""
    crystal = row.item
    return (
        row.name,
        row.reason,
        crystal if crystal is None or isinstance(crystal, dict) else cif_text(crystal),
    )


def assert_as_a_whole(source, rows, *, names=True, **options):
    shards = rows_of([source], rows, **options)
    whole = [told(row) for row in iter_rows([str(source)], **options)]
    found = [told(row) for shard in shards for row in shard]
    assert [row[0 if names else 1 :] for row in found] == [row[0 if names else 1 :] for row in whole]
    assert [len(shard) for shard in shards[:-1]] == [rows] * (len(shards) - 1)
    return found


def frame():
    texts = [cif_text(crystal) for crystal in CRYSTALS]
    return pd.DataFrame({"id": [f"c{k}" for k in range(len(texts))], "cif": texts, "gap": 1.5})


@pytest.mark.parametrize("rows", [1, 5, 23, 100])
@pytest.mark.parametrize("name", ["x.csv", "x.tsv", "x.jsonl", "x.parquet", "x.csv.gz", "x.jsonl.bz2"])
def test_tables(tmp_path, name, rows):
    table, path = frame(), tmp_path / name
    if name == "x.parquet":
        table.to_parquet(path, row_group_size=4)
    elif ".jsonl" in name:
        # What is empty is no row.
        text = table.to_json(orient="records", lines=True).replace("\n", "\n\n", 3)
        path.write_bytes(bz2.compress(text.encode()) if name.endswith(".bz2") else text.encode())
    else:
        table.to_csv(path, index=False, sep="\t" if ".tsv" in name else ",", lineterminator="\r\n")
    found = assert_as_a_whole(path, rows)
    assert [row[0] for row in found] == table["id"].tolist()


def test_a_table_without_identifiers_counts_its_rows(tmp_path):
    frame().drop(columns="id").to_csv(tmp_path / "x.csv", index=False)
    found = assert_as_a_whole(tmp_path / "x.csv", 5)
    assert [row[0] for row in found] == [str(k) for k in range(23)]
    table = frame().drop(columns="id").set_index(pd.Index([f"i{k}" for k in range(23)]))
    table.to_parquet(tmp_path / "x.parquet")
    assert [row[0] for row in assert_as_a_whole(tmp_path / "x.parquet", 5)] == list(table.index)


def test_rows_at_fault_keep_their_place_and_their_lines(tmp_path):
    text = frame().to_csv(index=False)
    ninth = text.index("\nc9,") + 1
    # A quote that is missing, in the middle of it all.
    text = text[: ninth + 3] + text[ninth + 4 :]
    (tmp_path / "x.csv").write_text(text)
    for rows in (1, 4, 10, 50):
        found = assert_as_a_whole(tmp_path / "x.csv", rows)
    assert [row[0] for row in found if row[2]] == [f"c{k}" for k in range(23) if k != 9]
    assert any("quote is missing" in row[1] for row in found)
    json_lines = frame().to_json(orient="records", lines=True).splitlines()
    json_lines[7], json_lines[8] = "{broken", "17"
    (tmp_path / "x.jsonl").write_text("\n".join(json_lines))
    found = assert_as_a_whole(tmp_path / "x.jsonl", 4)
    assert [row[0] for row in found if row[2] is None] == ["row 7", "row 8"]


def test_formulas(tmp_path):
    (tmp_path / "x.csv").write_text("".join(["name,formula\n", *(f"n{k},NaCl{k}\n" for k in range(9))]))
    found = assert_as_a_whole(tmp_path / "x.csv", 2)
    assert found[3][2] == {"Na": 1.0, "Cl": 3.0}
    (tmp_path / "y.csv").write_text("a,b\n1,2\n")
    with pytest.raises(CrystalError, match="has no column of structures or formulas"):
        rows_of([tmp_path / "y.csv"], 2)
    with pytest.raises(CrystalError, match=r"no column 'mine'"):
        rows_of([tmp_path / "x.csv"], 2, structure_column="mine")


@given(
    st.lists(
        st.lists(st.text('ab",\n\r ', max_size=6), min_size=2, max_size=2), min_size=1, max_size=6
    ).filter(lambda rows: all(any(cell.strip() for cell in row) for row in rows)),
    st.integers(1, 3),
)
def test_any_cells_are_found_again_at_any_row(tmp_path_factory, cells, rows):
    path = tmp_path_factory.mktemp("csv") / "x.csv"
    quoted = [[f'"{cell.replace(chr(34), 2 * chr(34))}"' for cell in row] for row in cells]
    text = "\n".join(["name,formula", *map(",".join, quoted)])
    path.write_bytes(text.encode())
    expected = [row.cells[0] for row in read_delimited(text, ",") if not row.fault][1:]
    found = [row for shard in rows_of([path], rows) for row in shard]
    assert len(found) == len(cells)
    assert [row.source for row in found if row.names] == [
        f"{path}, row {' '.join(name.split())}" for name in expected
    ]


def extxyz(crystals):
    from skcrystal.formats.extxyz import extxyz_text

    return [extxyz_text(crystal) for crystal in crystals]


@pytest.mark.parametrize("rows", [1, 4, 100])
def test_extended_xyz_by_frames(tmp_path, rows):
    texts = extxyz([crystal for crystal in CRYSTALS if (crystal.occupancies == 1).all()])
    (tmp_path / "x.xyz").write_text("\n".join(texts))
    found = assert_as_a_whole(tmp_path / "x.xyz", rows)
    assert [row[0] for row in found][:2] == ["x_01", "x_02"]
    # A frame that is cut off, and one that states too many atoms.
    texts[3] = texts[3].rsplit("\n", 2)[0] + "\n"
    texts[5] = "9" + texts[5]
    (tmp_path / "y.xyz").write_text("".join(texts))
    found = assert_as_a_whole(tmp_path / "y.xyz", rows)
    assert [k for k, row in enumerate(found) if row[2] is None] == [3, 5]
    with gzip.open(tmp_path / "z.xyz.gz", "wt") as file:
        file.write("".join(texts))
    assert [row[1:] for row in assert_as_a_whole(tmp_path / "z.xyz.gz", rows)] == [row[1:] for row in found]


def test_long_files_are_not_in_memory(tmp_path):
    text = extxyz([CRYSTALS[0]])[0]
    with (tmp_path / "x.xyz").open("w") as file:
        for _ in range(40):
            file.write(text * 500)
    size = (tmp_path / "x.xyz").stat().st_size
    tracemalloc.start()
    files, shards = input_files([str(tmp_path / "x.xyz")], Options(), None, 1000)
    last = [
        row for _, mark, n in shards[-1] for row in stretch_rows(files[0], mark, n, Options(), several=False)
    ]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (len(shards), len(last), last[-1].name) == (20, 1000, "x_20000")
    assert size > 4_000_000
    assert peak < size


def test_databases_and_trajectories_of_ase(tmp_path):
    pytest.importorskip("ase", reason="ASE is an extra")
    ordered = [crystal for crystal in CRYSTALS if (crystal.occupancies == 1).all()]
    for name in ("x.db", "x.traj"):
        write(ordered, tmp_path / name)
        found = assert_as_a_whole(tmp_path / name, 5, names=name == "x.db")
        assert len(found) == len(ordered)


@pytest.mark.parametrize("rows", [1, 4, 100])
def test_folders_and_archives(tmp_path, rows):
    folder = tmp_path / "files"
    (folder / "inner").mkdir(parents=True)
    for k, crystal in enumerate(CRYSTALS):
        write(crystal, folder / f"{k:02d}.cif")
    (folder / "05.cif").write_text("nothing")
    write(CRYSTALS[0], folder / "inner" / "00.cif")
    write(CRYSTALS[0], folder / "00.vasp")
    (folder / "id_prop.csv").write_text("00,1.5\n")
    found = assert_as_a_whole(folder, rows)
    assert [row[0] for row in found][:2] == ["00", "00_2"]
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        for path in sorted(folder.rglob("*.cif")):
            archive.write(path, path.relative_to(folder))
        archive.writestr("notes.txt", "what these are")
    shards = rows_of([tmp_path / "x.zip"], rows)
    whole = [told(row) for row in iter_rows([str(tmp_path / "x.zip")])]
    assert [told(row) for shard in shards for row in shard] == whole
    assert len(shards) == -(-25 // rows)


def test_tables_among_several_files_say_which_one_a_row_is_of(tmp_path):
    frame().drop(columns="id").to_csv(tmp_path / "a.csv", index=False)
    frame().to_parquet(tmp_path / "b.parquet")
    (tmp_path / "c.csv").write_text("no,thing\n1,2\n")
    shards = rows_of([tmp_path], 20)
    assert [len(shard) for shard in shards] == [20, 20, 7]
    names = [row.name for shard in shards for row in shard]
    assert names == [f"a_{k}" for k in range(23)] + [f"c{k}" for k in range(23)] + ["c"]
    assert "no column" in shards[-1][-1].reason


def test_a_file_that_has_changed_is_not_read(tmp_path):
    frame().to_csv(tmp_path / "x.csv", index=False)
    files, shards = input_files([str(tmp_path / "x.csv")], Options(), None, 10)
    with (tmp_path / "x.csv").open("a") as file:
        file.write("x,y,z\n")
    with pytest.raises(CrystalError, match="not what it was when it was planned; plan it anew"):
        stretch_rows(files[0], shards[0][0].mark, 10, Options(), several=False)


def test_what_is_no_plain_text_is_read_as_a_whole(tmp_path):
    (tmp_path / "x.csv").write_bytes(frame().to_csv(index=False).encode("utf-16"))
    files, _ = input_files([str(tmp_path / "x.csv")], Options(), None, 10)
    assert files[0].kind == "table"
    found = [row for shard in rows_of([tmp_path / "x.csv"], 10) for row in shard]
    assert len(found) == 23
