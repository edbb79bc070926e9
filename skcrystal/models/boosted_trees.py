"""XGBoost's trees as arrays: the same predictions of few rows, in a small part of the time.

XGBoost takes longer to be asked for one row than the row to go down its trees, and these lie scattered in
memory. Its models stay what they are, and answer for many rows; for few, their trees are laid out as soon as
they were asked some times, and serve where they give the model's answers to the last bit.

A booster that is trained on is laid out anew. One that another is loaded into (``load_model`` of a fitted
model) is noticed by the number of its rounds alone: load into a new one.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["predict", "predict_proba"]

# Of more rows, XGBoost's fixed costs are small beside the trees.
MOST_ROWS = 8
# The question of few rows at which trees are laid out, which takes as long as hundreds of answers, and longer
# where kernels are to be compiled: who asks once need not wait for it.
PATIENCE = 10
# Rows on which the arrays must give the model's answers to the last bit: many, since exponential functions of
# two C libraries differ seldom.
PROBES = 1024
# Infinite in single precision are larger numbers; NaN is no number.
LARGEST = np.finfo(np.float32).max
OBJECTIVES = {"XGBRegressor": "reg:squarederror", "XGBClassifier": "binary:logistic"}


class TreeArrays(NamedTuple):
    """The trees of a model, one behind the other.

    Attributes
    ----------
    roots : ndarray of shape (n_trees,), int32
    children : ndarray of shape (n_nodes, 2), int32
        The nodes for values below the threshold and for others; -1 of a leaf.
    columns : ndarray of shape (n_nodes,), int32
    values : ndarray of shape (n_nodes,), float32
        Thresholds of nodes, and what leaves add.
    base : float32
        What the sum begins with.
    n_features : int
    is_logistic : bool
        Whether the sum is the logarithm of odds.
    """

    roots: NDArray[np.int32]
    children: NDArray[np.int32]
    columns: NDArray[np.int32]
    values: NDArray[np.float32]
    base: np.float32
    n_features: int
    is_logistic: bool

    def answer(self, X: NDArray[np.float64]) -> NDArray[np.float32]:
        """Return the prediction of each row, or the probability of the second class."""
        from skcrystal.kernels.trees import logistic, sum_leaves

        found = np.empty(len(X), dtype=np.float32)
        rows = X.astype(np.float32, order="C")
        sum_leaves(self.roots, self.children, self.columns, self.values, self.base, rows, found)
        if self.is_logistic:
            logistic(found)
        return found


@dataclass
class _Known:
    """What is known of a booster that had so many rounds; who takes the lock first, keeps it."""

    n_rounds: int
    asked: int = 0
    first: Any = field(default_factory=Lock)
    trees: TreeArrays | None = None


_KNOWN: WeakKeyDictionary[Any, _Known] = WeakKeyDictionary()


def predict(model: Any, X: Any) -> Any:
    """Return ``model.predict(X)`` of a regressor, XGBoost's or any other.

    Parameters
    ----------
    model : estimator
        Fitted.
    X : array-like of shape (n_samples, n_features)

    Returns
    -------
    ndarray of shape (n_samples,) or (n_samples, n_outputs)
    """
    trees = _trees_for(model, X, "XGBRegressor")
    return model.predict(X) if trees is None else trees.answer(X)


def predict_proba(model: Any, X: Any) -> Any:
    """Return ``model.predict_proba(X)`` of a classifier, XGBoost's or any other.

    Parameters
    ----------
    model : estimator
        Fitted.
    X : array-like of shape (n_samples, n_features)

    Returns
    -------
    ndarray of shape (n_samples, n_classes)
    """
    trees = _trees_for(model, X, "XGBClassifier")
    return model.predict_proba(X) if trees is None else _both_classes(trees.answer(X))


def _both_classes(second: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.column_stack([1 - second, second])


def _trees_for(model: Any, X: Any, kind: str) -> TreeArrays | None:
    """Return a model's trees where they answer for it: few rows of as many numbers as it learned."""
    if (
        type(model).__name__ != kind
        or type(model).__module__ != "xgboost.sklearn"
        or type(X) is not np.ndarray
        or X.dtype != np.float64
        or X.ndim != 2
        or not 0 < len(X) <= MOST_ROWS
        or not math.isnan(model.missing)
    ):
        return None
    trees = _laid_out(model)
    fits = trees is not None and X.shape[1] == trees.n_features and (np.abs(X) <= LARGEST).all()
    return trees if fits else None


def _laid_out(model: Any) -> TreeArrays | None:
    """Return the trees of a model that was asked often enough, and that arrays can stand for."""
    booster = model.get_booster()
    n_rounds = booster.num_boosted_rounds()
    known = _KNOWN.get(booster)
    if known is None or known.n_rounds != n_rounds:
        known = _KNOWN[booster] = _Known(n_rounds)
    known.asked += 1
    # One thread lays them out; XGBoost answers those that come meanwhile.
    if known.asked >= PATIENCE and known.first.acquire(blocking=False):
        known.trees = _checked(model, _lay_out(booster, OBJECTIVES[type(model).__name__]))
    return known.trees


def _lay_out(booster: Any, objective: str) -> TreeArrays | None:
    """Return the trees of a booster of one target and of no categories; None of another one."""
    learner = json.loads(bytes(booster.save_raw("json")))["learner"]
    settings, held = learner["learner_model_param"], learner["gradient_booster"]
    # Attributes hold the best of the rounds, where there are others behind it.
    if (
        held["name"] != "gbtree"
        or learner["objective"]["name"] != objective
        or learner["attributes"]
        or learner["feature_names"]
        or int(settings["num_class"]) > 1
        or int(settings["num_target"]) > 1
    ):
        return None
    trees = held["model"]["trees"]
    if not trees or any(any(tree["split_type"]) for tree in trees):
        return None
    sizes = np.array([len(tree["left_children"]) for tree in trees])
    roots = np.cumsum(sizes) - sizes

    def joined(name: str, dtype: Any) -> NDArray[Any]:
        return np.concatenate([np.asarray(tree[name], dtype=dtype) for tree in trees])

    sides = np.column_stack([joined("left_children", np.int32), joined("right_children", np.int32)])
    children = np.where(sides < 0, -1, sides + np.repeat(roots, sizes)[:, None])
    score = json.loads(settings["base_score"])
    base = np.float32(score[0] if isinstance(score, list) else score)
    is_logistic = objective == "binary:logistic"
    if is_logistic:
        base = np.float32(-math.log(np.float32(1) / base - np.float32(1)))
    return TreeArrays(
        roots.astype(np.int32),
        children.astype(np.int32),
        joined("split_indices", np.int32),
        joined("split_conditions", np.float32),
        base,
        int(settings["num_feature"]),
        is_logistic,
    )


def _checked(model: Any, trees: TreeArrays | None) -> TreeArrays | None:
    """Return trees that give the model's answers to the last bit, thresholds among the values; else None."""
    if trees is None:
        return None
    random = np.random.default_rng(0)
    rows = random.normal(size=(PROBES, trees.n_features))
    inner = random.permutation(np.flatnonzero(trees.children[:, 0] >= 0))
    rows[np.arange(len(inner)) % PROBES, trees.columns[inner]] = trees.values[inner]
    expected = model.predict_proba(rows)[:, 1] if trees.is_logistic else model.predict(rows)
    return trees if np.array_equal(trees.answer(rows), expected) else None
