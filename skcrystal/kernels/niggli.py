"""Niggli reduction of a batch of lattices."""

from __future__ import annotations

import numpy as np

from skcrystal.kernels.cell import gram, volume
from skcrystal.kernels.compilation import njit

# A step is one comparison that changes the basis. Size reduction comes first, so few remain.
MAX_STEPS = 1000


@njit(cache=True)
def size_reduce(basis, transform):  # type: ignore[no-untyped-def]
    """Shorten each vector by whole multiples of the others, in place, until none gets shorter."""
    for _ in range(MAX_STEPS):
        changed = False
        for i in range(3):
            for j in range(3):
                if i == j:
                    continue
                dot = 0.0
                norm = 0.0
                for k in range(3):
                    dot += basis[i, k] * basis[j, k]
                    norm += basis[j, k] * basis[j, k]
                if norm == 0.0:
                    continue  # vectors in one plane
                multiple = np.rint(dot / norm)
                # A tie (a quotient of one half) would be taken back and forth for ever.
                if multiple != 0.0 and abs(dot) > (0.5 + 1e-9) * norm:
                    for k in range(3):
                        basis[i, k] -= multiple * basis[j, k]
                        transform[i, k] -= multiple * transform[j, k]
                    changed = True
        if not changed:
            return


@njit(cache=True)
def _add(basis, transform, target, source, sign):  # type: ignore[no-untyped-def]
    for k in range(3):
        basis[target, k] += sign * basis[source, k]
        transform[target, k] += sign * transform[source, k]


@njit(cache=True)
def _swap(basis, transform, i, j):  # type: ignore[no-untyped-def]
    for k in range(3):
        basis[i, k], basis[j, k] = basis[j, k], basis[i, k]
        transform[i, k], transform[j, k] = transform[j, k], transform[i, k]


@njit(cache=True)
def _set_signs(basis, transform, xi, eta, zeta, eps):  # type: ignore[no-untyped-def]
    """Make the three products all positive (type I) or all zero or negative (type II)."""
    signs = np.zeros(3, dtype=np.int64)
    products = (xi, eta, zeta)
    product_sign = 1
    free = -1
    for k in range(3):
        if products[k] > eps:
            signs[k] = 1
        elif products[k] < -eps:
            signs[k] = -1
        product_sign *= signs[k]
    flips = np.ones(3)
    if product_sign > 0:
        for k in range(3):
            if signs[k] < 0:
                flips[k] = -1.0
    else:
        for k in range(3):
            if signs[k] > 0:
                flips[k] = -1.0
            elif signs[k] == 0:
                free = k
        if flips[0] * flips[1] * flips[2] < 0 and free >= 0:
            flips[free] = -1.0
    for i in range(3):
        for k in range(3):
            basis[i, k] *= flips[i]
            transform[i, k] *= flips[i]


@njit(cache=True)
def reduce_one(basis, transform, tolerance):  # type: ignore[no-untyped-def]
    """Niggli-reduce one basis in place; return whether it came to an end."""
    cell_volume = volume(basis)
    eps = tolerance * cell_volume ** (1.0 / 3.0)
    size_reduce(basis, transform)
    for _ in range(MAX_STEPS):
        a, b, c, xi, eta, zeta = gram(basis)
        if a > b + eps or (abs(a - b) <= eps and abs(xi) > abs(eta) + eps):
            _swap(basis, transform, 0, 1)
            continue
        if b > c + eps or (abs(b - c) <= eps and abs(eta) > abs(zeta) + eps):
            _swap(basis, transform, 1, 2)
            continue
        _set_signs(basis, transform, xi, eta, zeta, eps)
        a, b, c, xi, eta, zeta = gram(basis)
        if (
            abs(xi) > b + eps
            or (abs(xi - b) <= eps and 2 * eta < zeta - eps)
            or (abs(xi + b) <= eps and zeta < -eps)
        ):
            _add(basis, transform, 2, 1, -np.sign(xi))
            continue
        if (
            abs(eta) > a + eps
            or (abs(eta - a) <= eps and 2 * xi < zeta - eps)
            or (abs(eta + a) <= eps and zeta < -eps)
        ):
            _add(basis, transform, 2, 0, -np.sign(eta))
            continue
        if (
            abs(zeta) > a + eps
            or (abs(zeta - a) <= eps and 2 * xi < eta - eps)
            or (abs(zeta + a) <= eps and eta < -eps)
        ):
            _add(basis, transform, 1, 0, -np.sign(zeta))
            continue
        total = xi + eta + zeta + a + b
        if total < -eps or (abs(total) <= eps and 2 * (a + eta) + zeta > eps):
            _add(basis, transform, 2, 0, 1.0)
            _add(basis, transform, 2, 1, 1.0)
            continue
        return True
    return False


@njit(cache=True)
def reduce_batch(lattices, transforms, tolerance):  # type: ignore[no-untyped-def]
    """Niggli-reduce lattices of shape (n, 3, 3) in place, and what is transformed with them."""
    for n in range(len(lattices)):
        reduce_one(lattices[n], transforms[n], tolerance)
