"""Niggli reduction of a batch of lattices."""

from __future__ import annotations

import numpy as np

from skcrystal.kernels.compilation import njit

# A step is one comparison that changes the basis. Size reduction comes first, so few remain.
MAX_STEPS = 1000


@njit(cache=True, inline="always")
def size_reduce(rows):  # type: ignore[no-untyped-def]
    """Shorten each vector by whole multiples of the others, in place, until none gets shorter."""
    for _ in range(MAX_STEPS):
        changed = False
        for i in range(3):
            for j in range(3):
                dot, norm = 0.0, 0.0
                for k in range(3):
                    dot += rows[i, k] * rows[j, k]
                    norm += rows[j, k] * rows[j, k]
                # A tie (a quotient of one half) would be taken back and forth for ever. Where all vectors lie
                # in one plane, the norm may be 0.
                if i == j or norm == 0.0 or abs(dot) <= (0.5 + 1e-9) * norm:
                    continue
                multiple = np.rint(dot / norm)
                for k in range(6):
                    rows[i, k] -= multiple * rows[j, k]
                changed = True
        if not changed:
            break


def lines(bases, tolerances):  # type: ignore[no-untyped-def]
    return 600.0 * len(bases)


@njit(cache=True, lines=lines)
def reduce_batch(bases, tolerances):  # type: ignore[no-untyped-def]
    """Niggli-reduce lattices in place, and what is transformed with them.

    The steps of Krivy & Gruber are written so that each change of the basis stands here once: two vectors
    change places, signs change, or `sign` times one vector is added to another.

    Parameters
    ----------
    bases : ndarray of shape (n, 3, 6)
        In each row a lattice vector, and three numbers that change with it.
    tolerances : ndarray of shape (n,)
        Within which squared lengths are equal.
    """
    products, flips = np.empty(3), np.empty(3)
    for n in range(len(bases)):
        rows, eps = bases[n], tolerances[n]
        size_reduce(rows)
        for _ in range(MAX_STEPS):
            # The characteristic: a.a, b.b and c.c, and twice b.c, a.c and a.b.
            a, b, c, xi, eta, zeta = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
            for k in range(3):
                x, y, z = rows[0, k], rows[1, k], rows[2, k]
                a += x * x
                b += y * y
                c += z * z
                xi += 2.0 * y * z
                eta += 2.0 * x * z
                zeta += 2.0 * x * y
            swapped = -1
            if a > b + eps or (abs(a - b) <= eps and abs(xi) > abs(eta) + eps):
                swapped = 0
            elif b > c + eps or (abs(b - c) <= eps and abs(eta) > abs(zeta) + eps):
                swapped = 1
            if swapped >= 0:
                for k in range(6):
                    kept = rows[swapped, k]
                    rows[swapped, k] = rows[swapped + 1, k]
                    rows[swapped + 1, k] = kept
                continue
            # Make the three products all positive (type I) or all zero or negative (type II).
            products[0], products[1], products[2] = xi, eta, zeta
            product_sign, free = 1.0, -1
            for k in range(3):
                flips[k] = 1.0
                if products[k] < -eps:
                    product_sign = -product_sign
                elif products[k] <= eps:
                    product_sign = 0.0
            wanted = -1.0 if product_sign > 0.0 else 1.0
            for k in range(3):
                if products[k] * wanted > eps:
                    flips[k] = -1.0
                elif abs(products[k]) <= eps:
                    free = k
            if wanted > 0.0 and free >= 0 and flips[0] * flips[1] * flips[2] < 0.0:
                flips[free] = -1.0
            for i in range(3):
                for k in range(6):
                    rows[i, k] *= flips[i]
            xi *= flips[1] * flips[2]
            eta *= flips[0] * flips[2]
            zeta *= flips[0] * flips[1]
            target, source, sign = 2, 1, 0.0
            total = xi + eta + zeta + a + b
            if (
                abs(xi) > b + eps
                or (abs(xi - b) <= eps and 2.0 * eta < zeta - eps)
                or (abs(xi + b) <= eps and zeta < -eps)
            ):
                sign = xi
            elif (
                abs(eta) > a + eps
                or (abs(eta - a) <= eps and 2.0 * xi < zeta - eps)
                or (abs(eta + a) <= eps and zeta < -eps)
            ):
                source, sign = 0, eta
            elif (
                abs(zeta) > a + eps
                or (abs(zeta - a) <= eps and 2.0 * xi < eta - eps)
                or (abs(zeta + a) <= eps and eta < -eps)
            ):
                target, source, sign = 1, 0, zeta
            elif total < -eps or (abs(total) <= eps and 2.0 * (a + eta) + zeta > eps):
                # Both shorter vectors are added to the longest.
                sign = -1.0
                for k in range(6):
                    rows[2, k] += rows[0, k]
            if sign == 0.0:
                break
            sign = -1.0 if sign > 0.0 else 1.0
            for k in range(6):
                rows[target, k] += sign * rows[source, k]
