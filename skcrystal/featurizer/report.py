"""`Report`: rows of crystals, and what was wrong with some of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from skcrystal.featurizer.describing import Block

__all__ = ["Report"]


@dataclass(frozen=True)
class Report:
    """What :meth:`skcrystal.CrystalFeaturizer.report` returns: the result of one call, shared with no other.

    Attributes
    ----------
    rows : ndarray or csr_array of shape (n_crystals, n_features)
        NaN in the rows of items that could not be used.
    errors : dict of int to str
        Index of each such item -> reason.
    notes : dict of int to tuple of str
        Index of an item -> what was repaired in it, or is suspicious.
    """

    rows: Block = field(repr=False)
    errors: dict[int, str]
    notes: dict[int, tuple[str, ...]]
