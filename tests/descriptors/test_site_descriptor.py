"""Rows of sites: their order, their index, and their pooling."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skcrystal import Crystal, CrystalError, Crystals
from skcrystal.descriptors import (
    SOAP,
    BondAngles,
    BondLengths,
    BondOrder,
    BondValences,
    CoordinationStats,
    LocalDifferences,
    MadelungEnergy,
    MessagePassing,
    OrbitalFieldMatrix,
    PaulingEnergy,
    StretchingFrequencies,
    SymmetryFunctions,
)
from tests.prototypes import DIAMOND, ROCK_SALT, ZINC_BLENDE_SIC
from tests.strategies import MOVES, crystals, replace

SITE_DESCRIPTORS = {
    "soap": SOAP(n_max=2, l_max=2, cutoff=4.0),
    "symmetry_functions": SymmetryFunctions(cutoff=4.0, g5=[(0.1, 1, 1)]),
    "bond_angles": BondAngles(),
    "bond_lengths": BondLengths(),
    "bond_order": BondOrder(),
    "bond_valences": BondValences(),
    "coordination": CoordinationStats(),
    "local_differences": LocalDifferences(),
    "madelung": MadelungEnergy(),
    "message_passing": MessagePassing(),
    "orbital_field": OrbitalFieldMatrix(),
    "pauling_energy": PaulingEnergy(),
    "stretching": StretchingFrequencies(),
}


@pytest.mark.parametrize("name", SITE_DESCRIPTORS)
def test_rows_of_sites_follow_the_order_of_the_sites(name):
    @settings(max_examples=40)
    @given(crystal=crystals(max_sites=12), seed=st.integers(0, 2**32 - 1))
    def check(crystal, seed):
        rng = np.random.default_rng(seed)
        order = rng.permutation(crystal.n_sites)
        cells = rng.integers(-2, 3, (crystal.n_sites, 3))
        moved = replace(crystal, crystal.lattice, crystal.frac_coords[order] + cells, order)
        rows = SITE_DESCRIPTORS[name].transform_sites([crystal, moved])
        before, after = rows[: crystal.n_sites], rows[crystal.n_sites :]
        np.testing.assert_allclose(
            after, before[order], rtol=1e-6, atol=1e-7 * max(1.0, np.abs(before).max())
        )

    check()


@pytest.mark.parametrize("move", [name for name in MOVES if name != "permutation"])
def test_moves_leave_rows_of_sites_alone(move):
    # One batch serves all descriptors, because they share its neighbours.
    @settings(max_examples=25)
    @given(crystal=crystals(max_sites=10), moved=MOVES[move])
    def check(crystal, moved):
        other = moved(crystal)
        batch = Crystals.from_crystals([crystal, other])
        for name, descriptor in SITE_DESCRIPTORS.items():
            rows = descriptor.transform_sites(batch)
            # The images of a site stand together in a supercell.
            expected = np.repeat(rows[: crystal.n_sites], other.n_sites // crystal.n_sites, axis=0)
            scale = max(1.0, np.abs(expected).max())
            np.testing.assert_allclose(
                rows[crystal.n_sites :], expected, rtol=1e-6, atol=1e-7 * scale, err_msg=name
            )

    check()


@pytest.mark.parametrize("name", SITE_DESCRIPTORS)
def test_columns_of_sites_have_names_of_their_own(name):
    descriptor = SITE_DESCRIPTORS[name]
    names = descriptor.get_site_feature_names_out()
    assert len(set(names)) == len(names) == descriptor.transform_sites([DIAMOND]).shape[1]


def test_the_index_names_crystal_and_site():
    batch = Crystals.from_crystals([DIAMOND, ROCK_SALT])
    assert batch.site_index.tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]
    soap = SOAP(n_max=1, l_max=0).set_output(transform="pandas")
    table = soap.transform_sites(batch)
    assert isinstance(table.index, pd.MultiIndex)
    assert table.index.names == ["crystal", "site"]
    assert table.index.tolist() == [(0, 0), (0, 1), (1, 0), (1, 1)]
    assert table.columns.tolist() == soap.get_site_feature_names_out().tolist()
    soap.set_output(transform="polars")
    frame = soap.transform_sites(batch)
    assert isinstance(frame, polars.DataFrame)
    assert frame.columns[:3] == ["crystal", "site", "soap_one_one_l0_n1_n1"]
    np.testing.assert_array_equal(frame.to_numpy()[:, 2:], table.to_numpy())


def test_a_row_of_a_crystal_pools_those_of_its_sites():
    batch = [ZINC_BLENDE_SIC, ROCK_SALT]
    soap = SOAP(n_max=2, l_max=1, statistics=["mean", "std"])
    sites = soap.transform_sites(batch)
    rows = soap.transform(batch)
    names = soap.get_feature_names_out().tolist()
    assert names[:2] == ["mean_soap_one_one_l0_n1_n1", "std_soap_one_one_l0_n1_n1"]
    # Two sites each: the mean, and half their difference.
    np.testing.assert_allclose(rows[:, ::2], (sites[::2] + sites[1::2]) / 2, atol=1e-12)
    np.testing.assert_allclose(rows[:, 1::2], np.abs(sites[::2] - sites[1::2]) / 2, atol=1e-12)
    # The order of the statistics is theirs, not that of the parameter.
    np.testing.assert_array_equal(soap.set_params(statistics=["std", "mean"]).transform(batch), rows)
    assert soap.get_feature_names_out().tolist() == names


def test_a_large_cell_has_rows_of_sites():
    repeats = np.stack(np.meshgrid(*[np.arange(8)] * 3), axis=-1).reshape(-1, 3)
    coords = np.concatenate([(repeats + site) / 8 for site in DIAMOND.frac_coords])
    order = np.repeat([0, 1], len(repeats))
    large = replace(DIAMOND, 8 * DIAMOND.lattice, coords, order)
    assert large.n_sites == 1024
    for descriptor in SITE_DESCRIPTORS.values():
        one = descriptor.transform_sites([DIAMOND])[0]
        rows = descriptor.transform_sites([large])
        np.testing.assert_allclose(rows, np.tile(one, (1024, 1)), rtol=1e-8, atol=1e-10)


def test_sites_that_an_atom_is_split_over_have_its_row():
    # A silver atom in two places half an angstrom apart, half in each, between two oxygens: one in between.
    def bond(places, occupancies):
        coords = [[0, 0, 0], [0, 0, 0.5], *([0, 0, z / 8] for z in places)]
        return Crystal(
            np.diag([4.0, 4.0, 8.0]),
            np.array(coords),
            np.arange(len(coords) + 1),
            np.array([8, 8, *[47] * len(places)]),
            np.array([1.0, 1.0, *occupancies]),
            np.full(len(coords), np.nan),
        )

    split, joined = bond([1.75, 2.25], [0.5, 0.5]), bond([2.0], [1.0])
    for name in ("soap", "symmetry_functions", "coordination"):
        rows = SITE_DESCRIPTORS[name].transform_sites([split])
        expected = SITE_DESCRIPTORS[name].transform_sites([joined])
        np.testing.assert_allclose(rows, expected[[0, 1, 2, 2]], rtol=1e-9, atol=1e-12)
    soap = SITE_DESCRIPTORS["soap"]
    with pytest.raises(CrystalError, match="an atom is split over several sites"):
        soap.site_gradients([split], np.ones((4, len(soap.get_site_feature_names_out()))))
