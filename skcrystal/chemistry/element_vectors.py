"""Vectors of the elements that others learned: of words beside them in papers, of neighbours in crystals.

They stand in ``data/element_vectors.npz``, under the licences of ``data/LICENSE-element-vectors.txt``.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from skcrystal.chemistry.trends import follow_trends

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["VECTORS", "element_components", "element_vectors", "known_elements"]

_DATA = Path(__file__).parent / "data"

#: Name of a table -> what it was learned from.
VECTORS = {"mat2vec": "abstracts of papers", "skipatom": "neighbours in crystals"}

# Heavier elements occur in few compounds, if in any: what was learned of them says little.
LAST_COMMON = 94


@cache
def _tables() -> dict[str, NDArray[np.float64]]:
    with np.load(_DATA / "element_vectors.npz") as file:
        return {name: file[name].astype(np.float64) for name in VECTORS}


def element_vectors(name: str) -> NDArray[np.float64]:
    """Vectors of the elements, one row per atomic number.

    Parameters
    ----------
    name : {"mat2vec", "skipatom"}
        Those of Tshitoyan et al., Nature 571 (2019) 95, doi 10.1038/s41586-019-1335-8, learned from abstracts
        of papers on materials up to 2018; or those of Antunes, Grau-Crespo & Butler, npj Comput. Mater. 8
        (2022) 44, doi 10.1038/s41524-022-00729-3, learned from pairs of neighbours in the Materials Project.

    Returns
    -------
    ndarray of shape (119, 200), read-only
        Row 0 is NaN, and so is that of an element without a vector.

    Raises
    ------
    ValueError
        There is no such table.

    Examples
    --------
    Potassium's is nearer to rubidium's than to chlorine's:

    >>> import numpy as np
    >>> from skcrystal.chemistry.element_vectors import element_vectors
    >>> potassium, rubidium, chlorine = element_vectors("mat2vec")[[19, 37, 17]]
    >>> unit = [vector / np.linalg.norm(vector) for vector in (potassium, rubidium, chlorine)]
    >>> bool(unit[0] @ unit[1] > unit[0] @ unit[2])
    True
    """
    if name not in VECTORS:
        raise ValueError(f"there are no element vectors {name!r}; choose from {', '.join(VECTORS)}")
    table = _tables()[name].view()
    table.flags.writeable = False
    return table


def known_elements(name: str) -> NDArray[np.bool_]:
    """Tell, by atomic number, which elements have a vector of their own; of shape (119,)."""
    known: NDArray[np.bool_] = ~np.isnan(element_vectors(name)[:, 0])
    return known


@cache
def _components(name: str) -> NDArray[np.float64]:
    """Return all principal components, as many as there are elements to make them of."""
    vectors = element_vectors(name)
    common = vectors[1 : LAST_COMMON + 1]
    common = common[~np.isnan(common[:, 0])]
    mean = common.mean(axis=0)
    directions = np.linalg.svd(common - mean, full_matrices=False)[2]
    # A direction and its opposite are one: the largest entry is positive.
    largest = np.take_along_axis(directions, np.abs(directions).argmax(axis=1)[:, None], axis=1)
    table = follow_trends((vectors - mean) @ (directions * np.where(largest < 0, -1.0, 1.0)).T)
    table[0] = np.nan
    table.flags.writeable = False
    return table


def element_components(name: str, n_components: int) -> NDArray[np.float64]:
    """First principal components of the elements' vectors, one row per atomic number.

    Components are those of the elements up to plutonium that have a vector. An element without one, as the
    noble gases of SkipAtom, has the mean of its neighbours in the periodic table
    (:func:`skcrystal.chemistry.trends.follow_trends`).

    Parameters
    ----------
    name : {"mat2vec", "skipatom"}
    n_components : int
        At most 85.

    Returns
    -------
    ndarray of shape (119, n_components), read-only
        Row 0 is NaN.
    """
    return _components(name)[:, :n_components]
