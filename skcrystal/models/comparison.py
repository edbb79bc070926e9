"""Saved models beside each other on one data set."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np

from skcrystal.crystals.crystal import CrystalError
from skcrystal.formats.rows import Row
from skcrystal.models.prediction import predict_rows
from skcrystal.models.scores import scores_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from skcrystal.models.prediction import LoadedModel
    from skcrystal.models.training.data import TrainingData

__all__ = ["compare_models"]


def compare_models(
    models: Mapping[str, LoadedModel], data: TrainingData, *, n_jobs: int | None = None
) -> pd.DataFrame:
    """Score models on the same rows: those that all of them predict.

    Parameters
    ----------
    models : mapping of str to LoadedModel
    data : TrainingData
    n_jobs : int or None, default=None
        Processes that compute columns.

    Returns
    -------
    DataFrame
        A row for each model, and one for the mean of the targets (of classes the most frequent one), the best
        first; columns MAE, MSE, RMSE and R2, or accuracy. Its ``attrs`` hold ``n_rows``, and ``failures`` by
        the id of a row.

    Raises
    ------
    CrystalError
        The models predict other kinds of targets than the data has or than each other, or in other units, or
        no row can be predicted.

    Warns
    -----
    UserWarning
        A model has learned from these rows.
    """
    import pandas as pd

    _refuse_others(models)
    is_text = data.y.dtype.kind == "U"
    rows = [Row(name, name, data.X[k], "", {}, [name]) for k, name in enumerate(data.ids)]
    found: dict[str, np.ndarray] = {}
    failures: dict[str, str] = {}
    digest = data.digest()
    for name, loaded in models.items():
        if loaded.header.kind and (loaded.header.kind == "classes") != is_text and is_text:
            raise CrystalError(
                f"{name!r} predicts numbers, and the targets are labels; compare models of labels."
            )
        if loaded.header.data.get("digest") == digest:
            warnings.warn(
                f"{name} has learned from these very rows: of new ones its errors are larger; compare models "
                "on rows that none of them has seen",
                stacklevel=2,
            )
        table = predict_rows(loaded, rows, n_jobs=n_jobs)
        found[name] = table[loaded.header.target or "prediction"].to_numpy()
        failed = table[table["failure"] != ""]
        failures |= dict(zip(failed["id"], failed["failure"], strict=True))
    kept = np.array([name not in failures for name in data.ids])
    if not kept.any():
        raise CrystalError("no row can be predicted by all of the models; compare models of the same inputs.")
    y = data.y[kept]
    if is_text or any(loaded.header.kind == "classes" for loaded in models.values()):
        labels, counts = np.unique(y, return_counts=True)
        truth = [_text(value) for value in y.tolist()]
        result = {name: {"accuracy": _accuracy(values[kept], truth)} for name, values in found.items()}
        result["most frequent"] = {"accuracy": _accuracy(np.full(len(y), labels[counts.argmax()]), truth)}
        order = "accuracy"
    else:
        folds = np.zeros(len(y), dtype=np.int64)
        predicted = {name: values[kept].astype(np.float64) for name, values in found.items()}
        predicted["mean"] = np.full(len(y), y.mean())
        result = {
            name: {one.name: one.value for one in scores_of(name, y, values, folds)}
            for name, values in predicted.items()
        }
        order = "MAE"
    frame = pd.DataFrame.from_dict(result, orient="index").sort_values(order, ascending=order == "MAE")
    frame.attrs |= {"n_rows": int(kept.sum()), "failures": failures}
    return frame


def _refuse_others(models: Mapping[str, LoadedModel]) -> None:
    """Compare no labels with numbers, and no eV with meV."""
    for what, of in (
        ("kind", {name: _kind(loaded) for name, loaded in models.items()}),
        ("unit", {name: loaded.header.unit for name, loaded in models.items()}),
    ):
        known = {name: value for name, value in of.items() if value}
        first = next(iter(known.items()), None)
        other = next(((name, value) for name, value in known.items() if first and value != first[1]), None)
        if first and other:
            raise CrystalError(
                f"{first[0]!r} predicts {first[1]} and {other[0]!r} {other[1]}; compare models of one {what}."
            )


def _kind(loaded: LoadedModel) -> str:
    return {"classes": "labels", "": ""}.get(loaded.header.kind, "numbers")


def _accuracy(predicted: np.ndarray, truth: list[str]) -> float:
    return float(np.mean([_text(one) == other for one, other in zip(predicted.tolist(), truth, strict=True)]))


def _text(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
