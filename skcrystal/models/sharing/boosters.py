"""Boosted trees in a shared model: as JSON that is looked at node by node before XGBoost reads it."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import BaseEstimator

from skcrystal.crystals.crystal import CrystalError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["StoredBooster", "check_booster", "store", "unstore"]

#: What stays of the parameters: what predictions need, and what training again would.
PARAMETERS = frozenset(
    {
        *("n_estimators", "max_depth", "max_bin", "learning_rate", "min_child_weight", "subsample"),
        *("colsample_bynode", "colsample_bytree", "colsample_bylevel", "gamma", "reg_alpha", "reg_lambda"),
        *("objective", "random_state", "tree_method", "base_score", "max_leaves", "scale_pos_weight"),
    }
)
OBJECTIVES = frozenset({"reg:squarederror", "reg:absoluteerror", "binary:logistic", "multi:softprob"})
CLASSES = ("XGBRegressor", "XGBClassifier")

MOST_TREES = 100_000
MOST_FEATURES = 1_000_000
#: The parent of a root, and the child of a leaf.
NO_PARENT, NO_CHILD = 2**31 - 1, -1


class StoredBooster(BaseEstimator):
    """Stands for a model of XGBoost while it is in a file.

    Parameters
    ----------
    kind : {"XGBRegressor", "XGBClassifier"}
    params : dict
    number : int
        Of its trees among the files; -1 where it is not fitted.
    """

    def __init__(self, kind: str, params: dict[str, Any], number: int) -> None:
        self.kind = kind
        self.params = params
        self.number = number


def store(model: Any, texts: list[bytes]) -> StoredBooster:
    """Return what stands for a model of XGBoost, and put its trees behind the others."""
    kind = type(model).__name__
    if kind not in CLASSES or not type(model).__module__.startswith("xgboost."):
        raise CrystalError(f"a {kind} cannot be shared; share an XGBRegressor or an XGBClassifier.")
    params = {
        name: value
        for name, value in model.get_params().items()
        if name in PARAMETERS and isinstance(value, str | int | float) and value == value
    }
    if not hasattr(model, "_Booster"):
        return StoredBooster(kind, params, -1)
    text = bytes(model.get_booster().save_raw("json"))
    check_booster(text)
    texts.append(text)
    return StoredBooster(kind, params, len(texts) - 1)


def unstore(stored: StoredBooster, texts: Mapping[int, bytes]) -> Any:
    """Return the model of XGBoost that was stored; its trees were checked.

    Raises
    ------
    CrystalError
        There is something that no model of ours has.
    ImportError
        XGBoost is not installed.
    """
    try:
        import xgboost
    except ImportError as error:
        raise ImportError(
            "the model holds boosted trees, which need XGBoost: pip install 'skcrystal[models]'"
        ) from error
    if stored.kind not in CLASSES or not isinstance(stored.params, dict):
        raise CrystalError("its boosted trees are of no kind that is known")
    for name, value in stored.params.items():
        known = name in PARAMETERS and isinstance(value, str | int | float)
        if not known or (isinstance(value, str) and len(value) > 50):
            raise CrystalError(
                f"its boosted trees have the parameter {str(name)[:50]!r} of {str(value)[:50]!r}"
            )
    model = getattr(xgboost, stored.kind)(**stored.params, n_jobs=1, verbosity=0)
    if stored.number == -1:
        return model
    if stored.number not in texts:
        raise CrystalError(f"its trees of number {stored.number!r} are missing")
    try:
        model.load_model(bytearray(texts[stored.number]))
    except xgboost.core.XGBoostError as error:
        raise CrystalError(f"XGBoost refuses its trees: {str(error).splitlines()[-1][:150]}") from None
    return model


def check_booster(text: bytes) -> None:
    """Look at trees as XGBoost writes them: each leads from its root to leaves, and to known columns.

    XGBoost itself follows the numbers of a file wherever they lead.

    Raises
    ------
    CrystalError
        Says what is wrong.
    """
    try:
        model = json.loads(text)
        learner = model["learner"]
        booster = learner["gradient_booster"]
        settings = learner["learner_model_param"]
        n_features, n_classes = int(settings["num_feature"]), int(settings["num_class"])
        if set(model) != {"learner", "version"} or booster["name"] != "gbtree":
            raise CrystalError("its boosted trees are of another kind than ours")
        if learner["objective"]["name"] not in OBJECTIVES:
            raise CrystalError(
                f"its boosted trees have the objective {str(learner['objective']['name'])[:50]!r}"
            )
        _check_settings(learner, n_features, n_classes)
        held = booster["model"]
        trees = held["trees"]
        counts = (len(trees), len(held["tree_info"]), int(held["gbtree_model_param"]["num_trees"]))
        if (
            not 0 < n_features <= MOST_FEATURES
            or not 0 <= n_classes <= 1000
            or int(settings["num_target"]) != 1
        ):
            raise CrystalError(
                "its boosted trees have numbers of columns or classes that no model of ours has"
            )
        if len(set(counts)) > 1 or len(trees) > MOST_TREES:
            raise CrystalError("its boosted trees are not as many as it says")
        if int(held["gbtree_model_param"]["num_parallel_tree"]) != 1 or any(held.get("cats", {}).values()):
            raise CrystalError("its boosted trees have categories, which ours do not have")
        if not _rises(held["iteration_indptr"], len(trees)):
            raise CrystalError("its boosted trees do not say which belong together")
        if any(
            not isinstance(group, int) or not 0 <= group < max(n_classes, 1) for group in held["tree_info"]
        ):
            raise CrystalError("its boosted trees belong to classes that there are not")
        for number, tree in enumerate(trees):
            _check_tree(tree, number, n_features)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError) as error:
        if isinstance(error, CrystalError):
            raise
        raise CrystalError(f"its boosted trees are not written as XGBoost does: {str(error)[:100]}") from None


def _check_settings(learner: dict[str, Any], n_features: int, n_classes: int) -> None:
    base = json.loads(learner["learner_model_param"]["base_score"])
    scores = base if isinstance(base, list) else [base]
    if len(scores) not in {1, max(n_classes, 1)} or not all(math.isfinite(score) for score in scores):
        raise CrystalError("its boosted trees begin with scores that do not fit their classes")
    if int(learner["objective"].get("softmax_multiclass_param", {}).get("num_class", n_classes)) != n_classes:
        raise CrystalError("its boosted trees contradict themselves about their classes")
    if (
        learner["attributes"]
        or learner["feature_types"]
        or len(learner["feature_names"]) not in {0, n_features}
    ):
        raise CrystalError("its boosted trees have attributes, which ours do not have")


def _rises(offsets: Any, last: int) -> bool:
    return (
        isinstance(offsets, list)
        and all(isinstance(one, int) for one in offsets)
        and offsets == sorted(offsets)
        and (offsets[0], offsets[-1]) == (0, last)
    )


def _check_tree(tree: dict[str, Any], number: int, n_features: int) -> None:
    settings = tree["tree_param"]
    count = int(settings["num_nodes"])
    left, right, parents, columns = (
        _whole(tree[name], count) for name in ("left_children", "right_children", "parents", "split_indices")
    )
    kinds, defaults = _whole(tree["split_type"], count), _whole(tree["default_left"], count)
    for name in ("base_weights", "split_conditions", "loss_changes", "sum_hessian"):
        values = tree[name]
        if len(values) != count or not all(isinstance(v, int | float) and math.isfinite(v) for v in values):
            raise CrystalError(f"the boosted tree {number} has {name} that are not {count} numbers")
    categories = [tree[f"categories{end}"] for end in ("", "_nodes", "_segments", "_sizes")]
    sizes = (int(settings["num_feature"]), int(settings["size_leaf_vector"]), int(settings["num_deleted"]))
    if any(categories) or kinds.any() or sizes[1] > 1 or sizes[2] or sizes[0] != n_features:
        raise CrystalError(
            f"the boosted tree {number} has categories, vectors or removed nodes, as none of ours"
        )
    if tree["id"] != number or count < 1 or not np.isin(defaults, (0, 1)).all():
        raise CrystalError(f"the boosted tree {number} is none")
    inner = left != NO_CHILD
    nodes = np.flatnonzero(inner)
    # Each node but the root is the child of exactly one node before it: no circle, and nothing outside.
    children = np.concatenate([left[nodes], right[nodes]])
    owners = np.concatenate([nodes, nodes])
    is_tree = (
        np.array_equal(inner, right != NO_CHILD)
        and np.array_equal(np.sort(children), np.arange(1, count))
        and bool((owners < children).all())
        and np.array_equal(parents[children], owners)
        and parents[0] == NO_PARENT
    )
    if not is_tree:
        raise CrystalError(f"the boosted tree {number} leads to nodes that there are not")
    if not ((columns[nodes] >= 0) & (columns[nodes] < n_features)).all():
        raise CrystalError(f"the boosted tree {number} looks at columns that there are not")


def _whole(values: Any, count: int) -> Any:
    """Return whole numbers of 32 bits, as many as there are nodes."""
    array = np.asarray(values)
    if array.shape != (count,) or (array.dtype.kind not in "ib"):
        raise CrystalError(
            f"a boosted tree has {array.shape} of {array.dtype} where {count} whole numbers belong"
        )
    if array.dtype.itemsize > 4 and ((array < -(2**31)) | (array >= 2**31)).any():
        raise CrystalError("a boosted tree has a number beyond 32 bits")
    return array.astype(np.int64)
