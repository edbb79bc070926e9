"""Cell lengths and angles to lattice vectors, and back."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from skcrystal.crystals.crystal import CrystalError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["check_periodic", "lattice_from_parameters", "parameters_from_lattice"]

LENGTHS = (0.01, 1e5)
"""Cell lengths in angstrom that a crystal may have; beyond them arithmetic loses the atoms."""

# Angles whose cosine is rational: exact zeros keep an orthogonal lattice orthogonal to the last bit.
_COSINES = {60.0: 0.5, 90.0: 0.0, 120.0: -0.5}


def lattice_from_parameters(
    a: float, b: float, c: float, alpha: float, beta: float, gamma: float
) -> NDArray[np.float64]:
    """Lattice vectors as rows, in angstrom: c along z, a in the xz plane (pymatgen's orientation).

    Parameters
    ----------
    a, b, c : float
        Cell lengths in angstrom, positive.
    alpha, beta, gamma : float
        Cell angles in degrees: between b and c, a and c, a and b.

    Returns
    -------
    ndarray of shape (3, 3)

    Raises
    ------
    CrystalError
        If no cell of positive volume has these lengths and angles.

    Examples
    --------
    >>> lattice_from_parameters(5.64, 5.64, 5.64, 90, 90, 90)
    array([[5.64, 0.  , 0.  ],
           [0.  , 5.64, 0.  ],
           [0.  , 0.  , 5.64]])
    """
    low, high = LENGTHS
    if not (low <= a <= high and low <= b <= high and low <= c <= high):
        raise CrystalError(
            f"the cell lengths are {a:g}, {b:g}, {c:g}; "
            f"all three must lie between {low:g} and {high:g} angstrom."
        )
    if not (0 < alpha < 180 and 0 < beta < 180 and 0 < gamma < 180):
        raise CrystalError(
            f"the cell angles are {alpha:g}, {beta:g}, {gamma:g}; all three must lie between 0 and 180."
        )
    cos_a, cos_b, cos_g = _cosine(alpha), _cosine(beta), _cosine(gamma)
    # Squared volume of the cell of unit edges (International Tables for Crystallography B, 1.1.3).
    square = 1 - cos_a * cos_a - cos_b * cos_b - cos_g * cos_g + 2 * cos_a * cos_b * cos_g
    if square < 1e-9:
        raise CrystalError(
            f"the cell angles {alpha:g}, {beta:g}, {gamma:g} enclose no volume; check the cell of the file."
        )
    sin_b = math.sqrt(1 - cos_b * cos_b)
    b_x = (cos_g - cos_a * cos_b) / sin_b
    return np.array(
        [
            [a * sin_b, 0.0, a * cos_b],
            [b * b_x, b * math.sqrt(square) / sin_b, b * cos_a],
            [0.0, 0.0, c],
        ]
    )


def _cosine(angle: float) -> float:
    exact = _COSINES.get(angle)
    return math.cos(math.radians(angle)) if exact is None else exact


def parameters_from_lattice(lattice: NDArray[np.float64]) -> tuple[float, float, float, float, float, float]:
    """Return a, b, c in angstrom and alpha, beta, gamma in degrees of the lattice whose rows are a, b, c."""
    a, b, c = (float(x) for x in np.linalg.norm(lattice, axis=1))
    metric = lattice @ lattice.T
    cosines = metric[1, 2] / (b * c), metric[0, 2] / (a * c), metric[0, 1] / (a * b)
    alpha, beta, gamma = (math.degrees(math.acos(max(-1.0, min(1.0, float(x))))) for x in cosines)
    return a, b, c, alpha, beta, gamma


def check_periodic(pbc: Any) -> None:
    """Refuse what is not periodic in all three directions: a molecule, a wire or a layer.

    Parameters
    ----------
    pbc : bool or sequence of three bool
    """
    directions = np.broadcast_to(np.asarray(pbc, dtype=bool), (3,))
    if not directions.all():
        raise CrystalError(
            f"it is periodic in {directions.sum()} of three directions, and no crystal; if its "
            "cell repeats in all three, set pbc to True"
        )
