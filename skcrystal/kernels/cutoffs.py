"""How sums over neighbours end at a cutoff without a jump."""

from __future__ import annotations

import numpy as np

from skcrystal.kernels.compilation import njit

# Forms of Behler's cutoff function.
COSINE, TANH = 0, 1


@njit(cache=True, inline="always")
def smooth_step(share):  # type: ignore[no-untyped-def]
    """Rise from 0 at 0 to 1 at 1, with slope 0 at both ends; constant beyond them."""
    if share <= 0.0:
        return 0.0
    if share >= 1.0:
        return 1.0
    return share * share * (3.0 - 2.0 * share)


@njit(cache=True, inline="always")
def switch_off(distance, inner, cutoff):  # type: ignore[no-untyped-def]
    """Stay at 1 up to the inner distance, and fall to 0 at the cutoff, with slope 0 at both."""
    return 1.0 - smooth_step((distance - inner) / (cutoff - inner))


@njit(cache=True)
def biweight(distance, cutoff):  # type: ignore[no-untyped-def]
    """Return (1 - (r / cutoff)^2)^2, which falls from 1 to 0 at the cutoff, with slope 0 at both ends."""
    if distance >= cutoff:
        return 0.0
    rest = 1.0 - (distance / cutoff) ** 2
    return rest * rest


@njit(cache=True)
def behler_cutoff(distance, cutoff, form):  # type: ignore[no-untyped-def]
    """Return Behler's cutoff function, half a cosine or the cube of a hyperbolic tangent, and its slope."""
    if distance >= cutoff:
        return 0.0, 0.0
    if form == COSINE:
        phase = np.pi * distance / cutoff
        return 0.5 * (1.0 + np.cos(phase)), -0.5 * np.pi / cutoff * np.sin(phase)
    value = np.tanh(1.0 - distance / cutoff)
    return value**3, -3.0 * value**2 * (1.0 - value**2) / cutoff


@njit(cache=True)
def fade_out(distance, cutoff, width):  # type: ignore[no-untyped-def]
    """Return a cosine that falls from 1 to 0 over the last `width` before the cutoff, and its slope.

    Without a width it is 1 everywhere.
    """
    if width <= 0.0:
        return 1.0, 0.0
    if distance >= cutoff:
        return 0.0, 0.0
    if distance <= cutoff - width:
        return 1.0, 0.0
    phase = np.pi * (distance - cutoff + width) / width
    return 0.5 * (1.0 + np.cos(phase)), -0.5 * np.pi / width * np.sin(phase)
