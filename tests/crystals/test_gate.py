"""Every crystal passes one gate: what cannot be is refused, what was given twice is merged."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymatgen.core import Lattice, Structure

from skcrystal import Crystal, CrystalError, CrystalFeaturizer, Crystals, as_crystals
from skcrystal.crystals.arrays import CrystalArrays
from skcrystal.crystals.gate import find_contacts
from skcrystal.formats import ReadWarning
from tests.prototypes import CAESIUM_CHLORIDE, DIAMOND, ROCK_SALT
from tests.strategies import RADII, crystals, lattices, nearest_image_distance


def disordered(lattice, sites):
    """A crystal of (position, {atomic number: occupancy}) pairs."""
    return Crystal(
        np.asarray(lattice, dtype=float),
        np.array([position for position, _ in sites], dtype=float),
        np.cumsum([0] + [len(species) for _, species in sites]),
        np.array([number for _, species in sites for number in species]),
        np.array([share for _, species in sites for share in species.values()], dtype=float),
        np.full(sum(len(species) for _, species in sites), np.nan),
    )


def cubic(edge, sites):
    return disordered(edge * np.eye(3), sites)


def test_an_atom_drawn_at_two_corners_is_one_atom():
    # Caesium chloride as a drawing shows it: the corner twice, a lattice vector apart.
    drawn = Crystal.ordered(4.12 * np.eye(3), [[0, 0, 0], [1, 0, 0], [0.5, 0.5, 0.5]], [55, 55, 17])
    with pytest.warns(ReadWarning, match=r"given several times is read once: sites 0 \(Cs\) = 1 \(Cs\)"):
        batch = as_crystals([drawn])
    assert batch.atomic_numbers.tolist() == [55, 17]
    rows = CrystalFeaturizer().transform(batch)
    expected = CrystalFeaturizer().transform([CAESIUM_CHLORIDE])
    np.testing.assert_allclose(rows, expected, rtol=1e-9, atol=1e-9)


def test_two_elements_on_one_point_are_an_error_that_names_both_sites():
    with pytest.raises(CrystalError, match=r"sites 0 \(Cu\) and 1 \(Au\) lie on one point .* sum to 2"):
        Crystals.from_crystals([Crystal.ordered(3.6 * np.eye(3), [[0, 0, 0], [0, 0, 0.999]], [29, 79])])


def test_elements_that_share_a_point_are_one_disordered_site():
    apart = cubic(3.8, [([0, 0, 0], {29: 0.25}), ([0, 0, 0], {79: 0.75})])
    (together,) = Crystals.from_crystals([apart])
    assert together.atomic_numbers.tolist() == [29, 79]
    assert together.occupancies.tolist() == [0.25, 0.75]
    assert together.notes == ()


def test_the_merged_site_does_not_depend_on_the_order_of_its_parts():
    sites = [([0.1, 0.2, 0.3], {26: 0.5}), ([0.102, 0.2, 0.3], {26: 0.25}), ([0.6, 0.6, 0.6], {8: 1})]
    with pytest.warns(ReadWarning, match="parts of one atom"):
        one = Crystals.from_crystals([cubic(4.0, sites)])[0]
    with pytest.warns(ReadWarning, match="parts of one atom"):
        other = Crystals.from_crystals([cubic(4.0, sites[::-1])])[0]
    # The mean by occupancy: (0.1 * 0.5 + 0.102 * 0.25) / 0.75.
    np.testing.assert_allclose(one.frac_coords[0], [0.100666666667, 0.2, 0.3], atol=1e-12)
    np.testing.assert_allclose(one.frac_coords[0], other.frac_coords[1], atol=1e-12)
    assert one.occupancies.tolist() == [0.75, 1]


@pytest.mark.parametrize(
    ("distance", "noted"),
    # Covalent radii of pymatgen's table: Mg 1.41, O 0.66: half a bond is 1.035 angstrom.
    [(0.03, True), (1.03, True), (1.04, False)],
)
def test_atoms_closer_than_half_a_bond_are_named(distance, noted):
    crystal = Crystal.ordered(4.2 * np.eye(3), [[0.9, 0, 0], [0.9 + distance / 4.2, 0, 0]], [12, 8])
    if noted:
        with pytest.warns(ReadWarning, match=rf"sites 0 \(Mg\) and 1 \(O\) at {distance:.3g} angstrom"):
            batch = Crystals.from_crystals([ROCK_SALT, crystal])
        assert [len(own) for own in batch.notes] == [0, 1]
    else:
        assert Crystals.from_crystals([ROCK_SALT, crystal]).notes == ((), ())


def test_sites_that_are_never_occupied_together_are_not_noted():
    halves = cubic(5.0, [([0, 0, 0], {17: 0.5}), ([0.1, 0, 0], {17: 0.5}), ([0.5] * 3, {11: 1})])
    assert Crystals.from_crystals([halves]).notes == ((),)
    more = cubic(5.0, [([0, 0, 0], {17: 0.7}), ([0.1, 0, 0], {17: 0.5}), ([0.5] * 3, {11: 1})])
    with pytest.warns(ReadWarning, match="closer than half a bond"):
        Crystals.from_crystals([more])


@pytest.mark.parametrize("edge", [1e-100, 5.43e-10, 0.02, 0.543, 0.99])
def test_a_cell_in_other_units_is_refused_at_once(edge):
    with pytest.raises(CrystalError, match="angstrom"):
        Crystals.from_crystals([Crystal.ordered(edge * np.eye(3), [[0, 0, 0]], [14])])


@pytest.mark.parametrize("edge", [1.1e5, 1e30, 1e100, 1e300])
def test_a_cell_beyond_all_digits_is_refused(edge):
    with pytest.raises(CrystalError, match="angstrom"):
        Crystals.from_crystals([Crystal.ordered(edge * np.eye(3), [[0, 0, 0]], [14])])


@pytest.mark.parametrize("edge", [543.1, 5431.0, 9e4])
def test_a_cell_in_picometres_is_refused_whatever_the_input(edge):
    silicon = Structure.from_spacegroup("Fd-3m", Lattice.cubic(edge), ["Si"], [[0, 0, 0]])
    for form in (silicon, silicon.as_dict(), silicon.to_ase_atoms(), silicon.to(fmt="poscar")):
        with pytest.raises(CrystalError, match="its lengths seem to be in picometres"):
            as_crystals(form)


def test_an_atom_in_a_large_box_passes():
    assert as_crystals(Crystal.ordered(150 * np.eye(3), [[0, 0, 0]], [2])).notes == ((),)


def test_half_a_cubic_angstrom_for_each_atom_is_the_least():
    rng = np.random.default_rng(0)
    # 8 hydrogen atoms in 3.9 and in 4.1 cubic angstrom, on a grid.
    grid = np.stack(np.meshgrid(*[[0, 0.5]] * 3), axis=-1).reshape(-1, 3) + rng.random(3)
    with pytest.raises(CrystalError, match=r"8 atoms have 3.9 cubic angstrom, less than 0.5 for each"):
        Crystals.from_crystals([Crystal.ordered(3.9 ** (1 / 3) * np.eye(3), grid, [1] * 8)])
    Crystals.from_crystals([Crystal.ordered(4.1 ** (1 / 3) * np.eye(3), grid, [1] * 8)])


def test_vectors_in_one_plane_span_no_volume():
    for lattice in ([[3, 0, 0], [6, 0, 0], [0, 0, 3]], [[1, 2, 3], [4, 5, 6], [7, 8, 9]], np.zeros((3, 3))):
        with pytest.raises(CrystalError, match="span no volume"):
            Crystals.from_crystals([Crystal.ordered(lattice, [[0, 0, 0]], [26])])


def sheared(crystal, shears):
    """The same crystal with multiples of a added to b and c, and of b to c."""
    ab, ac, bc = shears
    change = np.array([[1, 0, 0], [ab, 1, 0], [ac, bc, 1]])
    return Crystal.ordered(
        change @ crystal.lattice, crystal.frac_coords @ np.linalg.inv(change), crystal.atomic_numbers
    )


@pytest.mark.parametrize("shears", [(1000, 0, 0), (1000, -1000, 7), (-1000, 1000, 1000)])
@pytest.mark.parametrize("crystal", [ROCK_SALT, DIAMOND, CAESIUM_CHLORIDE], ids=["NaCl", "C", "CsCl"])
def test_a_needle_of_a_cell_is_the_same_crystal(crystal, shears):
    batch = Crystals.from_crystals([crystal, sheared(crystal, shears)])
    assert batch.notes == ((), ())
    rows = CrystalFeaturizer().transform(batch)
    np.testing.assert_allclose(rows[1], rows[0], rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(
    ("shares", "total"),
    # What was rounded to its last decimal is 1 together; tenths are no rounded thirds.
    [
        ((1 / 3, 1 / 3, 1 / 3), 1),
        ((0.333, 0.333, 0.333), 1),
        ((0.33, 0.33, 0.33), 1),
        ((0.67, 0.34), 1),
        ((0.3, 0.3, 0.3), 0.9),
        ((0.5, 0.48), 0.98),
        ((0.5, 0.25, 0.2), 0.95),
    ],
)
def test_occupancies_that_sum_to_one_within_rounding_are_one(shares, total):
    species = dict(zip((24, 26, 27), shares, strict=False))
    (crystal,) = Crystals.from_crystals([cubic(4.0, [([0, 0, 0], species)])])
    assert crystal.occupancies.sum() == pytest.approx(total, abs=1e-12)


def test_what_needs_no_repair_keeps_every_bit():
    shares = {12: 0.2, 20: 0.3, 38: 0.5}
    crystal = cubic(4.0, [([0.1, 0.2, 1 / 3], shares), ([0.6, 0.7, -0.1], {8: 0.7})])
    (same,) = Crystals.from_crystals([crystal])
    for name in ("lattice", "frac_coords", "occupancies"):
        np.testing.assert_array_equal(getattr(same, name), getattr(crystal, name))


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("frac_coords", [[10**400, 0, 0]], "number beyond 1e308"),
        ("frac_coords", [[1j, 0, 0]], "real numbers"),
        ("frac_coords", np.array([[1j, 0, 0]]), "real numbers"),
        ("frac_coords", [["0.5", "0", "0"]], "real numbers"),
        ("frac_coords", [[0, 0]], "shape"),
        ("frac_coords", [[0, 0, 0], [0.5, 0.5, 0.5]], "species_offsets have the shape"),
        ("frac_coords", None, "real numbers"),
        ("frac_coords", [[1e17, 0, 0]], "cells away"),
        ("lattice", [[1, 2], [3, 4]], "shape"),
        ("lattice", "cubic", "real numbers"),
        ("atomic_numbers", [11.7], "11.7, which is no whole number"),
        ("atomic_numbers", ["Fe"], "real numbers"),
        ("atomic_numbers", [10**30], "no whole number"),
        ("atomic_numbers", [np.nan], "no whole number"),
        ("atomic_numbers", [0], "no element"),
        ("occupancies", [0.5, 0.5], "shape"),
        ("occupancies", [np.nan], "occupancy"),
        ("species_offsets", [0, 2], "must rise"),
        ("species_offsets", [1, 0], "must rise"),
        ("oxidation_states", ["3+"], "real numbers"),
    ],
)
def test_arrays_that_are_none_end_in_one_sentence(field, value, sentence):
    fields = {
        "lattice": 4.0 * np.eye(3),
        "frac_coords": [[0.0, 0.0, 0.0]],
        "species_offsets": [0, 1],
        "atomic_numbers": [26],
        "occupancies": [1.0],
        "oxidation_states": [np.nan],
    }
    crystal = Crystal(**{**fields, field: value})
    with pytest.raises(CrystalError, match=sentence) as error:
        as_crystals([ROCK_SALT, crystal])
    assert str(error.value).startswith("crystal 1: ")
    featurizer = CrystalFeaturizer("notebook", on_error="nan")
    with pytest.warns(UserWarning, match="1 of 2 items are no usable crystals"):
        rows = featurizer.transform([ROCK_SALT, crystal])
    assert np.isnan(rows[1]).all()
    assert np.isfinite(rows[0]).all()
    assert list(featurizer.report([ROCK_SALT, crystal]).errors) == [1]


def test_lists_that_fit_are_taken_as_arrays():
    crystal = Crystal(
        [[4, 0, 0], [0, 4, 0], [0, 0, 4]],
        [[0, 0, 0]],
        [0, 1],
        [26.0],
        [1],
        [3],  # type: ignore[arg-type]
    )
    batch = as_crystals([crystal])
    assert batch.atomic_numbers.dtype == np.int64
    assert batch[0].formula == "Fe"


@given(
    lattice=lattices(),
    numbers=st.lists(st.integers(1, 103), min_size=1, max_size=6),
    seed=st.integers(0, 2**32 - 1),
)
@settings(max_examples=50)
def test_contacts_are_those_of_a_brute_force_search(lattice, numbers, seed):
    rng = np.random.default_rng(seed)
    coords = rng.normal(size=(len(numbers), 3)) * 2
    n = len(numbers)
    arrays = CrystalArrays(
        lattice[None],
        np.array([0, n]),
        coords,
        np.arange(n + 1),
        np.array(numbers),
        np.ones(n),
        np.full(n, np.nan),
    )
    cells, pairs, distances = find_contacts(arrays)
    expected = {
        (i, j): distance
        for i in range(n)
        for j in range(i + 1, n)
        if (distance := nearest_image_distance(coords[i] - coords[j], lattice, reach=2))
        < (RADII[numbers[i]] + RADII[numbers[j]]) / 2
    }
    found = {
        tuple(pair): d
        for pair, d in zip(pairs.tolist(), distances.tolist(), strict=True)
        if pair[0] != pair[1]
    }
    assert found == pytest.approx(expected)
    assert cells[0, 2] == pytest.approx(abs(np.linalg.det(lattice)))


@given(crystal=crystals(), seed=st.integers(0, 2**32 - 1))
@settings(max_examples=25)
def test_no_origin_cell_or_order_changes_what_the_gate_says(crystal, seed):
    rng = np.random.default_rng(seed)
    moved = Crystal(
        crystal.lattice,
        crystal.frac_coords + rng.random(3) + rng.integers(-3, 4, crystal.frac_coords.shape),
        crystal.species_offsets,
        crystal.atomic_numbers,
        crystal.occupancies,
        crystal.oxidation_states,
    )
    batch = Crystals.from_crystals([crystal, moved])
    assert batch.notes == ((), ())
    assert batch.site_counts[0] == batch.site_counts[1]


def test_many_atoms_on_one_point_cost_no_more_than_a_second():
    import time

    rng = np.random.default_rng(0)
    coords = 1e-4 * rng.random((20_000, 3))
    coords[::2, 0] += 0.5
    start = time.process_time()
    with pytest.raises(CrystalError, match="lie on each other"):
        Crystals.from_crystals([Crystal.ordered(100.0 * np.eye(3), coords, [26] * 20_000)])
    assert time.process_time() - start < 5


def test_what_the_gate_notes_is_said_once():
    close = cubic(4.0, [([0, 0, 0], {12: 1}), ([0.05, 0, 0], {8: 1})])
    with pytest.warns(ReadWarning, match="closer than half a bond"):
        first = as_crystals([close])
    assert as_crystals([first[0]]).notes == first.notes


def test_sites_that_a_reader_found_apart_are_not_compared_again():
    close = cubic(4.0, [([0, 0, 0], {12: 1}), ([0.2, 0, 0], {8: 1})])
    with pytest.warns(ReadWarning, match="closer than half a bond"):
        arrays = Crystals.from_crystals([close] * 3)._arrays()
    cells, pairs, _ = find_contacts(arrays)
    assert pairs.tolist() == [[0, 1], [2, 3], [4, 5]]
    cells_of_some, pairs, _ = find_contacts(arrays, np.array([True, False, True]))
    assert pairs.tolist() == [[2, 3]]
    np.testing.assert_array_equal(cells_of_some, cells)
