"""Tables of text in stretches: the rows of the whole, with few of them in memory."""

from __future__ import annotations

import gzip
import json
import lzma

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skcrystal.crystals.crystal import CrystalError
from skcrystal.formats import table_stretches as module
from skcrystal.formats.options import Options
from skcrystal.formats.rows import iter_rows
from skcrystal.formats.stretches import input_files, stretch_rows

# Whatever a program or a hand may have written: quotes that go astray, rows too short and too long.
TEXTS = st.text(st.sampled_from('ab1,;\t |"\n\r\ufeff\u00e4'), max_size=60).map("id,formula\n".__add__)


def said(rows):
    return [(row.source, row.item, row.reason) for row in rows]


def in_stretches(path, size, column="formula"):
    options = Options(max_bytes=10_000)
    files, shards = input_files([str(path)], options, column, size)
    stretches = [stretch for shard in shards for stretch in shard]
    assert [stretch.n_rows for stretch in stretches[:-1]] == [size] * (len(stretches) - 1)
    return [
        row
        # The last one first: none needs what was read for another.
        for rows in reversed(
            [
                list(stretch_rows(files[0], stretch.mark, stretch.n_rows, options, several=False))
                for stretch in reversed(stretches)
            ]
        )
        for row in rows
    ]


@given(TEXTS, st.integers(1, 4))
def test_rows_of_csv_in_stretches_are_those_of_the_whole(tmp_path_factory, text, size):
    path = tmp_path_factory.mktemp("csv") / "t.csv"
    path.write_bytes(text.encode())
    assert said(in_stretches(path, size)) == said(iter_rows([str(path)], formula_column="formula"))


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
def test_rows_of_json_lines_in_stretches_are_those_of_the_whole(tmp_path_factory, lines, size):
    path = tmp_path_factory.mktemp("jsonl") / "t.jsonl"
    path.write_bytes("\n".join(['{"a": 0}', *lines]).encode())
    assert said(in_stretches(path, size, "a")) == said(iter_rows([str(path)], formula_column="a"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
@pytest.mark.parametrize(("suffix", "pack"), [("", bytes), (".gz", gzip.compress), (".xz", lzma.compress)])
def test_compressed_and_in_other_encodings(tmp_path, encoding, suffix, pack):
    path = tmp_path / f"t.csv{suffix}"
    path.write_bytes(pack("id;formula\r\nä;NaCl\r\nb;KCl\r\n".encode(encoding)))
    rows = in_stretches(path, 1)
    assert [row.item for row in rows] == [{"Na": 1, "Cl": 1}, {"K": 1, "Cl": 1}]
    assert [row.name for row in iter_rows([str(path)], targets=False)] == ["ä", "b"]


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("t.csv", b"", "is empty"),
        ("t.csv", b" \n\n", "is empty"),
        ("t.jsonl", b"\n", "is empty"),
        ("t.jsonl", b"[1]\n2\n", "is no jsonl table"),
        ("t.csv.gz", gzip.compress(b"formula\n" + b"NaCl\n" * 20_000)[:-20], "cannot be read"),
        ("t.csv.gz", b"formula\nNaCl\n", "cannot be unpacked"),
        ("t.csv", b"formula\n" + b"N" * 10_001, "more than max_bytes=10,000 bytes"),
        ("t.csv", b",".join(b"c" * 1 for _ in range(4_999)) + b"\n", "no column of 'formula'"),
    ],
)
def test_what_is_no_table_is_said_in_one_sentence(tmp_path, name, content, says):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(CrystalError, match=says) as caught:
        in_stretches(path, 5)
    assert "t.csv" in str(caught.value) or "t.jsonl" in str(caught.value)


def test_a_quote_that_nothing_closes_costs_its_row_and_no_memory(tmp_path):
    path = tmp_path / "t.csv"
    lines = ["id,formula", *(f"r{k},NaCl" for k in range(5_000))]
    lines[10] = 'r9,"NaCl'
    path.write_text("\n".join(lines))
    rows = in_stretches(path, 100)
    assert [row.name for row in rows if row.item is not None] == [f"r{k}" for k in range(5_000) if k != 9]
    assert [row.name for row in rows if row.item is None] == ["line 11"]


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_no_more_of_a_table_is_read_than_a_stretch_needs(tmp_path, monkeypatch, kind):
    n_rows = 3000
    path = tmp_path / f"t.{kind}"
    if kind == "csv":
        path.write_text("id,formula\n" + "".join(f"r{k},NaCl\n" for k in range(n_rows)))
    else:
        path.write_text("".join(json.dumps({"id": f"r{k}", "formula": "NaCl"}) + "\n" for k in range(n_rows)))
    (file,), shards = input_files([str(path)], Options(), None, 100)
    read = []
    lines_of = module.file_lines

    def counted(*arguments, **options):
        for line in lines_of(*arguments, **options):
            read.append(line.number)
            yield line

    monkeypatch.setattr(module, "file_lines", counted)
    for number in (29, 0, 17):
        read.clear()
        (stretch,) = shards[number]
        names = [row.name for row in stretch_rows(file, stretch.mark, 100, Options(), several=False)]
        assert names == [f"r{k}" for k in range(100 * number, 100 * number + 100)]
        # And a line to see whether there are more.
        assert len(read) <= 101
        assert read[0] == 100 * number + (2 if kind == "csv" else 1)
