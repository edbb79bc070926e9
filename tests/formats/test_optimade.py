"""Parquet whose columns are OPTIMADE's properties: flat arrays into flat arrays, and what is no crystal."""

from __future__ import annotations

import numpy as np
import pytest

from skcrystal.chemistry.elements import symbols
from skcrystal.datasets import load_experimental
from skcrystal.formats import items
from skcrystal.formats.options import Options
from skcrystal.formats.stretches import input_files, stretch_rows

pa = pytest.importorskip("pyarrow", reason="Parquet files need pyarrow, which the extra parquet brings")

CRYSTALS = [crystal for crystal in load_experimental().data[:60] if (crystal.occupancies == 1).all()]


def properties(crystal, label):
    names = [symbols()[number] for number in crystal.atomic_numbers]
    return {
        "id": label,
        "lattice_vectors": crystal.lattice.tolist(),
        "cartesian_site_positions": (crystal.frac_coords @ crystal.lattice).tolist(),
        "species_at_sites": names,
        "species": [
            {"name": name, "chemical_symbols": [name], "concentration": [1.0]} for name in sorted(set(names))
        ],
        "dimension_types": [1, 1, 1],
        "structure_features": [],
        "band_gap": 1.5,
    }


def table_of(rows):
    return pa.Table.from_pylist(rows)


def read(path, rows=1000):
    files, shards = input_files([str(path)], Options(), None, rows)
    return [
        row
        for shard in shards
        for stretch in shard
        for row in stretch_rows(files[0], stretch.mark, stretch.n_rows, Options(), several=False)
    ]


@pytest.mark.parametrize("left_out", [(), ("species", "dimension_types", "structure_features", "id")])
@pytest.mark.parametrize("rows", [7, 1000])
def test_crystals_are_those_that_were_written(tmp_path, monkeypatch, rows, left_out):
    from pyarrow import parquet

    table = table_of([properties(crystal, f"c{k}") for k, crystal in enumerate(CRYSTALS)])
    parquet.write_table(table.drop_columns(list(left_out)), tmp_path / "x.parquet", row_group_size=10)
    # There is no text to parse, so nothing is parsed.
    monkeypatch.setattr(items, "read_item", None)
    monkeypatch.setattr(items, "crystal_from_dict", None)
    found = read(tmp_path / "x.parquet", rows)
    assert [row.reason for row in found] == [""] * len(CRYSTALS)
    assert [row.name for row in found] == [f"{'' if left_out else 'c'}{k}" for k in range(len(CRYSTALS))]
    for row, crystal in zip(found, CRYSTALS, strict=True):
        np.testing.assert_array_equal(row.item.lattice, crystal.lattice)
        np.testing.assert_array_equal(row.item.atomic_numbers, crystal.atomic_numbers)
        np.testing.assert_allclose(row.item.frac_coords, crystal.frac_coords, atol=1e-12)


def test_species_by_other_names_are_looked_up(tmp_path):
    from pyarrow import parquet

    # Wustite with a tenth of its iron missing, and an alloy on one site.
    row = properties(CRYSTALS[0], "a")
    row["species_at_sites"] = ["Fe1" if k == 0 else "O" for k in range(len(row["species_at_sites"]))]
    row["species"] = [
        {"name": "Fe1", "chemical_symbols": ["Fe", "Mn", "vacancy"], "concentration": [0.5, 0.4, 0.1]},
        {"name": "O", "chemical_symbols": ["O"], "concentration": [1.0]},
    ]
    parquet.write_table(table_of([properties(CRYSTALS[1], "b"), row]), tmp_path / "x.parquet")
    plain, mixed = read(tmp_path / "x.parquet")
    assert plain.item.formula == CRYSTALS[1].formula
    assert mixed.item.atomic_numbers[:2].tolist() == [26, 25]
    assert mixed.item.occupancies[:2].tolist() == [0.5, 0.4]
    assert (mixed.item.atomic_numbers[2:] == 8).all()


