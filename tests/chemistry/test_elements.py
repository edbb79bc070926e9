"""The table of the elements against pymatgen, against values known by hand, and its gaps."""

import importlib.util
import math
from pathlib import Path

import numpy as np
import pytest
from pymatgen.core import Element

from skcrystal.chemistry import elements

TOOL = Path(__file__).parents[2] / "tools" / "build_elements.py"

# The attributes of the lecture's "poor man's" vector, a missing value counted as 0.0.
NOTEBOOK = [
    "van_der_waals_radius",
    "electrical_resistivity",
    "velocity_of_sound",
    "reflectivity",
    "poissons_ratio",
    "molar_volume",
    "thermal_conductivity",
    "melting_point",
    "critical_temperature",
    "superconduction_temperature",
    "liquid_range",
    "bulk_modulus",
    "youngs_modulus",
    "brinell_hardness",
    "rigidity_modulus",
    "vickers_hardness",
    "density_of_solid",
    "coefficient_of_linear_thermal_expansion",
    "average_ionic_radius",
    "average_cationic_radius",
    "average_anionic_radius",
]


@pytest.fixture(scope="module")
def tool():
    spec = importlib.util.spec_from_file_location("build_elements", TOOL)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def value(symbol, name):
    return float(elements.property_table([name])[elements.atomic_number(symbol), 0])


def test_every_value_is_pymatgens(tool):
    moved = [
        f"{symbol} {name}: {value(symbol, name)} in the table, {new} in pymatgen"
        for symbol, row in tool.build().items()
        for name, new in row.items()
        if not np.array_equal(value(symbol, name), new, equal_nan=True)
    ]
    assert not moved, "run tools/build_elements.py; moved values:\n" + "\n".join(moved)


def test_every_columns_description_is_the_tools(tool):
    assert tuple(column.name for column in tool.COLUMNS) == elements.PROPERTIES
    for column in tool.COLUMNS:
        assert elements.column_info(column.name) == column[:-1]


@pytest.mark.filterwarnings("ignore:No data available:UserWarning")
@pytest.mark.parametrize("name", NOTEBOOK)
def test_zero_filling_is_the_notebooks_recipe(name):
    recipe = [float(getattr(Element.from_Z(z), name) or 0.0) for z in range(1, 119)]
    np.testing.assert_array_equal(elements.filled_table([name], "zero")[1:, 0], recipe)


@pytest.mark.parametrize(
    ("symbol", "name", "expected"),
    [
        ("Si", "atomic_number", 14),
        ("Si", "atomic_mass", 28.0855),
        ("O", "electronegativity", 3.44),
        ("Cl", "electron_affinity", 3.61272528),
        ("H", "ionization_energy", 13.598434599702),
        ("W", "melting_point", 3695),
        ("C", "covalent_radius", 0.73),  # sp2; Cordero gives 0.76 for sp3
        ("Cs", "group", 1),
        ("Cs", "row", 6),
        ("He", "block", 0),
        ("Ga", "block", 1),
        ("Fe", "block", 2),
        ("U", "block", 3),
        ("Fe", "s_valence_electrons", 2),
        ("Fe", "d_valence_electrons", 6),
        ("Fe", "d_unfilled", 4),
        ("Fe", "s_unfilled", 0),
        ("Fe", "valence_electrons", 8),
        ("Fe", "unfilled", 4),
        ("Na", "s_unfilled", 1),
        ("Na", "p_unfilled", 0),  # no p electron outside the core: empty, not six places free
        ("O", "p_unfilled", 2),
        ("Ga", "d_valence_electrons", 10),
        ("Ga", "d_unfilled", 0),
        ("Pd", "s_valence_electrons", 0),  # 4d10
        ("Pd", "unfilled", 0),
        ("Ce", "f_unfilled", 13),  # 4f1 5d1 6s2
        ("Ce", "unfilled", 22),
    ],
)
def test_known_value(symbol, name, expected):
    assert value(symbol, name) == pytest.approx(expected, rel=1e-6)


def test_no_value_is_a_zero_that_means_missing():
    # Only counts and the block can be zero; a radius, a temperature or a modulus cannot.
    can_be_zero = {"block", "valence_electrons", "unfilled", "is_metal"}
    can_be_zero |= {f"{o}_{kind}" for o in "spdf" for kind in ("valence_electrons", "unfilled")}
    zero = {name for name in elements.PROPERTIES if (elements.property_table([name]) == 0).any()}
    assert zero <= can_be_zero


def test_missing_stays_missing():
    assert math.isnan(value("He", "electronegativity"))
    assert math.isnan(value("H", "average_ionic_radius"))
    assert math.isnan(value("Si", "average_anionic_radius"))
    assert math.isnan(value("Og", "valence_electrons"))
    assert "O" in elements.missing_elements("average_cationic_radius")
    assert elements.missing_elements("atomic_mass") == ()
    assert elements.known_share("atomic_mass") == 1.0
    assert elements.known_share("electronegativity") == pytest.approx(100 / 118)


def test_missing_mean_is_over_the_known_elements():
    # The critical temperature is known of few elements, so the mean is easily told from anything else.
    name = "critical_temperature"
    known = [v for z in range(1, 119) if not math.isnan(v := float(elements.property_table([name])[z, 0]))]
    filled = elements.filled_table([name], "mean")[1:, 0]
    unknown = np.isnan(elements.property_table([name])[1:, 0])
    np.testing.assert_allclose(filled[unknown], sum(known) / len(known))
    np.testing.assert_array_equal(filled[~unknown], known)


def test_missing_zero_and_nan():
    assert elements.filled_table(["electronegativity"], "zero")[2, 0] == 0.0
    assert math.isnan(elements.filled_table(["electronegativity"], "nan")[2, 0])
    with pytest.raises(ValueError, match="'mean', 'zero' or 'nan', got 'median'"):
        elements.filled_table(["electronegativity"], "median")


@pytest.mark.parametrize("missing", ["mean", "zero", "nan"])
def test_there_is_no_element_zero(missing):
    table = elements.filled_table(missing=missing)
    assert table.shape == (119, len(elements.PROPERTIES))
    assert np.isnan(table[0]).all()
    assert np.isfinite(table[1:]).all() == (missing != "nan")


def test_metals_are_those_of_the_lecture():
    ranges = [(3, 4), (11, 12), (19, 30), (37, 48), (55, 80), (87, 112)]
    expected = {z for first, last in ranges for z in range(first, last + 1)}
    assert set(np.flatnonzero(elements.is_metal()).tolist()) == expected


def test_symbols_and_atomic_numbers_are_each_others_inverse():
    assert len(elements.symbols()) == 119
    assert [elements.atomic_number(s) for s in elements.symbols()[1:]] == list(range(1, 119))
    assert elements.atomic_number("D") == elements.atomic_number("T") == 1


@pytest.mark.parametrize("symbol", ["", "FE", "iron", "X", None])
def test_an_unknown_symbol_is_named(symbol):
    with pytest.raises(ValueError, match="is not the symbol of an element"):
        elements.atomic_number(symbol)


def test_an_unknown_property_is_named():
    with pytest.raises(ValueError, match="'density'; did you mean"):
        elements.property_table(["density"])
    with pytest.raises(TypeError, match=r"use \['atomic_mass'\]"):
        elements.property_table("atomic_mass")


def test_returned_arrays_are_read_only():
    for array in (elements.property_table(), elements.filled_table(), elements.is_metal()):
        with pytest.raises(ValueError, match="read-only"):
            array[1] = 0
