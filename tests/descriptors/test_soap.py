"""SOAP: dscribe's numbers, the cutoff, channels, derivatives."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from skcrystal import Crystal, CrystalError, Crystals
from skcrystal.descriptors import SOAP
from tests.descriptors.gradients import assert_gradients_are_those_of_differences
from tests.prototypes import DIAMOND, ROCK_SALT, ZINC_BLENDE_SIC
from tests.strategies import crystals

REFERENCE = json.loads((Path(__file__).parent / "dscribe_reference.json").read_text(encoding="utf-8"))
SHARED = Path(os.environ.get("SKCRYSTAL_SHARED", "../shared")) / "data" / "dscribe_reference.json"


def crystal_of(entry):
    return Crystal.ordered(entry["lattice"], entry["frac_coords"], entry["atomic_numbers"])


def assert_equal_rows(values, reference):
    """Rows agree to 1e-8 of their largest entry; what symmetry makes 0 is noise in both."""
    reference = np.asarray(reference)
    scale = np.abs(reference).max(axis=-1, keepdims=True)
    np.testing.assert_allclose(values / scale, reference / scale, rtol=0, atol=1e-8)


@pytest.mark.parametrize("name", REFERENCE["crystals"])
@pytest.mark.parametrize("kind", ["soap_mu2", "soap_species", "soap_mu1nu1", "soap_own", "soap_inner"])
def test_padded_mode_gives_the_numbers_of_dscribe(name, kind):
    entry = REFERENCE["crystals"][name]
    own = sorted(set(entry["atomic_numbers"]))
    elements = {
        "soap_mu2": {"properties": ["one"]},
        "soap_inner": {"properties": ["one"], "average": "inner"},
        "soap_species": {"species": own},
        "soap_mu1nu1": {"species": own, "pairs": "mu1nu1"},
        "soap_own": {"species": own, "pairs": "own"},
    }[kind]
    soap = SOAP(cutoff=4.0, n_max=3, l_max=2, sigma=0.5, smoothing=None, **elements)
    crystal = [crystal_of(entry)]
    rows = soap.transform(crystal) if kind == "soap_inner" else soap.transform_sites(crystal)
    assert_equal_rows(rows, entry[kind])


@pytest.mark.skipif(
    not SHARED.exists(), reason="the reference values of dscribe for eight crystals are absent"
)
def test_padded_mode_gives_the_numbers_of_dscribe_on_real_crystals():
    for entry in json.loads(SHARED.read_text(encoding="utf-8"))["crystals"].values():
        crystal = [crystal_of(entry)]
        soap = SOAP(smoothing=None, properties=["one"])
        assert_equal_rows(soap.transform_sites(crystal), entry["soap_mu2_l_n_n"])
        soap.set_params(average="inner")
        assert_equal_rows(soap.transform(crystal)[0], entry["soap_mu2_inner"])
        soap = SOAP(smoothing=None, species=entry["soap_full_species"], n_max=3, l_max=2)
        assert_equal_rows(soap.transform_sites(crystal), entry["soap_full_own_species_n3_l2"])


def test_an_isolated_atom_has_its_own_density_alone():
    # Nothing but the Gaussian at the centre: only l = 0, where the harmonic is constant. The overlap of
    # the Gaussian with one orbital b exp(-a r^2) is b (pi / (a + 2))^(3/2) at sigma = 0.5, times
    # 1 / sqrt 4 pi; a = ln 1000, and b^2 = 4 (2 a)^(3/2) / sqrt pi normalises it.
    lonely = Crystal.ordered(20.0 * np.eye(3), [[0.1, 0.2, 0.3]], [79])
    row = SOAP(n_max=1, l_max=2, properties=["one"]).transform([lonely])[0]
    a = np.log(1000.0)
    b = np.sqrt(4.0 * (2.0 * a) ** 1.5 / np.sqrt(np.pi))
    c = b * (np.pi / (a + 2.0)) ** 1.5 / np.sqrt(4.0 * np.pi)
    np.testing.assert_allclose(row, [np.pi * np.sqrt(8.0) * c * c, 0.0, 0.0], rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("distance", [5.0, 4.0])
def test_nothing_jumps_where_an_atom_crosses_the_cutoff_or_begins_to_fade(distance):
    def spectrum(shift):
        return SOAP(properties=["one"]).transform_sites(
            [Crystal.ordered(np.diag([distance + shift, 30.0, 30.0]), [[0, 0, 0]], [14])]
        )[0]

    middle = spectrum(0.0)
    steps = [np.abs(spectrum(shift) - middle).max() for shift in (1e-3, 1e-4, 1e-5)]
    steps_back = [np.abs(spectrum(-shift) - middle).max() for shift in (1e-3, 1e-4, 1e-5)]
    # A tenth of the way is at most a tenth of the change, rounding aside.
    for widths in (steps, steps_back):
        assert widths[1] <= 0.2 * widths[0] + 1e-14
        assert widths[2] <= 0.2 * widths[1] + 1e-14


def test_the_padded_mode_jumps_and_says_so():
    reach = 5.0 + 0.5 * np.sqrt(2 * np.log(1000))
    pair = [
        Crystal.ordered(np.diag([reach + shift, 30.0, 30.0]), [[0, 0, 0]], [14]) for shift in (-1e-9, 1e-9)
    ]
    soap = SOAP(properties=["one"], smoothing=None)
    before, after = soap.transform(pair)
    assert np.abs(before - after).max() > 1e-5
    assert not soap.invariance.continuous
    assert SOAP().invariance.continuous


def test_a_tiny_cell_sees_every_image():
    small = Crystal.ordered(1.6 * np.eye(3), [[0, 0, 0]], [6])
    repeats = np.stack(np.meshgrid(*[np.arange(5)] * 3), axis=-1).reshape(-1, 3) / 5
    large = Crystal.ordered(8.0 * np.eye(3), repeats, [6] * 125)
    rows = SOAP().transform([small, large])
    np.testing.assert_allclose(rows[0], rows[1], rtol=1e-9, atol=1e-12)


def test_a_shared_site_is_the_density_of_its_species_by_their_occupancies():
    # The density of half gold, half copper lies midway between those of gold and of copper: expansions add,
    # and so do products with a channel that both leave alone. Around the chlorine of CsCl, that is its own.
    def chloride(numbers, occupancies):
        lattice = 4.12 * np.eye(3)
        counts = np.array([0, 1, 1 + len(numbers)])
        return Crystal(
            lattice,
            np.array([[0, 0, 0], [0.5, 0.5, 0.5]]),
            counts,
            np.array([17, *numbers]),
            np.array([1.0, *occupancies]),
            np.full(1 + len(numbers), np.nan),
        )

    soap = SOAP(species=["Cl", "Cu", "Au"], n_max=3, l_max=2)
    batch = [chloride([29], [1.0]), chloride([79], [1.0]), chloride([29, 79], [0.5, 0.5])]
    rows = soap.set_output(transform="pandas").transform_sites(batch).xs(0, level="site")
    for column, expected in (("soap_Cl_Cu_l0_n1_n2", (1.0, 0.5)), ("soap_Cl_Cl_l0_n1_n2", (1.0, 1.0))):
        np.testing.assert_allclose(rows[column].iloc[[0, 2]] / rows[column].iloc[0], expected)
    np.testing.assert_allclose(
        rows["soap_Au_Au_l0_n1_n1"].iloc[2] / rows["soap_Au_Au_l0_n1_n1"].iloc[1], 0.25
    )


def test_channels_of_properties_tell_elements_apart_at_one_width():
    soap = SOAP()
    rows = soap.transform([DIAMOND, ZINC_BLENDE_SIC, ROCK_SALT])
    # Three channels of six radial functions: 3 * 21 + 3 * 36 products of each of five degrees.
    assert rows.shape == (3, 5 * (3 * 21 + 3 * 36))
    assert len(set(soap.get_feature_names_out())) == rows.shape[1]
    blind = SOAP(properties=["one"])
    exchanged = [
        ZINC_BLENDE_SIC,
        Crystal.ordered(ZINC_BLENDE_SIC.lattice, ZINC_BLENDE_SIC.frac_coords, [6, 14]),
    ]
    np.testing.assert_allclose(*blind.transform_sites(exchanged).reshape(2, -1), rtol=1e-12, atol=1e-14)
    assert np.abs(np.diff(soap.transform_sites(exchanged)[::2], axis=0)).max() > 0.1


def test_a_sparse_table_holds_what_the_dense_one_holds():
    batch = [DIAMOND, ZINC_BLENDE_SIC, ROCK_SALT]
    settings = {"species": ["C", "Na", "Si", "Cl", "Fe"], "n_max": 2, "l_max": 1}
    for kind in ({"average": "inner"}, {"statistics": ["mean", "std", "min", "max"]}):
        dense, sparse = SOAP(**settings, **kind), SOAP(**settings, **kind, sparse_output=True)
        assert sparse.transform(batch).nnz < dense.transform(batch).size / 4
        np.testing.assert_allclose(sparse.transform(batch).toarray(), dense.transform(batch), atol=1e-14)
        sites = sparse.transform_sites(batch)
        np.testing.assert_array_equal(sites.toarray(), dense.transform_sites(batch))
    with pytest.raises(ValueError, match="set sparse_output=False"):
        sparse.set_output(transform="pandas").transform_sites(batch)


def test_mistakes_are_told_in_a_sentence():
    with pytest.raises(CrystalError, match=r"crystal 1: NaCl holds Na, which is not among species=\['C'\]"):
        SOAP(species=["C"]).transform([DIAMOND, ROCK_SALT])
    with pytest.raises(ValueError, match="each of them once"):
        SOAP(species=["C", 6]).transform([DIAMOND])
    with pytest.raises(ValueError, match="'Xx' is not the symbol of an element"):
        SOAP(species=["Xx"]).fit()
    with pytest.raises(ValueError, match="smoothing=6 is wider than cutoff=5"):
        SOAP(smoothing=6.0).fit()
    with pytest.raises(ValueError, match=r"give one per site and column, \(2, 855\)"):
        SOAP().site_gradients([DIAMOND], np.ones((2, 3)))
    with pytest.raises(ValueError, match="give some of mean, std, min, max"):
        SOAP(statistics=["median"]).fit()


def test_a_batch_of_none_has_no_rows():
    none = Crystals.from_crystals([])
    assert SOAP().transform(none).shape == (0, 855)
    assert SOAP(species=["C"], sparse_output=True).transform_sites(none).shape == (0, 105)
    assert SOAP().site_gradients(none, np.zeros((0, 855))).strains.shape == (0, 3, 3)


@pytest.mark.parametrize(
    "soap",
    [
        SOAP(n_max=3, l_max=3, cutoff=4.93, smoothing=1.1),
        SOAP(n_max=3, l_max=2, pairs="mu1nu1", sigma=0.4, cutoff=4.613, smoothing=4.613),
        SOAP(n_max=2, l_max=4, pairs="own", cutoff=3.717),
        SOAP(n_max=3, l_max=2, species=list(range(1, 104)), pairs="own", cutoff=3.617),
    ],
    ids=["channels", "mu1nu1", "own", "species"],
)
@pytest.mark.filterwarnings("ignore:.*closer than half a bond")
def test_gradients_are_those_of_central_differences(soap):
    @settings(max_examples=8)
    @given(crystal=crystals(max_sites=6), seed=st.integers(0, 2**32 - 1))
    def check(crystal, seed):
        batch = Crystals.from_crystals([crystal])
        assume((batch.join_split_sites().site_counts == batch.site_counts).all())
        assert_gradients_are_those_of_differences(soap, crystal, np.random.default_rng(seed))

    check()


def test_the_padded_mode_has_gradients_between_its_jumps():
    crystal = Crystal.ordered(
        [[4.1, 0.2, 0.0], [0.3, 4.6, 0.1], [-0.2, 0.5, 5.2]], [[0, 0.05, 0], [0.45, 0.5, 0.1]], [22, 8]
    )
    soap = SOAP(cutoff=4.0, n_max=3, l_max=3, smoothing=None)
    assert_gradients_are_those_of_differences(soap, crystal, np.random.default_rng(0))
