"""What every column means: complete for all descriptors, true to them, kept in tables and files."""

from __future__ import annotations

import json
import pickle
from copy import deepcopy

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from skcrystal import CrystalFeaturizer
from skcrystal.chemistry.elements import column_info, missing_elements
from skcrystal.descriptors import (
    SOAP,
    AverageMinimumDistance,
    Column,
    CompositionStats,
    CoordinationStats,
    Density,
    DistanceStats,
    Invariance,
    LatticeAngles,
    LocalDifferences,
    MadelungEnergy,
    RadialSpectrum,
    SoftSymmetry,
    SymmetryFunctions,
)
from skcrystal.descriptors.base import Descriptor
from skcrystal.featurizer.presets import PRESETS
from tests.prototypes import DIAMOND, ROCK_SALT

FIELDS = ["name", "family", "quantity", "statistic", "unit", "missing", "invariances", "meaning"]

# Beside those of the presets, and with parameters that change the columns.
OTHERS = [
    SOAP(),
    SOAP(species=["C", "Si"], n_max=2, average="inner"),
    SOAP(pairs="mu1nu1", statistics=["min", "std"]),
    SymmetryFunctions(),
    SymmetryFunctions(species=["Na", "Cl"], g3=[1.5], g5=[(0.1, 1, -1)]),
    SoftSymmetry(),
    CompositionStats(
        statistics=["mean", "max", "min", "std", "range", "mean_abs_dev", "mode"], missing="nan"
    ),
    Density(quantities=["edge_product_per_site", "density"], missing="zero"),
    RadialSpectrum(units="spacing"),
    AverageMinimumDistance(units="spacing"),
    LocalDifferences(statistics=["std", "min"]),
]


def described(featurizer):
    return featurizer.describe_features().set_index("name")


@pytest.mark.parametrize(
    "featurizer",
    [*map(CrystalFeaturizer, PRESETS), *(CrystalFeaturizer([("step", step)]) for step in OTHERS)],
    ids=str,
)
def test_every_column_is_described(featurizer):
    table = featurizer.describe_features()
    assert table.columns.tolist() == FIELDS
    assert table["name"].tolist() == featurizer.get_feature_names_out().tolist()
    for field in ("family", "quantity", "unit", "meaning", "invariances"):
        empty = table.loc[table[field].str.strip() == "", "name"]
        assert not len(empty), (field, empty.tolist())
    assert not table["meaning"].str.contains("\n").any()
    # The name is <statistic>_<quantity>; a column that is no statistic has its name as its quantity.
    own = table["statistic"] + np.where(table["statistic"] == "", "", "_") + table["quantity"]
    assert [name.removeprefix("inner_") for name in table["name"]] == [
        name.removeprefix("inner_") for name in own
    ]
    # Logarithms of the elements' properties say so.
    assert table.loc[table["name"].str.contains("log10_"), "unit"].str.fullmatch(r"log10\(.+\)").all()
    # No two columns of one descriptor mean the same.
    twice = table.duplicated(["family", "meaning"])
    assert not twice.any(), table.loc[twice, "name"].tolist()


def test_units_and_statistics_are_those_of_the_docstrings():
    table = described(CrystalFeaturizer("full"))
    units = {
        "volume_per_site": "angstrom^3",
        "density": "g/cm^3",
        "packing_fraction": "1",
        "mean_distance": "angstrom",
        "alpha": "degree",
        "madelung_energy": "eV",
        "mean_anion_potential": "V",
        "mean_bond_length": "angstrom",
        "std_coordination_number": "1",
        "global_instability_index": "valence unit",
        "max_difference_electronegativity": "Pauling",
        "mean_difference_melting_point": "K",
        "max_log10_electrical_resistivity": "log10(ohm m)",
        "std_thermal_conductivity": None,
        "ionic_gap": "eV",
        "mean_cation_radius": "angstrom",
        "structural_complexity": "bit",
        "orbital_gap": "eV",
        "average_minimum_distance_3": "angstrom",
        "space_group_225": "1",
    }
    for name, unit in units.items():
        assert (table["unit"].get(name)) == unit, name
    assert table.loc["max_melting_point", ["quantity", "statistic"]].tolist() == ["melting_point", "max"]
    assert table.loc["rms_charge", ["quantity", "statistic"]].tolist() == ["charge", "rms"]
    assert table.loc["space_group_225", "meaning"].endswith("225, F m -3 m")
    assert table.loc["mean_bond_length", "family"] == "coordination"


