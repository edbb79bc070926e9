"""Files, tables and conversion: shared inputs on which the package once fell short."""

from __future__ import annotations

import pandas as pd
import pytest

from skcrystal.crystals.crystal import CrystalError
from skcrystal.formats import read, read_many
from skcrystal.formats.conversion import convert


@pytest.fixture(scope="module")
def cases(shared):
    if not (shared / "cases").is_dir():
        pytest.skip("the shared data holds no cases")
    return shared / "cases"


def test_a_poscar_without_symbols_takes_them_from_its_user(cases, tmp_path):
    path = cases / "04-vasp4-without-symbols.POSCAR"
    with pytest.raises(CrystalError, match=r"elements=\[\.\.\.\]"):
        read(path)
    assert read(path, elements=["Na", "Cl"]).atomic_numbers.tolist() == [11, 17]
    done = convert(path, tmp_path / "out.cif", elements=["Na", "Cl"])
    assert (done.n_crystals, done.failures) == (1, {})


@pytest.mark.parametrize(
    ("name", "good", "bad"), [("07-one-bad-row.csv", 4, "row b"), ("08-one-bad-block.cif", 3, "data_bad")]
)
def test_one_bad_entry_costs_itself(cases, tmp_path, name, good, bad):
    done = convert(cases / name, tmp_path / "out.csv")
    assert done.n_crystals == len(pd.read_csv(tmp_path / "out.csv")) == good
    assert list(done.failures) == [f"{cases / name}, {bad}"]


def test_dicts_in_parquet_are_read_from_the_table(cases):
    pytest.importorskip("pyarrow", reason="pandas needs pyarrow for Parquet")
    assert [crystal.n_sites for crystal in read_many(cases / "12-structure-dicts.parquet")] == [8, 2]


def test_a_trajectory_is_its_frames(cases, tmp_path):
    crystals = read_many(cases / "13-XDATCAR")
    assert [crystal.frac_coords[0, 0] for crystal in crystals] == [0.002, 0.004, 0.006]
    assert convert(cases / "13-XDATCAR", tmp_path / "out.xyz").n_crystals == 3


@pytest.mark.parametrize("name", ["14-scale-mixed-signs.vasp", "15-scale-four-numbers.vasp"])
def test_a_wrong_scale_is_named(cases, name):
    with pytest.raises(CrystalError, match=r"line 2 of the POSCAR text, .* must be the scale factor"):
        read(cases / name)


def test_a_table_is_no_text(cases):
    assert [crystal.n_sites for crystal in read_many(cases / "21-table-of-cif-texts.tsv")] == [8] * 4
