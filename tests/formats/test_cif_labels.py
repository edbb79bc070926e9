"""Site labels and type symbols: water and hydroxyl of mineral collections, never against the formula."""

from __future__ import annotations

import warnings

import pytest

from skcrystal.chemistry.elements import symbols
from skcrystal.crystals.crystal import CrystalError
from skcrystal.formats import ReadWarning, read_cif
from skcrystal.formats.species import parse_label, parse_type_symbol
from tests.formats.texts import cif

GYPSUM = frozenset({1, 8, 16, 20})


@pytest.mark.parametrize(
    ("label", "element"),
    [
        *[
            (label, "O")
            for label in ("Wat", "WatOW", "WatII", "WatA", "WaterA", "WAT1", "Wat2B", "water", "Aq1")
        ],
        *[(label, "O") for label in ("Ow", "OW1", "OwA", "Oh", "OH3", "OhA", "O-H", "W1", "W", "Wa")],
        *[
            (label, "H")
            for label in ("HOw1", "HohA", "HOH2", "Hw1", "HW2A", "HWat", "HwatA", "WatH1", "Ho1", "HO2")
        ],
        *[(label, "Ca") for label in ("Ca", "CaM1", "CA1", "Ca2+")],
        *[(label, "S") for label in ("S", "SO4", "S1")],
    ],
)
def test_labels_of_gypsum(label, element):
    assert symbols()[parse_label(label, GYPSUM)[0][0]] == element


@pytest.mark.parametrize("label", ["Wat", "WatOW", "WatII", "WatA", "WaterA", "HOw1", "HohA", "Oh1", "Hw2"])
def test_water_is_known_without_a_formula(label):
    assert symbols()[parse_label(label)[0][0]] in {"O", "H"}


@pytest.mark.parametrize(
    ("label", "elements", "element"),
    [
        ("W1", "W O", "W"),
        ("Wa", "W O H", "W"),
        ("Ho1", "Ho O", "Ho"),
        ("HoA", "Ho O H", "Ho"),
        ("Ow", "Os O", "O"),
        ("OS1", "Os", "Os"),
        ("CO3", "C O Ca", "C"),
        ("CO3", "Co O", "Co"),
        ("NaA", "Na Al Si O", "Na"),
        ("T1", "Si O", "Si"),
        ("SiT1", "Si O", "Si"),
        ("Pba1", "Pb S", "Pb"),
    ],
)
def test_the_formula_decides_what_a_label_means(label, elements, element):
    numbers = frozenset(symbols().index(symbol) for symbol in elements.split())
    assert symbols()[parse_label(label, numbers)[0][0]] == element


def test_a_guess_is_never_an_element_that_the_formula_lacks():
    assert parse_label("Wat", frozenset({26, 16})) is None
    assert parse_type_symbol("Me", frozenset({26, 16})) is None
    assert parse_type_symbol("Wat", GYPSUM) == parse_label("Wat", GYPSUM)
    # A plain symbol is no guess: the difference is said.
    assert symbols()[parse_label("Fe1", frozenset({16}))[0][0]] == "Fe"
    columns = "label fract_x fract_y fract_z"
    with pytest.raises(CrystalError, match="'Mx1' is of no known element that the stated formula has"):
        read_cif(cif(columns=columns, atoms="Mx1 0 0 0", extra="_chemical_formula_sum 'Fe S'"))
    with pytest.warns(ReadWarning, match="which is not the stated formula S"):
        read_cif(cif(columns=columns, atoms="Fe1 0 0 0", extra="_chemical_formula_sum S"))


def test_gypsum_by_its_labels_has_its_formula():
    # Labels as in the American Mineralogist database; positions by hand, far from each other.
    labels = ["Ca", "S", "O1", "O2", "O3", "O4", "WatOW", "WatII", "HOw1", "HohA", "Hw1", "HO2"]
    rows = "\n".join(
        f"{label} {i / 12:.4f} {i % 4 / 4:.4f} {i % 3 / 3:.4f}" for i, label in enumerate(labels)
    )
    text = cif(
        "15 15 15 90 90 90",
        columns="label fract_x fract_y fract_z",
        atoms=rows,
        extra="_chemical_formula_sum 'Ca S O6 H4'",
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ReadWarning)
        crystal = read_cif(text)
    assert crystal.composition.reduced_formula == "CaH4SO6"
    assert not any("formula" in note for note in crystal.notes)
