"""Symmetry functions: dscribe's numbers, hand arithmetic, the cutoff, derivatives."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from skcrystal import Crystal, CrystalError, Crystals
from skcrystal.descriptors import SymmetryFunctions
from tests.descriptors.gradients import assert_gradients_are_those_of_differences
from tests.prototypes import CAESIUM_CHLORIDE, DIAMOND, ROCK_SALT, ZINC_BLENDE_SIC
from tests.strategies import crystals

REFERENCE = json.loads((Path(__file__).parent / "dscribe_reference.json").read_text(encoding="utf-8"))
SHARED = Path(os.environ.get("SKCRYSTAL_SHARED", "../shared")) / "data" / "dscribe_reference.json"


def crystal_of(entry):
    return Crystal.ordered(entry["lattice"], entry["frac_coords"], entry["atomic_numbers"])


def dscribe_order(n_species, n_radial, n_angular):
    """Our column of each of dscribe's, whose pairs of elements run over the lower triangle."""
    pairs = [(a, b) for a in range(n_species) for b in range(a, n_species)]
    order = list(range(n_species * n_radial))
    for b in range(n_species):
        for a in range(b + 1):
            start = n_species * n_radial + pairs.index((a, b)) * n_angular
            order += range(start, start + n_angular)
    return order


def assert_equal_rows(values, reference):
    reference = np.asarray(reference)
    assert np.abs(values - reference).max() <= 1e-8 * np.abs(reference).max()


@pytest.mark.parametrize("name", REFERENCE["crystals"])
@pytest.mark.parametrize("kind", ["one", "species"])
def test_the_numbers_are_those_of_dscribe(name, kind):
    entry, their = REFERENCE["crystals"][name], REFERENCE["acsf"]
    own = sorted(set(entry["atomic_numbers"])) if kind == "species" else None
    functions = SymmetryFunctions(
        cutoff=4.0,
        # dscribe has Behler's G1, the sum of the cutoff function, in front.
        g2=[(0.0, 0.0), *their["g2_params"]],
        g3=their["g3_params"],
        g4=their["g4_params"],
        g5=their["g5_params"],
        species=own,
        properties=["one"],
    )
    rows = functions.transform_sites([crystal_of(entry)])
    order = dscribe_order(len(own or [0]), 5, 5)
    assert_equal_rows(rows[:, order], entry[f"symmetry_functions_{kind}"])


@pytest.mark.skipif(
    not SHARED.exists(), reason="the reference values of dscribe for eight crystals are absent"
)
def test_the_numbers_are_those_of_dscribe_on_real_crystals():
    data = json.loads(SHARED.read_text(encoding="utf-8"))
    their = data["acsf"]
    angular = their["g4_g5_params_eta_zeta_lambda"]
    for entry in data["crystals"].values():
        crystal = [crystal_of(entry)]
        functions = SymmetryFunctions(
            g2=[(0.0, 0.0), *their["g2_params_eta_rs"]],
            g3=their["g3_params_kappa"],
            g4=angular,
            g5=angular,
            properties=["one"],
        )
        assert_equal_rows(functions.transform_sites(crystal), entry["acsf_g1_g2_g3_g4_g5_one_species"])
        own = sorted(set(entry["atomic_numbers"]))
        functions.set_params(g3=[], g4=angular[:2], g5=[], species=own)
        order = dscribe_order(len(own), 1 + len(their["g2_params_eta_rs"]), 2)
        assert_equal_rows(functions.transform_sites(crystal)[:, order], entry["acsf_own_species_g2_g4"])


def test_an_isolated_atom_has_zeros():
    lonely = Crystal.ordered(20.0 * np.eye(3), [[0.1, 0.2, 0.3]], [79])
    assert not SymmetryFunctions(g3=[1.0], g5=[(0.1, 1, 1)]).transform([lonely]).any()


def test_angles_of_diamond_by_hand():
    # Four bonds of sqrt(3) / 4 * 3.567 = 1.5446 angstrom; the cosine of the six angles is -1/3. With lambda 1
    # and zeta 2 each counts 2^-1 (2/3)^2 = 2/9, with lambda -1 and zeta 4 2^-3 (4/3)^4 = 32/81, with zeta 2.5
    # 2^-1.5 (4/3)^2.5. The third side of G4 is 3.567 / sqrt(2) = 2.5222, out of a cutoff of 2.
    functions = SymmetryFunctions(
        cutoff=2.0, g2=[], g4=[(0, 2, 1)], g5=[(0, 2, 1), (0, 4, -1), (0, 2.5, -1)], properties=["one"]
    )
    fade = (1 + np.cos(np.pi * np.sqrt(3) / 4 * 3.567 / 2)) / 2
    expected = [0.0, 6 * 2 / 9, 6 * 32 / 81, 6 * 2**-1.5 * (4 / 3) ** 2.5]
    np.testing.assert_allclose(functions.transform_sites([DIAMOND])[0] / fade**2, expected, rtol=1e-12)
    # At 2.6 angstrom all three sides count, at eta = 0.1 with exp(-0.1 (2 r^2 + 8/3 r^2)).
    wide = SymmetryFunctions(cutoff=2.6, g2=[], g4=[(0.1, 1, -1)], properties=["one"])
    short, long = np.sqrt(3) / 4 * 3.567, 3.567 / np.sqrt(2)
    sides = [(1 + np.cos(np.pi * side / 2.6)) / 2 for side in (short, short, long)]
    # Pairs of a bond and one of the twelve second neighbours, and of two of those, meet at other cosines.
    near = 6 * (4 / 3) * np.exp(-0.1 * (2 * short**2 + long**2)) * np.prod(sides)
    value = wide.transform_sites([DIAMOND])[0, 0]
    assert value > near
    # Of twelve second neighbours, a bond is as far as its own length from three: cosine 0.8165 = sqrt(2/3).
    faded = [(1 + np.cos(np.pi * side / 2.6)) / 2 for side in (short, long, short)]
    bent = 12 * (1 - np.sqrt(2 / 3)) * np.exp(-0.1 * (2 * short**2 + long**2)) * np.prod(faded)
    # Two second neighbours that are as far from each other: 24 pairs of cosine 1/2.
    far = (1 + np.cos(np.pi * long / 2.6)) / 2
    outer = 24 * (1 - 1 / 2) * np.exp(-0.1 * 3 * long**2) * far**3
    np.testing.assert_allclose(value, near + bent + outer, rtol=1e-9)


