"""Ways to split training data: what is tested was not learned from."""

from __future__ import annotations

import numpy as np
import pytest

from skcrystal import CrystalError, as_compositions
from skcrystal.datasets import load_experimental
from skcrystal.models.training import SPLITS, train_model
from skcrystal.models.training.data import TrainingData
from skcrystal.models.training.splitting import FEWEST_ROWS, LEFT_OUT, NEEDS_POSITIONS, folds_of

CRYSTALS, GAPS = load_experimental(return_X_y=True)
ROWS = np.arange(0, len(CRYSTALS), 4)
X, Y = CRYSTALS[ROWS], GAPS[ROWS]


def found(X, names, *, said=None, y=None, table=None):
    y = Y if y is None else y
    table = np.column_stack([X.element_amounts.sum(axis=1), np.arange(len(y))]) if table is None else table
    progress = (lambda _: None) if said is None else said.append
    folds = folds_of(
        X, y, names, labels=False, n_splits=4, seed=0, table=table.astype(float), progress=progress
    )
    return {one.name: one for one in folds}


def test_no_fold_learns_from_what_it_tests():
    for one in found(X, list(SPLITS)).values():
        tested = one.tested >= 0
        assert sorted(set(one.tested[tested].tolist())) == list(range(len(one.training)))
        assert not one.training[one.tested[tested], np.flatnonzero(tested)].any()
        assert one.training.sum(axis=1).min() >= FEWEST_ROWS
        if one.name not in LEFT_OUT:
            assert tested.all()
            assert (one.training.sum(axis=0) == len(one.training) - 1).all()


def test_each_row_is_predicted_without_its_rarest_element():
    amounts = X.element_amounts
    counts = (amounts > 0).sum(axis=0)
    one = found(X, ["element"])["element"]
    assert f"{len(one.training)} elements left out in turn" in one.description
    assert (one.tested >= 0).all()
    for row, fold in enumerate(one.tested.tolist()):
        own = np.flatnonzero(amounts[row])
        seen = (amounts[one.training[fold]] > 0).any(axis=0)
        unseen = own[~seen[own]]
        # Of several equally rare ones any is as good.
        assert counts[unseen].min() == counts[own].min()


@pytest.mark.parametrize("name", ["period", "periodic-group"])
def test_rows_and_groups_of_the_periodic_table_are_left_out(name):
    members = SPLITS[name]()._members()
    one = found(X, [name])[name]
    amounts = X.element_amounts > 0
    for fold, training in enumerate(one.training):
        left = [kind for kind, own in members.items() if not amounts[training][:, own].any()]
        tested = amounts[one.tested == fold]
        assert any(tested[:, members[kind]].any(axis=1).all() for kind in left)


def test_what_the_data_does_not_allow_is_said():
    said = []
    oxides = as_compositions(["MgO"] * 30)
    names = found(oxides, ["formula", "element"], said=said, y=Y[:30])
    assert list(names) == ["random"]
    assert said == [
        "left out: folds by formula, of which there is one alone",
        "left out: folds by element, of which none leaves enough to learn from",
    ]


def test_clusters_are_those_of_the_columns():
    table = np.repeat([[0.0, 1.0], [5.0, 9.0]], [40, len(Y) - 40], axis=0)
    one = found(X, ["cluster"], table=table)["cluster"]
    assert len(one.training) == 2
    assert len(set(one.tested[:40].tolist())) == len(set(one.tested[40:].tolist())) == 1


@pytest.mark.parametrize("name", sorted(NEEDS_POSITIONS))
def test_formulas_have_no_structures_to_be_split_by(name):
    formulas = load_experimental().formula
    data = TrainingData(as_compositions(formulas[:40]), GAPS[:40], tuple(map(str, range(40))), "gap")
    with pytest.raises(CrystalError, match=f"formulas cannot be split by '{name}'"):
        train_model(data, splits=(name,), quick=True)


def test_a_model_is_judged_on_elements_that_it_has_not_seen():
    pytest.importorskip("xgboost", reason="the model's trees are XGBoost's, which the extra models brings")
    formulas = load_experimental().formula
    rows = np.arange(0, 240, 3)
    data = TrainingData(as_compositions(formulas[rows]), GAPS[rows], tuple(map(str, rows)), "gap")
    run = train_model(data, kind="nonnegative", splits=("period",), quick=True, n_splits=3).run
    split = run.splits[1]
    assert split.name == "period"
    assert np.isfinite(split.predictions["model"][split.folds >= 0]).all()
    maes = {score.model: score.value for score in run.scores("period") if score.name == "MAE"}
    assert set(maes) == {"model", "notebook forest", "mean"}
