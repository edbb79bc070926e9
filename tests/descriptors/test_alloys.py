"""Alloys, beside the literature's values for well-known ones."""

from __future__ import annotations

import numpy as np
import pytest

from skcrystal import CrystalFeaturizer, as_compositions
from skcrystal.chemistry.mixing import mixing_enthalpies
from skcrystal.descriptors import AlloyStats, CompositionStats


def values(formula):
    return dict(zip(AlloyStats().get_feature_names_out(), AlloyStats().transform([formula])[0], strict=True))


# Guo, Ng, Lu & Liu, J. Appl. Phys. 109 (2011) 103505, and Zhang et al., Prog. Mater. Sci. 61 (2014) 1, for
# enthalpies of mixing in kJ/mol and valence electron concentrations.
@pytest.mark.parametrize(
    ("formula", "enthalpy", "electrons"),
    [
        ("CoCrFeMnNi", -4.16, 8.0),
        ("Al0.5CoCrCuFeNi", -1.52, 8.27),
        ("AlCoCrFeNi", -12.32, 7.2),
        ("CoCrFeNi", -3.75, 8.25),
        # A bulk metallic glass, Vitreloy 1.
        ("Zr41.2Ti13.8Cu12.5Ni10Be22.5", -35.20, 5.02),
    ],
)
def test_alloys_have_the_values_of_the_literature(formula, enthalpy, electrons):
    found = values(formula)
    assert found["mixing_enthalpy"] == pytest.approx(enthalpy, abs=0.006)
    assert found["valence_electron_concentration"] == pytest.approx(electrons, abs=0.006)


def test_mismatches_and_entropy_by_hand():
    found = values("CoCrFeMnNi")
    assert found["mixing_entropy"] == pytest.approx(8.31446 * np.log(5), rel=1e-5)
    # Pauling's electronegativities of Co, Cr, Fe, Mn, Ni.
    assert found["electronegativity_mismatch"] == pytest.approx(np.std([1.88, 1.66, 1.83, 1.55, 1.91]))
    assert values("CuAu")["mixing_entropy"] == pytest.approx(8.31446 * np.log(2), rel=1e-5)
    # Metallic radii of copper and gold: 1.278 and 1.442 angstrom.
    assert values("CuAu")["atomic_size_mismatch"] == pytest.approx(
        (1.442 - 1.278) / (1.442 + 1.278), abs=0.002
    )


def test_an_element_does_not_mix_with_itself():
    found = values("Cu")
    assert found.pop("valence_electron_concentration") == 11
    np.testing.assert_allclose(list(found.values()), 0, atol=1e-7)


@pytest.mark.parametrize(("element", "electrons"), [("Al", 3), ("Si", 4), ("Zn", 12), ("Ce", 3), ("He", 2)])
def test_valence_electrons_of_elements(element, electrons):
    assert values(element)["valence_electron_concentration"] == electrons


def test_the_table_of_pairs():
    table = mixing_enthalpies()
    known = ~np.isnan(np.diagonal(table))
    assert known.sum() == 72
    np.testing.assert_array_equal(table, table.T)
    # Fe-Ni, Al-Ni, Cu-Zr, Fe-Cu, Al-Fe, Co-Cr, as Takeuchi & Inoue have them.
    pairs = [(26, 28), (13, 28), (29, 40), (26, 29), (13, 26), (24, 27)]
    assert [table[pair] for pair in pairs] == [-2, -22, -23, 13, -11, -4]
    assert np.isnan(table[8]).all()


def test_oxygen_counts_as_nothing_in_the_enthalpy():
    # A pair of metals with 2/7 and 2/7 of the atoms: 4 w w' H.
    assert values("Fe2Ni2O3")["mixing_enthalpy"] == pytest.approx(4 * (2 / 7) ** 2 * -2)
    assert values("NaCl")["mixing_enthalpy"] == 0


def test_the_mismatch_of_electronegativity_is_that_of_composition_statistics():
    formulas = ["Fe2O3", "GaAs", "CoCrFeMnNi"]
    spread = CompositionStats(properties=["electronegativity"], statistics=["std"], metal_fraction=False)
    np.testing.assert_allclose(AlloyStats().transform(formulas)[:, 3], spread.transform(formulas)[:, 0])


def test_columns_are_described_and_no_formulas_give_no_rows():
    table = CrystalFeaturizer([("alloys", AlloyStats())]).describe_features().set_index("name")
    assert table.loc["mixing_enthalpy", "unit"] == "kJ/mol"
    assert (table["meaning"] != "").all()
    assert AlloyStats().describe(as_compositions([])).shape == (0, 5)