def test_weighted_functions_are_those_of_gastegger():
    # Around the caesium of CsCl, with Z as the weight: eight chlorines (17) within 4 angstrom; the weight of
    # a pair is 17^2. Only the scale, the mean of Z = 1 to 118, is ours: 59.5.
    settings = {"cutoff": 4.0, "g2": [(0.5, 2.0)], "g4": [], "g5": [(0.01, 1, 1)]}
    plain = SymmetryFunctions(**settings, properties=["one"]).transform_sites([CAESIUM_CHLORIDE])
    weighted = SymmetryFunctions(**settings, properties=["atomic_number"]).transform_sites([CAESIUM_CHLORIDE])
    np.testing.assert_allclose(weighted[0] / plain[0], [17 / 59.5, (17 / 59.5) ** 2])
    np.testing.assert_allclose(weighted[1] / plain[1], [55 / 59.5, (55 / 59.5) ** 2])


@pytest.mark.parametrize("form", ["cosine", "tanh"])
def test_nothing_jumps_where_an_atom_crosses_the_cutoff(form):
    functions = SymmetryFunctions(cutoff_function=form, g5=[(0.01, 1, 1)], properties=["one"])

    def row(shift):
        lattice = np.diag([5.0 + shift, 30.0, 30.0])
        return functions.transform_sites([Crystal.ordered(lattice, [[0, 0, 0], [0, 0.07, 0]], [14, 14])])[0]

    outside = row(1e-9)
    changes = [np.abs(row(-shift) - outside).max() for shift in (1e-2, 1e-3, 1e-4)]
    # Flat at the cutoff: a tenth of the way is a hundredth of the change.
    assert changes[1] <= 0.011 * changes[0]
    assert changes[2] <= 0.011 * changes[1] + 1e-14


def test_a_sparse_table_holds_what_the_dense_one_holds():
    batch = [DIAMOND, ZINC_BLENDE_SIC, ROCK_SALT]
    dense = SymmetryFunctions(species=["C", "Na", "Si", "Cl", "Fe"])
    sparse = SymmetryFunctions(species=["C", "Na", "Si", "Cl", "Fe"], sparse_output=True)
    np.testing.assert_array_equal(sparse.transform_sites(batch).toarray(), dense.transform_sites(batch))
    np.testing.assert_allclose(sparse.transform(batch).toarray(), dense.transform(batch), atol=1e-15)
    assert dense.transform(batch).shape == (3, 5 * 8 + 15 * 8)


def test_mistakes_are_told_in_a_sentence():
    with pytest.raises(CrystalError, match=r"crystal 1: NaCl holds Na, which is not among species=\['C'\]"):
        SymmetryFunctions(species=["C"]).transform([DIAMOND, ROCK_SALT])
    with pytest.raises(ValueError, match=r"g4: \(0.1, 0.5, 1\) needs zeta from 1 up, and lambda 1 or -1"):
        SymmetryFunctions(g4=[(0.1, 0.5, 1)]).fit()
    with pytest.raises(ValueError, match=r"g2: 3 is not \(eta, R\) with eta from 0 up"):
        SymmetryFunctions(g2=[3]).fit()
    with pytest.raises(ValueError, match="are all empty"):
        SymmetryFunctions(g2=[], g4=[]).fit()


def test_a_batch_of_none_has_no_rows():
    none = Crystals.from_crystals([])
    assert SymmetryFunctions().transform(none).shape == (0, 48)
    assert SymmetryFunctions().site_gradients(none, np.zeros((0, 48))).positions.shape == (0, 3)


@pytest.mark.parametrize(
    "functions",
    [
        SymmetryFunctions(cutoff=4.613),
        SymmetryFunctions(cutoff=3.917, g2=[], g3=[1.5], g4=[], g5=[(0.05, 2.5, -1), (0.3, 1, 1)]),
        SymmetryFunctions(cutoff=3.617, cutoff_function="tanh", g4=[(0.2, 4, -1)], species=[*range(1, 104)]),
    ],
    ids=["weighted", "g3 and g5", "species"],
)
@pytest.mark.filterwarnings("ignore:.*closer than half a bond")
def test_gradients_are_those_of_central_differences(functions):
    @settings(max_examples=8)
    @given(crystal=crystals(max_sites=6), seed=st.integers(0, 2**32 - 1))
    def check(crystal, seed):
        batch = Crystals.from_crystals([crystal])
        assume((batch.join_split_sites().site_counts == batch.site_counts).all())
        assert_gradients_are_those_of_differences(functions, crystal, np.random.default_rng(seed))

    check()
