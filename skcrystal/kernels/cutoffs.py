"""How sums over neighbours end at a cutoff without a jump."""

from __future__ import annotations

from skcrystal.kernels.compilation import njit


@njit(cache=True)
def smooth_step(share):  # type: ignore[no-untyped-def]
    """Rise from 0 at 0 to 1 at 1, with slope 0 at both ends; constant beyond them."""
    if share <= 0.0:
        return 0.0
    if share >= 1.0:
        return 1.0
    return share * share * (3.0 - 2.0 * share)


@njit(cache=True)
def switch_off(distance, inner, cutoff):  # type: ignore[no-untyped-def]
    """Stay at 1 up to the inner distance, and fall to 0 at the cutoff, with slope 0 at both."""
    return 1.0 - smooth_step((distance - inner) / (cutoff - inner))
