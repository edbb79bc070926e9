"""The angles of the reduced primitive cell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from skcrystal.descriptors.base import SYMPREC, Descriptor, Invariance
from skcrystal.descriptors.columns import Column

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skcrystal.crystals.batch import Crystals

__all__ = ["LatticeAngles"]


def lattice_angles(lattices: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return alpha, beta, gamma in degrees; shape (n, 3, 3) in, (n, 3) out."""
    unit = lattices / np.linalg.norm(lattices, axis=2, keepdims=True)
    cosines = np.stack([(unit[:, i] * unit[:, j]).sum(axis=1) for i, j in ((1, 2), (0, 2), (0, 1))], axis=1)
    return np.degrees(np.arccos(np.clip(cosines, -1, 1)))


class LatticeAngles(Descriptor):
    """Angles alpha, beta, gamma of the Niggli-reduced primitive cell, in degrees.

    The Niggli cell is the one primitive cell that every description of a lattice reduces to: a <= b <= c
    are its shortest vectors, and its angles are all below 90 degrees or all at least 90.

    Invariant to origin, rotation, reflection, permutation, supercell and choice of cell. Not continuous:
    where two reduced cells are equally short, a small strain decides between them.

    Parameters
    ----------
    symprec : float, default=0.01
        Tolerance of the search for the primitive cell, in angstrom, at most 0.2. A larger one takes a
        distorted supercell for its parent.

    References
    ----------
    Krivy & Gruber, Acta Cryst. A32 (1976) 297, doi 10.1107/S0567739476000636; Grosse-Kunstleve, Sauter &
    Adams, Acta Cryst. A60 (2004) 1, doi 10.1107/S010876730302186X.

    Examples
    --------
    The primitive cell of a face-centred cubic lattice has angles of 60 degrees, whichever cell comes in:

    >>> import numpy as np
    >>> from skcrystal import Crystal
    >>> from skcrystal.descriptors import LatticeAngles
    >>> corners = [[0, 0, 0], [0, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0]]
    >>> copper = Crystal.ordered(3.615 * np.eye(3), corners, [29] * 4)
    >>> LatticeAngles().transform([copper]).round(6)
    array([[60., 60., 60.]])
    """

    invariance = Invariance(
        origin=True,
        rotation=True,
        reflection=True,
        permutation=True,
        supercell=True,
        cell_choice=True,
        continuous=False,
        note="the reduced cell changes where two cells are equally short",
    )
    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "symprec": SYMPREC,
    }

    def __init__(self, *, symprec: float = 0.01) -> None:
        self.symprec = symprec

    def describe_columns(self) -> list[Column]:
        """Describe ``alpha``, ``beta``, ``gamma``."""
        edges = {"alpha": "b and c", "beta": "a and c", "gamma": "a and b"}
        return [
            Column.of(name, "degree", f"angle between {pair} of the Niggli-reduced primitive cell")
            for name, pair in edges.items()
        ]

    def describe(self, crystals: Crystals) -> NDArray[np.float64]:
        """Return the three angles of each crystal."""
        return lattice_angles(crystals.primitive(self.symprec).lattices)
