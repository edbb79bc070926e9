"""Formulas as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymatgen.core import Composition

from skcrystal.chemistry.elements import symbols
from skcrystal.chemistry.formulas import FormulaError, looks_like_formula, parse_formula


def amounts(text):
    return {symbols()[number]: pytest.approx(amount) for number, amount in parse_formula(text).items()}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("NaCl", {"Na": 1, "Cl": 1}),
        ("CO", {"C": 1, "O": 1}),
        ("Co", {"Co": 1}),
        ("YBa2Cu3O6.93", {"Y": 1, "Ba": 2, "Cu": 3, "O": 6.93}),
        ("(La0.85Sr0.15)2CuO4", {"La": 1.7, "Sr": 0.3, "Cu": 1, "O": 4}),
        ("Fe2(SO4)3·5H2O", {"Fe": 2, "S": 3, "O": 17, "H": 10}),
        ("CuSO4*5H2O", {"Cu": 1, "S": 1, "O": 9, "H": 10}),
        ("K4[Fe(CN)6] · 3H2O", {"K": 4, "Fe": 1, "C": 6, "N": 6, "H": 6, "O": 3}),
        ("[Co(NH3)6]Cl3", {"Co": 1, "N": 6, "H": 18, "Cl": 3}),
        ("{[Cu(H2O)4]SO4}2", {"Cu": 2, "H": 16, "O": 16, "S": 2}),
        ("D2O", {"H": 2, "O": 1}),
        (" Sr Ti O3\n", {"Sr": 1, "Ti": 1, "O": 3}),
        ("LiFePO₄", {"Li": 1, "Fe": 1, "P": 1, "O": 4}),
        ("YBa$_2$Cu$_3$O$_{6.93}$", {"Y": 1, "Ba": 2, "Cu": 3, "O": 6.93}),
        ("Fe1/3TaS2", {"Fe": 1 / 3, "Ta": 1, "S": 2}),
        ("2NaCl", {"Na": 2, "Cl": 2}),
        ("0.9BaTiO3-0.1CaZrO3", {"Ba": 0.9, "Ti": 0.9, "O": 3, "Ca": 0.1, "Zr": 0.1}),
        ("0.5Bi2O3·0.5Nb2O5", {"Bi": 1, "O": 4, "Nb": 1}),
        ("Nb.5Ti.5", {"Nb": 0.5, "Ti": 0.5}),
        ("Fe3Fe", {"Fe": 4}),
    ],
)
def test_formula_is_read(text, expected):
    assert amounts(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Na+", {"Na": 1}),
        ("Fe3+", {"Fe": 1}),
        ("O2-", {"O": 1}),
        ("Na1+ Cl1-", {"Na": 1, "Cl": 1}),
        ("Fe3+ O2-", {"Fe": 1, "O": 1}),
        ("NH4+", {"N": 1, "H": 4}),
        ("MnO4-", {"Mn": 1, "O": 4}),
        ("SO42-", {"S": 1, "O": 4}),
        ("SO₄²⁻", {"S": 1, "O": 4}),
        ("SO4^2-", {"S": 1, "O": 4}),
        ("SO4^{2-}", {"S": 1, "O": 4}),
        ("[Co(NH3)6]3+", {"Co": 1, "N": 6, "H": 18}),
        ("[Fe(CN)6]⁴⁻", {"Fe": 1, "C": 6, "N": 6}),
    ],
)
def test_charges_are_read_and_left_out(text, expected):
    assert amounts(text) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("  ", "is empty"),
        ("Na2Qo4", "'Qo' at character 4, which is no element"),
        ("nacl", "'n' at character 1"),
        ("Al2O3 (corundum)", "'c' at character 8"),
        ("NaCl0", "amount 0 at character 5"),
        ("La2Sr0.00CuO4", r"amount 0\.00 at character 6"),
        ("Fe0/3O", "amount 0 at character 3"),
        ("Fe00-", "amount 0 at character 3"),
        ("NH0+", "amount 0 at character 3"),
        ("Fe0.0+", r"amount 0\.0 at character 3"),
        ("Sm1Ba-1Cu3O6.94", "'-' at character 6; amounts are above 0"),
        ("B1Sr2N+3", r"'\+' at character 7"),
        ("Ca(OH2", r"opens '\(' at character 3 and does not close it; add '\)'"),
        ("Ca[OH)2", r"closes '\)' at character 6, which was not opened"),
        ("CaOH)2", r"closes '\)' at character 5, which was not opened"),
        ("()", "no symbol at character 2"),
        ("NaCl·", "no symbol at character 6"),
        ("·5H2O", "no symbol at character 1"),
        ("CuSO4.5H2O", r"4\.5 at character 5, in front of H2O: write '·'"),
        ("K4[Fe(CN)6].3H2O", r"\.3 at character 12, in front of H2O"),
        ("YBa2Cu3O7-x", "'x' at character 11"),
        ("FeOx", "'Ox' at character 3, which is no element; put a number in place of a variable"),
        ("HgBa2CuO4+δ", "'δ' at character 11; put a number"),
        ("H1e3", "'e' at character 3"),
        ("Fe" + "9" * 400, "amount 99999999999999999... at character 3"),
        ("(" * 5000 + "Fe" + ")" * 5000, "more than 30 brackets in each other at character 31"),
        ("NaCl.cif", r"'\.' at character 5"),
    ],
)
def test_error_names_what_is_wrong_and_where(text, message):
    with pytest.raises(FormulaError, match=message):
        parse_formula(text)
    assert not looks_like_formula(text)


@given(
    st.dictionaries(
        st.sampled_from([symbol for symbol in symbols() if symbol]),
        st.one_of(st.integers(1, 400), st.decimals("0.001", "99", places=3)),
        min_size=1,
        max_size=8,
    )
)
def test_plain_formulas_are_read_as_pymatgen_reads_them(content):
    text = "".join(f"{symbol}{amount}" for symbol, amount in content.items())
    assert amounts(text) == {
        element.symbol: pytest.approx(amount) for element, amount in Composition(text).items()
    }


@given(st.text(alphabet="NaClOFeDxδ()[]{}0123456789.-+·*^_$₂²⁺/ ", max_size=30))
def test_any_text_is_a_formula_or_one_sentence(text):
    if looks_like_formula(text):
        found = parse_formula(text)
        assert found
        assert all(0 < amount < float("inf") for amount in found.values())
