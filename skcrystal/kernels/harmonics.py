"""Real solid harmonics r^l Y_lm and their gradients: polynomials, which need no division by a distance."""

from __future__ import annotations

import numpy as np

from skcrystal.kernels.compilation import njit


@njit(cache=True)
def harmonic_norms(l_max):  # type: ignore[no-untyped-def]
    """Return what makes the real harmonics orthonormal, by l (l + 1) / 2 + m with m from 0 to l."""
    norms = np.zeros((l_max + 1) * (l_max + 2) // 2)
    for degree in range(l_max + 1):
        ratio = 1.0
        for m in range(degree + 1):
            if m > 0:
                # (l - m)! / (l + m)!, one step of m at a time.
                ratio /= (degree + m) * (degree - m + 1)
            share = 1.0 if m == 0 else 2.0
            norms[degree * (degree + 1) // 2 + m] = np.sqrt(share * (2 * degree + 1) / (4.0 * np.pi) * ratio)
    return norms


@njit(cache=True, fastmath={"contract"})
def solid_harmonics(points, n, norms, l_max, legendre, waves, values):  # type: ignore[no-untyped-def]
    """Fill in the real solid harmonics of `n` points, one row for each l^2 + l + m.

    Parameters
    ----------
    points : ndarray of shape (3, size)
        Rows x, y and z; the first `n` columns are read.
    n : int
    norms : ndarray
        Of :func:`harmonic_norms`.
    l_max : int
    legendre : ndarray of shape ((l_max + 1) (l_max + 2) / 2, size)
        Filled with r^l times the associated Legendre function over sin^m, without the phase (-1)^m.
    waves : ndarray of shape (2, l_max + 1, size)
        Filled with the real and the imaginary part of (x + i y)^m.
    values : ndarray of shape ((l_max + 1)^2, size)
        Filled in.
    """
    x, y, z = points[0], points[1], points[2]
    for j in range(n):
        legendre[0, j] = 1.0
        waves[0, 0, j] = 1.0
        waves[1, 0, j] = 0.0
    for m in range(1, l_max + 1):
        top = m * (m + 1) // 2 + m
        before = (m - 1) * m // 2 + m - 1
        for j in range(n):
            legendre[top, j] = (2 * m - 1) * legendre[before, j]
            waves[0, m, j] = x[j] * waves[0, m - 1, j] - y[j] * waves[1, m - 1, j]
            waves[1, m, j] = x[j] * waves[1, m - 1, j] + y[j] * waves[0, m - 1, j]
    for m in range(l_max):
        low, high = m * (m + 1) // 2 + m, (m + 1) * (m + 2) // 2 + m
        for j in range(n):
            legendre[high, j] = (2 * m + 1) * z[j] * legendre[low, j]
        for degree in range(m + 2, l_max + 1):
            here = degree * (degree + 1) // 2 + m
            one, two = here - degree, here - 2 * degree + 1
            ahead, back = (2 * degree - 1) / (degree - m), (degree + m - 1) / (degree - m)
            for j in range(n):
                square = x[j] * x[j] + y[j] * y[j] + z[j] * z[j]
                legendre[here, j] = ahead * z[j] * legendre[one, j] - back * square * legendre[two, j]
    for degree in range(l_max + 1):
        centre = degree * degree + degree
        for m in range(degree + 1):
            here = degree * (degree + 1) // 2 + m
            norm = norms[here]
            for j in range(n):
                values[centre + m, j] = norm * legendre[here, j] * waves[0, m, j]
            if m > 0:
                for j in range(n):
                    values[centre - m, j] = norm * legendre[here, j] * waves[1, m, j]


@njit(cache=True)
def add_harmonic_gradients(points, n, norms, l_max, legendre, waves, factors, gradients):  # type: ignore[no-untyped-def]
    """Add the gradient of the sum over l and m of factor times solid harmonic, for each point.

    Parameters
    ----------
    points, n, norms, l_max, legendre, waves
        As :func:`solid_harmonics` left them.
    factors : ndarray of shape ((l_max + 1)^2, size)
    gradients : ndarray of shape (3, size)
        Added to.
    """
    x, y = points[0], points[1]
    for degree in range(1, l_max + 1):
        centre = degree * degree + degree
        for m in range(degree + 1):
            here = degree * (degree + 1) // 2 + m
            below = here - degree
            norm = norms[here]
            cosine, sine = centre + m, centre - m
            # Along z the Legendre part of degree l gives (l + m) times that of l - 1; along x and y it gives
            # that of l - 1 and m + 1, which is there below l - 1 only.
            for j in range(n):
                wave = factors[cosine, j] * waves[0, m, j]
                if m > 0:
                    wave += factors[sine, j] * waves[1, m, j]
                if m < degree:
                    gradients[2, j] += norm * wave * (degree + m) * legendre[below, j]
                if m + 1 < degree:
                    side = norm * wave * legendre[below + 1, j]
                    gradients[0, j] -= x[j] * side
                    gradients[1, j] -= y[j] * side
            if m > 0:
                for j in range(n):
                    scale = norm * m * legendre[here, j]
                    real, imaginary = waves[0, m - 1, j], waves[1, m - 1, j]
                    gradients[0, j] += scale * (factors[cosine, j] * real + factors[sine, j] * imaginary)
                    gradients[1, j] += scale * (factors[sine, j] * real - factors[cosine, j] * imaginary)
