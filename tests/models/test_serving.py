"""One crystal at a time is predicted as many are, in threads, from a pickle, and beside what is none."""

from __future__ import annotations

import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from skcrystal.datasets import load_experimental
from skcrystal.models import make_classifier, make_regressor
from skcrystal.models.boosted_trees import PATIENCE

xgboost = pytest.importorskip("xgboost", reason="the extra models")

CRYSTALS, GAPS = load_experimental(return_X_y=True)
X, y, NEW = CRYSTALS[::7], GAPS[::7], CRYSTALS[1::25]


def cheap(model):
    for name in model.get_params():
        if name.endswith("xgboost__n_estimators"):
            model.set_params(**{name: 20})
        if name.endswith(("gaussian_process__max_iter", "gaussian_process_of_all__max_iter")):
            model.set_params(**{name: 2})
    return model


@pytest.fixture(scope="module")
def models():
    made = {target: cheap(make_regressor("composition", target=target)) for target in ("real", "nonnegative")}
    made["positive"] = cheap(make_regressor("composition", target="positive"))
    fitted = {target: model.fit(X, y + (target == "positive")) for target, model in made.items()}
    return fitted | {"classes": cheap(make_classifier("composition")).fit(X, y > 0)}


KINDS = ["real", "positive", "nonnegative", "classes"]


def question(model):
    return getattr(model, "predict_proba", model.predict)


@pytest.mark.parametrize("kind", KINDS)
def test_one_crystal_is_predicted_as_among_many(kind, models):
    ask = question(models[kind])
    together = ask(NEW)
    alone = np.concatenate([ask([crystal]) for crystal in NEW])
    np.testing.assert_allclose(alone, together, rtol=1e-12, atol=0)
    with ThreadPoolExecutor(8) as pool:
        at_once = np.concatenate(list(pool.map(lambda crystal: ask([crystal]), NEW)))
    np.testing.assert_array_equal(at_once, alone)


@pytest.mark.parametrize("kind", KINDS)
def test_a_pickle_answers_with_the_same_bits(kind, models):
    one = NEW[:1]
    expected = question(models[kind])(one)
    np.testing.assert_array_equal(question(pickle.loads(pickle.dumps(models[kind])))(one), expected)


@pytest.mark.parametrize("kind", KINDS)
def test_a_model_that_is_asked_often_asks_xgboost_no_more(kind, models, monkeypatch):
    ask = question(models[kind])
    for _ in range(PATIENCE):
        ask(NEW[:1])
    calls, inplace = [], xgboost.Booster.inplace_predict

    def counted(*args, **params):
        calls.append(len(args))
        return inplace(*args, **params)

    monkeypatch.setattr(xgboost.Booster, "inplace_predict", counted)
    for crystal in NEW:
        ask([crystal])
    assert calls == []
    # The classifier and the regressor of a non-negative target each have trees.
    ask(NEW)
    assert len(calls) == (2 if kind == "nonnegative" else 1)


@pytest.mark.filterwarnings("ignore:.*no usable crystals")
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_no_crystal_has_no_answer_and_changes_no_other(kind, models):
    model = pickle.loads(pickle.dumps(models[kind]))
    ask = question(model)
    expected = ask(NEW[:1])
    model.set_params(crystalfeaturizer__on_error="nan")
    assert np.isnan(ask(["no crystal"])).all()
    found = ask(["no crystal", NEW[0]])
    assert np.isnan(found[0]).all()
    np.testing.assert_array_equal(found[1:], expected)
