"""Reduced cells of lattices."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from skcrystal.crystals.cells import volumes

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["niggli_reduce"]

# Two squared lengths that differ by less than this times the cube root of the volume count as equal:
# Grosse-Kunstleve, Sauter & Adams, Acta Cryst. A60 (2004) 1, doi 10.1107/S010876730302186X. Rounded
# files (60.000 degrees) must not jump between equivalent reduced cells.
NIGGLI_TOLERANCE = 1e-5

IDENTITY = np.eye(3)


def niggli_reduce(
    lattices: NDArray[np.float64], tolerance: float = NIGGLI_TOLERANCE
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return Niggli-reduced lattices and the integer matrices that lead to them.

    Parameters
    ----------
    lattices : ndarray of shape (n, 3, 3)
        Rows a, b, c in angstrom.
    tolerance : float, default=1e-5
        Squared lengths are compared within this times the cube root of the volume.

    Returns
    -------
    reduced : ndarray of shape (n, 3, 3)
    transforms : ndarray of shape (n, 3, 3)
        ``reduced = transforms @ lattices``; whole numbers of determinant 1 or -1.

    References
    ----------
    Krivy & Gruber, Acta Cryst. A32 (1976) 297, doi 10.1107/S0567739476000636; Grosse-Kunstleve, Sauter &
    Adams, Acta Cryst. A60 (2004) 1, doi 10.1107/S010876730302186X.
    """
    from skcrystal.kernels.niggli import reduce_batch

    rows = np.empty((len(lattices), 3, 6))
    rows[:, :, :3], rows[:, :, 3:] = lattices, IDENTITY
    reduce_batch(rows, tolerance * np.cbrt(volumes(rows[:, :, :3])))
    return rows[:, :, :3].copy(), rows[:, :, 3:].copy()