def test_the_notebook_keeps_raw_units():
    table = described(CrystalFeaturizer("notebook"))
    assert table.loc["mean_electrical_resistivity", "unit"] == "ohm m"
    assert not table["unit"].str.startswith("log10").any()


@pytest.mark.parametrize("name", ["electronegativity", "melting_point", "brinell_hardness"])
def test_properties_have_unit_and_meaning_of_the_table_of_elements(name):
    (column,) = CompositionStats(
        properties=[name], statistics=["std"], metal_fraction=False
    ).describe_columns()
    assert column.unit == column_info(name).unit
    assert column.meaning == f"{column_info(name).description}; standard deviation over the atoms"


@pytest.mark.parametrize(
    ("missing", "words"),
    [
        ("trend", "are estimated by their neighbours in the periodic table"),
        ("zero", "count as 0"),
        ("nan", "make it NaN"),
    ],
)
def test_what_is_missing_is_told(missing, words):
    first, second, third = CompositionStats(
        properties=["electronegativity", "atomic_number", "superconduction_temperature"],
        statistics=["mean"],
        metal_fraction=False,
        missing=missing,
    ).describe_columns()
    assert first.missing == f"{len(missing_elements('electronegativity'))} elements {words}"
    assert second.missing == ""
    assert ("count as 0" in third.missing) == (missing != "nan")


def test_what_is_missing_is_true_of_crystals_that_lack_it():
    table = described(CrystalFeaturizer())
    assert table.loc["mean_cation_charge", "missing"] == "0 without cations"
    assert table.loc["madelung_energy", "missing"] == "0 without charges, as of a metal"
    row = CrystalFeaturizer().set_output(transform="pandas").transform([DIAMOND]).iloc[0]
    assert row[["mean_cation_charge", "madelung_energy", "mean_anion_potential"]].tolist() == [0, 0, 0]


def test_invariances_are_those_of_the_descriptor():
    table = described(CrystalFeaturizer("full"))
    moves = "origin, rotation, reflection, permutation, supercell, cell_choice"
    assert table.loc["mean_bond_length", "invariances"] == f"{moves}, continuous"
    assert table.loc["alpha", "invariances"] == moves
    assert table.loc["space_group_1", "invariances"] == moves.replace("reflection, ", "")


def test_names_that_two_steps_share_are_described_under_their_own_names():
    steps = [("fine", LatticeAngles()), ("coarse", LatticeAngles(symprec=0.1)), ("gone", "drop")]
    table = described(CrystalFeaturizer(steps))
    assert table.index.tolist()[2:4] == ["fine__gamma", "coarse__alpha"]
    assert table.loc["coarse__alpha", ["family", "quantity", "unit"]].tolist() == [
        "coarse",
        "alpha",
        "degree",
    ]


def test_a_featurizer_without_steps_has_a_table_without_rows():
    assert CrystalFeaturizer([]).describe_features().columns.tolist() == FIELDS


def test_a_wrong_parameter_is_named():
    with pytest.raises(ValueError, match="descriptors"):
        CrystalFeaturizer("best").describe_features()


class Edges(Descriptor):
    """A user's own, which names its columns as any transformer does."""

    invariance = Invariance(True, True, True, True, False, False, True)

    def get_feature_names_out(self, input_features=None):
        return np.array(["min_edge", "max_edge"], dtype=object)

    def describe(self, crystals):
        edges = np.linalg.norm(crystals.lattices, axis=2)
        return np.column_stack([edges.min(axis=1), edges.max(axis=1)])


class DescribedEdges(Edges):
    """The same, of which one column is described."""

    def describe_columns(self):
        return [Column.of("max_edge", "angstrom", "longest edge of the cell")]


class NamedEdges(Edges):
    """The same, with names by the hook."""

    get_feature_names_out = Descriptor.get_feature_names_out

    def describe_columns(self):
        return [Column("min_edge"), Column("max_edge")]


class Nameless(Edges):
    """One that says nothing of its columns."""

    get_feature_names_out = Descriptor.get_feature_names_out


class Shortest(CoordinationStats):
    """A descriptor of sites with other columns than those it inherits the description of."""

    def get_site_feature_names_out(self):
        return np.array(["shortest", "nearest_distance"], dtype=object)

    def describe_sites(self, crystals):
        return super().describe_sites(crystals)[:, 1:]


