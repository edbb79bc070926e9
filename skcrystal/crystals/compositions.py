"""A batch of compositions: amounts of elements, and nothing of where the atoms are."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from skcrystal.chemistry.elements import MAX_ATOMIC_NUMBER, symbols
from skcrystal.crystals.errors import CrystalError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

__all__ = ["Compositions", "are_whole"]

# An amount this near to a whole number is one: formulas carry three or four decimals.
WHOLE_TOLERANCE = 1e-6


def are_whole(amounts: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Tell which rows of amounts are whole numbers, but for the decimals that formulas carry."""
    off = np.abs(amounts - np.rint(amounts))
    whole: NDArray[np.bool_] = off.max(axis=1, initial=0.0) < WHOLE_TOLERANCE
    return whole


class Compositions:
    """An immutable sequence of compositions: what descriptors that need no positions compute on.

    It has ``len``, iterates over dicts of symbols and amounts, and is indexed by an int (such a dict), or by
    a slice, an index array or a mask (a ``Compositions``), so that it passes through ``train_test_split``,
    ``cross_val_score`` and ``GridSearchCV`` as X. :func:`skcrystal.as_compositions` makes one of formulas
    and crystals.

    Parameters
    ----------
    element_amounts : array-like of shape (n_compositions, 119)
        Column Z is the amount of the element Z; column 0 is empty.
    sources : sequence of str, default=None
        The formula or an identifier of each, used in messages.
    whole : array-like of bool, shape (n_compositions,), default=None
        Whether the amounts are numbers of atoms, and not means over a disordered crystal. None takes it from
        the amounts: whether all are whole.

    Raises
    ------
    CrystalError
        A composition without atoms, or with an amount that is negative, infinite or NaN.

    Examples
    --------
    >>> import numpy as np
    >>> from skcrystal import Compositions
    >>> amounts = np.zeros((1, 119))
    >>> amounts[0, [1, 8]] = 2, 1
    >>> water = Compositions(amounts)
    >>> water
    Compositions(1 composition)
    >>> water[0]
    {'H': 2.0, 'O': 1.0}
    """

    def __init__(self, element_amounts: Any, sources: Iterable[str] | None = None, whole: Any = None) -> None:
        amounts = np.array(element_amounts, dtype=np.float64)
        if amounts.ndim != 2 or amounts.shape[1] != MAX_ATOMIC_NUMBER + 1:
            raise CrystalError(
                f"element_amounts has the shape {amounts.shape}; give one row per composition and "
                f"{MAX_ATOMIC_NUMBER + 1} columns, of which column Z is the element Z"
            )
        for index in np.flatnonzero(~np.isfinite(amounts).all(axis=1) | (amounts < 0).any(axis=1)).tolist():
            raise CrystalError(f"composition {index}: an amount is negative, infinite or NaN; correct it")
        for index in np.flatnonzero((amounts[:, 0] != 0) | (amounts.sum(axis=1) == 0)).tolist():
            raise CrystalError(
                f"composition {index}: it holds no atoms of elements 1 to 118; give at least one"
            )
        amounts.flags.writeable = False
        self.element_amounts = amounts
        self.sources = ("",) * len(amounts) if sources is None else tuple(sources)
        if len(self.sources) != len(amounts):
            raise CrystalError(f"sources must have one entry for each of the {len(amounts)} compositions")
        if whole is None:
            whole = are_whole(amounts)
        self.whole: NDArray[np.bool_] = np.asarray(whole, dtype=bool)

    @property
    def shape(self) -> tuple[int]:
        """``(n_compositions,)``: scikit-learn indexes what has a shape as one array."""
        return (len(self.element_amounts),)

    def keys(self) -> list[bytes]:
        """Return a digest of each composition's content: equal for equal amounts, whatever the source."""
        return [
            blake2b(b"composition" + row.tobytes() + bytes([whole]), digest_size=16).digest()
            for row, whole in zip(self.element_amounts, self.whole.tolist(), strict=True)
        ]

    def __len__(self) -> int:
        return len(self.element_amounts)

    def __iter__(self) -> Iterator[dict[str, float]]:
        return (self._one(i) for i in range(len(self)))

    @overload
    def __getitem__(self, key: int | np.integer[Any]) -> dict[str, float]: ...
    @overload
    def __getitem__(self, key: Any) -> Compositions: ...
    def __getitem__(self, key: Any) -> dict[str, float] | Compositions:
        if isinstance(key, tuple):
            # scikit-learn indexes arrays as X[key, ...].
            if len(key) != 2 or key[1] is not Ellipsis:
                raise IndexError(f"Compositions has one dimension, and was indexed with {key!r}")
            key = key[0]
        if isinstance(key, int | np.integer):
            if not -len(self) <= key < len(self):
                raise IndexError(f"composition {key} of {len(self)}")
            return self._one(int(key) % len(self))
        indices = np.arange(len(self))[key]
        sources = [self.sources[i] for i in indices.tolist()]
        return Compositions(self.element_amounts[indices], sources, self.whole[indices])

    def _one(self, index: int) -> dict[str, float]:
        row = self.element_amounts[index]
        return {symbols()[number]: float(row[number]) for number in np.flatnonzero(row).tolist()}

    def __repr__(self) -> str:
        n = len(self)
        return f"Compositions({n} composition{'' if n == 1 else 's'})"
