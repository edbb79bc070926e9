"""Splits that ask for crystals unlike those of the training rows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.dummy import DummyRegressor
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline

from skcrystal import Crystal, CrystalFeaturizer, Crystals, protostructure
from skcrystal.datasets import load_experimental
from skcrystal.descriptors import CompositionStats
from skcrystal.splits import (
    ChemicalSystemKFold,
    ClusterKFold,
    CrystalSystemKFold,
    FormulaKFold,
    LeaveOneElementOut,
    LeaveOnePeriodicGroupOut,
    LeaveOnePeriodOut,
    PointGroupKFold,
    PrototypeKFold,
    SpaceGroupKFold,
    StructureKFold,
)
from tests.prototypes import CAESIUM_CHLORIDE, DIAMOND, ROCK_SALT
from tests.strategies import cell_choices, origin_shifts, permutations, rotations, supercells

X = load_experimental().data[::4]
FORMULAS = ["TiO2", "Ti2O4", "Ti3O5", "SrTiO3", "NaCl", "KCl", "Na2O", "Fe2O3", "FeO", "Al0.5Ga0.5As"]
CLUSTERS = ClusterKFold(CompositionStats(), n_splits=3, n_clusters=8, random_state=0)

SPLITTERS = [
    FormulaKFold(4),
    FormulaKFold(4, shuffle=True, random_state=1),
    ChemicalSystemKFold(4),
    SpaceGroupKFold(4),
    PointGroupKFold(4),
    CrystalSystemKFold(4),
    PrototypeKFold(4),
    StructureKFold(4),
    CLUSTERS,
]


@pytest.mark.parametrize("splitter", SPLITTERS, ids=lambda splitter: type(splitter).__name__)
def test_each_crystal_is_tested_once_and_no_label_is_on_both_sides(splitter):
    labels = splitter.labels(X)
    tested = []
    for train, test in splitter.split(X):
        assert not set(labels[train].tolist()) & set(labels[test].tolist())
        assert sorted([*train, *test]) == list(range(len(X)))
        tested += test.tolist()
    assert sorted(tested) == list(range(len(X)))
    assert splitter.get_n_splits(X) == sum(1 for _ in splitter.split(X))


def test_formulas_are_told_apart_by_their_fractions():
    labels = FormulaKFold().labels(FORMULAS)
    assert labels[0] == labels[1]
    assert len(set(labels.tolist())) == len(FORMULAS) - 1


def test_chemical_systems_are_sets_of_elements():
    labels = ChemicalSystemKFold().labels(FORMULAS)
    assert labels[0] == labels[1] == labels[2]
    assert labels[7] == labels[8]
    assert len(set(labels.tolist())) == 7


def test_an_element_that_is_left_out_is_in_no_training_row():
    splitter = LeaveOneElementOut()
    left_out = splitter.kinds_left_out(FORMULAS)
    assert left_out == ["O", "Na", "Al", "Cl", "K", "Ti", "Fe", "Ga", "As", "Sr"]
    for symbol, (train, test) in zip(left_out, splitter.split(FORMULAS), strict=True):
        contains = np.array([symbol in _symbols(formula) for formula in FORMULAS])
        assert contains[test].all()
        assert not contains[train].any()
        assert len(train) + len(test) == len(FORMULAS)


def _symbols(formula):
    from pymatgen.core import Composition

    return {element.symbol for element in Composition(formula)}


def test_what_all_crystals_hold_or_too_few_do_is_passed_over():
    oxides = ["TiO2", "SrTiO3", "Na2O", "Fe2O3"]
    assert LeaveOneElementOut().kinds_left_out(oxides) == ["Na", "Ti", "Fe", "Sr"]
    assert LeaveOneElementOut(min_test=2).kinds_left_out(oxides) == ["Ti"]
    assert LeaveOneElementOut(["Sr", "Fe"]).kinds_left_out(oxides) == ["Sr", "Fe"]
    with pytest.raises(ValueError, match="finds nothing that at least 3 and not all of the 4 crystals hold"):
        LeaveOneElementOut(min_test=3).get_n_splits(oxides)


def test_periods_and_groups_of_the_periodic_table():
    # Na Cl of the third row, K of the fourth; groups 1 and 17.
    salts = ["NaCl", "KCl", "LiF", "CaO"]
    assert LeaveOnePeriodOut().kinds_left_out(salts) == [2, 3, 4]
    assert [test.tolist() for _, test in LeaveOnePeriodOut().split(salts)] == [[2, 3], [0, 1], [1, 3]]
    assert LeaveOnePeriodicGroupOut().kinds_left_out(salts) == [1, 2, 16, 17]


@pytest.mark.parametrize("splitter", [FormulaKFold(3), LeaveOneElementOut(min_test=3)])
def test_scikit_learn_takes_them(splitter):
    model = make_pipeline(CrystalFeaturizer("composition"), DummyRegressor())
    y = np.arange(len(FORMULAS), dtype=float)
    scores = cross_val_score(model, FORMULAS, y, cv=splitter, scoring="neg_mean_absolute_error")
    assert len(scores) == splitter.get_n_splits(FORMULAS)
    strategies = {"dummyregressor__strategy": ["mean", "median"]}
    search = GridSearchCV(model, strategies, cv=splitter, scoring="neg_mean_absolute_error")
    assert search.fit(FORMULAS, y).best_params_


@pytest.mark.parametrize(
    ("splitter", "message"),
    [
        (FormulaKFold(5), "n_splits=5 and X only 2 different labels"),
        (LeaveOneElementOut(["Xx"]), "knows no 'Xx'"),
    ],
)
def test_what_cannot_be_split_is_one_sentence(splitter, message):
    with pytest.raises(ValueError, match=message):
        next(splitter.split(["NaCl", "KCl"]))


@pytest.mark.parametrize(
    ("crystal", "label"),
    [(ROCK_SALT, "AB_cF8_225_a_b"), (CAESIUM_CHLORIDE, "AB_cP2_221_a_b"), (DIAMOND, "A_cF8_227_a")],
)
def test_labels_of_structure_types_are_those_of_the_literature(crystal, label):
    """Encyclopedia of crystallographic prototypes: AB_cF8_225_a_b, AB_cP2_221_b_a, A_cF8_227_a."""
    assert protostructure(crystal) == [label]


def test_elements_and_lattice_constants_do_not_matter():
    oxide = Crystal.ordered(4.21 * (1 - np.eye(3)) / 2, [[0, 0, 0], [0.5, 0.5, 0.5]], [8, 12])
    assert protostructure([oxide, ROCK_SALT]) == ["AB_cF8_225_a_b"] * 2


@settings(max_examples=60)
@given(
    st.integers(0, len(X) - 1),
    st.one_of(origin_shifts(), rotations(), permutations(), supercells(), cell_choices()),
)
def test_the_label_belongs_to_the_crystal(index, move):
    crystal = X[index]
    assert len(set(protostructure(Crystals.from_crystals([crystal, move(crystal)])))) == 1


@pytest.mark.parametrize("splitter", [*SPLITTERS, LeaveOneElementOut()], ids=lambda one: type(one).__name__)
def test_splitters_keep_the_contract_of_scikit_learn(splitter):
    y = np.arange(len(X), dtype=float)
    # y and groups are taken and not looked at, nothing is drawn anew, and the parameters are shown.
    folds = [(train.tolist(), test.tolist()) for train, test in splitter.split(X)]
    again = [(train.tolist(), test.tolist()) for train, test in splitter.split(X, y, np.zeros(len(X)))]
    assert folds == again
    assert splitter.get_n_splits(X, y, np.zeros(len(X))) == len(folds)
    assert all(np.asarray(rows).dtype == np.int64 for fold in splitter.split(X) for rows in fold)
    assert repr(splitter).startswith(f"{type(splitter).__name__}(")
    model = make_pipeline(CrystalFeaturizer("composition"), DummyRegressor())
    scores = cross_val_score(model, X, y, cv=splitter, scoring="neg_mean_absolute_error", error_score="raise")
    assert len(scores) == len(folds)


def test_the_ten_kinds_of_matfold_are_here():
    kinds = {
        "composition": FormulaKFold,
        "chemsys": ChemicalSystemKFold,
        "structureid": StructureKFold,
        "sgnum": SpaceGroupKFold,
        "pointgroup": PointGroupKFold,
        "crystalsys": CrystalSystemKFold,
    }
    labels = {name: kind(2).labels(X) for name, kind in kinds.items()}
    # The finer keep apart what the coarser put together: the tenth, "index", is scikit-learn's KFold.
    for fine, coarse in (
        ("structureid", "composition"),
        ("composition", "chemsys"),
        ("structureid", "sgnum"),
        ("sgnum", "pointgroup"),
        ("pointgroup", "crystalsys"),
    ):
        pairs = set(zip(labels[fine].tolist(), labels[coarse].tolist(), strict=True))
        assert len(pairs) == len(set(labels[fine].tolist()))
    left_out = {
        "elements": LeaveOneElementOut,
        "periodictablerows": LeaveOnePeriodOut,
        "periodictablegroups": LeaveOnePeriodicGroupOut,
    }
    assert all(kind().get_n_splits(X) > 1 for kind in left_out.values())
