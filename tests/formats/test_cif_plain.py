"""The fast path of CIF gives what the general path gives, or declines."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skcrystal.formats.cif import _read_all
from skcrystal.formats.cif_block import ReadOptions
from skcrystal.formats.cif_plain import read_plain
from skcrystal.formats.orbits import close_pairs
from skcrystal.formats.problems import Notes
from skcrystal.kernels.contacts import may_touch, order_of
from tests.formats.texts import P1_LIST, ROCK_SALT, cif

OPTIONS = ReadOptions("", 0.01, 0.05, 0.5, False, 100_000)


def general(text):
    return _read_all(text, OPTIONS, Notes(), only_first=True)[0]


def plain(text):
    return read_plain(text, "", 0.01, 100_000)


def assert_same(one, other):
    for name in one.__slots__:
        left, right = getattr(one, name), getattr(other, name)
        if isinstance(left, np.ndarray):
            assert left.dtype == right.dtype, name
            assert np.array_equal(left, right, equal_nan=left.dtype.kind == "f"), name
        else:
            assert left == right, name


@pytest.mark.parametrize(
    "atoms",
    [
        "Po Po1 0 0 0",
        "H H1 0.1(1) -0.2 1.7\nOg Og1 1e-3 .5 5.",
        "Po Po1 0.9999999 0 0\nPo Po2 0.3 0 0",
    ],
)
def test_plain_file_is_read_the_same_on_both_paths(atoms):
    text = cif("5 6.5 7 90 100.5 120", P1_LIST, atoms)
    assert_same(plain(text), general(text))


@pytest.mark.parametrize(
    "text",
    [
        ROCK_SALT,
        cif(),
        cif(symmetry=P1_LIST, atoms="Po2+ Po1 0 0 0"),
        cif(symmetry=P1_LIST, atoms="X X1 0 0 0"),
        cif(symmetry=P1_LIST, atoms="Po Po1 ? 0 0"),
        cif(symmetry=P1_LIST, atoms="Po Po1 0.0005 0 0\nPo Po2 0.9995 0 0"),
        cif(
            symmetry=P1_LIST,
            atoms="Po Po1 0 0 0 .5",
            columns="type_symbol label fract_x fract_y fract_z occupancy",
        ),
        cif(symmetry=P1_LIST, extra="_chemical_formula_sum 'Po H2'"),
        cif(symmetry=P1_LIST) + cif().replace("test", "two"),
        cif(symmetry=P1_LIST.replace("'P 1'", "'P m -3 m'")),
        cif(symmetry=P1_LIST, atoms=""),
        cif("5 5 5 60 60 130", P1_LIST),
        "",
        "data_",
    ],
)
def test_fast_path_declines_what_is_not_plain(text):
    assert plain(text) is None


def test_quick_test_for_touching_sites_misses_none():
    rng = np.random.default_rng(0)
    for _ in range(2000):
        lattice = rng.normal(size=(3, 3)) + 4 * np.eye(3)
        coords = rng.random((rng.integers(2, 30), 3)).round(rng.integers(1, 4)) + rng.integers(-1, 2)
        coords[-1] = coords[0] + rng.normal(size=3) * rng.choice([0.0005, 0.002, 0.01])
        if len(close_pairs(coords, lattice, 0.01)):
            assert may_touch(coords, lattice, 0.01)


@given(values=st.lists(st.sampled_from(np.linspace(0, 1, 7).tolist()), max_size=300))
def test_the_order_is_that_of_numpys_sort(values):
    values = np.array(values)
    order = order_of(values)
    np.testing.assert_array_equal(np.sort(order), np.arange(len(values)))
    np.testing.assert_array_equal(values[order], np.sort(values))


@pytest.mark.parametrize("n_sites", [1, 2, 27, 1000])
def test_sites_that_are_apart_do_not_touch(n_sites):
    # Points of a grid, farther apart along one axis at least than the tolerance.
    rng = np.random.default_rng(n_sites)
    side = round(n_sites ** (1 / 3)) + 1
    places = rng.permutation(np.indices((side, side, side)).reshape(3, -1).T)[:n_sites]
    lattice = side * (3 * np.eye(3) + rng.uniform(-0.5, 0.5, (3, 3)))
    assert not may_touch(places / side - 2, lattice, 0.01)
    assert may_touch(np.append(places, places[:1], axis=0) / side - 2, lattice, 0.01)
    assert may_touch(np.full((n_sites, 3), np.nan), lattice, 0.01)


def test_materials_project_files_are_read_the_same_on_both_paths(shared):
    pd = pytest.importorskip("pandas")
    table = pd.read_csv(shared / "mp_sample.csv.gz", keep_default_na=False)
    fast = 0
    for text in table["cif"].sample(300, random_state=0):
        crystal = plain(text)
        if crystal is not None:
            fast += 1
            assert_same(crystal, general(text))
    assert fast > 290
