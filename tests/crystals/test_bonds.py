"""What a bond is, beside what crystallographers count, and what every table of bonds holds to."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skcrystal import Crystal, Crystals
from skcrystal.chemistry import elements
from skcrystal.chemistry.radii import charged_radii, metallic_radii
from skcrystal.crystals.arrays import sums_of_owned
from skcrystal.datasets import load_experimental
from tests.crystals.textbook import TEXTBOOK
from tests.crystals.textbook_metals import METALS
from tests.strategies import crystals

SHARED = Path(os.environ.get("SKCRYSTAL_SHARED", Path(__file__).parents[2].parent / "shared"))
ASSIGNED = SHARED / "data" / "coordination.json.gz"
few = settings(max_examples=25)


def coordination(batch):
    """What each site is bonded to: element and sum of weights."""
    bonds = batch.bonds()
    symbols = elements.symbols()
    owners = np.repeat(np.arange(batch.n_sites), np.diff(bonds.offsets))
    found = [{} for _ in range(batch.n_sites)]
    for site, other, weight in zip(owners, bonds.neighbors, bonds.weights, strict=True):
        symbol = symbols[batch.atomic_numbers[other]]
        found[site][symbol] = found[site].get(symbol, 0.0) + weight
    return found


@pytest.mark.parametrize("case", [*TEXTBOOK, *METALS], ids=lambda case: case.name)
def test_coordination_is_that_of_the_textbook(case):
    crystal = case.crystal()
    found = coordination(Crystals.from_crystals([crystal]))
    symbols = elements.symbols()
    seen = {symbol: [False] * len(kinds) for symbol, kinds in case.bonds.items()}
    for z, bonds in zip(crystal.atomic_numbers, found, strict=True):
        kinds = case.bonds[symbols[z]]
        fits = [
            all(abs(bonds.get(key, 0.0) - kind.get(key, 0)) < 0.1 for key in {*bonds, *kind})
            for kind in kinds
        ]
        assert any(fits), f"{symbols[z]} is bonded to {bonds}, and not to one of {kinds}"
        seen[symbols[z]] = [before or now for before, now in zip(seen[symbols[z]], fits, strict=True)]
    assert all(all(kinds) for kinds in seen.values())


def test_metals_do_not_ask_for_radii():
    # The same structure of atoms of one size, and of sizes that differ by a fifth.
    cell, sites = 3.9 * np.eye(3), [[0, 0, 0], [0.5, 0.5, 0.5]]
    for numbers in ([12, 12], [12, 38]):
        bonds = Crystals.from_crystals([Crystal.ordered(cell, sites, numbers)]).bonds()
        assert bonds.numbers == pytest.approx([8, 8], abs=0.02)


def test_coordination_is_what_crystallographers_assign():
    if not ASSIGNED.exists():
        pytest.skip("the shared coordination numbers are not on this machine")
    with gzip.open(ASSIGNED, "rt") as file:
        entries = json.load(file)
    errors = []
    for entry in entries:
        numbers = [elements.atomic_number(site["element"]) for site in entry["sites"]]
        crystal = Crystal.ordered(entry["lattice"], [site["abc"] for site in entry["sites"]], numbers)
        found = coordination(Crystals.from_crystals([crystal]))
        errors.append(
            np.mean(
                [
                    sum(
                        abs(bonds.get(symbol, 0.0) - number)
                        for symbol, number in site["coordination"].items()
                        if number is not None
                    )
                    for site, bonds in zip(entry["sites"], found, strict=True)
                ]
            )
        )
    assert np.mean(errors) < 0.1


@few
@given(batch=st.lists(crystals(max_sites=6), min_size=1, max_size=2).map(Crystals.from_crystals))
def test_both_ends_see_one_bond(batch):
    bonds = batch.bonds()
    owners = np.repeat(np.arange(batch.n_sites), np.diff(bonds.offsets))
    assert (bonds.weights > 0).all()
    assert (bonds.weights <= 1).all()
    one_way = np.column_stack([owners, bonds.neighbors, bonds.weights, bonds.vectors])
    other_way = np.column_stack([bonds.neighbors, owners, bonds.weights, -bonds.vectors])
    for table in (one_way, other_way):
        table[:] = table[np.lexsort(np.round(table[:, [5, 4, 3, 1, 0]], 6).T)]
    np.testing.assert_allclose(one_way, other_way, atol=1e-6)
    np.testing.assert_allclose(bonds.numbers, np.bincount(owners, bonds.weights, batch.n_sites))


def test_every_measured_crystal_has_bonds():
    batch = load_experimental().data
    numbers = batch.bonds().numbers
    assert numbers.min() > 0.9
    assert numbers.max() < 31


def test_like_charges_are_not_bonded():
    # Caesium is nearer to caesium, 4.12 angstrom, than to the second chlorine.
    batch = Crystals.from_crystals(
        [Crystal.ordered(4.12 * np.eye(3), [[0, 0, 0], [0.5, 0.5, 0.5]], [55, 17])]
    )
    assert {tuple(found) for found in coordination(batch)} == {("Cl",), ("Cs",)}


def test_a_molecule_is_bonded_within_alone():
    # Nitrogen, 1.098 angstrom, two molecules 3.5 angstrom apart.
    cell = np.diag([3.5, 3.5, 4.6])
    batch = Crystals.from_crystals([Crystal.ordered(cell, [[0, 0, 0], [0, 0, 1.098 / 4.6]], [7, 7])])
    assert batch.bonds().numbers == pytest.approx([1, 1])


def test_nothing_jumps_where_a_second_shell_leaves():
    # From cubic to square nets far apart: the two neighbours along c leave the four in the plane.
    ratios = np.linspace(1, 2.1, 2201)
    cells = [Crystal.ordered(3 * np.diag([1, 1, ratio]), [[0, 0, 0]], [84]) for ratio in ratios]
    numbers = Crystals.from_crystals(cells).bonds().numbers
    assert np.abs(np.diff(numbers)).max() < 0.05
    assert numbers[0] == pytest.approx(6)
    assert numbers[-1] == pytest.approx(4)


def test_nothing_jumps_where_the_last_neighbour_leaves_the_cutoff():
    edges = np.linspace(6, 8.1, 801)
    cells = [Crystal.ordered(edge * np.eye(3), [[0, 0, 0]], [2]) for edge in edges]
    numbers = Crystals.from_crystals(cells).bonds().numbers
    assert np.abs(np.diff(numbers)).max() < 0.05
    assert numbers[0] == pytest.approx(6)
    assert numbers[-1] == 0


def test_a_disordered_site_has_the_mean_radius_of_its_species():
    # Brass with a third of zinc: bonds of a face-centred metal, whatever stands on its sites.
    brass = Crystal(
        3.68 * (1 - np.eye(3)) / 2,
        np.zeros((1, 3)),
        np.array([0, 2]),
        np.array([29, 30]),
        np.array([0.67, 0.33]),
        np.full(2, np.nan),
    )
    assert Crystals.from_crystals([brass]).bonds().numbers == pytest.approx([12])


@pytest.mark.parametrize(
    ("symbol", "charge", "radius"),
    # Shannon 1976, table 1, sixfold.
    [("Na", 1, 1.02), ("Mg", 2, 0.72), ("Fe", 3, 0.645), ("O", -2, 1.40), ("Cl", -1, 1.81), ("U", 4, 0.89)],
)
def test_ionic_radii_are_shannons(symbol, charge, radius):
    assert charged_radii()[elements.atomic_number(symbol), 4 + charge] == pytest.approx(radius)


def test_radii_of_a_charge_that_shannon_does_not_give_lie_between():
    manganese = charged_radii()[25]
    assert manganese[4 + 2] == 0.83
    # Of 7+ he gives 0.46, of 6+ fourfold 0.255.
    assert manganese[4 + 4] == 0.53
    assert charged_radii()[17, 4 - 3] == 1.81
    assert (charged_radii()[1:, :4] > 0.9).all()
    assert (metallic_radii()[1:] > 0.4).all()


def test_descriptors_of_one_batch_share_bonds():
    batch = Crystals.from_crystals([TEXTBOOK[0].crystal()])
    assert batch.bonds() is batch.bonds(8.0)


def test_sums_over_what_is_owned_are_0_where_nothing_is():
    values = np.arange(10.0).reshape(5, 2)
    sums = sums_of_owned(values, np.array([0, 0, 2, 2, 5, 5]))
    np.testing.assert_array_equal(sums, [[0, 0], [2, 4], [0, 0], [18, 21], [0, 0]])
    np.testing.assert_array_equal(sums_of_owned(values[:0], np.zeros(3, dtype=np.int64)), np.zeros((2, 2)))
    assert sums_of_owned(values[:0], np.zeros(1, dtype=np.int64)).shape == (0, 2)
