"""A saved model's word on new crystals: numbers, intervals, warnings, and what could not be read."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from skcrystal.crystals.crystal import Crystal, CrystalError
from skcrystal.inputs import as_compositions, as_crystals
from skcrystal.models.sharing import ModelHeader, load, read_header
from skcrystal.models.sharing.parameters import featurizers_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from skcrystal.formats.rows import Row

__all__ = ["LoadedModel", "load_model", "predict_rows"]

# A shared model is a zip archive, and what begins otherwise is none.
ZIP = b"PK\x03\x04"


class LoadedModel(NamedTuple):
    """A model, and what it says of itself; of a pickle nothing."""

    model: Any
    header: ModelHeader


def load_model(path: str, *, trust_pickle: bool = False) -> LoadedModel:
    """Load a model that was saved by :func:`skcrystal.models.save`, or by joblib where that is trusted.

    Parameters
    ----------
    path : str
    trust_pickle : bool, default=False
        Open files of pickle and joblib, which run whatever code is in them.

    Raises
    ------
    CrystalError
        The file is a pickle, and is not trusted; or it is no model.
    """
    try:
        with open(path, "rb") as file:
            start = file.read(len(ZIP))
    except FileNotFoundError:
        raise CrystalError(f"there is no file {path!r}; check the path.") from None
    if start == ZIP:
        return LoadedModel(load(path), read_header(path))
    if not trust_pickle:
        raise CrystalError(
            f"{path!r} is no model that skcrystal saved; if it is a pickle, it can do anything that you "
            "can do when it is opened: open it with --trust-pickle if you made it yourself."
        )
    import joblib

    try:
        return LoadedModel(joblib.load(path), ModelHeader())
    except Exception as error:
        # A pickle runs what its author wrote, which can raise anything.
        raise CrystalError(
            f"{path!r} is no pickle of a model: {type(error).__name__}: {str(error)[:150]}."
        ) from None


def predict_rows(
    loaded: LoadedModel, rows: Sequence[Row], *, coverage: float = 0.9, n_jobs: int | None = None
) -> pd.DataFrame:
    """Predict targets of crystals or formulas, one row for each, those that cannot be read included.

    Parameters
    ----------
    loaded : LoadedModel
    rows : sequence of Row
        As :func:`skcrystal.formats.rows.iter_rows` yields them.
    coverage : float, default=0.9
        Share of the true values that the intervals are to contain.
    n_jobs : int or None, default=None
        Processes that compute columns.

    Returns
    -------
    DataFrame
        ``id``, ``formula``, the prediction under the name of the target, ``lower`` and ``upper`` in its unit,
        or the probability of each class as ``probability_...``; ``warning``, why the crystal is outside the
        domain; ``failure``, why there is no prediction.

    Raises
    ------
    CrystalError
        There is nothing to predict, or the model is none.
    """
    import pandas as pd

    if not rows:
        raise CrystalError("there is nothing to predict; give files of crystals, or a table.")
    model = loaded.model
    if not hasattr(model, "predict"):
        raise CrystalError(f"the file holds a {type(model).__name__}, which predicts nothing; give a model.")
    featurizers = featurizers_in(model)
    for featurizer in featurizers:
        featurizer.set_params(n_jobs=n_jobs, on_error="nan")
    target = loaded.header.target or "prediction"
    table = pd.DataFrame({"id": [row.name for row in rows], "formula": [_formula(row) for row in rows]})
    table[target] = pd.Series([None] * len(rows), dtype=object)
    failures = [row.reason for row in rows]
    good = [k for k, row in enumerate(rows) if row.item is not None]
    if any(step.needs_positions for one in featurizers for _, step in one._active()):
        for k in good:
            if not isinstance(rows[k].item, Crystal):
                failures[k] = "it is a formula, and the model needs positions; give the structure"
        good = [k for k in good if not failures[k]]
    texts = [""] * len(rows)
    if good:
        with warnings.catch_warnings():
            # Each row has its own warning.
            warnings.simplefilter("ignore", UserWarning)
            columns = _answers(model, [rows[k].item for k in good], coverage)
        for name, values in columns.items():
            place = target if name == "prediction" else name
            if place not in table:
                table[place] = pd.Series([None] * len(rows), dtype=object)
            table.loc[good, place] = pd.Series(values, index=good, dtype=object)
        missing = pd.isna(table.loc[good, target]).to_numpy()
        told = columns.get("warning", [""] * len(good))
        for k, text, lacks in zip(good, told, missing, strict=True):
            if lacks:
                failures[k] = "the columns of the model cannot be computed"
            else:
                texts[k] = text
    for name in table.columns[2:]:
        table[name] = table[name].infer_objects()
    table["warning"], table["failure"] = texts, failures
    return table


def _answers(model: Any, items: list[Any], coverage: float) -> dict[str, list[Any]]:
    X = as_crystals(items) if all(isinstance(item, Crystal) for item in items) else as_compositions(items)
    predicted = np.asarray(model.predict(X))
    found: dict[str, list[Any]] = {"prediction": predicted.tolist()}
    if hasattr(model, "predict_interval"):
        low, high = model.predict_interval(X, coverage=coverage).T
        found |= {"lower": low.tolist(), "upper": high.tolist()}
    elif hasattr(model, "predict_proba"):
        chances = np.asarray(model.predict_proba(X))
        found |= {
            f"probability_{label}": column.tolist()
            for label, column in zip(model.classes_.tolist(), chances.T, strict=True)
        }
    if hasattr(model, "assess"):
        found["warning"] = model.assess(X)["reason"].tolist()
    return found


def _formula(row: Row) -> str:
    from pymatgen.core import Composition

    if isinstance(row.item, Crystal):
        return row.item.formula
    return str(Composition(row.item).reduced_formula) if row.item else ""
