"""Units of stress: what programs print, and eV/angstrom^3."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["EV_PER_CUBIC_ANGSTROM_IN_GPA", "stress_from_vasp", "to_gpa", "to_kbar"]

# The elementary charge is exact: 1.602176634e-19 J / 1e-30 m^3, in units of 1e9 Pa.
EV_PER_CUBIC_ANGSTROM_IN_GPA = 160.2176634

# VASP's order of components is xx yy zz xy yz zx.
_FROM_VASP = [0, 1, 2, 4, 5, 3]


def to_gpa(stress: Any) -> Any:
    """Turn eV/angstrom^3 into GPa.

    Examples
    --------
    >>> from skcrystal.potentials import to_gpa
    >>> round(float(to_gpa(0.01)), 4)
    1.6022
    """
    return np.multiply(stress, EV_PER_CUBIC_ANGSTROM_IN_GPA)


def to_kbar(stress: Any) -> Any:
    """Turn eV/angstrom^3 into kbar, of the same sign: VASP's is the opposite."""
    return np.multiply(stress, 10 * EV_PER_CUBIC_ANGSTROM_IN_GPA)


def stress_from_vasp(components: Any) -> Any:
    """Turn stresses as VASP prints them into eV/angstrom^3 of ASE's sign and order.

    Parameters
    ----------
    components : array-like of shape (..., 6)
        In kbar, positive under pressure, in the order xx yy zz xy yz zx.

    Returns
    -------
    ndarray of shape (..., 6)
        In eV/angstrom^3, positive under tension, in the order xx yy zz yz xz xy.

    Examples
    --------
    >>> from skcrystal.potentials import stress_from_vasp
    >>> stress_from_vasp([16.02176634, 0, 0, 0, -16.02176634, 0]).round(6).tolist()
    [-0.01, -0.0, -0.0, 0.01, -0.0, -0.0]
    """
    values = np.asarray(components, dtype=np.float64)[..., _FROM_VASP]
    return -values / (10 * EV_PER_CUBIC_ANGSTROM_IN_GPA)