BAD = {
    "dimension_types": ([1, 1, 0], "dimension_types are not 1, 1, 1"),
    "structure_features": (["implicit_atoms"], "some of its atoms have no sites"),
    "lattice_vectors": ([[1.0, 0, 0], [0, 1.0, 0], [None, None, None]], "lattice_vectors are not vectors"),
    "cartesian_site_positions": ([[0.0, 0, 0]], "1 cartesian_site_positions and"),
    "species_at_sites": (None, "0 species_at_sites"),
    "species": ([{"name": "Q", "chemical_symbols": ["X"], "concentration": [1.0]}], "'X' is no element"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_crystal_costs_itself(tmp_path, name):
    from pyarrow import parquet

    rows = [properties(crystal, f"c{k}") for k, crystal in enumerate(CRYSTALS[:5])]
    rows[2][name], said = BAD[name]
    parquet.write_table(table_of(rows), tmp_path / "x.parquet")
    found = read(tmp_path / "x.parquet")
    assert [k for k, row in enumerate(found) if row.item is None] == [2]
    assert said in found[2].reason
    assert found[2].source.endswith("x.parquet, row c2")


def test_a_flat_cell_is_refused_by_the_gate(tmp_path):
    from pyarrow import parquet

    rows = [properties(crystal, f"c{k}") for k, crystal in enumerate(CRYSTALS[:3])]
    rows[1]["lattice_vectors"] = [[1.0, 0, 0], [2.0, 0, 0], [0, 0, 1.0]]
    parquet.write_table(table_of(rows), tmp_path / "x.parquet")
    found = read(tmp_path / "x.parquet")
    assert [row.item is None for row in found] == [False, True, False]
    assert "volume" in found[1].reason


@pytest.mark.parametrize("kind", ["parquet", "jsonl"])
def test_tables_in_memory_are_read_alike(tmp_path, kind):
    import json

    from pyarrow import parquet

    from skcrystal.formats import read_many
    from skcrystal.models.training import read_training_data

    rows = [properties(crystal, f"c{k}") | {"band_gap": float(k)} for k, crystal in enumerate(CRYSTALS)]
    path = tmp_path / f"x.{kind}"
    if kind == "parquet":
        parquet.write_table(table_of(rows), path)
    else:
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    data = read_training_data(str(path), "band_gap")
    assert data.failures == {}
    assert data.y.tolist() == list(range(len(CRYSTALS)))
    assert data.ids == tuple(f"c{k}" for k in range(len(CRYSTALS)))
    for crystal, of_table, expected in zip(read_many(path), data.X, CRYSTALS, strict=True):
        np.testing.assert_array_equal(crystal.atomic_numbers, expected.atomic_numbers)
        np.testing.assert_allclose(crystal.frac_coords, expected.frac_coords, atol=1e-12)
        assert of_table.formula == expected.formula


def test_a_row_of_a_table_in_memory_costs_itself(tmp_path):
    import json

    from skcrystal.models.training import read_training_data

    rows = [properties(crystal, f"c{k}") for k, crystal in enumerate(CRYSTALS[:5])]
    rows[1]["lattice_vectors"] = "cubic"
    rows[3]["species_at_sites"] = None
    path = tmp_path / "x.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    data = read_training_data(str(path), "band_gap")
    assert data.ids == ("c0", "c2", "c4")
    reasons = list(data.failures.values())
    assert "its OPTIMADE properties cannot be read" in reasons[0]
    assert "species_at_sites" in reasons[1]


def test_properties_that_are_no_lists_are_said(tmp_path):
    from pyarrow import parquet

    rows = [
        properties(crystal, f"c{k}") | {"lattice_vectors": "[[1, 0, 0]]"}
        for k, crystal in enumerate(CRYSTALS[:2])
    ]
    parquet.write_table(table_of(rows), tmp_path / "x.parquet")
    found = read(tmp_path / "x.parquet")
    assert [row.item for row in found] == [None, None]
    assert "its lattice_vectors are string, and no list" in found[0].reason
