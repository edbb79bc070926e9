"""Ways to split training data, by their names: which rows a fold tests, and which it learns from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from sklearn.model_selection import KFold, StratifiedKFold
from sklearn.preprocessing import FunctionTransformer

from skcrystal import splits as splitters
from skcrystal.crystals import CrystalError, Crystals

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from skcrystal.crystals import Compositions

__all__ = ["FEWEST_ROWS", "NEEDS_POSITIONS", "SPLITS", "Folds", "folds_of"]

SPLITS = {
    "formula": splitters.FormulaKFold,
    "chemical-system": splitters.ChemicalSystemKFold,
    "space-group": splitters.SpaceGroupKFold,
    "point-group": splitters.PointGroupKFold,
    "crystal-system": splitters.CrystalSystemKFold,
    "prototype": splitters.PrototypeKFold,
    "structure": splitters.StructureKFold,
    "cluster": splitters.ClusterKFold,
    "element": splitters.LeaveOneElementOut,
    "period": splitters.LeaveOnePeriodOut,
    "periodic-group": splitters.LeaveOnePeriodicGroupOut,
}
"""Splits beside the random one, by their names."""

NEEDS_POSITIONS = frozenset({"space-group", "point-group", "crystal-system", "prototype", "structure"})
"""Those that formulas cannot be split by."""

#: A model that can be judged learns from so many.
FEWEST_ROWS = 20

LEFT_OUT = {
    "element": ("elements", "its rarest element"),
    "period": ("rows of the periodic table", "any element of one of its rows, the rarest here"),
    "periodic-group": ("groups of the periodic table", "any element of one of its groups, the rarest here"),
}


class Folds(NamedTuple):
    """A way to split.

    Attributes
    ----------
    name : str
    description : str
        For people.
    tested : ndarray of shape (n_rows,), int64
        Number of the fold that tests a row; -1 where none does.
    training : ndarray of shape (n_folds, n_rows), bool
        Which rows each fold learns from.
    """

    name: str
    description: str
    tested: NDArray[np.int64]
    training: NDArray[np.bool_]


def folds_of(
    X: Crystals | Compositions,
    y: NDArray[np.float64],
    names: Sequence[str],
    *,
    labels: bool,
    n_splits: int,
    seed: int,
    table: NDArray[np.float64],
    progress: Callable[[str], None],
) -> Iterator[Folds]:
    """Yield the folds of each split, the random ones first.

    Where one kind of element after the other is left out, a crystal is in the tests of each of its own. It is
    tested where the fewest are, by a model that has seen no crystal with its rarest kind.

    Parameters
    ----------
    X : Crystals or Compositions
    y : ndarray of shape (n_rows,)
        Numbers of classes where they are `labels`, which keep their shares in each random fold.
    names : sequence of str
        Keys of :data:`SPLITS`.
    n_splits : int
        Folds at most; of kinds of elements there are as many as in X.
    seed : int
    table : ndarray of shape (n_rows, n_columns)
        What clusters are made of.
    progress : callable
        Is told of a split that X does not allow.

    Raises
    ------
    CrystalError
        A class has one row alone, there are fewer folds than 2 or more than rows, or a random fold learns
        from too few.
    """
    if not 2 <= n_splits <= len(y):
        raise CrystalError(f"{len(y)} rows cannot be split into {n_splits} folds; take 2 to {len(y)}.")
    if labels:
        smallest = int(np.bincount(y.astype(int)).min())
        if smallest < 2:
            raise CrystalError("a class has one row alone, which cannot be learned and tested; leave it out.")
        random: Any = StratifiedKFold(min(n_splits, smallest), shuffle=True, random_state=seed)
    else:
        random = KFold(n_splits, shuffle=True, random_state=seed)
    what = f"{random.get_n_splits()} random folds, seed {seed}"
    first = _complements("random", what, random, y, y)
    fewest = int(first.training.sum(axis=1).min())
    if fewest < FEWEST_ROWS:
        raise CrystalError(
            f"{len(y)} rows leave {fewest} to learn from in {random.get_n_splits()} folds, and a model that "
            f"can be judged takes {FEWEST_ROWS}; give more."
        )
    yield first
    for name in dict.fromkeys(name for name in names if name != "random"):
        words = name.replace("-", " ")
        if name in LEFT_OUT:
            found = _left_out(name, X, len(y))
            if found is None:
                progress(f"left out: folds by {words}, of which none leaves enough to learn from")
            else:
                yield found
            continue
        make = SPLITS[name]
        needed = (FunctionTransformer(lambda _: table),) if name == "cluster" else ()
        splitter = make(*needed, n_splits, shuffle=True, random_state=seed)
        count = len(set(splitter.labels(X).tolist()))
        if count < 2:
            progress(f"left out: folds by {words}, of which there is one alone")
            continue
        splitter.n_splits = min(n_splits, count)
        what = f"{splitter.n_splits} folds, no {words} in training and test rows, seed {seed}"
        yield _complements(name, what, splitter, X, y)


def _complements(name: str, description: str, splitter: Any, X: Any, y: NDArray[np.float64]) -> Folds:
    """Return folds that learn from all that they do not test."""
    tested = np.full(len(y), -1, dtype=np.int64)
    for k, (_, test) in enumerate(splitter.split(X, y)):
        tested[test] = k
    return Folds(name, description, tested, tested != np.arange(tested.max() + 1)[:, None])


def _left_out(name: str, X: Crystals | Compositions, n_rows: int) -> Folds | None:
    try:
        splits = [fold for fold in SPLITS[name]().split(X) if len(fold[0]) >= FEWEST_ROWS]
    except ValueError:
        # Nothing that some of the crystals hold, and not all.
        return None
    tested = np.full(n_rows, -1, dtype=np.int64)
    # The smallest last, so that a row stays with it.
    order = sorted(range(len(splits)), key=lambda k: -len(splits[k][1]))
    for k in order:
        tested[splits[k][1]] = k
    kept, numbers = np.unique(tested[tested >= 0], return_inverse=True)
    if len(kept) < 2:
        return None
    tested[tested >= 0] = numbers
    training = np.zeros((len(kept), n_rows), dtype=bool)
    for k, fold in enumerate(kept.tolist()):
        training[k, splits[fold][0]] = True
    many, its = LEFT_OUT[name]
    what = f"{len(kept)} {many} left out in turn, each row predicted by a model that has not seen {its}"
    return Folds(name, what, tested, training)
