"""Oxidation states of compounds that every textbook names, and the optimum against brute force."""

from __future__ import annotations

import csv
import importlib.util
import re
from fractions import Fraction
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymatgen.core import Composition

from skcrystal.chemistry.elements import atomic_number, symbols
from skcrystal.chemistry.free_atoms import ionization_energies, orbitals
from skcrystal.chemistry.oxidation import MOST_CHOICES, assign_oxidation_states, limit_choices
from skcrystal.chemistry.state_costs import (
    PAIRED,
    Company,
    companies,
    company_costs,
    lower_hull,
    modes,
)
from tests.chemistry.marks import WITH_STORED_VALUES

TOOL = Path(__file__).parents[2] / "tools" / "build_ions.py"

# Compounds, the oxidation states that textbooks give (Greenwood & Earnshaw, Chemistry of the Elements, 2nd
# edition 1997; Wells, Structural Inorganic Chemistry, 5th edition 1984) and the reason of each. Of several
# sites with different states the mean counts.
KNOWN_STATES = Path(__file__).with_name("known_oxidation_states.csv")


def amounts(**formula):
    row = np.zeros((1, 119))
    for symbol, amount in formula.items():
        row[0, atomic_number(symbol)] = amount
    return row


def states(**formula):
    ions = assign_oxidation_states(amounts(**formula))
    found = dict(zip(ions.atomic_numbers.tolist(), ions.states.tolist(), strict=True))
    return {symbol: pytest.approx(found[atomic_number(symbol)], abs=1e-9) for symbol in formula}, ions


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ({"Na": 1, "Cl": 1}, {"Na": 1, "Cl": -1}),
        ({"Sr": 1, "Ti": 1, "O": 3}, {"Sr": 2, "Ti": 4, "O": -2}),
        ({"Fe": 3, "O": 4}, {"Fe": 8 / 3, "O": -2}),
        ({"Fe": 1, "S": 2}, {"Fe": 2, "S": -1}),
        ({"Li": 2, "O": 2}, {"Li": 1, "O": -1}),
        ({"V": 2, "O": 5}, {"V": 5, "O": -2}),
        ({"K": 2, "Pt": 1, "Cl": 6}, {"K": 1, "Pt": 4, "Cl": -1}),
        ({"Cu": 1, "Al": 1, "O": 2}, {"Cu": 1, "Al": 3, "O": -2}),
        ({"Ga": 1, "As": 1}, {"Ga": 3, "As": -3}),
    ],
)
def test_states_of_known_compounds(formula, expected):
    found, ions = states(**formula)
    assert expected == found
    assert ions.residuals.tolist() == [0]


def wrong_states():
    """Each known compound whose states come out otherwise, with both."""
    wrong = {}
    with KNOWN_STATES.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        pairs = re.findall(r"([A-Z][a-z]?)([+-]?\d+(?:/\d+)?)", row["states"])
        known = {symbol: float(Fraction(state)) for symbol, state in pairs}
        formula = {str(e): n for e, n in Composition(row["formula"]).get_el_amt_dict().items()}
        assert set(known) == set(formula), row["formula"]
        charge = sum(known[symbol] * amount for symbol, amount in formula.items())
        assert charge == pytest.approx(0, abs=1e-9), row["formula"]
        ions = assign_oxidation_states(amounts(**formula))
        found = {symbols()[z]: q for z, q in zip(ions.atomic_numbers, ions.states, strict=True)}
        if found != pytest.approx(known, abs=1e-6):
            wrong[row["formula"]] = f"{found}, known {known}"
    return len(rows), wrong


def test_states_are_those_of_textbooks():
    count, wrong = wrong_states()
    assert count >= 200
    assert not wrong, "\n".join(f"{formula}: {states}" for formula, states in wrong.items())


def test_an_element_and_an_intermetallic_stay_uncharged():
    assert states(Fe=1)[0] == {"Fe": 0}
    assert states(Ni=3, Al=1)[0] == {"Ni": 0, "Al": 0}


def test_half_occupied_lithium_oxidises_cobalt():
    # Li(0.5)CoO2: 0.5 + q = 4.
    assert states(Li=0.5, Co=1, O=2)[0] == {"Li": 1, "Co": 3.5, "O": -2}


def test_two_alkali_metals_stay_uncharged():
    # Nothing takes their electrons.
    assert states(Na=1, K=1)[0] == {"Na": 0, "K": 0}
    assert states(Na=1, K=1)[1].residuals.tolist() == [0]


