"""Tables of text in parts: the rows of the whole, with few of them in memory."""

from __future__ import annotations

import gzip
import json
import lzma

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skcrystal.crystals.crystal import CrystalError
from skcrystal.featurizer.partitions import featurize_files
from skcrystal.featurizer.parts import Parts
from skcrystal.formats import table_parts as module
from skcrystal.formats.rows import BATCH, iter_rows
from skcrystal.formats.table_parts import table_parts
from skcrystal.formats.tables import read_table

# Whatever a program or a hand may have written: quotes that go astray, rows too short and too long.
TEXTS = st.text(st.sampled_from('ab1,;\t |"\n\r\ufeff\u00e4'), max_size=60).map("id,formula\n".__add__)


def whole(path, kind, content):
    table = read_table(content, kind, path, "formula")
    return table.columns, table.labels, table.rows


def in_parts(path, kind, size, skip=0, column="formula"):
    tables = list(table_parts(path, kind, column, size=size, max_chars=10_000, skip=skip))
    columns = tables[0].columns if tables else None
    labels = [label for table in tables for label in table.labels]
    return columns, labels, [row for table in tables for row in table.rows]


@given(TEXTS, st.integers(1, 4), st.integers(0, 3))
def test_rows_of_csv_in_parts_are_those_of_the_whole(tmp_path_factory, text, size, skip):
    path = tmp_path_factory.mktemp("csv") / "t.csv"
    path.write_bytes(text.encode())
    columns, labels, rows = whole(str(path), "csv", path.read_bytes())
    found_columns, found_labels, found_rows = in_parts(str(path), "csv", size, skip)
    assert found_labels == labels[skip:]
    assert found_columns == (columns if found_labels else None)
    for row, found in zip(rows[skip:], found_rows, strict=True):
        if not isinstance(row, dict):
            assert found == row
            continue
        # Cells are typed by all of their column, which parts do not know.
        assert (found["id"], found["formula"]) == (row["id"], row["formula"])
        assert set(found) == set(row)


@given(
    st.lists(
        st.one_of(
            st.dictionaries(st.sampled_from("abc"), st.integers()).map(json.dumps),
            st.sampled_from(["", "  ", "[1]", "{", "{}", "null"]),
        ),
        max_size=8,
    ),
    st.integers(1, 4),
)
def test_rows_of_json_lines_in_parts_are_those_of_the_whole(tmp_path_factory, lines, size):
    text = "\n".join(['{"a": 0}', *lines])
    path = tmp_path_factory.mktemp("jsonl") / "t.jsonl"
    path.write_bytes(text.encode())
    assert in_parts(str(path), "jsonl", size) == whole(str(path), "jsonl", path.read_bytes())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
@pytest.mark.parametrize(("suffix", "pack"), [("", bytes), (".gz", gzip.compress), (".xz", lzma.compress)])
def test_compressed_and_in_other_encodings(tmp_path, encoding, suffix, pack):
    path = tmp_path / f"t.csv{suffix}"
    path.write_bytes(pack("id;formula\r\nä;NaCl\r\nb;KCl\r\n".encode(encoding)))
    columns, _, rows = in_parts(str(path), "csv", 1)
    assert columns == ["id", "formula"]
    assert rows == [{"id": "ä", "formula": "NaCl"}, {"id": "b", "formula": "KCl"}]
    assert [row.name for row in iter_rows([str(path)], targets=False)] == ["ä", "b"]


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("t.csv", b"", "is empty"),
        ("t.csv", b" \n\n", "is empty"),
        ("t.jsonl", b"\n", "is empty"),
        ("t.jsonl", b"[1]\n2\n", "is no jsonl table"),
        ("t.csv.gz", gzip.compress(b"formula\n" + b"NaCl\n" * 20_000)[:-20], "cannot be read"),
        ("t.csv.gz", b"formula\nNaCl\n", "cannot be read"),
        ("t.csv", b"formula\n" + b"N" * 10_001, "a line of more than 10,000 characters"),
        ("t.csv", b",".join(b"c" * 1 for _ in range(10_001)) + b"\n", "more than 10,000"),
    ],
)
def test_what_is_no_table_is_said_in_one_sentence(tmp_path, name, content, says):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(CrystalError, match=says) as caught:
        in_parts(str(path), name.split(".")[1], 5)
    assert "t.csv" in str(caught.value) or "t.jsonl" in str(caught.value)


def test_a_quote_that_nothing_closes_costs_its_row_and_no_memory(tmp_path):
    path = tmp_path / "t.csv"
    lines = ["id,formula", *(f"r{k},NaCl" for k in range(5_000))]
    lines[10] = 'r9,"NaCl'
    path.write_text("\n".join(lines))
    _, _, rows = in_parts(str(path), "csv", 100)
    good = [row["id"] for row in rows if isinstance(row, dict)]
    assert good == [f"r{k}" for k in range(5_000) if k != 9]
    faults = [row for row in rows if not isinstance(row, dict)]
    assert [fault.place for fault in faults] == ["line 11"]


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_no_more_of_a_table_is_read_than_a_part_needs(tmp_path, monkeypatch, kind):
    pytest.importorskip("pyarrow", reason="Parquet files need pyarrow, which the extra parquet brings")
    n_rows, part = 3 * BATCH, BATCH // 4
    path = tmp_path / f"t.{kind}"
    if kind == "csv":
        path.write_text("id,formula\n" + "".join(f"r{k},NaCl\n" for k in range(n_rows)))
    else:
        path.write_text("".join(json.dumps({"id": f"r{k}", "formula": "NaCl"}) + "\n" for k in range(n_rows)))
    read = []
    lines_of = module._lines

    def counted(*arguments):
        read.append(0)
        for line in lines_of(*arguments):
            read[-1] += 1
            yield line

    at_each_part = []
    write = Parts.write

    def noted(self, *arguments):
        at_each_part.append(read[-1])
        write(self, *arguments)

    monkeypatch.setattr(module, "_lines", counted)
    monkeypatch.setattr(Parts, "write", noted)
    featurize_files(path, tmp_path / "out.parquet", descriptors="composition", part_size=part)
    # The header, and a line to see whether there are more.
    expected = [(k * part // BATCH + 1) * BATCH + 2 for k in range(n_rows // part)]
    assert len(at_each_part) == len(expected)
    assert all(found <= most for found, most in zip(at_each_part, expected, strict=True)), at_each_part
    assert at_each_part[0] < n_rows / 2
