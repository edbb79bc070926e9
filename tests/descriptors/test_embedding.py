"""Vectors of a user's function among descriptors: their shape, their names, and where they are kept."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.utils import estimator_checks

from skcrystal import Crystal, CrystalError, CrystalFeaturizer, Crystals
from skcrystal.descriptors import Density, ElementFractions, Embedding, Invariance
from tests.prototypes import CAESIUM_CHLORIDE, DIAMOND, ROCK_SALT

ITEMS = [ROCK_SALT, DIAMOND, CAESIUM_CHLORIDE]
# Volumes of the cells in cubic angstrom: an fcc primitive cell is a quarter of its cube.
VOLUMES = [5.64**3 / 4, 3.567**3 / 4, 4.12**3]


def volumes(structures):
    return [[structure.volume, len(structure)] for structure in structures]


def electrons(structures):
    """The atomic number of each site, and its square: one table for each structure."""
    return [[[site.specie.Z, site.specie.Z**2] for site in structure] for structure in structures]


def all_electrons(structures):
    return np.concatenate(electrons(structures))


def not_for_carbon(structures):
    return [[np.nan if "C" in structure.symbol_set else 1.0] for structure in structures]


class Network:
    """Something that can be called, knows how often it was, and is neither hashable nor to be copied."""

    __hash__ = None

    def __init__(self):
        self.asked = []

    def __eq__(self, other):
        return self is other

    def __deepcopy__(self, memo):
        raise TypeError("a network has no copy")

    def __call__(self, structures):
        self.asked.append(len(structures))
        return np.array([[structure.volume] for structure in structures])


def test_vectors_of_crystals_are_their_rows():
    embedding = Embedding(volumes, "size", "1")
    np.testing.assert_allclose(embedding.transform(ITEMS), np.column_stack([VOLUMES, [2, 2, 2]]))
    assert embedding.get_feature_names_out().tolist() == ["size_0", "size_1"]
    named = embedding.set_output(transform="pandas").transform(ITEMS)
    assert named.columns.tolist() == ["size_0", "size_1"]


@pytest.mark.parametrize("function", [electrons, all_electrons])
def test_vectors_of_sites_are_pooled(function):
    embedding = Embedding(function, "charge", "1", per="site", statistics=("mean", "max"))
    assert embedding.get_feature_names_out().tolist() == [
        "mean_charge_0",
        "max_charge_0",
        "mean_charge_1",
        "max_charge_1",
    ]
    # Sodium has 11 electrons and chlorine 17, caesium 55.
    np.testing.assert_allclose(
        embedding.transform(ITEMS)[[0, 2]], [[14, 17, (11**2 + 17**2) / 2, 17**2], [36, 55, 1657, 55**2]]
    )
    sites = embedding.set_output(transform="pandas").transform_sites(ITEMS)
    assert sites.index.names == ["crystal", "site"]
    assert sites["charge_0"].tolist() == [11, 17, 6, 6, 55, 17]


def test_an_embedding_of_crystals_has_no_rows_of_sites():
    with pytest.raises(ValueError, match="set per='site' where its function returns a row for each site"):
        Embedding(volumes, "size", "1").transform_sites(ITEMS)


def test_a_width_that_is_given_asks_the_function_for_nothing():
    network = Network()
    embedding = Embedding(network, "volume", "1", width=1)
    assert embedding.get_feature_names_out().tolist() == ["volume_0"]
    assert network.asked == []
    # Else rock salt is asked for, once.
    other = Embedding(network, "volume", "1")
    for _ in range(2):
        assert clone(other).get_feature_names_out().tolist() == ["volume_0"]
    assert network.asked == [1]


def test_clones_share_the_function_and_keep_the_output():
    network = Network()
    embedding = Embedding(network, "volume", "1", width=1).set_output(transform="pandas")
    copy = clone(embedding)
    assert copy.function is network
    assert copy.transform(ITEMS).columns.tolist() == ["volume_0"]
    featurizer = CrystalFeaturizer([("density", Density()), ("network", embedding)])
    for _ in range(2):
        np.testing.assert_allclose(clone(featurizer).transform(ITEMS)[:, -1], VOLUMES)
    assert pickle.loads(pickle.dumps(Embedding(volumes, "size", "1"))).transform(ITEMS).shape == (3, 2)


def test_rows_are_kept_by_crystal_name_and_version(tmp_path):
    network = Network()

    def featurizer(version):
        steps = [("density", Density()), ("network", Embedding(network, "volume", version, width=1))]
        return CrystalFeaturizer(steps, cache=tmp_path / "rows.sqlite")

    first = featurizer("1").transform(ITEMS)
    assert network.asked == [3]
    np.testing.assert_array_equal(featurizer("1").transform([*ITEMS, ROCK_SALT])[:3], first)
    assert network.asked == [3]
    featurizer("1").transform([Crystal.ordered(4 * np.eye(3), [[0, 0, 0]], [29]), ROCK_SALT])
    assert network.asked == [3, 1]
    featurizer("2").transform(ITEMS)
    assert network.asked == [3, 1, 3]


@pytest.mark.parametrize(
    ("changed", "kept"),
    [({"version": "2"}, False), ({"name": "other"}, False), ({"function": len}, True), ({"width": 2}, False)],
)
def test_the_key_is_name_version_and_shape(changed, kept):
    before = Embedding(volumes, "size", "1")
    after = clone(before).set_params(**changed)
    assert (before.key() == after.key()) is kept


def test_numbers_that_are_none_make_a_crystal_unusable():
    featurizer = CrystalFeaturizer([("mine", Embedding(not_for_carbon, "mine", "1"))])
    with pytest.raises(CrystalError, match="crystal 1: C: the embedding 'mine' returned NaN or infinity"):
        featurizer.transform(ITEMS)
    featurizer.set_params(on_error="nan")
    with pytest.warns(UserWarning, match="1 of 3 items"):
        rows = featurizer.transform(ITEMS)
    assert np.isnan(rows[:, 0]).tolist() == [False, True, False]


def test_what_a_function_cannot_take_it_may_refuse():
    def refusing(structures):
        if any("C" in structure.symbol_set for structure in structures):
            raise CrystalError("crystal 0: no carbon, please")
        return [[1.0]] * len(structures)

    featurizer = CrystalFeaturizer([("mine", Embedding(refusing, "mine", "1"))], on_error="nan")
    assert featurizer.report(ITEMS).errors == {1: "no carbon, please"}


@pytest.mark.parametrize(
    ("answer", "per", "message"),
    [
        (
            lambda structures: np.zeros((2, 1)),
            "crystal",
            r"\(2, 1\) for 3 crystals; return one of \(3, 2\)",
        ),
        (lambda structures: np.zeros((3, 5)), "crystal", r"shape \(3, 5\)"),
        (lambda structures: [[1.0], [2.0, 3.0], [4.0]], "crystal", "no array of numbers"),
        (lambda structures: ["a", "b", "c"], "crystal", "no array of numbers"),
        (lambda structures: 1.0, "crystal", "returned float and no vectors"),
        (lambda structures: np.zeros((5, 2)), "site", r"shape \(5, 2\) for 3 crystals of 6 sites"),
        (
            lambda structures: [np.zeros((k, 2)) for k in (2, 2, 3)],
            "site",
            r"3 rows for crystal 2 \(CsCl\)",
        ),
        (lambda structures: [np.zeros((2, k)) for k in (2, 2, 3)], "site", "several lengths"),
        (lambda structures: np.zeros((6, 3)), "site", "vectors of 3 numbers, and its width is 2"),
    ],
)
def test_another_shape_is_one_sentence(answer, per, message):
    with pytest.raises(ValueError, match=message):
        Embedding(answer, "wrong", "1", per=per, width=2).transform(ITEMS)


def test_parameters_are_checked():
    with pytest.raises(ValueError, match="'function' parameter"):
        Embedding("chgnet", "name", "1").fit()
    with pytest.raises(ValueError, match="cannot begin the names of columns; give an identifier"):
        Embedding(volumes, "my model", "1").fit()
    with pytest.raises(ValueError, match="give some of mean, std, min, max"):
        Embedding(electrons, "charge", "1", per="site", statistics=("median",)).fit()


def test_it_claims_what_its_author_claims():
    assert Embedding(volumes, "size", "1").invariance.claims == ()
    keeps = Invariance(True, True, True, True, False, False, True, "the volume of the cell")
    assert "rotation" in Embedding(volumes, "size", "1", claims=keeps).invariance.claims


def test_the_prediction_of_a_fitted_model_is_a_column():
    y = np.array(VOLUMES)
    model = make_pipeline(CrystalFeaturizer([("density", Density())]), Ridge(0.1)).fit(ITEMS, y)
    column = Embedding(model.predict, "model", "1", structures="crystals")
    featurizer = CrystalFeaturizer([("density", Density()), ("model", column)])
    np.testing.assert_allclose(featurizer.transform(ITEMS)[:, -1], model.predict(ITEMS))
    batch = Crystals.from_crystals(ITEMS)
    np.testing.assert_allclose(clone(featurizer).transform(batch)[:, -1], model.predict(batch))


def amounts(compositions):
    """The number of atoms that formulas name, and of sodium among them."""
    return [[sum(one.values()), one.get("Na", 0)] for one in compositions]


def test_a_function_of_compositions_takes_formulas_and_crystals():
    embedding = Embedding(amounts, "atoms", "1", structures="compositions")
    assert embedding.transform(["NaCl", "Na2SO4", ROCK_SALT]).tolist() == [[2, 1], [7, 2], [2, 1]]
    formulas = CrystalFeaturizer([("fractions", ElementFractions()), ("atoms", embedding)])
    assert formulas.transform(["Na2SO4"])[0, -2:].tolist() == [7, 2]
    # Beside columns that need positions the batch is one of crystals.
    crystals = CrystalFeaturizer([("density", Density()), ("atoms", embedding)])
    assert crystals.transform(ITEMS)[:, -2:].tolist() == [[2, 1], [2, 0], [2, 0]]
    assert CrystalFeaturizer([("atoms", embedding)]).transform([]).shape == (0, 2)


def test_formulas_without_an_answer_are_named():
    embedding = Embedding(
        lambda given: [np.nan if "C" in one else 1.0 for one in given], "mine", "1", structures="compositions"
    )
    with pytest.raises(CrystalError, match="crystal 1: SiC: the embedding 'mine' returned NaN"):
        CrystalFeaturizer([("mine", embedding)]).transform(["NaCl", "Si2C2"])
    with pytest.raises(ValueError, match="structures='compositions' have no sites; set per='crystal'"):
        Embedding(amounts, "atoms", "1", structures="compositions", per="site").fit()


def test_processes_are_sent_the_function():
    steps = [("size", Embedding(lambda structures: [[len(one)] for one in structures], "size", "1", width=1))]
    rows = CrystalFeaturizer(steps, n_jobs=2, chunk_size=1).transform(ITEMS)
    assert rows[:, 0].tolist() == [2, 2, 2]


# Those of scikit-learn's checks that need no table of numbers.
@pytest.mark.parametrize(
    "check",
    [
        "check_estimator_cloneable",
        "check_estimator_repr",
        "check_estimator_tags_renamed",
        "check_get_params_invariance",
        "check_mixin_order",
        "check_set_params",
        "check_valid_tag_types",
    ],
)
def test_scikit_learn_check(check):
    getattr(estimator_checks, check)("Embedding", Embedding(volumes, "size", "1"))
