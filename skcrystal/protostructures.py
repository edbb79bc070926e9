"""Labels of structure types, of anything that is read as a crystal."""

from __future__ import annotations

from typing import Any

from skcrystal.crystals.prototypes import protostructures
from skcrystal.inputs import as_crystals

__all__ = ["protostructure"]


def protostructure(X: Any, *, symprec: float = 0.01) -> list[str]:
    """Return the label of the structure type of each crystal.

    Parameters
    ----------
    X : Crystals or a collection of crystals
        Anything that :func:`skcrystal.as_crystals` takes.
    symprec : float, default=0.01
        Tolerance of the symmetry search, in angstrom.

    Returns
    -------
    list of n_crystals str
        Anonymous formula, Pearson symbol, number of the space group, and Wyckoff letters of each kind of
        site: :func:`skcrystal.crystals.prototypes.protostructures` says how.

    Examples
    --------
    >>> import numpy as np
    >>> from skcrystal import Crystal, protostructure
    >>> rock_salt = Crystal.ordered(5.64 * (1 - np.eye(3)) / 2, [[0, 0, 0], [0.5, 0.5, 0.5]], [11, 17])
    >>> protostructure(rock_salt)
    ['AB_cF8_225_a_b']
    """
    return protostructures(as_crystals(X), symprec)
