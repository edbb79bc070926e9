"""Gaussian-type orbitals as radial functions, and what they see of a Gaussian density around a neighbour."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from skcrystal.descriptors.cubic_pieces import cubic_pieces

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["orbital_cubics", "orbitals"]

# Each orbital has fallen to this at its own radius, evenly spaced from FIRST_RADIUS to the cutoff.
DECAYED = 1e-3
FIRST_RADIUS = 1.0

# Knots of the tables per width of the densities: 1e-9 of the largest value is the error in between.
KNOTS_PER_SIGMA = 40


def orbitals(n_max: int, l_max: int, cutoff: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return exponents and orthonormalising coefficients of g_nl(r) = sum_k b_lnk r^l exp(-a_lk r^2).

    Exponents let r^l exp(-a r^2) fall to 0.001 at radii from 1 angstrom to the cutoff; coefficients are those
    of Loewdin's symmetric orthogonalisation.

    Parameters
    ----------
    n_max, l_max : int
    cutoff : float
        In angstrom.

    Returns
    -------
    exponents : ndarray of shape (l_max + 1, n_max)
    coefficients : ndarray of shape (l_max + 1, n_max, n_max)
    """
    from scipy.special import gamma

    radii = np.linspace(FIRST_RADIUS, cutoff, n_max)
    degrees = np.arange(l_max + 1)[:, None]
    exponents = -np.log(DECAYED / radii**degrees) / radii**2
    sums = exponents[:, :, None] + exponents[:, None, :]
    powers = degrees[:, :, None] + 1.5
    overlaps = 0.5 * gamma(powers) * sums**-powers
    values, vectors = np.linalg.eigh(overlaps)
    coefficients = np.einsum("lik,lk,ljk->lij", vectors, values**-0.5, vectors)
    return exponents, coefficients


@lru_cache(maxsize=32)
def orbital_cubics(
    n_max: int, l_max: int, cutoff: float, sigma: float, end: float
) -> tuple[NDArray[np.float64], float]:
    """Return the overlaps of orbitals with a Gaussian at r, over r^l, as cubic pieces between knots in r.

    With h = 1 / (2 sigma^2), the integral of g_nl Y_lm times exp(-h (x - r)^2) is Y_lm(r) times

        pi^(3/2) sum_k b_lnk (h r)^l / (a_lk + h)^(l + 3/2) exp(-a_lk h r^2 / (a_lk + h))

    Parameters
    ----------
    n_max, l_max : int
    cutoff : float
        Of the orbitals, in angstrom.
    sigma : float
        Width of the Gaussian, in angstrom.
    end : float
        Where the pieces end, in angstrom.

    Returns
    -------
    pieces : ndarray of shape (n_pieces, 4, (l_max + 1) * n_max)
        Coefficients of 1, t, t^2 and t^3 with t from 0 to 1 along the piece; l outermost.
    step : float
        Length of a piece, in angstrom.
    """
    exponents, coefficients = orbitals(n_max, l_max, cutoff)
    n_pieces = int(np.ceil(end / sigma * KNOTS_PER_SIGMA))
    knots, step = np.linspace(0.0, end, n_pieces + 1, retstep=True)
    sharpness = 0.5 / sigma**2
    degrees = np.arange(l_max + 1)[:, None]
    sums = exponents + sharpness
    scales = np.pi**1.5 * sharpness**degrees / sums ** (degrees + 1.5)
    rates = exponents * sharpness / sums
    primitives = scales[:, :, None] * np.exp(-rates[:, :, None] * knots**2)
    values = np.einsum("lnk,lkx->xln", coefficients, primitives).reshape(len(knots), -1)
    slopes = np.einsum("lnk,lkx->xln", coefficients, -2.0 * rates[:, :, None] * knots * primitives)
    return cubic_pieces(values, slopes.reshape(len(knots), -1), step), float(step)