@pytest.mark.parametrize("edges", [Edges(), NamedEdges()], ids=["names", "hook"])
def test_a_descriptor_that_says_no_more_has_names_alone(edges):
    featurizer = CrystalFeaturizer([("edges", edges), ("density", Density())]).set_output(transform="pandas")
    table = described(featurizer)
    assert table.index.tolist()[:2] == ["min_edge", "max_edge"]
    assert table.loc["min_edge"].tolist() == [
        "edges",
        *[""] * 4,
        "origin, rotation, reflection, permutation, continuous",
        "",
    ]
    rows = featurizer.transform([ROCK_SALT])
    assert list(rows.attrs["units"]) == ["volume_per_site", "density", "packing_fraction"]


def test_columns_that_no_description_speaks_of_have_names_alone():
    table = described(CrystalFeaturizer([("edges", DescribedEdges())]))
    assert table["unit"].to_dict() == {"min_edge": "", "max_edge": "angstrom"}
    table = described(CrystalFeaturizer([("shortest", Shortest(statistics=["max"]))]))
    assert table["unit"].to_dict() == {"max_shortest": "", "max_nearest_distance": "angstrom"}


def test_a_descriptor_without_names_is_told_what_to_define():
    with pytest.raises(NotImplementedError, match=r"Nameless has no describe_columns"):
        Nameless().get_feature_names_out()


# -- units in tables and files ------------------------------------------------------------------------


def pandas_table(transformer=None):
    return (transformer or CrystalFeaturizer()).set_output(transform="pandas").fit_transform([ROCK_SALT])


@pytest.mark.parametrize("transformer", [CrystalFeaturizer(), DistanceStats(), SOAP(), MadelungEnergy()])
def test_tables_of_pandas_hold_the_units_of_their_columns(transformer):
    table = pandas_table(clone(transformer))
    columns = transformer.describe_columns()
    assert table.attrs["units"] == {column.name: column.unit for column in columns}
    assert list(table.attrs["units"]) == table.columns.tolist()


def test_site_tables_hold_units():
    sites = CoordinationStats().set_output(transform="pandas").transform_sites([ROCK_SALT])
    assert sites.attrs["units"] == {
        "coordination_number": "1",
        "bond_length": "angstrom",
        "nearest_distance": "angstrom",
    }


def test_a_parquet_file_keeps_the_units(tmp_path):
    table = pandas_table()
    table.to_parquet(tmp_path / "rows.parquet")
    again = pd.read_parquet(tmp_path / "rows.parquet")
    assert again.attrs["units"] == table.attrs["units"]
    # Other programs find them as JSON.
    metadata = pq.read_schema(tmp_path / "rows.parquet").metadata
    assert json.loads(metadata[b"PANDAS_ATTRS"])["units"]["mean_bond_length"] == "angstrom"
    some = pd.read_parquet(tmp_path / "rows.parquet", columns=["density"])
    assert some.attrs["units"]["density"] == "g/cm^3"


def test_units_stay_with_parts_and_copies_and_change_with_none():
    table = pandas_table()
    part = table[["density"]]
    part.attrs["units"]["density"] = "kg/m^3"
    assert table.attrs["units"]["density"] == "g/cm^3"
    for copy in (table.copy(), table.assign(gap=8.75), pickle.loads(pickle.dumps(table)), deepcopy(table)):
        assert copy.attrs["units"] == table.attrs["units"]
    assert pd.concat([table, pd.Series([8.75], name="gap")], axis=1).attrs == {}


def test_units_come_through_a_pipeline_that_keeps_the_table():
    pipeline = make_pipeline(CrystalFeaturizer(), FunctionTransformer()).set_output(transform="pandas")
    assert pipeline.fit_transform([ROCK_SALT]).attrs["units"]["density"] == "g/cm^3"
    columns = ColumnTransformer([("crystal", CrystalFeaturizer(), "structure")]).set_output(
        transform="pandas"
    )
    assert columns.fit_transform(pd.DataFrame({"structure": [ROCK_SALT]})).shape[0] == 1


def test_a_warning_about_an_item_points_to_the_line_that_called():
    with pytest.warns(UserWarning, match="1 of 1 items") as caught:
        CrystalFeaturizer(on_error="nan").transform([None])
    assert caught[0].filename == __file__
