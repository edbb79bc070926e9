"""CSV in the forms that programs write, and tables that are hurt."""

from __future__ import annotations

import csv
import io
import time

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skcrystal.crystals.crystal import CrystalError
from skcrystal.formats import ReadWarning, cif_text, poscar_text, read, read_many, read_text
from skcrystal.formats.conversion import convert
from skcrystal.formats.delimited import delimiter_of, read_delimited, typed
from tests.prototypes import CAESIUM_CHLORIDE, DIAMOND, ROCK_SALT, ROCK_SALT_CIF

THREE = [cif_text(crystal) for crystal in (CAESIUM_CHLORIDE, DIAMOND, ROCK_SALT)]
FRAME = pd.DataFrame({"id": ["a", "b", "c"], "cif": THREE, "gap": [1.5, 2, 3]})


def rows_of(text, delimiter=","):
    return [(row.cells, row.fault) for row in read_delimited(text, delimiter)]


@given(
    st.lists(
        st.lists(
            st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1), min_size=3, max_size=3
        ),
        min_size=1,
        max_size=5,
    ),
    st.sampled_from(",;\t|"),
)
def test_what_csv_writes_is_read_cell_by_cell(rows, delimiter):
    buffer = io.StringIO(newline="")
    csv.writer(buffer, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows(rows)
    # A mark of the order of bytes in front of all is none of the text.
    if not rows[0][0].startswith("\ufeff"):
        assert rows_of(buffer.getvalue(), delimiter) == [(row, "") for row in rows]


def test_a_row_that_is_too_long_is_a_fault_and_a_short_one_is_filled():
    assert rows_of("a,b\n1,2,3\n4\n\n5,6,\n7,8") == [
        (["a", "b"], ""),
        ([], "it has 3 cells for 2 columns"),
        (["4", ""], ""),
        (["5", "6"], ""),
        (["7", "8"], ""),
    ]


@pytest.mark.parametrize("quote", range(6))
def test_a_quote_that_is_missing_costs_its_own_row(tmp_path, quote):
    text = FRAME.to_csv(index=False)
    place = [i for i, character in enumerate(text) if character == '"'][quote]
    (tmp_path / "x.csv").write_text(text[:place] + text[place + 1 :])
    with pytest.warns(ReadWarning, match=r"line|row"):
        crystals = read_many(tmp_path / "x.csv", on_error="skip")
    good = ["CsCl", "C", "NaCl"]
    del good[quote // 2]
    assert [crystal.formula for crystal in crystals][-len(good) :] == good
    assert crystals.failures


def test_many_missing_quotes_end_in_bounded_time():
    start = time.process_time()
    for line in ('x,"y\n', '"x,y,z\n', 'x,y,"z",\n"'):
        rows = rows_of("a,b,c\n" + line * 20_001)
        assert rows[0] == (["a", "b", "c"], "")
    assert time.process_time() - start < 10


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_any_separator_and_line_end(tmp_path, separator, ends):
    text = FRAME.to_csv(index=False, sep=separator)
    # Lines end in the same way inside and outside of quotes.
    (tmp_path / "x.csv").write_bytes(text.replace("\n", ends).encode())
    assert [crystal.formula for crystal in read_many(tmp_path / "x.csv")] == ["CsCl", "C", "NaCl"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le"])
def test_what_spreadsheets_save_is_read(tmp_path, encoding):
    (tmp_path / "x.csv").write_bytes(FRAME.to_csv(index=False, sep=";", decimal=",").encode(encoding))
    done = convert(tmp_path / "x.csv", tmp_path / "out.csv")
    assert (done.n_crystals, done.failures) == (3, {})
    frame = pd.read_csv(tmp_path / "out.csv")
    assert (frame.id.tolist(), frame.gap.tolist()) == (["a", "b", "c"], [1.5, 2, 3])


@pytest.mark.parametrize("name", ["x.dat", "x.txt", "x", "x.cif", "x.data.csv"])
def test_a_table_is_known_by_its_content(tmp_path, name):
    (tmp_path / name).write_text(FRAME.to_csv(index=False, sep="\t"))
    assert [crystal.formula for crystal in read_many(tmp_path / name)] == ["CsCl", "C", "NaCl"]
    with pytest.warns(ReadWarning, match="several crystals, the first was read"):
        assert read(tmp_path / name).formula == "CsCl"


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_a_table_of_texts_is_never_read_as_one_cif(tmp_path, separator):
    frame = FRAME.rename(columns={"cif": "my texts"})
    text = frame.to_csv(index=False, sep=separator)
    (tmp_path / "x.dat").write_text(text)
    for read_it in (lambda: read_text(text), lambda: read_many(tmp_path / "x.dat")):
        with pytest.raises(CrystalError, match="the text is a table with CIF texts in one of its columns"):
            read_it()
    assert len(read_many(tmp_path / "x.dat", structure_column="my texts")) == 3
    with pytest.raises(CrystalError, match="the text is a table"):
        read_text(FRAME.to_csv(index=False, sep=separator))
    pymatgens = frame.assign(**{"my texts": ["# generated using pymatgen\n" + text for text in THREE]})
    with pytest.raises(CrystalError, match="the text is a table"):
        read_text(pymatgens.to_csv(index=False))


def test_a_cif_with_quotes_in_front_is_a_cif():
    assert read_text(f'# from "a table", as it were\n#,"x"\n{ROCK_SALT_CIF}').n_sites == 8


def test_names_of_columns_may_be_in_upper_case_and_stand_twice(tmp_path):
    frame = pd.DataFrame([["a", THREE[0], 1, 2]], columns=["ID", "CIF", "gap", "gap"])
    frame.to_csv(tmp_path / "x.csv", index=False)
    convert(tmp_path / "x.csv", tmp_path / "out.csv")
    out = pd.read_csv(tmp_path / "out.csv")
    assert (out.columns.tolist(), out.id.tolist()) == (["id", "formula", "structure", "gap", "gap.1"], ["a"])


def test_the_index_of_pandas_is_the_id_where_there_is_no_other(tmp_path):
    FRAME.set_index("id").rename_axis(None).to_csv(tmp_path / "x.csv")
    assert [crystal.source[-5:] for crystal in read_many(tmp_path / "x.csv")] == ["row a", "row b", "row c"]
    FRAME.to_csv(tmp_path / "y.csv")
    done = convert(tmp_path / "y.csv", tmp_path / "out.csv")
    assert done.failures == {}
    assert pd.read_csv(tmp_path / "out.csv").id.tolist() == ["a", "b", "c"]


def test_zeros_in_front_of_an_id_stay(tmp_path):
    FRAME.assign(id=["007", "08", "9"]).to_csv(tmp_path / "x.csv", index=False)
    convert(tmp_path / "x.csv", tmp_path / "out.csv")
    assert pd.read_csv(tmp_path / "out.csv", dtype=str).id.tolist() == ["007", "08", "9"]


def test_a_structure_longer_than_the_limit_of_the_csv_module(tmp_path):
    text = ROCK_SALT_CIF + "#" * 200_000
    pd.DataFrame({"id": ["a"], "cif": [text]}).to_csv(tmp_path / "x.csv", index=False)
    limit = csv.field_size_limit()
    assert read(tmp_path / "x.csv").n_sites == 8
    assert csv.field_size_limit() == limit


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (["1", "-2", ""], [1, -2, None]),
        (["1", "2.5", "nan"], [1.0, 2.5, None]),
        (["1e-3", "inf", "NA"], [1e-3, float("inf"), None]),
        (["True", "false"], [True, False]),
        (["True", "1"], ["True", "1"]),
        (["1_000", "2"], ["1_000", "2"]),
        (["metal", " insulator"], ["metal", " insulator"]),
        (["1,5", "2"], ["1,5", "2"]),
        ([], []),
    ],
)
def test_cells_get_the_type_of_their_column(cells, values):
    assert typed(cells) == values


def test_the_separator_is_that_between_the_known_names():
    assert delimiter_of("a,b;structure;c,d,e", {"structure"}) == ";"
    assert delimiter_of("name value\nx 1") == " "
    assert delimiter_of("alone") == ","


@pytest.mark.parametrize("name", ["x.jsonl", "x.csv", "x.json"])
def test_names_with_line_breaks_make_no_sentence_of_two_lines(tmp_path, name):
    content = {
        "x.jsonl": '{"a\\nb": 1, "id": "c\\nd"}',
        "x.csv": 'id,"a\nb",structure\n"c\nd",1,nothing\n',
        "x.json": '{"c\\nd": {"sites": [], "a\\nb": 1}, "e": {"lattice": 1}}',
    }
    (tmp_path / name).write_text(content[name])
    with pytest.raises(CrystalError) as error:
        read_many(tmp_path / name)
    assert "\n" not in str(error.value)


def test_a_comment_of_a_poscar_is_no_header(tmp_path):
    text = poscar_text(CAESIUM_CHLORIDE)
    for comment in ("structure, relaxed", "id;structure", "CsCl\tcif"):
        (tmp_path / "x").write_text("\n".join([comment, *text.split("\n")[1:]]))
        assert [crystal.formula for crystal in read_many(tmp_path / "x")] == ["CsCl"]


@pytest.mark.parametrize("name", ["x.jsonl", "x.json", "x.txt", "x.dat"])
def test_lines_of_json_are_known_by_their_content(tmp_path, name):
    FRAME.to_json(tmp_path / name, orient="records", lines=True)
    assert [crystal.formula for crystal in read_many(tmp_path / name)] == ["CsCl", "C", "NaCl"]