@given(
    rows=st.lists(
        st.dictionaries(st.integers(1, 103), st.integers(1, 12), min_size=1, max_size=7),
        min_size=1,
        max_size=5,
    ),
    factor=st.integers(2, 30),
)
def test_a_row_depends_on_its_own_shares_only(rows, factor):
    table = np.zeros((len(rows), 119))
    for row, formula in zip(table, rows, strict=True):
        row[list(formula)] = list(formula.values())
    together = assign_oxidation_states(table)
    for i in range(len(rows)):
        alone = assign_oxidation_states(table[i : i + 1])
        mine = together.crystals == i
        np.testing.assert_array_equal(alone.states, together.states[mine])
        for name in ("residuals", "costs", "slopes"):
            assert getattr(alone, name)[0] == getattr(together, name)[i]
        larger = assign_oxidation_states(factor * table[i : i + 1])
        np.testing.assert_allclose(larger.states, alone.states, atol=1e-9)
        np.testing.assert_allclose(larger.slopes, alone.slopes, atol=1e-9)
        charge = (alone.shares * alone.states).sum()
        assert charge == pytest.approx(alone.residuals[0], abs=1e-8)


@given(st.dictionaries(st.integers(1, 60), st.integers(1, 3), min_size=2, max_size=3))
def test_no_choice_of_whole_states_is_cheaper(formula):
    table = np.zeros((1, 119))
    table[0, list(formula)] = list(formula.values())
    ions = assign_oxidation_states(table)
    company = int(companies(table)[0])
    per_element = []
    for z in formula:
        if z in PAIRED:
            columns = modes().states[company, z, 1:], modes().costs[company, z, 1:]
            pairs = zip(*(column.tolist() for column in columns), strict=True)
            per_element.append({q: cost for q, cost in pairs if not np.isnan(q)})
        else:
            per_element.append(company_costs(z, company))
    counts, total = list(formula.values()), sum(formula.values())
    for choice in product(*per_element):
        if abs(sum(n * q for n, q in zip(counts, choice, strict=True))) < 1e-9:
            cost = sum(n * costs[q] for n, costs, q in zip(counts, per_element, choice, strict=True)) / total
            assert ions.residuals[0] == 0
            assert ions.costs[0] <= cost + 1e-9


def test_company_is_told_by_the_elements_present():
    table = np.concatenate(
        [
            amounts(Cu=3, Au=1),
            amounts(Fe=1, S=2),
            amounts(Hg=2, Cl=2),
            amounts(Fe=1, P=1, O=4),
            amounts(O=1, F=2),
            amounts(Mg=2, Sn=1),
            amounts(N=1, H=4, Cl=1),
        ]
    )
    assert companies(table).tolist() == [
        Company.ALLOY,
        Company.SULFIDE,
        Company.HALIDE,
        Company.OXIDE,
        Company.OXYFLUORIDE,
        Company.ALLOY + Company.ZINTL,
        Company.HALIDE + Company.AMMONIUM,
    ]


def test_a_compound_of_many_non_metals_is_assigned_all_the_same():
    # 11 elements with up to 8 states each are 10^9 combinations.
    formula = dict.fromkeys(["B", "C", "N", "Si", "P", "S", "Cl", "As", "Se", "Br", "Te"], 1) | {
        "Na": 3,
        "O": 12,
    }
    ions = states(**formula)[1]
    assert ions.residuals.tolist() == [0]
    counts = np.array([9, 9, 9, 9, 9, 1])
    assert limit_choices(counts, np.array([0])).prod() <= MOST_CHOICES
    assert counts.tolist() == [9, 9, 9, 9, 9, 1]


def test_no_crystals_no_states():
    assert len(assign_oxidation_states(np.zeros((0, 119))).states) == 0


def test_lower_hull_leaves_out_what_lies_above():
    # From (0, 1) to (3, 0) the line runs below (1, 5) and (2, 1).
    points = [(0, 1.0), (1, 5.0), (2, 1.0), (3, 0.0), (4, 3.0)]
    assert lower_hull(points) == [(0, 1.0), (3, 0.0), (4, 3.0)]


def test_every_ionization_costs_energy_and_every_orbital_binds():
    assert (ionization_energies()[1:] > 0).all()
    table = orbitals()
    assert (table.energies[1:][np.isfinite(table.energies[1:])] < 0).all()
    for z in range(1, 93):
        assert table.capacities[z].sum() >= z


@pytest.fixture(scope="module")
def tool():
    if not TOOL.exists():
        pytest.skip("the tests run without the repository")
    spec = importlib.util.spec_from_file_location("build_ions", TOOL)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@WITH_STORED_VALUES
@pytest.mark.parametrize("table", ["oxidation_states", "ionization_energies", "orbital_energies"])
def test_the_stored_tables_are_the_tools(tool, table):
    with (tool.DATA / f"{table}.csv").open(newline="", encoding="utf-8") as file:
        stored = list(csv.reader(file))[1:]
    built = [[str(value) for value in row] for row in getattr(tool, table)()]
    assert stored == built, "run tools/build_ions.py"
