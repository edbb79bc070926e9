"""The built-in crystals: the Bunch, and each row against what it says it is."""

import csv
from importlib import resources
from math import gcd
from pathlib import Path

import moyopy
import numpy as np
import pytest
from pymatgen.core import Composition, Lattice, Structure

import skcrystal.datasets
from skcrystal import Crystal, Crystals
from skcrystal.chemistry.elements import symbols
from skcrystal.datasets import load_experimental

N_CRYSTALS = 467
N_METALS = 217


@pytest.fixture(scope="module")
def bunch():
    return load_experimental(as_frame=True)


@pytest.fixture(scope="module")
def rows():
    path = Path(skcrystal.datasets.__file__).parent / "data" / "experimental.csv"
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def pick(bunch, formula, prototype):
    frame = bunch.frame
    return frame[(frame.formula == formula) & (frame.prototype == prototype)].iloc[0]


def test_bunch_holds_what_scikit_learns_loaders_hold():
    bunch = load_experimental()
    assert isinstance(bunch.data, Crystals)
    assert bunch.data.shape == bunch.target.shape == bunch.formula.shape == (N_CRYSTALS,)
    assert bunch.target.dtype == np.float64
    assert bunch.frame is None
    assert bunch.feature_names == ["structure"]
    assert bunch.target_names == ["band_gap"]
    assert resources.files(bunch.data_module).joinpath(bunch.filename).is_file()


def test_return_x_y_is_data_and_target():
    X, y = load_experimental(return_X_y=True)
    assert isinstance(X, Crystals)
    assert len(X) == len(y) == N_CRYSTALS


def test_as_frame_gives_pandas_objects(bunch):
    assert list(bunch.frame) == [
        "structure",
        "formula",
        "name",
        "prototype",
        "space_group",
        "band_gap",
        "gap_kind",
        "sources",
    ]
    assert list(bunch.data) == bunch.feature_names
    assert bunch.target.name == bunch.target_names[0]
    assert all(isinstance(crystal, Crystal) for crystal in bunch.data["structure"])
    X, y = load_experimental(return_X_y=True, as_frame=True)
    assert X.shape == (N_CRYSTALS, 1)
    assert y.equals(bunch.target)


def test_each_call_gives_its_own_arrays():
    load_experimental().target[:] = -1
    assert load_experimental().target.min() == 0


def test_metals_are_included_and_have_no_gap(bunch):
    metal = bunch.frame.gap_kind == "metal"
    assert metal.sum() == N_METALS
    assert (bunch.target[metal] == 0).all()
    assert bunch.target[~metal].between(0.05, 22).all()


def test_description_names_counts_and_sources(bunch):
    assert f":Number of crystals: {N_CRYSTALS} ({N_CRYSTALS - N_METALS} with a band gap" in bunch.DESCR
    for doi in ("10.1063/1.3253115", "10.1021/acs.jctc.9b00322", "10.1021/acs.jpclett.8b00124"):
        assert doi in bunch.DESCR
    assert bunch.frame.sources.str.contains(r"^cell: .+; gap: .+").all()


@pytest.mark.parametrize(
    ("formula", "prototype", "n_sites", "edge", "low", "high"),
    [
        ("Si", "diamond", 8, 5.4310, 1.1, 1.17),
        ("C", "diamond", 8, 3.567, 5.4, 5.5),
        ("GaAs", "zincblende", 8, 5.653, 1.42, 1.43),
        ("NaCl", "rocksalt", 8, 5.640, 8.5, 9.0),
        ("ZnO", "wurtzite", 4, 3.250, 3.2, 3.44),
        ("SrTiO3", "cubic_perovskite", 5, 3.905, 3.2, 3.3),
        ("TiO2", "anatase", 12, 3.785, 3.2, 3.3),
        ("SiO2", "quartz", 9, 4.913, 8.8, 9.0),
        ("Cu", "fcc", 4, 3.615, 0, 0),
        ("Fe", "bcc", 2, 2.866, 0, 0),
    ],
)
def test_textbook_crystal(bunch, formula, prototype, n_sites, edge, low, high):
    row = pick(bunch, formula, prototype)
    assert len(row.structure.frac_coords) == n_sites
    assert np.linalg.norm(row.structure.lattice[0]) == pytest.approx(edge, abs=2e-3)
    assert low <= row.band_gap <= high


def test_silicon_has_the_density_of_silicon(bunch):
    # 8 atoms of 28.0855 u in 5.4310 ** 3 cubic angstrom; 1 u / cubic angstrom is 1.66054 g/cm^3.
    crystal = pick(bunch, "Si", "diamond").structure
    volume = abs(np.linalg.det(crystal.lattice))
    assert 8 * 28.0855 * 1.66054 / volume == pytest.approx(2.329, abs=1e-3)


def test_every_crystal_has_the_formula_that_it_states(bunch):
    for row in bunch.frame.itertuples():
        numbers, counts = np.unique(row.structure.atomic_numbers, return_counts=True)
        units = gcd(*counts.tolist())
        found = {symbols()[z]: n // units for z, n in zip(numbers, counts.tolist(), strict=True)}
        stated = Composition(row.formula).get_el_amt_dict()
        divisor = gcd(*(int(n) for n in stated.values()))
        assert found == {symbol: n / divisor for symbol, n in stated.items()}, row.formula


def test_every_crystal_shows_the_space_group_that_it_states(bunch):
    wrong = []
    for row in bunch.frame.itertuples():
        crystal = row.structure
        cell = moyopy.Cell(
            crystal.lattice.tolist(), crystal.frac_coords.tolist(), crystal.atomic_numbers.tolist()
        )
        if moyopy.MoyoDataset(cell, symprec=1e-4).number != row.space_group:
            wrong.append(row.formula)
    assert not wrong


def test_no_two_rows_have_the_same_formula_and_prototype(bunch):
    assert not bunch.frame.duplicated(["formula", "prototype"]).any()


def test_crystals_are_pymatgens(bunch, rows):
    # The first crystal of each space group: pymatgen's own list of operations gives the same sites.
    first = bunch.frame.drop_duplicates("space_group").index
    assert len(first) > 30
    for i in first:
        row, crystal = rows[i], bunch.frame.structure[i]
        cell = [float(row[name]) for name in ("a", "b", "c", "alpha", "beta", "gamma")]
        sites = [site.split() for site in row["sites"].split(";")]
        expected = Structure.from_spacegroup(
            int(row["space_group"]),
            Lattice.from_parameters(*cell),
            [site[0] for site in sites],
            [[float(x) for x in site[1:]] for site in sites],
        )
        np.testing.assert_allclose(crystal.lattice, expected.lattice.matrix, atol=1e-10)
        difference = crystal.frac_coords[:, None] - expected.frac_coords[None]
        distance = np.abs(difference - np.round(difference)).max(axis=2)
        same = np.array(expected.atomic_numbers)[None] == crystal.atomic_numbers[:, None]
        match = same & (distance < 1e-6)
        assert len(crystal.frac_coords) == len(expected), row["formula"]
        assert (match.sum(axis=0) == 1).all(), row["formula"]
        assert (match.sum(axis=1) == 1).all(), row["formula"]
