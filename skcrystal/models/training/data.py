"""Crystals or formulas with their targets, out of a table, or out of files and a table beside them."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import numpy as np

from skcrystal.crystals import Compositions, Crystal, CrystalError, Crystals
from skcrystal.formats.items import is_missing
from skcrystal.formats.rows import iter_rows
from skcrystal.formats.targets import join, read_targets
from skcrystal.inputs import as_compositions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from skcrystal.formats.rows import Row
    from skcrystal.formats.tables import Table

__all__ = ["TrainingData", "guess_kind", "read_training_data"]

# A target that is never negative and 0 in more rows than this share is zero or something.
SHARE_OF_ZEROS = 0.05
# A positive target over more than this ratio is learned as its logarithm.
WIDE = 100.0
MOST_CLASSES = 50
# Squares of larger targets, summed over rows, are no numbers.
MOST = 1e100


@dataclass(frozen=True, eq=False)
class TrainingData:
    """What a model learns from.

    Attributes
    ----------
    X : Crystals or Compositions
    y : ndarray of shape (n_rows,)
        Numbers, or texts for labels.
    ids : tuple of str
    target : str
    source : str
        What the files and folders are called that the data came from.
    failures : dict of str to str
        Input that was left out -> why.
    said : tuple of str
        How targets were joined.
    """

    X: Crystals | Compositions
    y: NDArray[Any]
    ids: tuple[str, ...]
    target: str
    source: str = ""
    failures: dict[str, str] = field(default_factory=dict)
    said: tuple[str, ...] = ()

    def digest(self) -> str:
        """Return a digest of ids, crystals and targets: equal for equal data, wherever it lies."""
        total = blake2b(digest_size=16)
        contents = (
            self.X.keys()
            if isinstance(self.X, Crystals)
            else [row.tobytes() for row in self.X.element_amounts]
        )
        for name, content, value in zip(self.ids, contents, self.y.tolist(), strict=True):
            for part in (name.encode(), content, repr(value).encode()):
                total.update(len(part).to_bytes(8, "big") + part)
        return total.hexdigest()

    def take(self, rows: NDArray[np.intp]) -> TrainingData:
        """Return some of the rows."""
        ids = tuple(self.ids[k] for k in rows.tolist())
        return TrainingData(
            self.X[rows], self.y[rows], ids, self.target, self.source, self.failures, self.said
        )


def read_training_data(
    sources: str | Sequence[str],
    target: str,
    *,
    targets: str | None = None,
    structure_column: str | None = None,
    formula_column: str | None = None,
) -> TrainingData:
    """Read crystals or formulas, each with its target.

    Parameters
    ----------
    sources : str or sequence of str
        A table with a column of structures or formulas and one of the target; or files of crystals, whose
        targets stand in a table of their own.
    target : str
        Name of the column.
    targets : str or None, default=None
        A table with a column of names (ids, or files with or without suffix and folder) and the target.
    structure_column, formula_column : str or None, default=None
        Of tables; None takes the usual ones.

    Returns
    -------
    TrainingData
        What has no target, or cannot be read, is in its ``failures``.

    Raises
    ------
    CrystalError
        There is no such target, or nothing to learn from.
    """
    given = [sources] if isinstance(sources, str | os.PathLike) else list(sources)
    names = [os.fspath(source) for source in given]
    beside: list[tuple[str, Table]] = []
    rows = list(
        iter_rows(names, structure_column=structure_column, formula_column=formula_column, beside=beside)
    )
    # Rows of a table that share an id say the same of where they stand.
    counts = Counter(row.source for row in rows)
    places = [row.source if counts[row.source] == 1 else f"{row.source} ({row.name})" for row in rows]
    failures = {place: row.reason for place, row in zip(places, rows, strict=True) if row.item is None}
    places = [place for place, row in zip(places, rows, strict=True) if row.item is not None]
    good = [row for row in rows if row.item is not None]
    if not good:
        if not failures:
            raise CrystalError(f"{names[0]!r} holds no row; give files of crystals, or a table.")
        source, reason = next(iter(failures.items()))
        if len(failures) == 1:
            raise CrystalError(reason if source in reason else f"{source}: {reason}")
        raise CrystalError(
            f"none of {len(failures)} crystals of {names[0]!r} can be read, the first because {reason}"
        )
    said: list[str] = []
    values = _joined(good, places, target, targets, beside, failures, said)
    kept: list[Row] = []
    found: list[Any] = []
    for place, row, value in zip(places, good, values, strict=True):
        if place in failures:
            continue
        if is_missing(value) or value == "":
            failures[place] = f"its {target} is missing"
        elif isinstance(value, float | np.floating) and not np.isfinite(value):
            failures[place] = f"its {target} is {value}, which is no number to learn"
        else:
            kept.append(row)
            found.append(value)
    if not kept:
        raise CrystalError(f"no crystal of {names[0]!r} has a {target}; name a column with values.")
    items: Any = [row.item for row in kept]
    if all(isinstance(item, Crystal) for item in items):
        X: Crystals | Compositions = Crystals.from_crystals(items)
    else:
        X = as_compositions(items)
    ids = tuple(row.name for row in kept)
    # Without the folders: the model is given away, and they are nobody's business.
    called = ", ".join(os.path.basename(os.path.abspath(name)) for name in names)
    return TrainingData(X, _values(found, target), ids, target, called, failures, tuple(said))


def _joined(
    rows: list[Row],
    places: list[str],
    target: str,
    targets: str | None,
    beside: list[tuple[str, Table]],
    failures: dict[str, str],
    said: list[str],
) -> list[Any]:
    """Return the target of each row; of one that has none, keep the reason."""
    known = any(target in row.targets for row in rows)
    if targets is None and (known or not beside):
        columns = list(dict.fromkeys(name for row in rows for name in row.targets))
        if not known:
            there = f"columns are {', '.join(columns[:10])}" if columns else "it has no columns of values"
            if failures:
                reason = next(iter(failures.values())).rstrip(".")
                there += f" (what could not be read, {len(failures)} in all, begins with: {reason})"
            raise CrystalError(
                f"there is no target {target!r}: {there}; name one of them, or a table with --targets."
            )
        return [row.targets.get(target) for row in rows]
    tables = [read_targets(targets)] if targets is not None else [table for _, table in beside]
    values: list[Any] = [None] * len(rows)
    for table in tables:
        if target not in table.columns:
            shown = ", ".join(table.columns[:10])
            raise CrystalError(
                f"{table.source!r} has no column {target!r} (it has: {shown}); name one of them."
            )
        joined = join(table, [row.names for row in rows])
        if joined.n_joined and joined.column == target:
            raise CrystalError(
                f"the column {target!r} of {table.source!r} says what the crystals are called, which is no "
                f"target; name another: {', '.join(name for name in table.columns[:10] if name != target)}."
            )
        if not joined.n_joined:
            raise CrystalError(
                f"no crystal has a row: {joined.sentence()}. The first crystal is {rows[0].name!r}; name the "
                "files, their folders or their rows in the table."
            )
        said.append(joined.sentence())
        for k, own in enumerate(joined.rows):
            if own is not None:
                values[k] = own.get(target)
            elif targets is not None:
                failures[places[k]] = f"{joined.source} has no row for it: {joined.reasons[k]}"
    return values


def _values(found: list[Any], target: str) -> NDArray[Any]:
    """Return targets as numbers, or as texts where they are labels."""
    if all(isinstance(value, bool | np.bool_) for value in found):
        return np.array([str(bool(value)) for value in found])
    texts = [value for value in found if isinstance(value, str)]
    numbers = [
        value for value in found if isinstance(value, int | float | np.number) and not isinstance(value, bool)
    ]
    if len(numbers) == len(found):
        return np.array(found, dtype=np.float64)
    strange = [text for text in texts if not _is_number(text)]
    if len(texts) == len(found) and not strange:
        return np.array(found, dtype=np.float64)
    if len(texts) == len(found) and 2 * len(strange) > len(texts):
        return np.array(found)
    texts = strange or texts
    if texts:
        raise CrystalError(
            f"the target {target!r} mixes numbers with text such as {texts[0][:40]!r}; correct the text, or "
            "leave those rows out."
        )
    raise CrystalError(
        f"the target {target!r} holds a {type(found[0]).__name__}, and neither numbers nor labels; name "
        "another."
    )


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def guess_kind(y: NDArray[Any]) -> tuple[str, str]:
    """Say what values a target takes, and by what that is told.

    Parameters
    ----------
    y : ndarray of shape (n_rows,)

    Returns
    -------
    kind : {"real", "positive", "nonnegative", "classes"}
    reason : str

    Examples
    --------
    >>> import numpy as np
    >>> guess_kind(np.array([0.0, 0.0, 1.1, 5.2]))
    ('nonnegative', 'never negative, and 0 in 50 % of the rows')
    >>> guess_kind(np.array(["metal", "insulator"]))[0]
    'classes'
    """
    if y.dtype.kind == "U":
        return "classes", f"labels: {', '.join(sorted(set(y.tolist()))[:5])}"
    different = np.unique(y)
    if len(different) == 2 and set(different.tolist()) == {0.0, 1.0}:
        return "classes", "0 and 1 alone"
    zeros = float(np.mean(y == 0))
    if y.min() >= 0 and zeros >= SHARE_OF_ZEROS:
        return "nonnegative", f"never negative, and 0 in {100 * zeros:.0f} % of the rows"
    if y.min() > 0 and y.max() / y.min() >= WIDE:
        return "positive", f"above 0, from {y.min():.3g} to {y.max():.3g}"
    return "real", f"numbers from {y.min():.3g} to {y.max():.3g}"


def check_kind(y: NDArray[Any], kind: str) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    """Return the targets as numbers of their kind, and the labels of classes.

    Raises
    ------
    CrystalError
        The targets are not of this kind.
    """
    if kind == "classes":
        labels, numbers = np.unique(y, return_inverse=True)
        if not 2 <= len(labels) <= MOST_CLASSES:
            instead = "take another target" if y.dtype.kind == "U" else "take --kind real, or another target"
            raise CrystalError(
                f"classes are 2 to {MOST_CLASSES} labels, and the target has {len(labels)}; {instead}."
            )
        names = tuple(f"{label:g}" if isinstance(label, float) else str(label) for label in labels.tolist())
        return numbers.astype(np.float64), names
    if y.dtype.kind == "U":
        raise CrystalError(
            f"the target holds labels such as {str(y[0])[:40]!r}, which are no numbers; take --kind classes."
        )
    far = np.abs(y) > MOST
    if far.any():
        raise CrystalError(f"a target is {y[far][0]:g}, of which no squared error can be told; correct it.")
    bound = {"positive": y > 0, "nonnegative": y >= 0}.get(kind, np.ones(len(y), dtype=bool))
    if not bound.all():
        wrong = y[~bound][0]
        raise CrystalError(
            f"the target is not {kind}: one value is {wrong:g}; take --kind real, or correct it."
        )
    if y.min() == y.max():
        raise CrystalError(f"all targets are {y[0]:g}, from which there is nothing to learn.")
    return y, ()
