"""Real spherical harmonics of directions, and the integrals of products of three."""

from __future__ import annotations

from functools import cache
from math import pi
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["gaunt_coefficients", "harmonics"]


def harmonics(directions: NDArray[np.float64], l_max: int) -> NDArray[np.float64]:
    """Return real spherical harmonics of unit vectors.

    Parameters
    ----------
    directions : ndarray of shape (n, 3)
    l_max : int

    Returns
    -------
    ndarray of shape (n, (l_max + 1)^2)
        Y_lm stands in column l^2 + l + m.
    """
    from skcrystal.kernels import harmonics as kernels

    n = len(directions)
    values = np.empty(((l_max + 1) ** 2, n))
    norms: Any = kernels.harmonic_norms(l_max)
    legendre, waves = np.empty(((l_max + 1) * (l_max + 2) // 2, n)), np.empty((2, l_max + 1, n))
    kernels.solid_harmonics(np.ascontiguousarray(directions.T), n, norms, l_max, legendre, waves, values)
    return values.T


@cache
def gaunt_coefficients(l_max: int) -> NDArray[np.float64]:
    """Return the integrals over the sphere of products of three real harmonics.

    A product has at most the degree 3 l_max: Gauss-Legendre nodes in cos(theta) and equal steps in phi
    integrate it exactly.

    Returns
    -------
    ndarray of shape ((l_max + 1)^2, (l_max + 1)^2, (l_max + 1)^2)
    """
    n_nodes = (3 * l_max) // 2 + 1
    nodes, weights = np.polynomial.legendre.leggauss(n_nodes)
    n_angles = 3 * l_max + 1
    angles = 2 * pi * np.arange(n_angles) / n_angles
    flat = np.sqrt(1 - nodes**2)
    x, y = np.outer(flat, np.cos(angles)), np.outer(flat, np.sin(angles))
    directions = np.stack([x, y, np.repeat(nodes[:, None], n_angles, axis=1)], axis=-1).reshape(-1, 3)
    measure = np.repeat(weights, n_angles) * (2 * pi / n_angles)
    values = harmonics(directions, l_max)
    result: NDArray[np.float64] = np.einsum("p,pa,pb,pc->abc", measure, values, values, values, optimize=True)
    result[np.abs(result) < 1e-12] = 0.0
    result.flags.writeable = False
    return result
