"""Atoms split over partly occupied sites, beside the same crystals with each of these atoms on one site."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skcrystal import Crystal, CrystalFeaturizer, Crystals
from skcrystal.descriptors import AverageMinimumDistance, CoordinationStats, DistanceStats, MadelungEnergy
from tests.prototypes import FCC, ROCK_SALT, ROCK_SALT_EDGE
from tests.strategies import MOVES

FULL = CrystalFeaturizer("full")
NAMES = FULL.get_feature_names_out()


def disordered(lattice, sites):
    """A crystal from (position, {atomic number: occupancy}) pairs."""
    counts, numbers, occupancies = [0], [], []
    for _, species in sites:
        numbers += species
        occupancies += species.values()
        counts.append(len(numbers))
    return Crystal(
        np.array(lattice, dtype=float),
        np.array([position for position, _ in sites], dtype=float),
        np.array(counts),
        np.array(numbers),
        np.array(occupancies, dtype=float),
        np.full(len(numbers), np.nan),
    )


def split_rock_salt(distance, parts=((17, 0.5), (17, 0.5)), direction=(1.0, 0.3, -0.2)):
    """Rock salt with its anion on as many sites as there are parts, evenly spaced around its place."""
    step = distance * np.array(direction) / np.linalg.norm(direction) @ np.linalg.inv(ROCK_SALT.lattice)
    shifts = np.linspace(-0.5, 0.5, len(parts)) if len(parts) > 1 else np.zeros(1)
    weights = np.array([share for _, share in parts])
    shifts = shifts - weights @ shifts / weights.sum()
    sites = [([0, 0, 0], {11: 1.0})]
    sites += [(0.5 + shift * step, {z: share}) for shift, (z, share) in zip(shifts, parts, strict=True)]
    return disordered(ROCK_SALT.lattice, sites)


MERGED = disordered(ROCK_SALT.lattice, [([0, 0, 0], {11: 1.0}), ([0.5, 0.5, 0.5], {17: 1.0})])


@pytest.mark.filterwarnings("ignore:.*parts of one atom on one point")
@pytest.mark.parametrize("distance", [0.0, 1e-6, 0.1, 0.5, 1.0])
def test_an_atom_split_in_two_gives_the_row_of_the_atom(distance):
    # Cl-Cl bonds have 1.99 angstrom; the halves of the atom lie around its place.
    rows = FULL.transform([MERGED, split_rock_salt(distance)])
    np.testing.assert_allclose(rows[1], rows[0], atol=1e-9)


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=25)
def test_each_anion_of_a_crystal_split_in_a_direction_of_its_own(seed):
    rng = np.random.default_rng(seed)
    corners = np.array([[0, 0, 0], [0, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0]])
    sites = [(corner, {58: 1.0}) for corner in corners]
    whole = list(sites)
    for corner in corners:
        for quarter in (0.25, 0.75):
            place = corner + np.array([0.25, 0.25, quarter])
            whole.append((place, {8: 1.0}))
            step = rng.normal(size=3)
            step *= 0.05 / np.linalg.norm(step) / 5.41
            sites += [(place + step, {8: 0.5}), (place - step, {8: 0.5})]
    order = rng.permutation(len(sites))
    rows = FULL.transform(
        [disordered(5.41 * np.eye(3), whole), disordered(5.41 * np.eye(3), [sites[i] for i in order])]
    )
    np.testing.assert_allclose(rows[1], rows[0], atol=1e-8)


def test_three_elements_on_three_places_are_one_site_that_they_share():
    parts = ((17, 0.5), (35, 0.2), (53, 0.3))
    shared = disordered(ROCK_SALT.lattice, [([0, 0, 0], {11: 1.0}), ([0.5] * 3, {17: 0.5, 35: 0.2, 53: 0.3})])
    rows = FULL.transform([shared, split_rock_salt(0.2, parts)])
    np.testing.assert_allclose(rows[1], rows[0], atol=1e-9)


@pytest.mark.parametrize("move", MOVES)
def test_split_crystals_keep_their_rows_under_the_moves(move):
    crystal = split_rock_salt(0.4, ((17, 0.25), (17, 0.5), (17, 0.2)))

    @given(moved=MOVES[move])
    @settings(max_examples=15)
    def check(moved):
        rows = FULL.transform([crystal, moved(crystal)])
        np.testing.assert_allclose(rows[1], rows[0], atol=1e-6)

    check()


def test_vacancies_next_to_each_other_are_not_joined():
    # Two half-occupied chlorines 2.0 angstrom apart may both be there: a molecule of Cl2.
    crystal = split_rock_salt(2.0)
    batch = Crystals.from_crystals([crystal])
    assert batch.exclusions() is None
    assert batch.join_split_sites() is batch
    assert batch.joined_sites.tolist() == [0, 1, 2]


@pytest.mark.filterwarnings("ignore:.*closer than half a bond")
def test_more_than_one_atom_in_all_is_no_split_atom():
    batch = Crystals.from_crystals([split_rock_salt(0.5, ((17, 0.6), (17, 0.6)))])
    assert batch.exclusions() is None
    assert len(batch.join_split_sites().frac_coords) == 3


def test_ordered_crystals_have_no_exclusions():
    batch = Crystals.from_crystals([ROCK_SALT, MERGED])
    assert batch.exclusions() is None
    assert batch.join_split_sites() is batch


def channel(distance):
    """A row of half-occupied caesium sites along c, in a wide frame of oxygen."""
    lattice = np.diag([9.0, 9.0, 2 * distance])
    sites = [([0, 0, 0], {55: 0.5}), ([0, 0, 0.5], {55: 0.5}), ([0.5, 0.5, 0.25], {8: 1.0})]
    return disordered(lattice, sites)


def test_sites_along_a_channel_stay_and_do_not_see_their_neighbours():
    # 0.6 of the bond of 4.88 angstrom are 2.93: those 2 away exclude each other, those 4 do not.
    batch = Crystals.from_crystals([channel(2.0)])
    assert batch.join_split_sites().n_sites == 3
    exclusions = batch.exclusions()
    assert exclusions.pairs.neighbors.tolist() == [1, 1, 0, 0]
    table = batch.neighbors(4.5)
    along = table.distances[(table.centers < 2) & (table.neighbors < 2)]
    np.testing.assert_allclose(along, 4.0)


def test_amd_distances_and_potentials_do_not_see_excluded_pairs():
    crystal = channel(2.0)
    # The nearest sites of each site are its own images, one cell of 4 angstrom away.
    nearest = AverageMinimumDistance(k=1).transform([crystal])[0, 0]
    assert nearest == pytest.approx(4.0)
    # Of the nine entries three are 0, four are the distances to oxygen, and two are left out.
    statistics = DistanceStats(self_distance="zero").transform([crystal])[0]
    oxygen = np.sqrt(2 * 4.5**2 + 1.0**2)
    assert statistics[1] == pytest.approx(oxygen)
    assert statistics[0] == pytest.approx(4 * oxygen / 7)


def test_potentials_leave_out_the_terms_of_excluded_pairs():
    from skcrystal.descriptors.electrostatics import COULOMB, site_potentials

    batch = Crystals.from_crystals([channel(2.0)])
    charges = batch.site_charges
    # Cs2O: half a caesium ion on each of the two sites, and an oxygen that is not quite balanced.
    plain = site_potentials(batch)
    own = charges[0]
    plain[:2] -= 2 * own / 2.0
    expected = COULOMB * (charges * plain).sum() / 6
    assert MadelungEnergy().transform(batch)[0, 0] == pytest.approx(expected)


def test_case_of_ceria_is_fluorite():
    split = []
    for x in (0.25, 0.75):
        for y in (0.25, 0.75):
            for z in (0.25, 0.75):
                split += [([x + 0.00924, y, z], {8: 0.5}), ([x - 0.00924, y, z], {8: 0.5})]
    corners = [[0, 0, 0], [0, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0]]
    ceria = disordered(5.41 * np.eye(3), [(corner, {58: 1.0}) for corner in corners] + split)
    fluorite = Crystal.ordered(5.41 * FCC, [[0, 0, 0], [0.25, 0.25, 0.25], [0.75, 0.75, 0.75]], [58, 8, 8])
    rows = FULL.transform([ceria, fluorite])
    np.testing.assert_allclose(rows[0], rows[1], atol=1e-8)
    assert rows[0][NAMES.tolist().index("space_group_225")] == 1


def test_ordinary_positions_are_kept_in_the_order_of_the_sites():
    crystal = split_rock_salt(0.3, ((17, 0.3), (17, 0.7)))
    batch = Crystals.from_crystals([ROCK_SALT, crystal, ROCK_SALT])
    joined = batch.join_split_sites()
    assert joined.site_counts.tolist() == [2, 2, 2]
    assert batch.joined_sites.tolist() == [0, 1, 2, 3, 3, 4, 5]
    assert joined.atomic_numbers.tolist() == [11, 17] * 3
    np.testing.assert_allclose(joined.frac_coords[3], [0.5, 0.5, 0.5])
    np.testing.assert_allclose(joined.volumes, ROCK_SALT_EDGE**3 / 4)


def test_sites_of_one_atom_have_its_row():
    crystal = split_rock_salt(0.3, ((17, 0.3), (17, 0.7)))
    sites = CoordinationStats().transform_sites([crystal])
    whole = CoordinationStats().transform_sites([MERGED])
    np.testing.assert_allclose(sites, whole[[0, 1, 1]], atol=1e-9)
