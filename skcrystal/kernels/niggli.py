"""Niggli reduction of a batch of lattices."""

from __future__ import annotations

import numpy as np

from skcrystal.kernels.compilation import njit

# A step is one comparison that changes the basis. Size reduction comes first, so few remain.
MAX_STEPS = 1000


@njit(cache=True, inline="always")
def size_reduce(basis, transform):  # type: ignore[no-untyped-def]
    """Shorten each vector by whole multiples of the others, in place, until none gets shorter."""
    for _ in range(MAX_STEPS):
        changed = False
        for i in range(3):
            for j in range(3):
                dot, norm = 0.0, 0.0
                for k in range(3):
                    dot += basis[i, k] * basis[j, k]
                    norm += basis[j, k] * basis[j, k]
                # A tie (a quotient of one half) would be taken back and forth for ever. Where all vectors lie
                # in one plane, the norm may be 0.
                if i == j or norm == 0.0 or abs(dot) <= (0.5 + 1e-9) * norm:
                    continue
                multiple = np.rint(dot / norm)
                for k in range(3):
                    basis[i, k] -= multiple * basis[j, k]
                    transform[i, k] -= multiple * transform[j, k]
                changed = True
        if not changed:
            break


@njit(cache=True)
def reduce_batch(lattices, transforms, tolerance):  # type: ignore[no-untyped-def]
    """Niggli-reduce lattices of shape (n, 3, 3) in place, and what is transformed with them.

    The steps of Krivy & Gruber are written so that each change of the basis stands here once: two vectors
    change places, signs change, or `sign` times one vector is added to another.
    """
    products, flips = np.empty(3), np.empty(3)
    for n in range(len(lattices)):
        basis, transform = lattices[n], transforms[n]
        size_reduce(basis, transform)
        volume = abs(
            basis[0, 0] * (basis[1, 1] * basis[2, 2] - basis[1, 2] * basis[2, 1])
            - basis[0, 1] * (basis[1, 0] * basis[2, 2] - basis[1, 2] * basis[2, 0])
            + basis[0, 2] * (basis[1, 0] * basis[2, 1] - basis[1, 1] * basis[2, 0])
        )
        eps = tolerance * volume ** (1.0 / 3.0)
        for _ in range(MAX_STEPS):
            # The characteristic: a.a, b.b and c.c, and twice b.c, a.c and a.b.
            a, b, c, xi, eta, zeta = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
            for k in range(3):
                a += basis[0, k] * basis[0, k]
                b += basis[1, k] * basis[1, k]
                c += basis[2, k] * basis[2, k]
                xi += 2.0 * basis[1, k] * basis[2, k]
                eta += 2.0 * basis[0, k] * basis[2, k]
                zeta += 2.0 * basis[0, k] * basis[1, k]
            swapped = -1
            if a > b + eps or (abs(a - b) <= eps and abs(xi) > abs(eta) + eps):
                swapped = 0
            elif b > c + eps or (abs(b - c) <= eps and abs(eta) > abs(zeta) + eps):
                swapped = 1
            if swapped >= 0:
                for k in range(3):
                    kept, other = basis[swapped, k], transform[swapped, k]
                    basis[swapped, k] = basis[swapped + 1, k]
                    transform[swapped, k] = transform[swapped + 1, k]
                    basis[swapped + 1, k] = kept
                    transform[swapped + 1, k] = other
                continue
            # Make the three products all positive (type I) or all zero or negative (type II).
            products[0], products[1], products[2] = xi, eta, zeta
            product_sign, free = 1, -1
            for k in range(3):
                flips[k] = 1.0
                if products[k] < -eps:
                    product_sign = -product_sign
                elif products[k] <= eps:
                    product_sign = 0
            wanted = -1.0 if product_sign > 0 else 1.0
            for k in range(3):
                if products[k] * wanted > eps:
                    flips[k] = -1.0
                elif abs(products[k]) <= eps:
                    free = k
            if product_sign <= 0 and free >= 0 and flips[0] * flips[1] * flips[2] < 0.0:
                flips[free] = -1.0
            for i in range(3):
                for k in range(3):
                    basis[i, k] *= flips[i]
                    transform[i, k] *= flips[i]
            xi *= flips[1] * flips[2]
            eta *= flips[0] * flips[2]
            zeta *= flips[0] * flips[1]
            target, source, sign = 2, 1, 0.0
            total = xi + eta + zeta + a + b
            if (
                abs(xi) > b + eps
                or (abs(xi - b) <= eps and 2 * eta < zeta - eps)
                or (abs(xi + b) <= eps and zeta < -eps)
            ):
                sign = xi
            elif (
                abs(eta) > a + eps
                or (abs(eta - a) <= eps and 2 * xi < zeta - eps)
                or (abs(eta + a) <= eps and zeta < -eps)
            ):
                source, sign = 0, eta
            elif (
                abs(zeta) > a + eps
                or (abs(zeta - a) <= eps and 2 * xi < eta - eps)
                or (abs(zeta + a) <= eps and eta < -eps)
            ):
                target, source, sign = 1, 0, zeta
            elif total < -eps or (abs(total) <= eps and 2 * (a + eta) + zeta > eps):
                # Both shorter vectors are added to the longest.
                sign = -1.0
                for k in range(3):
                    basis[2, k] += basis[0, k]
                    transform[2, k] += transform[0, k]
            if sign == 0.0:
                break
            sign = -1.0 if sign > 0.0 else 1.0
            for k in range(3):
                basis[target, k] += sign * basis[source, k]
                transform[target, k] += sign * transform[source, k]
