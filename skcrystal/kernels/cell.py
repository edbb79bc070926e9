"""Determinant, scalar products, inverse and triangular form of a lattice; order of its sites along an axis.

Written out, because numba takes seconds to compile numpy's general ones, and the user waits for it.
"""

from __future__ import annotations

import numpy as np

from skcrystal.kernels.compilation import njit


@njit(cache=True)
def volume(lattice):  # type: ignore[no-untyped-def]
    """Return the volume that three vectors span."""
    return abs(
        lattice[0, 0] * (lattice[1, 1] * lattice[2, 2] - lattice[1, 2] * lattice[2, 1])
        - lattice[0, 1] * (lattice[1, 0] * lattice[2, 2] - lattice[1, 2] * lattice[2, 0])
        + lattice[0, 2] * (lattice[1, 0] * lattice[2, 1] - lattice[1, 1] * lattice[2, 0])
    )


@njit(cache=True)
def gram(lattice):  # type: ignore[no-untyped-def]
    """Return a.a, b.b and c.c, and twice b.c, a.c and a.b: the characteristic of Niggli's conditions."""
    aa, bb, cc, bc, ac, ab = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for axis in range(3):
        a, b, c = lattice[0, axis], lattice[1, axis], lattice[2, axis]
        aa += a * a
        bb += b * b
        cc += c * c
        bc += b * c
        ac += a * c
        ab += a * b
    return aa, bb, cc, 2.0 * bc, 2.0 * ac, 2.0 * ab


@njit(cache=True)
def inverse(lattice):  # type: ignore[no-untyped-def]
    """Return the inverse: columns are the reciprocal vectors, without the factor of 2 pi."""
    out = np.empty((3, 3))
    for j in range(3):
        # Column j is the cross product of the two other rows over the signed volume.
        one, other = (j + 1) % 3, (j + 2) % 3
        for k in range(3):
            p, q = (k + 1) % 3, (k + 2) % 3
            out[k, j] = lattice[one, p] * lattice[other, q] - lattice[one, q] * lattice[other, p]
    signed = 0.0
    for k in range(3):
        signed += lattice[0, k] * out[k, 0]
    for k in range(3):
        for j in range(3):
            out[k, j] /= signed
    return out


@njit(cache=True)
def triangular(lattice):  # type: ignore[no-untyped-def]
    """Return the lattice rotated so that a lies along x and b in the plane of x and y, diagonal positive."""
    lower = np.zeros((3, 3))
    axes = np.zeros((3, 3))
    for i in range(3):
        rest = lattice[i].copy()
        # What is taken away is measured on what is left, which keeps skewed cells exact.
        for j in range(i):
            for k in range(3):
                lower[i, j] += rest[k] * axes[j, k]
            for k in range(3):
                rest[k] -= lower[i, j] * axes[j, k]
        lower[i, i] = np.sqrt(rest[0] ** 2 + rest[1] ** 2 + rest[2] ** 2)
        for k in range(3):
            axes[i, k] = rest[k] / lower[i, i]
    return lower


@njit(cache=True)
def order_of(values):  # type: ignore[no-untyped-def]
    """Return the indices that sort the values, by Shell's method: numba takes seconds to compile its own."""
    order = np.arange(len(values))
    gap = len(values) // 2
    while gap > 0:
        for place in range(gap, len(values)):
            index = order[place]
            while place >= gap and values[order[place - gap]] > values[index]:
                order[place] = order[place - gap]
                place -= gap
            order[place] = index
        gap = 1 if gap == 2 else int(gap / 2.2)
    return order
